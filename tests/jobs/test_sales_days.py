"""The job `sales` over several days, as a user runs it, and the reports that it leaves."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from snapshots import Document, Page, without_paths

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program
    from syrupy.assertion import SnapshotAssertion

pytestmark = pytest.mark.in_process

HEADERS = {
    "products": "id,name,price,category",
    "stores": "id,city,region,address",
    "sales": "id,product_id,store_id,sale_date,quantity,amount",
}
PRODUCTS = ("P1,Lampe,10.00,Maison", "P2,<b>Chaise</b> | *longue*,25.50,Maison")
STORES = (
    "S1,Lyon,Auvergne-Rhône-Alpes,1 rue Nationale",
    "S2,Brest,Bretagne | <i>Breizh</i>,2 quai Sud",
)
OCTOBER = (
    "1,P1,S1,2026-09-30,2,20.00",
    "2,P2,S1,2026-10-02,4,102.00",
    "3,P1,S2,2026-10-31,1,10.00",
    "4,P1,S2,2026-02-30,1,10.00",
    "5,P9,S1,2026-10-30,1,7.25",
    "6,P1,S1,2026-10-30,-1,10.00",
)
NOVEMBER = (
    *OCTOBER,
    "7,P2,S2,2026-11-07,2,51.00",
    "8,P1,S1,2026-11-29,1,11.00",
    "9,P1,S8,2026-11-30,1,10.00",
    "10,P1,S1,2027-01-01,1,10.00",
)


def put(folder: Path, **tables: tuple[str, ...]) -> None:
    """CSV files of these lines, in a folder that the job is to read."""
    (folder / "in").mkdir(exist_ok=True)
    for table, lines in tables.items():
        (folder / "in" / f"{table}.csv").write_text("\n".join([HEADERS[table], *lines, ""]))


def run(program: Program, day: str, *options: str) -> str:
    """A run for a day that has to go well; what it printed."""
    ran = program("run", "sales", "--input", "in", "--date", day, "--window", "7", *options)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def report(folder: Path, day: str, ending: str) -> str:
    """The report of a day."""
    return (folder / "reports" / f"sales_{day.replace('-', '')}.{ending}").read_text()


@pytest.fixture
def two_days(program: Program, tmp_path: Path) -> Path:
    """Runs of two dates: at the second one a product has come that a sale waited for."""
    put(tmp_path, products=PRODUCTS, stores=STORES, sales=OCTOBER)
    run(program, "2026-10-31")
    put(tmp_path, products=(*PRODUCTS, "P9,Vis,7.25,Atelier"), sales=NOVEMBER)
    run(program, "2026-11-30")
    return tmp_path


def test_the_report_looks_as_it_did(two_days: Path, snapshot: SnapshotAssertion) -> None:
    """Rows that wait, came in and were rejected, and what changed: but for what a path is."""
    assert report(two_days, "2026-11-30", "md") == snapshot(extension_class=Document)
    page = report(two_days, "2026-11-30", "html")
    assert without_paths(page) == snapshot(extension_class=Page)


def test_the_report_says_what_became_of_the_rows(two_days: Path) -> None:
    """2.9, 2.17: counts of the last run, revenue now and before, and sales dated later."""
    text = re.sub(" +", " ", report(two_days, "2026-11-30", "md"))
    assert "| Table | Rows in | Retried | Rows loaded | Skipped | Rejected | Waiting |" in text
    assert "€211.25 of revenue from 7 sales, 2026-09 to 2027-01; €11 of it" in text
    assert "1 sale is dated later than this report, up to 2027-01-01" in text
    assert "The total is €79.25 more than on 2026-10-31." in text
    assert "Waiting for a product or a store that no source has brought yet: 1 of sales" in text
    first = re.sub(" +", " ", report(two_days, "2026-10-31", "md"))
    assert "| Table | Rows in | Rows loaded | Skipped | Rejected | Waiting |" in first
    assert "| sales | 6 | 3 | 0 | 2 | 1 |" in first
    assert "They are always the sum of the other four" in first


class Elements(HTMLParser):
    """A page's elements with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.tags.append((tag, dict(attrs)))


