"""Whole reports: what they say, escape, ask for and look like."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
import toyjob
from snapshots import Document, Page, without_paths

from abcjob import jobs
from abcjob.database.ledger import CheckResult, Counts, Published
from abcjob.jobs.abc.health import Health
from abcjob.render.charts import ChartPainter
from abcjob.render.page import Pages
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
