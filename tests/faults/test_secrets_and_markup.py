"""What must not get out: a password, and markup that came with the data."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from proxy import Proxy
from steps import STEPS
from terminal import FEW

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program

    from abcjob.database.connection import Connection
    from abcjob.database.url import DatabaseUrl

CANARY = "c4n/ry:p@ss?w#rd"
SHAPES = (CANARY, quote(CANARY, safe=""), "c4n/ry", "p@ss", "w#rd", "c4n%2Fry")


def leaks(*texts: str) -> list[str]:
    """Where a piece of the password stands."""
    return [shape for shape in SHAPES for text in texts if shape in text]


@pytest.mark.parametrize("step", STEPS)
def test_a_password_shows_nowhere_when_a_run_fails(
    program: Program, called: Program, tmp_path: Path, url: DatabaseUrl, db: Connection, step: str
) -> None:
    """Cut in any step, with tracebacks asked for: not in the output, the ledger, the reports."""
    with Proxy(url) as proxy:
        proxy.strike(STEPS[step], "cut before")
        address = replace(proxy.url, password=CANARY).libpq
        ran = program("run", *FEW, "--verbose", "--database", address)
        assert ran.returncode == 4, ran.stderr
        whole = called("run", *FEW, "--verbose", "--database", address)
        assert whole.returncode == 0, whole.stderr
        asked = [
            called(*command, "--verbose", "--database", address)
            for command in (("runs", "--format", "json"), ("doctor",), ("kpi", "abc", "nothing"))
        ]
    outputs = [text for each in (ran, whole, *asked) for text in (each.stdout, each.stderr)]
    pages = [path.read_text() for path in (tmp_path / "reports").iterdir()]
    ledger = db.query("select run::text as row from abcjob.run")["row"].to_list()
    assert not leaks(*outputs, *pages, *ledger)


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://u:{CANARY}@127.0.0.1:1/d",
        f"postgresql://u:{quote(CANARY, safe='')}@127.0.0.1:1/d",
        f"postgres://u:{quote(CANARY, safe='')}@[::1/d",
        f"postgresql:/u:{quote(CANARY, safe='')}@h/d",
        f"postgresql//u:{CANARY}@h/d",
        f"postgresql://u:{quote(CANARY, safe='')}@h:port/d",
        f"postgresql://u@127.0.0.1:1/d?password={quote(CANARY, safe='')}",
        f"postgresql://u@127.0.0.1:1/d?password={CANARY}",
        f"host=h user=u password='{CANARY}'",
        f"mysql://u:{CANARY}@h/d",
        f" postgresql://u:{quote(CANARY, safe='')}@127.0.0.1:1/d?sslmode=nonsense",
        f"postgresql://{CANARY}",
        f"{CANARY}",
        f"postgresql://u:{quote(CANARY, safe='')}@127.0.0.1:99999/d",
    ],
)
@pytest.mark.in_process
def test_a_password_shows_nowhere_for_a_wrong_address(program: Program, address: str) -> None:
    """Malformed or unreachable, as option or in the environment, with tracebacks asked for."""
    quick = {"ABCJOB_CONNECT": "0.1"}
    for ran in (
        program("run", *FEW, "--verbose", "--database", address, environment=quick),
        program("doctor", "--verbose", environment=quick | {"ABCJOB_DATABASE_URL": address}),
        program("run", address, "--verbose"),
        program("run", f"--companies={address}", "--verbose"),
    ):
        assert ran.returncode in {2, 4}, ran.stderr
        assert not leaks(ran.stdout, ran.stderr)


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=1>',
    "a|b `c` *d* [e](f) \\",
    "=1+1",
    "\u202egnp.exe",
    "\x1b[2J\x1b[31mred\x9b0m",
    "]]><b>&amp;",
    "' or 1=1 --",
]


class Outline(HTMLParser):
    """Every tag of a page, with its attributes' names."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.found |= {(tag, name) for name, _ in attrs} | {(tag, "")}


def outline(page: str) -> set[tuple[str, str]]:
    """What a page is made of."""
    parser = Outline()
    parser.feed(page)
    return parser.found


@pytest.mark.in_process
def test_markup_in_files_stays_data(program: Program, tmp_path: Path, db: Connection) -> None:
    """In names, in headers and in rejected rows; in HTML, Markdown, CSV and the terminal."""
    header = "customer_number,customer_rating,customer_rating_limit,customer_status"
    inbox = tmp_path / "in"
    inbox.mkdir()
    metadata = '[[customer]]\nname = "acme"\nfiles = "acme*.csv"\nmax_invalid_percent = 100\n'
    metadata += '[[customer]]\nname = "zeta"\nfiles = "<b>|`*.csv"\n'
    metadata += '[[customer]]\nname = "eta"\nfiles = "=1+*.csv"\n'
    (tmp_path / "m.toml").write_text(metadata)
    rows = [f"{n},1,9,ok" for n in range(20)] + [f"{n},x,9,{t}" for n, t in enumerate(HOSTILE, 90)]
    (inbox / "acme20250513.csv").write_text("\n".join([f"{header},<script>\u202e\x1b[2J", *rows]))
    run = ("run", "ratings", "--input", "in", "--metadata", "m.toml", "--date", "2025-05-13")
    assert program(*run).returncode == 6  # zeta has no file: its pattern stands in the report
    plain = outline((tmp_path / "reports" / "ratings_20250513.html").read_text())
    (inbox / "<b>|`20250513.csv").write_text("\n".join([header, *rows[20:]]))
    (inbox / "=1+20250513.csv").write_text("\n".join([header, *rows[:30]]))
    ran = program(*run)
    assert ran.returncode == 3
    page = (tmp_path / "reports" / "ratings_20250513.html").read_text()
    assert outline(page) <= plain | {("code", "")}
    assert "<b>|" not in page
    text = (tmp_path / "reports" / "ratings_20250513.md").read_text()
    prose = re.sub(r"(?s)```sql.*?```", "", text)
    assert not re.search(r"(?<!\\)<b>", prose)
    lines = [line for line in prose.splitlines() if line.startswith("|")]
    assert all(re.match(r"\|.*\|$", line) for line in lines)
    for_people = (ran.stdout, ran.stderr, page, text, program("quarantine", "ratings").stdout)
    assert not [found for shown in for_people for found in re.findall("[\x1b\x9b\u202e]", shown)]
    table = program("quarantine", "ratings", "--format", "csv").stdout
    cells = [cell for row in csv.reader(table.splitlines()) for cell in row]
    assert "'=1+20250513.csv" in cells
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@"}]
    listed = json.loads(program("quarantine", "ratings", "--format", "json").stdout)
    raws = db.query("select raw from ratings.file_invalid_rows")["raw"].to_list()
    for hostile in HOSTILE:
        assert any(hostile in row["raw"] for row in listed)
        assert any(hostile in raw for raw in raws)
