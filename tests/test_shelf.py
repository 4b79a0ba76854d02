"""The reports folder: what is a report in it, its index, and how reports leave it."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from datetime import date
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pages import Seen, head, put
from snapshots import Page

from abcjob import jobs
from abcjob.errors import ReportError
from abcjob.outside import visible
from abcjob.presentation import Presentation, Theme
from abcjob.render import headline
from abcjob.render.headline import Headline
from abcjob.render.page import Pages
from abcjob.stages import shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

JOBS = jobs.load_all()
HOSTILE = '"><script>alert(1)</script></title></style><img src=x onerror=1>{{ 7*7 }}\u202e\x1b'


def names(found: tuple[shelf.Report, ...]) -> list[list[str]]:
    """The files of each report."""
    return [[path.name for path in report.files] for report in found]


def index(folder: Path) -> str:
    """The index, made anew."""
    shelf.write_index(folder, JOBS, Pages())
    return (folder / "index.html").read_text()


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


def of_anybody_s(page: str) -> dict[str, str]:
    """Pages that somebody may have as an index, some of them made of ours."""
    return {
        "a site": "<!doctype html><html><head><title>Our reports</title></head>Hello</html>",
        "nothing": "",
        "no text": "\udcff\x00",
        "a report": head("ABC", "All is well."),
        "a report of an older version": page.replace("<title>Reports<", "<title>KPIs: report of <"),
        "a page like ours": re.sub("<meta http-equiv.*>", "", page),
    }


def old(page: str) -> str:
    """The page as the version before wrote it."""
    return page.replace("<!-- abcjob:index -->\n", "")


def test_an_index_of_somebody_s_stays(tmp_path: Path) -> None:
    """What is no list of ours is not replaced: one line says so, and what to do."""
    (tmp_path / "ours").mkdir()
    for name, text in of_anybody_s(old(index(tmp_path / "ours"))).items():
        put(tmp_path / name, {"index.html": text, "kpi_20260331.html": head("ABC")})
        before = (tmp_path / name / "index.html").read_bytes()
        with pytest.raises(ReportError) as refused:
            shelf.write_index(tmp_path / name, JOBS, Pages())
        assert str(refused.value) == (
            f"writing {tmp_path / name}/index.html: another page is there, expected none or a list "
            "of reports; it is left as it is: move it, or name another folder with --reports"
        )
        assert (tmp_path / name / "index.html").read_bytes() == before, name


def test_neither_a_link_nor_a_pipe_is_an_index_of_ours(tmp_path: Path) -> None:
    """It stays, and is not waited for; the page that the link leads to stays too."""
    put(tmp_path / "ours", {})
    index(tmp_path / "ours")
    for name, make in (
        ("link", lambda path: path.symlink_to(tmp_path / "ours" / "index.html")),
        ("dangling", lambda path: path.symlink_to("home.html")),
        ("pipe", os.mkfifo),
    ):
        put(tmp_path / name, {})
        make(tmp_path / name / "index.html")
        with pytest.raises(ReportError, match="another page is there"):
            shelf.write_index(tmp_path / name, JOBS, Pages())
        there = tmp_path / name / "index.html"
        assert there.is_symlink() or there.is_fifo()


@pytest.mark.parametrize(
    "pages",
    [
        Pages(),
        Pages(None, Presentation(locale="fr", theme=Theme(company="Müller & Fils"))),
    ],
)
@pytest.mark.parametrize("as_it_was", [str, old])
def test_an_index_of_ours_is_replaced(
    tmp_path: Path, pages: Pages, as_it_was: Callable[[str], str]
) -> None:
    """Also one of the version before, which has no mark yet, and one with another theme."""
    shelf.write_index(tmp_path, JOBS, pages)
    text = (tmp_path / "index.html").read_text()
    put(tmp_path, {"index.html": as_it_was(text), "kpi_20260331.html": head("ABC")})
    assert Seen(index(tmp_path)).links == ["kpi_20260331.html"]


def test_an_index_by_a_template_of_the_user_s_is_ours(tmp_path: Path) -> None:
    """Whatever it has in its head, or if it has none: what the program wrote, it replaces."""
    put(tmp_path / "mine", {"index.html.j2": "<p>{{ shelves | length }}</p>"})
    for reports in ({}, {"kpi_20260331.html": head("ABC")}):
        put(tmp_path / "reports", reports)
        shelf.write_index(tmp_path / "reports", JOBS, Pages(tmp_path / "mine"))
    assert (tmp_path / "reports" / "index.html").read_text().startswith("<p>1</p>")


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


@pytest.mark.parametrize(("name", "most"), [("cron_20260331.log", 1), ("kpi_20260331.html", 10)])
def test_a_file_that_grows_is_not_waited_for(tmp_path: Path, name: str, most: int) -> None:
    """Others write to a log beside the reports, or to a file named as one: the index is written."""

    class Watched(Pages):
        """Each time that it fills in the page, somebody writes to the file."""

        times = 0

        def html(self, template: str, values: Mapping[str, Any]) -> str:
            """As it stands, and the file grows."""
            self.times += 1
            assert self.times <= 10, "for ever"
            with (tmp_path / name).open("a") as file:
                file.write("more\n")
            return super().html(template, values)

    put(tmp_path, {"kpi_20260228.html": head("ABC"), name: ""})
    pages = Watched()
    shelf.write_index(tmp_path, JOBS, pages)
    assert pages.times <= most
    assert "kpi_20260228.html" in Seen((tmp_path / "index.html").read_text()).links


def test_a_folder_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """In one line, with the folder."""
    with pytest.raises(ReportError, match=r"^looking for reports in .*gone: No such file"):
        shelf.reports(tmp_path / "gone", JOBS)
    (tmp_path / "kpi_20260331.html").mkdir()
    report = shelf.Report(JOBS[0], date(2026, 3, 31), (tmp_path / "kpi_20260331.html",))
    with pytest.raises(ReportError, match=r"^deleting .*kpi_20260331.html: "):
        list(shelf.remove([report]))
