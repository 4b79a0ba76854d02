"""The reports folder: what is a report in it, its index, and how reports leave it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from datetime import date
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from snapshots import Page
from terminal import FEW, one_line

from abcjob import jobs
from abcjob.errors import ReportError
from abcjob.outside import visible
from abcjob.presentation import Presentation, Theme
from abcjob.render import headline
from abcjob.render.headline import Headline
from abcjob.render.page import Pages
from abcjob.stages import shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Program
    from syrupy.assertion import SnapshotAssertion

JOBS = jobs.load_all()
HOSTILE = '"><script>alert(1)</script></title></style><img src=x onerror=1>{{ 7*7 }}\u202e\x1b'


def head(title: str, sentence: str = "", **figures: str) -> str:
    """A page whose head says so, by hand."""
    metas = [("title", title), ("sentence", sentence)]
    told = [f'<meta name="abcjob:{name}" content="{escape(text)}">' for name, text in metas]
    told += [
        f'<meta name="abcjob:figure" data-label="{escape(label)}" content="{escape(value)}">'
        for label, value in figures.items()
    ]
    return f"<!doctype html><html><head>{''.join(told)}</head><body><p>All else</p></body></html>"


def put(folder: Path, files: Mapping[str, str]) -> None:
    """Make the files."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", errors="surrogatepass")


def names(found: tuple[shelf.Report, ...]) -> list[list[str]]:
    """The files of each report."""
    return [[path.name for path in report.files] for report in found]


def index(folder: Path) -> str:
    """The index, made anew."""
    shelf.write_index(folder, JOBS, Pages())
    return (folder / "index.html").read_text()


class Seen(HTMLParser):
    """What a reader sees of a page: its texts, its links, and what it is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.tags: set[tuple[str, str]] = set()
        self.feed(page.partition("<body>")[2])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.tags |= {(tag, name) for name, _ in attrs} | {(tag, "")}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        """Note it, on one line."""
        if text := " ".join(data.split()):
            self.texts.append(text)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of templates with a page that says what it is given."""
    folder = tmp_path_factory.mktemp("templates")
    text = (
        '{% extends "base.html.j2" %}{% import "macros.html.j2" as page %}'
        "{% block headline %}{% call page.headline(title, figures) %}<p>{{ sentence }}</p>"
        "{% endcall %}{% endblock %}"
    )
    put(folder, {"own.html.j2": text})
    return folder


# What a parser of markup might take for something else, and all else.
TEXT = st.text(st.sampled_from("<>&\"'#;/-![] \n\0é") | st.characters(codec="utf-8"), max_size=60)


@given(title=TEXT, sentence=TEXT, figures=st.dictionaries(TEXT.map(str.strip), TEXT, max_size=6))
def test_a_page_s_headline_is_read_back(
    own: Path, title: str, sentence: str, figures: dict[str, str]
) -> None:
    """Whatever texts a report has: as they are seen, on one line each."""

    def seen(text: str) -> str:
        return " ".join(visible(text).split())

    page = own / "page.html"
    told = [{"label": label, "value": value, "kind": "text"} for label, value in figures.items()]
    values = {"title": title, "sentence": sentence, "figures": told}
    page.write_text(Pages(own).html("own.html.j2", values))
    found = headline.read(page)
    assert found.title == seen(title)
    assert found.sentence == seen(sentence)
    assert found.figures == {seen(label): seen(value) for label, value in figures.items()}


@given(
    st.binary()
    | st.lists(
        st.sampled_from(
            [
                "<!",
                "<![",
                "]]>",
                "<!--",
                "<?",
                "</",
                "<meta name=abcjob:",
                "title content=",
                "&#",
                ">",
            ]
        )
        | TEXT
    ).map(lambda pieces: "".join(pieces).encode())
)
@example(b"<head><![x[ ]]></head>")  # a declaration that the parser gives up at
def test_a_page_of_anybody_s_is_no_error(own: Path, content: bytes) -> None:
    """What is no page, or one of somebody else's, says nothing; it never fails."""
    (own / "any.html").write_bytes(content)
    headline.read(own / "any.html")


