"""The report of the job sales: what its top says, its charts, and data that stay data."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from sales_tables import DAY, KPIS, Sale, asked, drawn, fill, make, shop, told

from abcjob import jobs
from abcjob.database.ledger import CheckResult, Counts, Published
from abcjob.jobs.sales import summary
from abcjob.jobs.sales.summary import Best, Change, Summary
from abcjob.render.charts import ChartPainter
from abcjob.render.formats import shown
from abcjob.render.page import Pages
from abcjob.stages import report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sales_oracle import Shop

    from abcjob.database.connection import Connection
    from abcjob.job import Frames


JOB = jobs.load("sales")
PUBLISHED = Published(
    DAY,
    {"window": "30", "top": "10"},
    {
        "products": Counts(3, 2, rejected=1),
        "sales": Counts(1_234, 1_230, rejected=4, waiting=2, retried=2),
    },
    (CheckResult("amount_is_price_times_quantity", "warning", 3),),
)


@pytest.fixture
def db(db: Connection) -> Connection:
    """A connection to a database with the ledger's and the job's tables, empty."""
    make(db)
    return db


@pytest.fixture(scope="module")
def painter() -> Iterator[ChartPainter]:
    """What draws charts."""
    with ChartPainter() as found:
        yield found


def kpis(db: Connection, given_shop: Shop | None = None, *, top: int = 10) -> Frames:
    """Every KPI of a shop, or of empty tables."""
    if given_shop:
        fill(db, given_shop)
    return {name: asked(db, name, top=top) for name in KPIS}


def written(
    frames: Frames, painter: ChartPainter, folder: Path, published: Published = PUBLISHED
) -> dict[str, str]:
    """The report, by ending."""
    paths = report.write(JOB, DAY, frames, published, Pages(), painter, folder)
    return {path.suffix: path.read_text(encoding="utf-8") for path in paths}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1245678.00"), "€1,245,678"),
        (Decimal("1245678.50"), "€1,245,678.50"),
        (Decimal("-0.05"), "-€0.05"),
        (-1_000, "-€1,000"),
        (0, "€0"),
        (None, "–"),  # noqa: RUF001
    ],
)
def test_euros_are_shown_as_people_read_them(value: object, text: str) -> None:
    """2.15: with cents only where there are any, the minus before the sign."""
    assert shown(value, "euros") == text


def test_the_report_shows_every_kpi(db: Connection, painter: ChartPainter, tmp_path: Path) -> None:
    """2.11 to 2.17: a section each, in order, the figures as people read them."""
    sales: list[Sale] = [
        ("P1", "S1", DAY, 1, 100_000_000), ("P2", "S2", DAY - timedelta(40), 2, 24_567_800),
    ]  # fmt: skip
    pages = written(kpis(db, shop(sales)), painter, tmp_path)
    titles = [name.replace("_", " ").capitalize() for name in KPIS]
    for ending, pattern in ((".md", r"^## (.*)$"), (".html", r"<h2 id=\"\w+\">(.*)</h2>")):
        found = re.findall(pattern, pages[ending], re.MULTILINE)
        rest = ["What is not loaded", "Checks", "Where the rows came from"]
        assert found == [*titles, *rest]
        for text in ("€1,245,678 of revenue from 2 sales, 2024-01 to 2024-03",
                     "€1,000,000 of it in the last 30 days", "80.3%"):  # fmt: skip
            assert text in pages[ending]
    pages[".html"] = re.sub("</?span.*?>", "", pages[".html"])
    tiles = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", pages[".html"])
    assert tiles == [
        # Of January: February has no sale, March goes on, but January is the month before.
        ("Revenue, 2024-02", "€0"), ("Revenue of the last 30 days", "€1,000,000"),
        ("Total revenue", "€1,245,678"), ("Sales", "2"), ("Average sale", "€622,839"),
    ]  # fmt: skip
    assert "fell by €245,678 (100.0%) on 2024-01" in pages[".html"]
    for ending in (".md", ".html"):
        assert "RS1 is the region of most revenue, 80.3% of all" in pages[ending]
    assert len(svgs(pages[".html"])) == 4
    assert not re.search(r"\$[0-9]", pages[".html"] + pages[".md"])


def test_what_is_not_loaded_is_said(db: Connection, painter: ChartPainter, tmp_path: Path) -> None:
    """2.9: what was rejected and what waits, by table; nothing of it where there is nothing."""
    frames = kpis(db, drawn(3, 50))
    text = (
        "Rejected, as they break a rule: 1 of products, 4 of sales. "
        "Waiting for a product or a store that no source has brought yet: 2 of sales; "
        "they are loaded by the run that finds it."
    )
    pages = written(frames, painter, tmp_path)
    assert text in pages[".md"]
    assert text in pages[".html"]
    assert '<p class="health watch">' in pages[".html"]
    # 1 of 7 products and 4 of 1,236 sales.
    assert (
        "To be watched: 5 rows were rejected (0.4% of those that came) and 2 rows wait for a "
        "product or a store."
    ) in pages[".md"]
    assert "| sales | 1,234 | 2 | 1,230 | 0 | 4 | 2 |" in re.sub(" +", " ", pages[".md"])
    assert "warning: 3 rows" in pages[".md"]
    for good in (
        replace(PUBLISHED, rows={"sales": Counts(5, 5)}),
        replace(PUBLISHED, is_cleared=True),
    ):
        pages = written(frames, painter, tmp_path, good)
        assert "not loaded" not in pages[".md"] + pages[".html"]
        assert '<p class="health healthy">' in pages[".html"]


def test_a_report_of_nothing_says_so(db: Connection, painter: ChartPainter, tmp_path: Path) -> None:
    """2.11: revenue is €0; KPIs without rows are a panel; days without sales are there."""
    pages = written(kpis(db), painter, tmp_path)
    assert "To be watched: no sale is loaded, revenue is €0." in pages[".md"]
    assert pages[".html"].count("There are no rows to show.") == 4
    assert pages[".html"].count("<svg") == 1
    assert "region of most revenue" not in pages[".html"] + pages[".md"]


def test_a_loss_has_no_best(db: Connection, painter: ChartPainter, tmp_path: Path) -> None:
    """2.14, 2.15: of a total of zero or less no share says who brings most, and none is said."""
    for returned, is_said in ((-299, True), (-300, False), (-400, False)):
        frames = kpis(db, shop([("P1", "S1", DAY, 1, 300), ("P2", "S2", DAY, 1, returned)]))
        pages = written(frames, painter, tmp_path)
        for ending in (".html", ".md"):
            assert ("region of most revenue" in pages[ending]) == is_said


def test_a_window_of_years_is_shown_by_its_last_days(
    db: Connection, painter: ChartPainter, tmp_path: Path
) -> None:
    """2.15: 92 bars and 400 rows, as many as can be told apart and opened; `kpi` prints all."""
    frames = dict(kpis(db, shop([("P1", "S1", DAY, 1, 300)])))
    frames["revenue_by_day"] = asked(db, "revenue_by_day", window=3660)
    pages = written(frames, painter, tmp_path)
    chart = next(svg for svg in svgs(pages[".html"]) if f"{DAY}: " in svg)
    assert chart.count(": €0.00") == 91
    for ending in (".html", ".md"):
        assert "These are 400 of 3,660 rows" in pages[ending]
        assert f"{DAY - timedelta(400)}" not in pages[ending]
        assert f"{DAY - timedelta(399)}" in pages[ending]


NASTY = "<b>x</b> | *y* `z` \x01\x0b\ufffe \U0001f600 </svg>"


def test_data_stay_data(db: Connection, painter: ChartPainter, tmp_path: Path) -> None:
    """A product or a region with markup or control characters in its name is text, everywhere."""
    frames = kpis(
        db,
        shop([("P1", "S1", DAY, 1, 100), ("P2", "S2", DAY, 1, 50)],
             {"S1": NASTY, "S2": "other"}, {"P1": NASTY, "P2": NASTY}),
        top=1,
    )  # fmt: skip
    pages = written(frames, painter, tmp_path)
    assert "<b>" not in pages[".html"]
    assert not re.search(r"(?<!\\)<b", pages[".md"])
    assert "\x01" not in pages[".html"] + pages[".md"]
    charts = [ET.fromstring(text) for text in svgs(pages[".html"])]  # noqa: S314
    names = ["".join(element.itertext()) for chart in charts for element in chart.iter()]
    assert "<b>x</b> | *y* `z` ??? \U0001f600 </svg>" in names
    assert "other*" in names


def svgs(page: str) -> list[str]:
    """The charts of a page."""
    return re.findall(r"<svg (?!class=\"trend\").*?</svg>", page, re.DOTALL)


def test_charts_tell_their_figures(db: Connection, painter: ChartPainter, tmp_path: Path) -> None:
    """2.12 to 2.17: each mark says what it stands for; colours follow the reader's scheme."""
    frames = kpis(db, shop([("P1", "S1", DAY, 1, 300), ("P2", "S2", DAY, 1, 100)]), top=1)
    drawn_charts = svgs(written(frames, painter, tmp_path)[".html"])
    tooltips = [
        re.findall(r"<title>(.*?)</title></path>", text) for text in drawn_charts
    ]  # fmt: skip
    assert tooltips[0] == ["name of P1: €3 · 75.0%", "other: €1 · 25.0%"]
    assert tooltips[1] == ["RS1: €3 · 75.0%", "other: €1 · 25.0%"]
    assert tooltips[2] == ["RS1, 2024-03: €3", "other, 2024-03: €1"]
    assert tooltips[3][-1] == "2024-03-02: €4.00"
    assert len(tooltips[3]) == 30
    for text in drawn_charts:
        assert "var(--series-1)" in text
        width, height = map(float, re.findall(r'viewBox="0 0 (\S+) (\S+)"', text)[0])
        # At 360 pixels, texts of 14 are then more than 9 high.
        assert width < 500
        assert height < 1.5 * width
        assert min(map(int, re.findall(r'font-size="(\d+)px"', text))) >= 14


