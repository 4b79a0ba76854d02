"""Pages: formats, tables, charts, escaping, and files that are whole or absent."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from datetime import date
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import polars as pl
import pytest
import toyjob
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from snapshots import Document, Page, without_paths

from abcjob import jobs, sqlfile
from abcjob.database.ledger import CheckResult, Counts, Published
from abcjob.errors import ReportError
from abcjob.jobs.abc.health import Health
from abcjob.render import tables
from abcjob.render.charts import Chart, ChartPainter
from abcjob.render.csv_text import csv_text
from abcjob.render.formats import shown
from abcjob.render.page import Pages, markdown_line, markdown_text
from abcjob.stages import report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    from abcjob.job import Frames


@pytest.fixture(scope="module")
def painter() -> Iterator[ChartPainter]:
    """What draws charts."""
    with ChartPainter() as found:
        yield found


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "money", "–"),  # noqa: RUF001
        (date(2021, 3, 1), "month", "2021-03"),
        (1234567, "count", "1,234,567"),
        (Decimal("7.0043"), "decimal", "7.00"),
        (Decimal("20271.00"), "money", "$20,271"),
        (Decimal("-19.5"), "money", "-$19.50"),
        (Decimal("0.07049"), "percent", "7.0%"),
        ("small", "text", "small"),
    ],
)
def test_values_are_shown_as_people_read_them(value: object, kind: Any, text: str) -> None:
    """Each kind of value has one form, with its unit."""
    assert shown(value, kind) == text


def kpi(*, across: bool) -> sqlfile.SqlFile:
    """A KPI of two measures."""
    header = {"show": "money money, n count", **({"across": "size"} if across else {})}
    return sqlfile.SqlFile("k", header, "select 1")


FRAME = pl.DataFrame(
    {
        "period": [date(2021, 1, 1)] * 2 + [date(2021, 2, 1)] * 2,
        "size": ["small", "all"] * 2,
        "n": [1, 1000, 3, 4],
        "money": [Decimal("1.5"), Decimal(2), None, Decimal(4)],
    }
)


def test_sizes_stand_side_by_side() -> None:
    """A line for each month; for each measure asked for, a column for each size, in order."""
    table = tables.from_kpi(kpi(across=True), FRAME)
    assert table.groups == (("", 1), ("Money", 2), ("N", 2))
    assert [heading.text for heading in table.headings] == ["Month", "small", "all", "small", "all"]
    assert table.rows == (
        ("2021-01", "$1.50", "$2", "1", "1,000"),
        ("2021-02", "–", "$4", "3", "4"),  # noqa: RUF001
    )


def test_a_size_may_be_called_as_the_column_of_months_is() -> None:
    """No data are taken for a name of ours: a region can be called `period`."""
    frame = FRAME.with_columns(pl.col("size").replace("all", "period"))
    table, plain = (tables.from_kpi(kpi(across=True), one) for one in (frame, FRAME))
    assert [heading.text for heading in table.headings][1:3] == ["small", "period"]
    assert table.rows == plain.rows


def test_rows_without_a_side_stay_rows() -> None:
    """A KPI that asks for no columns side by side is shown as it is."""
    frame = pl.DataFrame({"product": ["a", "b"], "n": [1, 2], "money": [3, 4]})
    table = tables.from_kpi(kpi(across=False), frame)
    assert [heading.text for heading in table.headings] == ["Product", "Money", "N"]
    assert table.rows == (("a", "$3", "1"), ("b", "$4", "2"))


def test_a_kpi_without_rows_has_none() -> None:
    """Empty data is no error."""
    assert tables.from_kpi(kpi(across=True), FRAME.clear()).rows == ()
    assert tables.from_kpi(kpi(across=False), FRAME.clear()).rows == ()


def test_a_kind_that_nobody_knows_is_a_fault_of_the_file() -> None:
    """Said with the file's name, and what there is."""
    wrong = sqlfile.SqlFile("k", {"show": "n dollars"}, "")
    with pytest.raises(ValueError, match=r"sql file k: .* has dollars, expected one of"):
        tables.from_kpi(wrong, FRAME)


def test_plain_text_tables_are_aligned() -> None:
    """Numbers to the right, words to the left, headings in one line."""
    text = tables.aligned(tables.from_kpi(kpi(across=True), FRAME), str)
    assert {len(cell) for row in text.rows for cell in row[1:2]} == {text.widths[1]}
    assert text.headings == (("Month  ", "Money, small", "Money, all", "N, small", "N, all"),)