def test_only_the_head_is_read(tmp_path: Path) -> None:
    """Not what stands in the body, nor all of a page without end; texts and figures are bounded."""
    page = tmp_path / "page.html"
    meta = '<meta name="abcjob:title" content="{}">'
    page.write_text(f"<head><title>x</title></head>{meta.format('no')}")
    assert headline.read(page) == Headline()
    page.write_text(f"<body>{meta.format('no')}</body>")
    assert headline.read(page) == Headline()
    page.write_text(f"<head><style>{meta.format('no')}</style>{meta.format('yes')}</head>")
    assert headline.read(page).title == "yes"
    page.write_text(head("word " * 999, **{f"f{n}": "9" * 999 for n in range(99)}))
    found = headline.read(page)
    assert len(found.title) <= 300
    assert list(found.figures) == ["f0", "f1", "f2", "f3", "f4", "f5"]
    assert max(map(len, found.figures.values())) <= 300
    page.write_text(f"<head>{' ' * 100_000}{meta.format('no')}</head>")
    assert headline.read(page) == Headline()


def test_what_is_a_report_its_name_says(tmp_path: Path) -> None:
    """A job's name for it and a real date; newest first; page, Markdown and exports together."""
    reports = [
        *("kpi_20260331.html", "kpi_20260331.md", "kpi_20260228.html", "sales_20260331.html"),
        *("ratings_20260330.html", "Customer_Rating_Aggregate_Report_20260330.csv"),
        "jukebox_20240229.md",
    ]
    others = [
        *("kpi_20260230.html", "kpi_2026033.html", "kpi_202603310.html", "xkpi_20260331.html"),
        *("kpi_20260331.html.bak", "kpi_20260331.csv", "abc_20260331.html", "kpi.html"),
        *("index.html", "cron.log", "Customer_Rating_Aggregate_Report_20260330.html"),
        *("KPI_20260331.html", "kpi_२०२६०३३१.html", ".kpi_20260101.html.ab12"),
    ]
    put(tmp_path, dict.fromkeys([*reports, *others], ""))
    (tmp_path / "kpi_20260401.html").mkdir()
    found = shelf.reports(tmp_path, JOBS)
    assert names(found) == [
        ["kpi_20260331.html", "kpi_20260331.md"],
        ["sales_20260331.html"],
        ["ratings_20260330.html", "Customer_Rating_Aggregate_Report_20260330.csv"],
        ["kpi_20260228.html"],
        ["jukebox_20240229.md"],
    ]
    assert [str(report.day) for report in found][2:] == ["2026-03-30", "2026-02-28", "2024-02-29"]


def test_a_report_that_cannot_be_read_is_listed(tmp_path: Path) -> None:
    """With the reason, and without waiting for anybody; the others are as they were."""
    put(tmp_path, {"kpi_20260103.html": head("T", "S", Revenue="$1"), "kpi_20260102.html": "old"})
    (tmp_path / "kpi_20260101.html").symlink_to("nowhere")
    os.mkfifo(tmp_path / "sales_20260101.html")
    found = shelf.reports(tmp_path, JOBS)
    assert [report.headline.sentence for report in found] == ["S", "", "", ""]
    assert [report.problem for report in found] == ["", "", "it is no file", "it is no file"]
    texts = Seen(index(tmp_path)).texts
    assert "kpi_20260102.html" in texts
    assert "kpi_20260101.html cannot be read: it is no file" in texts
    assert "sales_20260101.html cannot be read: it is no file" in texts