def test_many_months_stay_a_small_page(
    db: Connection, painter: ChartPainter, tmp_path: Path
) -> None:
    """Over thirty years the lines have no points, each of which would have its own words."""
    sales: list[Sale] = [("P1", f"S{n % 7}", date(1994, 1, 1) + timedelta(30 * n), 1, 100)
                         for n in range(360)]  # fmt: skip
    page = written(kpis(db, shop(sales)), painter, tmp_path)[".html"]
    assert len(max(svgs(page), key=len)) < 60_000


BASE: dict[str, Any] = {
    "revenue": Decimal("10.50"), "sales": 1, "average_sale": Decimal("10.50"),
    "first": date(2024, 2, 9), "last": date(2024, 3, 2), "later": 0, "told_from": None,
    "region": Best("R", None), "product": Best("P", None), "days": 1, "recent": Decimal(3),
    "change": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({}, "€10.50 of revenue from 1 sale, 2024-02 to 2024-03; €3 of it in the last day."),
        ({"sales": 2_000, "days": 30},
         ("€10.50 of revenue from 2,000 sales, 2024-02 to 2024-03; €3 of it in the last 30 days.")),
        ({"change": Change(date(2024, 3, 1), Decimal(-4), None, None)},
         ("€10.50 of revenue from 1 sale, 2024-02 to 2024-03; €3 of it in the last day. "
         "The total is €4 less than on 2024-03-01.")),
        ({"change": Change(date(2024, 3, 1), Decimal(0), date(2023, 3, 2), Decimal("0.5"))},
         ("€10.50 of revenue from 1 sale, 2024-02 to 2024-03; €3 of it in the last day. "
         "The total is €0 more than on 2024-03-01, and €0.50 more than on 2023-03-02.")),
        ({"later": 1, "last": date.max},
         ("€10.50 of revenue from 1 sale, 2024-02 to 9999-12; €3 of it in the last day. "
         "1 sale is dated later than this report, up to 9999-12-31: counted above, but in no month "
         "or day.")),
        ({"later": 2_000, "last": date.max, "first": date(1900, 1, 1), "told_from": DAY},
         ("€10.50 of revenue from 1 sale, 1900-01 to 9999-12; €3 of it in the last day. "
         "2,000 sales are dated later than this report, up to 9999-12-31: counted above, but in no "
         "month or day. Sales before 2024-03 are counted above, but in no month: only five years "
         "are told.")),
        ({"sales": 0, "revenue": Decimal(0)}, ""),
    ],
)  # fmt: skip
def test_the_top_says_what_it_comes_to(changed: dict[str, Any], sentence: str) -> None:
    """2.15: in a line, with what changed, where there is any."""
    values = {"summary": Summary(**{**BASE, **changed})}
    assert Pages().markdown("sales/summary.j2", values).strip() == sentence