def test_each_measure_has_a_table_in_markdown() -> None:
    """Narrow enough to be read as it is; where there is one measure, or none apart, one table."""
    money, count = tables.by_group(tables.from_kpi(kpi(across=True), FRAME))
    assert (money[0], count[0]) == ("Money", "N")
    assert tables.aligned(money[1], str).headings == (("Month  ", "small", "all"),)
    assert count[1].rows == (("2021-01", "1", "1,000"), ("2021-02", "3", "4"))
    rows = tables.from_kpi(kpi(across=False), FRAME.drop("size"))
    assert tables.by_group(rows) == [("", rows)]


@given(st.text())
def test_no_text_is_markup_in_markdown(text: str) -> None:
    """Data stay data: on one line, every special character escaped."""
    escaped = markdown_text(text)
    assert len(escaped.splitlines()) <= 1
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_{}\[\]<>|~&]", escaped.replace("\\\\", ""))


@given(st.text("#-+=.)10 a>*_\t").map(lambda text: f"{text}a"), st.sampled_from(["", "Of all:\n"]))
@example("# North", "")
@example("1. Nord", "")
@example("12) Nord", "Of all:\n")
@example("- Nord", "")
@example("+", "")
@example("===", "Of all:\n")
@example("-", "Of all:\n")
def test_no_text_at_the_start_of_a_line_is_markup(text: str, before: str) -> None:
    """No heading, no list, no rule: who reads Markdown finds it as it is, alone or before words."""
    for after in ("", " is the first"):
        found = MarkdownIt().render(f"{before}{markdown_line(text)}{after}")
        assert unescape(found) == f"<p>{before}{' '.join(text.split())}{after}</p>\n"


@pytest.mark.parametrize("text", ["-5", "1.5", "1.5 km", "#1", "a # b", "3 - 4", "x-1. b", "+33 1"])
def test_what_begins_no_markup_has_no_backslash(text: str) -> None:
    """Numbers and dashes are read as they are written."""
    assert markdown_line(text) == markdown_text(text) == text


SPEC = {
    "title": "T & <t>",
    "description": "D",
    "width": 100,
    "height": 50,
    "autosize": {"type": "none"},
    "padding": 20,
    "encoding": {
        "x": {"field": "x", "type": "ordinal", "axis": None},
        "y": {"field": "y", "type": "quantitative", "axis": None},
    },
    "layer": [{"mark": {"type": "line", "color": "var(--series-1)"}}, {"mark": "point"}],
}
ROWS = [{"x": "<b>", "y": 1}, {"x": "c", "y": 3}]


def test_a_chart_stands_by_itself_in_a_page(painter: ChartPainter) -> None:
    """It scales, is named and described, has tooltips, colours by variable, ids of its own."""
    text = painter.paint([Chart("c1", SPEC, ROWS)])["c1"]()
    svg = ET.fromstring(text)  # noqa: S314
    assert "width" not in svg.attrib
    assert svg.get("viewBox") == "0 0 140 90"
    ids = {element.get("id"): element.text for element in svg if element.get("id")}
    assert ids == {"c1-title": "T & <t>", "c1-description": "D"}
    assert svg.get("aria-labelledby") == "c1-title c1-description"
    tooltips = [element.text for element in svg.iter() if element.tag.endswith("}title")][1:]
    assert tooltips == ["x: <b>; y: 1", "x: c; y: 3"]
    assert "var(--series-1)" in text
    assert "style=" not in text
    assert not [i for i in re.findall(r'id="([^"]*)"', text) if not i.startswith("c1-")]


def test_charts_can_be_had_in_any_order(painter: ChartPainter) -> None:
    """A template may skip one, or show the last first, or one twice."""
    charts = [Chart(f"c{n}", {**SPEC, "title": f"t{n}"}, ROWS) for n in range(40)]
    drawn = painter.paint(charts)
    assert "t7" in drawn["c7"]()
    assert "t2" in drawn["c2"]()
    assert drawn["c7"]() == drawn["c7"]()
    assert "t39" in drawn["c39"]()


@pytest.mark.parametrize("length", range(1, 12))
def test_a_chart_has_names_of_any_characters(painter: ChartPainter, length: int) -> None:
    """Also too long ones, which Vega cuts between the halves of an emoji; short ones are whole."""
    mark = {"type": "text", "limit": 60, "fontSize": 14}
    spec = {**SPEC, "mark": mark, "encoding": {"text": {"field": "x"}}}
    del spec["layer"]
    whole = r"\ud83d\ude00 \" \U0001f600"
    for name in ("\U0001f600" * length, "a" + "\U0001f600" * length, whole):
        [said] = ET.fromstring(  # noqa: S314
            painter.paint([Chart("c", spec, [{"x": name}])])["c"]()
        ).iterfind(".//{*}text")
        assert said.text
        if length == 1:
            assert said.text.startswith(name[:2])