def test_the_index_lists_each_report_with_its_figures(
    tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    """By job, newest first; every link leads to a file beside it, and to each there is one."""
    files = {
        "kpi_20260331.html": head("ABC", "All is well.", Revenue="$3", Lost="1"),
        "kpi_20260331.md": "",
        "kpi_20260228.html": head("Old ABC", "", Revenue="$2", Gained="7"),
        "kpi_20260131.html": "<html>of an older version</html>",
        "ratings_20260330.html": head("Ratings", "No rows.", Loaded="0"),
        "ratings_20260330.md": "",
        "Customer_Rating_Aggregate_Report_20260330.csv": "",
    }
    put(tmp_path, files)
    page = index(tmp_path)
    assert page.partition("<body>")[2] == snapshot(extension_class=Page)
    seen = Seen(page)
    assert sorted(seen.links) == sorted(files)
    text = " ".join(seen.texts)
    assert re.search(r"ABC Report of 2026-03-31 , also as Markdown .*Ratings Report of", text)
    earlier = "Date Revenue Lost Gained Also as 2026-02-28 $2 – 7 2026-01-31 – – –"  # noqa: RUF001
    assert earlier in text


def test_the_index_speaks_as_the_reports_do(tmp_path: Path) -> None:
    """Its dates are the locale's, its title has the company's name."""
    put(tmp_path, {"kpi_20260331.html": head("ABC"), "kpi_20260131.html": head("ABC")})
    looks = Presentation(locale="fr", theme=Theme(company="Müller & Fils"))
    shelf.write_index(tmp_path, JOBS, Pages(None, looks))
    seen = Seen((tmp_path / "index.html").read_text())
    assert seen.texts[0] == "Müller & Fils: reports"
    assert {"31/03/2026", "31/01/2026"} <= set(seen.texts)


def test_the_index_of_an_empty_folder_says_so(tmp_path: Path) -> None:
    """No table, no link, and what makes a report."""
    seen = Seen(index(tmp_path))
    assert "There are no reports in this folder." in seen.texts
    assert seen.links == []


def test_the_index_is_what_lies_in_the_folder(tmp_path: Path) -> None:
    """Files deleted or added by hand: the same bytes as of a folder that never had others."""
    kept = {f"kpi_2026{month:02}01.html": head("T", str(month)) for month in range(1, 13, 3)}
    put(tmp_path / "a", kept | {"kpi_20270101.html": head("Gone"), "sales_20260101.html": ""})
    index(tmp_path / "a")
    (tmp_path / "a" / "kpi_20270101.html").unlink()
    (tmp_path / "a" / "sales_20260101.html").unlink()
    put(tmp_path / "b", dict(reversed(kept.items())))
    assert index(tmp_path / "a") == index(tmp_path / "b")


def test_the_index_asks_for_nothing_and_runs_nothing(tmp_path: Path) -> None:
    """What files say is text; strict policy, one style sheet, no script, links to files alone."""
    harmless = {
        "kpi_20260331.html": head("a", "b", c="d"),
        "kpi_20260228.html": head("a", "b", c="d"),
    }
    put(tmp_path / "plain", harmless)
    put(
        tmp_path / "hostile",
        {name: head(HOSTILE, HOSTILE, **{HOSTILE: HOSTILE}) for name in harmless},
    )
    plain, hostile = (index(tmp_path / name) for name in ("plain", "hostile"))
    assert Seen(hostile).tags == Seen(plain).tags
    assert Seen(hostile).links == Seen(plain).links
    assert "{{ 7*7 }}" in hostile
    assert not re.search("[\u202e\x1b]", hostile)
    [style] = re.findall(r"<style>(.*?)</style>", hostile, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in unescape(hostile)
    assert not {tag for tag, _ in Seen(hostile).tags} & {"script", "img", "link", "iframe", "style"}


def test_the_index_stays_short(tmp_path: Path) -> None:
    """Many reports: the oldest are folded away, and all are there."""
    days = [date(2026, 1, 1).replace(month=1 + n // 28, day=1 + n % 28) for n in range(100)]
    put(tmp_path, {f"kpi_{day:%Y%m%d}.html": head("T", "S", Revenue="$1") for day in days})
    open_part, _, folded = index(tmp_path).partition("<details>")
    assert "<summary>75 more, from 2026-01-01</summary>" in folded
    assert len(Seen(f"<body>{folded}").links) == 75
    assert open_part.count("<a href") == 25


def test_a_report_that_comes_meanwhile_is_listed(tmp_path: Path) -> None:
    """Two runs end at once: whoever writes the index last has seen the reports of both."""

    class Slow(Pages):
        """While it fills in the page, another run puts its report there."""

        def html(self, template: str, values: Mapping[str, Any]) -> str:
            """As it stands, then the other's report."""
            text = super().html(template, values)
            if not (tmp_path / "sales_20260331.html").exists():
                put(tmp_path, {"sales_20260331.html": head("Sales")})
            return text

    put(tmp_path, {"kpi_20260331.html": head("ABC")})
    shelf.write_index(tmp_path, JOBS, Slow())
    assert Seen((tmp_path / "index.html").read_text()).links == [
        "kpi_20260331.html",
        "sales_20260331.html",
    ]


def test_a_folder_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """In one line, with the folder."""
    with pytest.raises(ReportError, match=r"^looking for reports in .*gone: No such file"):
        shelf.reports(tmp_path / "gone", JOBS)
    (tmp_path / "kpi_20260331.html").mkdir()
    report = shelf.Report(JOBS[0], date(2026, 3, 31), (tmp_path / "kpi_20260331.html",))
    with pytest.raises(ReportError, match=r"^deleting .*kpi_20260331.html: "):
        shelf.remove([report])


FILES = {
    **{
        f"kpi_202603{day}.html": head("ABC", f"Day {day}.", Revenue=f"${day}")
        for day in (10, 20, 30)
    },
    **{f"kpi_202603{day}.md": "" for day in (10, 20, 30)},
    **{f"ratings_202603{day}.html": head("Ratings", "=1+1") for day in (15, 31)},
    "Customer_Rating_Aggregate_Report_20260315.csv": "",
    "notes_20260101.html": "mine",
    "cron.log": "mine",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The reports folder, with reports of two jobs and files of others."""
    put(tmp_path / "reports", FILES)
    return tmp_path / "reports"


def left(folder: Path) -> set[str]:
    """The files that are there."""
    return {path.name for path in folder.iterdir()}


def test_reports_are_listed(program: Program, folder: Path) -> None:
    """Newest first, of all jobs or of one; JSON has figures, CSV no formula, a table 80 columns."""
    assert folder.is_dir()
    listed = program("reports", "list", "--format", "json")
    assert listed.returncode == 0, listed.stderr
    rows = json.loads(listed.stdout)
    assert [(row["date"][5:], row["job"]) for row in rows] == [
        *(("03-31", "ratings"), ("03-30", "abc"), ("03-20", "abc")),
        *(("03-15", "ratings"), ("03-10", "abc")),
    ]
    assert rows[1] == {
        "date": "2026-03-30",
        "job": "abc",
        "file": "reports/kpi_20260330.html",
        "headline": "Day 30.",
        "title": "ABC",
        "figures": {"Revenue": "$30"},
        "files": ["reports/kpi_20260330.html", "reports/kpi_20260330.md"],
    }
    table = program("reports", "list", "abc").stdout
    assert "Day 30." in table
    assert "ratings" not in table
    assert max(map(len, table.splitlines())) <= 80
    lines = program("reports", "list", "ratings", "--format", "csv").stdout.splitlines()
    assert lines[:2] == [
        "date,job,file,headline",
        "2026-03-31,ratings,reports/ratings_20260331.html,'=1+1",
    ]
    assert left(folder) == set(FILES)  # to list is to write nothing


def test_the_newest_report_is_opened(program: Program, folder: Path, tmp_path: Path) -> None:
    """In the browser that there is, by its full path; where there is none, that is said."""
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> "{tmp_path}/opened"\n')
    browser.chmod(0o755)
    for arguments, name in (
        ((), "ratings_20260331.html"),
        (("abc",), "kpi_20260330.html"),
        (("abc", "--date", "2026-03-10"), "kpi_20260310.html"),
        (("--date", "2026-03-15"), "ratings_20260315.html"),
    ):
        ran = program("reports", "open", *arguments, environment={"BROWSER": f"{browser} %s"})
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"reports/{name}\n", "")
        assert (tmp_path / "opened").read_text().splitlines()[-1] == (folder / name).as_uri()
    ran = program("reports", "open", environment={"PATH": "/nowhere"})
    assert (ran.returncode, ran.stdout) == (0, "reports/ratings_20260331.html\n")
    assert "found no browser" in ran.stderr


def test_old_reports_are_pruned(program: Program, folder: Path) -> None:
    """The newest of each job stay; the others go with all their files; the index follows."""
    gone = ["reports/kpi_20260310.html", "reports/kpi_20260310.md"]
    told = program("reports", "prune", "abc", "--keep", "2", "--dry-run")
    assert (told.returncode, told.stdout.splitlines()) == (0, gone)
    assert "would delete 2 files of 1 report" in told.stderr
    assert left(folder) == set(FILES)
    done = program("reports", "prune", "abc", "--keep", "2")
    assert (done.returncode, done.stdout.splitlines()) == (0, gone)
    assert left(folder) == set(FILES) - {Path(name).name for name in gone} | {"index.html"}
    done = program("reports", "prune", "--keep", "1")
    assert done.returncode == 0, done.stderr
    assert left(folder) == {
        *("kpi_20260330.html", "kpi_20260330.md", "ratings_20260331.html"),
        *("notes_20260101.html", "cron.log", "index.html"),
    }
    links = Seen((folder / "index.html").read_text()).links
    assert links == ["kpi_20260330.html", "kpi_20260330.md", "ratings_20260331.html"]
    for path in folder.glob("*_202603*"):
        path.unlink()
    again = program("reports", "prune", "--keep", "1")
    assert (again.returncode, again.stdout) == (0, "")
    assert "There are no reports" in (folder / "index.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("list", "--reports", "nosuch"), 2, "nosuch is no folder; correct --reports"),
        (("open", "--reports", "nosuch"), 2, "nosuch is no folder; correct --reports"),
        (("prune", "--keep", "1", "--reports", "nosuch"), 2, "nosuch is no folder"),
        (("prune", "--keep", "0"), 2, "0 is not in the range x>=1"),
        (("prune",), 2, "Missing option '--keep'"),
        (("list", "nosuch"), 2, "'nosuch' is not one of 'abc'"),
        (("open", "sales"), 3, "of sales: reports has none, there is none at all"),
        (("open", "abc", "--date", "2026-03-11"), 3, "has none, the newest is of 2026-03-30"),
    ],
)
def test_what_cannot_be_done_is_said(
    program: Program, folder: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """In one line, with what helps, and nothing is changed."""
    ran = program("reports", *arguments)
    assert ran.returncode == code, ran.stderr
    assert said in one_line(ran.stderr)
    assert ran.stdout == ""
    assert left(folder) == set(FILES)


def test_a_folder_without_reports_has_an_empty_list(program: Program, tmp_path: Path) -> None:
    """No error, as of a ledger without runs."""
    (tmp_path / "reports").mkdir()
    listed = program("reports", "list", "--format", "json")
    assert (listed.returncode, listed.stdout) == (0, "[]\n")


def test_a_run_lists_its_report(program: Program, tmp_path: Path) -> None:
    """Outcome: the index after each run and `report` has what the reports themselves say."""
    assert program("run", *FEW, "--date", "2026-03-30", "--quiet").returncode == 0
    assert program("report", "abc", "--date", "2026-03-31").returncode == 0
    revenue = json.loads(program("kpi", "abc", "revenue", "--format", "json").stdout)["revenue"]
    last = f"${revenue[-1]['revenue']:,}"
    rows = json.loads(program("reports", "list", "--format", "json").stdout)
    assert [row["date"] for row in rows] == ["2026-03-31", "2026-03-30"]
    assert {row["figures"]["Revenue"] for row in rows} == {last}
    page = (tmp_path / "reports" / "kpi_20260330.html").read_text()
    assert all(row["headline"] in " ".join(page.split()) for row in rows)
    seen = Seen((tmp_path / "reports" / "index.html").read_text())
    assert seen.links == [f"kpi_202603{end}" for end in ("31.html", "31.md", "30.html", "30.md")]
    assert seen.texts.count(last) == 2
    assert rows[0]["headline"] in seen.texts
    assert "ABC Enterprises: usage, retention and revenue" in seen.texts