WELL = report.Unloaded(0, 0, Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    ("unloaded", "sentence"),
    [
        (WELL, "Healthy: no row of the last run was rejected, and none waits."),
        (replace(WELL, rejected=1, share=Decimal("0.002")),
         "To be watched: 1 row was rejected (0.2% of those that came)."),
        (report.Unloaded(20, 0, Decimal("0.01"), Decimal("0.01")),
         ("Healthy: 20 rows were rejected (1.0% of those that came), at most 1.0% may be, and none "
          "waits.")),
        (report.Unloaded(2, 2, Decimal("0.01"), Decimal("0.02")),
         ("To be watched: 2 rows were rejected (1.0% of those that came) and 2 rows wait for a "
          "product or a store.")),
        (replace(WELL, waiting=1), "To be watched: 1 row waits for a product or a store."),
    ],
)  # fmt: skip
def test_the_health_line_says_why(unloaded: report.Unloaded, sentence: str) -> None:
    """One sentence, with its reason, by the share that settings allow."""
    values = {"summary": Summary(**BASE), "unloaded": unloaded}
    assert Pages().markdown("sales/health.j2", values).strip() == sentence


def test_the_summary_is_of_the_kpis(db: Connection) -> None:
    """It computes nothing anew: the best stand first, the change is that of all sales."""
    assert summary.of(kpis(db)) == Summary(
        Decimal(0), 0, None, None, None, 0, None, None, None, 30, Decimal(0), None
    )
    told(db, date(2023, 3, 1), ("RS1", 1, 1), total=1)
    told(db, date(2024, 3, 1), ("RS1", 9, 1), total=6)
    told(db, DAY, ("RS1", 10, 1), total=8)
    sales: list[Sale] = [("P1", "S1", DAY, 1, 600), ("P2", "S1", DAY - timedelta(30), 1, 200)]
    assert summary.of(kpis(db, shop(sales), top=1)) == Summary(
        Decimal(8), 2, Decimal(4), date(2024, 2, 1), DAY, 0, None,
        Best("RS1", Decimal(1)), Best("name of P1", Decimal("0.75")), 30, Decimal(6),
        Change(date(2024, 3, 1), Decimal(2), date(2023, 3, 1), Decimal(7)),
    )  # fmt: skip
    sales += [("P1", "S1", date(2019, 3, 31), 1, 1), ("P1", "S1", date.max, 1, 1)]
    found = summary.of(kpis(db, shop(sales)))
    assert (found.first, found.last) == (date(2019, 3, 31), date.max)
    assert (found.later, found.told_from) == (1, date(2024, 2, 1))