def test_a_chart_that_cannot_be_drawn_is_named() -> None:
    """By its name and the engine's words, in one line; also where the process is gone."""
    with ChartPainter() as painter:
        with pytest.raises(ReportError, match=r"^drawing the chart c: .*; correct its spec$"):
            painter.paint([Chart("c", {**SPEC, "layer": [{"mark": "nosuch"}]}, ROWS)])["c"]()
        with pytest.raises(ReportError, match=r"^drawing the chart c: .*list.*; correct its spec$"):
            painter.paint([Chart("c", {**SPEC, "usermeta": ["GBP"]}, ROWS)])["c"]()
        painter._worker.kill()  # noqa: SLF001
        painter._worker.wait()  # noqa: SLF001
        with pytest.raises(ReportError, match="the process that draws charts ended"):
            painter.paint([Chart("c", SPEC, ROWS)])["c"]()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    """A quote goes before what a spreadsheet would run; numbers are numbers still."""
    row = (text, "a=1", "", -1, None, Decimal("-0.50"), date(2021, 3, 1), 'say "a,b"')
    told = csv_text(pl.DataFrame([row], list("abcdefgh"), orient="row"))
    [head, read] = csv.reader(io.StringIO(told, newline=""))
    assert head == list("abcdefgh")
    assert read == [f"'{text}", "a=1", "", "-1", "", "-0.50", "2021-03-01", 'say "a,b"']


class Outline(HTMLParser):
    """A page's elements, for what they may not be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.tags.append((tag, dict(attrs)))


def months(count: int) -> Frames:
    """KPIs of the job abc over some months, of made-up figures."""
    rows = [
        (date(2021 + k // 12, k % 12 + 1, 1), size, Decimal(10 + k) * factor, (500 - k) * factor)
        for k in range(count)
        for size, factor in (("small", 1), ("large", 2), ("all", 3))
    ]
    periods, sizes, averages, counts = map(list, zip(*rows, strict=True)) if rows else ([],) * 4
    common: dict[str, Any] = {"period": periods, "company_size": sizes}
    schema = {"period": pl.Date, "company_size": pl.String}
    return {
        "usage": pl.DataFrame(
            {
                **common,
                "sessions": counts,
                "active_companies": counts,
                "average_sessions": averages,
            },
            {**schema, "sessions": pl.Int64, "active_companies": pl.Int64}
            | {"average_sessions": pl.Decimal(38, 16)},
        ),
        "retention": pl.DataFrame(
            {**common, "companies": counts, "lost": counts},
            {**schema, "companies": pl.Int64, "lost": pl.Int64},
        ),
        "revenue": pl.DataFrame(
            {**common, "revenue": averages}, {**schema, "revenue": pl.Decimal(18, 2)}
        ),
    }


PUBLISHED = Published(
    date(2026, 11, 21),
    {"companies": "7", "months": "3", "start": "2021-01", "seed": "0", "session_rule": "signed"},
    {"plan": Counts(2, 2), "session": Counts(1234, 1234)},
    (CheckResult("no_return_after_churn", "error", 0), CheckResult("retired", "warning", 3)),
)


def written(count: int, painter: ChartPainter, folder: Path) -> dict[str, str]:
    """The job abc's report over so many months, by ending."""
    paths = report.write(
        jobs.load("abc"), date(2026, 11, 21), months(count), PUBLISHED, Pages(), painter, folder
    )
    return {path.suffix: path.read_text(encoding="utf-8") for path in paths}


@pytest.mark.parametrize("count", [0, 1, 12, 120])
def test_a_page_asks_for_nothing(painter: ChartPainter, tmp_path: Path, count: int) -> None:
    """Self-contained: no script, no request, one style sheet that the policy names by its hash."""
    text = written(count, painter, tmp_path)[".html"]
    outline = Outline(text).tags
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in outline}
    for tag, attributes in outline:
        assert not {"src", "style", "onclick", "onload"} & set(attributes), tag
        assert (attributes.get("href") or "#").startswith("#"), tag
    [style] = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    [policy] = [a["content"] for t, a in outline if a.get("http-equiv")]
    assert policy is not None
    assert f"style-src 'sha256-{digest}'" in policy
    ids = [a["id"] for _, a in outline if "id" in a]
    assert len(ids) == len(set(ids))
    assert len(text.encode()) < 300_000