def test_the_page_can_be_read_without_seeing_it(two_days: Path) -> None:
    """Charts are named and described, tables have captions and scopes, headings do not skip."""
    page = report(two_days, "2026-11-30", "html")
    tags = Elements(page).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in tags:
        for name in (attributes.get("aria-labelledby") or "").split():
            assert name in ids, name
        if tag == "svg" and attributes.get("class") != "trend":  # a title is all that it has
            assert attributes["role"] == "img"
            assert attributes["aria-labelledby"]
        if tag == "th":
            assert attributes["scope"] in {"row", "col", "colgroup"}
        if attributes.get("tabindex"):
            assert attributes["role"] == "region"
            assert attributes["aria-label"]
        assert not {"src", "style", "onclick"} & set(attributes), tag
        assert (attributes.get("href") or "#").startswith("#"), tag
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert len(re.findall("<svg (?!class)", page)) == len(re.findall("<desc", page)) == 4
    assert dict(tags)["html"]["lang"] == "en"


def test_tables_fit_a_terminal_and_end_no_line_early(program: Program, tmp_path: Path) -> None:
    """80 columns, whatever names are; an end of line or a tab in a name does not break its row."""
    long = "Provence-Alpes-Côte d'Azur et Corse"
    put(tmp_path, stores=(*STORES, *(f"T{n},Nice,{long} {n},x" for n in range(9))))
    name = "une lampe\n| qui\tdure <b>longtemps</b>, très longtemps"
    product = {"id": "P1", "name": name, "price": 10, "category": "a\nb"}
    (tmp_path / "in" / "products.json").write_text(json.dumps([product]))
    sales = [f"{n},P1,T{n % 9},2026-0{1 + n % 9}-01,1,{10**7 + n}.25" for n in range(90)]
    put(tmp_path, sales=tuple(sales))
    run(program, "2026-09-01")
    put(tmp_path, sales=(*sales, "x,P1,S2,2026-10-01,1,10"))
    printed = run(program, "2026-10-01")
    assert max(map(len, printed.splitlines())) <= 80
    assert "€900,004,037.50" in printed
    assert "$" not in printed
    assert "une lampe | qui dure <b>longtemps</b>" in " ".join(printed.split())
    assert "Provence-Alpes-Côte" in printed
    page, text = (report(tmp_path, "2026-10-01", ending) for ending in ("html", "md"))
    assert "<b>" not in page
    assert r"une lampe \| qui dure \<b\>longtemps\</b\>, très longtemps" in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert not [line for line in rows if not line.rstrip().endswith("|")]


@pytest.mark.parametrize("header_only", [True, False])
def test_nothing_is_a_report_too(program: Program, tmp_path: Path, header_only: bool) -> None:
    """2.11: of sources with headers alone, or without a sale, revenue is €0."""
    put(tmp_path, products=(), stores=(), sales=())
    if not header_only:
        put(tmp_path, products=PRODUCTS, stores=STORES)
    printed = run(program, "2026-11-30")
    assert max(map(len, printed.splitlines())) <= 80
    text, page = (report(tmp_path, "2026-11-30", ending) for ending in ("md", "html"))
    assert "To be watched: no sale is loaded, revenue is €0." in text
    assert "To be watched: no sale is loaded, revenue is €0." in page
    assert text.count("There are no rows to show.") == 4
    assert "Covers" not in text
    assert "Traceback" not in printed


def test_a_date_before_all_sales_is_a_report_too(program: Program, two_days: Path) -> None:
    """2.11: the total is that of all sales loaded, and it says that they are dated later."""
    made = program("report", "sales", "--date", "2020-01-31")
    assert made.returncode == 0, made.stderr
    text = report(two_days, "2020-01-31", "md")
    assert "€0 of it in the last 7 days. 7 sales are dated later than this report" in text
    assert "There are no rows to show." in text


def test_nothing_loaded_yet_is_said(program: Program) -> None:
    """Without a run there is no report: what to do is said in a line."""
    made = program("report", "sales", "--date", "2026-11-30")
    assert made.returncode != 0
    assert made.stderr.count("\n") == 1
    assert "nothing is loaded yet; run `abcjob run sales` first" in made.stderr