def test_a_page_without_data_says_so(painter: ChartPainter, tmp_path: Path) -> None:
    """Empty data is a panel, not a broken page."""
    pages = written(0, painter, tmp_path)
    assert pages[".html"].count("There are no rows to show.") == 3
    assert pages[".md"].count("There are no rows to show.") == 3
    assert "there are no data to judge the business by." in pages[".md"]
    assert "<svg" not in pages[".html"]


def test_data_are_escaped_wherever_they_come(
    painter: ChartPainter, toy_files: Path, tmp_path: Path
) -> None:
    """A name with markup in it is text, in the table and in the document of the other kind."""
    assert toy_files.is_dir()
    frame = pl.DataFrame({"name": toyjob.NAMES, "quantity": [1] * 3, "turnover": [Decimal(1)] * 3})
    paths = report.write(
        toyjob.job(), date(2021, 1, 1), {"turnover": frame}, PUBLISHED, Pages(), painter, tmp_path
    )
    text = {path.suffix: path.read_text() for path in paths}
    assert "&lt;zebra&gt;" in text[".html"]
    assert "<zebra>" not in text[".html"] + text[".md"].replace("\\<zebra\\>", "")
    assert "Ébène \\| \\*pear\\*" in text[".md"]


@pytest.mark.parametrize(
    ("health", "sentence"),
    [
        (
            Health(
                *("at risk", Decimal("0.0705"), 3, date(2021, 1, 1), date(2021, 12, 1)),
                *(Decimal(9960), 200, 1, Decimal("7.72")),
            ),
            (
                "At risk: revenue fell by 7.0% a month over the last 3 months, to $9,960 in "
                "2021-12 from 200 active companies; 1 was lost in that month."
            ),
        ),
        (
            Health(
                *("healthy", Decimal("-0.1"), 1, date(2021, 1, 1), date(2021, 2, 1)),
                *(Decimal(1100), 9, 0, Decimal(5)),
            ),
            (
                "Healthy: revenue rose by 10.0% in the last month, to $1,100 in "
                "2021-02 from 9 active companies; 0 were lost in that month."
            ),
        ),
        (
            Health(
                *("unknown", None, 0, date(2021, 1, 1), date(2021, 1, 1)),
                *(Decimal(19), 1, 0, Decimal(5)),
            ),
            "Too early to tell: 2021-01 has $19 of revenue from 1 active company, and no earlier",
        ),
        (
            Health(
                *("healthy", Decimal("0E-27"), 3, date(2021, 1, 1), date(2021, 4, 1)),
                *(Decimal(19), 1, 0, Decimal(5)),
            ),
            (
                "Healthy: revenue is what it was 3 months before, $19 in 2021-04 from 1 active "
                "company; 0 were lost in that month."
            ),
        ),
        (
            Health(
                *("healthy", Decimal(0), 1, date(2021, 1, 1), date(2021, 2, 1)),
                *(Decimal(19), 1, 0, Decimal(5)),
            ),
            "Healthy: revenue is what it was a month before, $19 in 2021-02 from 1 active company;",
        ),
        (
            Health(
                *("healthy", Decimal("0.0004"), 3, date(2021, 1, 1), date(2021, 4, 1)),
                *(Decimal(1_000_000), 50_000, 20, Decimal(5)),
            ),
            "Healthy: revenue fell by less than 0.1% a month over the last 3 months, to $1,000,000",
        ),
        (Health("unknown"), "The tables are empty: there are no data to judge the business by."),
        (
            Health("at risk", None, 0, date(2021, 1, 1), date(2021, 1, 1), Decimal(0), 0, 1),
            "At risk: nothing is left. No company was active in 2021-01, and there is no revenue.",
        ),
    ],
)
def test_the_health_line_says_why(health: Health, sentence: str) -> None:
    """1.23: one sentence, with its reason and its thresholds."""
    text = Pages().markdown("abc/health.j2", {"health": health})
    assert text.strip().startswith(sentence)


@pytest.mark.parametrize("count", [1, 2, 3, 13, 60])
def test_an_axis_names_each_month_once(painter: ChartPainter, tmp_path: Path, count: int) -> None:
    """Two months are no five: a business in its second month has as many."""
    charts = re.findall(
        r"(?s)<svg (?!class=\"trend\").*?</svg>", written(count, painter, tmp_path)[".html"]
    )
    assert charts
    for chart in charts:
        found = re.findall(r">(\d{4}-\d\d)</text>", chart)
        assert found
        assert found == sorted(set(found))


def test_the_report_looks_as_it_did(
    painter: ChartPainter, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    """The whole report, but for the charts' paths, which move with the fonts of the machine."""
    pages = written(3, painter, tmp_path)
    assert pages[".md"] == snapshot(extension_class=Document)
    assert without_paths(pages[".html"]) == snapshot(extension_class=Page)
