"""Tiles: the figures of the first screen, what they were, and how they went."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from abcjob import jobs
from abcjob.jobs.ratings import tiles as ratings_tiles
from abcjob.jobs.sales import tiles as sales_tiles
from abcjob.presentation import DEFAULT, Presentation, Thresholds
from abcjob.render.page import Pages
from abcjob.render.tiles import MOST, Tile, of_series

NOVEMBER, DECEMBER = date(2021, 11, 1), date(2021, 12, 1)


def tile(**changes: Any) -> Tile:
    """Revenue of a month, against the one before."""
    fields: dict[str, Any] = {
        "name": "revenue", "kind": "money", "value": Decimal("9960.00"), "of": DECEMBER,
        "before": Decimal("10701.00"), "since": NOVEMBER,
    }  # fmt: skip
    return Tile(**(fields | changes))


def shown_html(*tiles: Tile) -> str:
    """The tiles in HTML, without what keeps a date on one line."""
    source = '{% import "macros.html.j2" as page %}{{ page.tiles(tiles) }}'
    text = Pages()._html.from_string(source).render(tiles=tiles)  # noqa: SLF001
    return re.sub(r'<span class="whole">(.*?)</span>', r"\1", text)


def shown_markdown(*tiles: Tile) -> str:
    """The tiles in Markdown."""
    source = '{% import "macros.md.j2" as page %}{{ page.tiles(tiles) }}'
    return Pages()._markdown.from_string(source).render(tiles=tiles)  # noqa: SLF001


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "fell by $741 (6.9%) on 2021-11"),
        ({"value": Decimal("10702.00")}, "rose by $1 (0.0%) on 2021-11"),
        ({"before": Decimal("9960.00")}, "unchanged on 2021-11"),
        ({"before": Decimal(0)}, "rose by $9,960 on 2021-11"),
        ({"before": Decimal(-40)}, "rose by $10,000 on 2021-11"),
        ({"since": date(2021, 12, 30), "step": "date"}, "fell by $741 (6.9%) on 2021-12-30"),
        ({"kind": "count", "value": 3, "before": 1}, "rose by 2 (200.0%) on 2021-11"),
        ({"kind": "decimal", "value": Decimal("7.001"), "before": Decimal("7.004")},
         "hardly changed on 2021-11"),
        ({"before": None, "since": None}, None),
        ({"value": None}, None),
    ],
)  # fmt: skip
def test_a_change_is_told_in_words(changes: dict[str, Any], said: str | None) -> None:
    """Direction, absolute, relative where that means something, and since when."""
    found = re.findall(r'<dd class="change">(.*?)</dd>', shown_html(tile(**changes)))
    assert found == ([] if said is None else [said])
    assert shown_markdown(tile(**changes)).split("|")[-3].strip() == (said or "")


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (Decimal("1234567.89"), "euros", "€1,234,568"),
        (Decimal("-1234.5"), "money", "-$1,234"),
        (Decimal("999.99"), "money", "$999.99"),
        (Decimal("1234.56"), "decimal", "1,235"),
        (Decimal("7.7249"), "decimal", "7.72"),
        (1234, "count", "1,234"),
        (None, "count", "–"),  # noqa: RUF001
    ],
)
def test_a_tile_shows_what_is_read_of_a_figure(value: Any, kind: Any, text: str) -> None:
    """From a thousand on to the whole unit: the first digits are what is read."""
    assert f"<dd>{text}</dd>" in shown_html(tile(value=value, kind=kind, before=None))


def test_a_trend_is_drawn_and_said() -> None:
    """As a line from the least at the bottom to the greatest at the top, and in words."""
    drawn = tile(kind="count", trend=(10, 40, None, 25))
    # 116 units wide in 3 steps, 20 high; 2 of edge on each side.
    assert drawn.points == "2.0,22.0 40.7,2.0 118.0,12.0"
    text = shown_html(drawn)
    assert '<svg class="trend" role="img" viewBox="0 0 120 24"><title>' in text
    assert (
        "<title>4 values: from 10 to 25, the least 10, the greatest 40</title>"
        '<polyline points="2.0,22.0 40.7,2.0 118.0,12.0"/>'
    ) in text


@pytest.mark.parametrize(
    ("trend", "text"),
    [
        ((0, 1, 2, 3, 4, 5, 6, 7), "▁▂▃▄▅▆▇█"),
        ((Decimal("7.5"), 0.0, None, Decimal("7.5")), "█▁·█"),
        ((5, 5, 5), "▅▅▅"),
    ],
)
def test_a_trend_is_a_row_of_blocks_in_markdown(trend: Any, text: str) -> None:
    """The least is the lowest block, the greatest the highest; what is missing is a point."""
    assert shown_markdown(tile(trend=trend)).split("|")[-2].strip() == text


@pytest.mark.parametrize("trend", [(), (1,), (None, 2, None)])
def test_one_value_is_no_trend(trend: Any) -> None:
    """Then nothing is drawn."""
    assert "<svg" not in shown_html(tile(trend=trend))
    assert shown_markdown(tile(trend=trend)).split("|")[-2].strip() == ""


def test_a_series_gives_its_last_value() -> None:
    """Against the one before it; of the trend, the last 24."""
    days = [date(2019 + k // 12, k % 12 + 1, 1) for k in range(36)]
    found = of_series("n", "count", days, range(36))
    assert (found.value, found.before, found.of, found.since) == (35, 34, days[35], days[34])
    assert found.trend == tuple(range(12, 36))
    assert len(found.trend) == MOST
    one = of_series("n", "count", days[:1], [7])
    assert (one.value, one.before, one.change, one.trend) == (7, None, None, (7,))


def test_markdown_tiles_are_an_aligned_table() -> None:
    """All lines are as wide; a name is a label, with the month that it is of."""
    lines = shown_markdown(
        tile(trend=(1, 2)), tile(name="active_companies", kind="count", value=3, before=None)
    ).splitlines()
    table = [line for line in lines if line]
    assert len({len(line) for line in table}) == 1
    assert table[0].startswith("| Figure ")
    assert table[3].startswith("| Active companies, 2021-12 |      3 | ")


def test_no_tiles_are_nothing() -> None:
    """Empty data have no first figures."""
    assert shown_html().strip() == ""
    assert shown_markdown().strip() == ""


AGGREGATE = pl.DataFrame(
    {
        "customer": ["a", "b"],
        "count_customer_number": [10, 30],
        "sum_customer_rating": [40, 100],
        "high_value_count": [1, 2],
        "invalid_customer_number_count": [0, 5],
    }
)
CHANGES = pl.DataFrame(
    {
        "customer": ["a", "b"],
        "since": [date(2026, 11, 19)] * 2,
        "count_change": [0, 20],
        "sum_change": [5, 75],
        "high_value_change": [1, -1],
        "invalid_change": [-1, 4],
    }
)
FILES = pl.DataFrame({"problem": [None, "refused"]})


def test_ratings_compare_with_the_day_before() -> None:
    """Worked out by hand: 40 rows of 20, 140 points of 60."""
    kpis = {"aggregate": AGGREGATE, "changes": CHANGES, "files": FILES}
    told = [(t.name, t.value, t.before, t.since) for t in ratings_tiles.of(kpis)]
    since = date(2026, 11, 19)
    assert told == [
        ("rows_loaded", 40, 20, since),
        ("mean_rating", Decimal("3.5"), Decimal(3), since),
        ("high_value_rows", 3, 3, since),
        ("rows_rejected", 5, 2, since),
        ("files_refused_or_missing", 1, None, None),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        CHANGES.clear(),
        CHANGES.with_columns(count_change=pl.Series([None, 20])),
    ],
)
def test_ratings_compare_only_the_same_customers(changes: pl.DataFrame) -> None:
    """Where one came or went, or there is no day before, nothing is said of change."""
    kpis = {"aggregate": AGGREGATE, "changes": changes, "files": FILES}
    assert [t.change for t in ratings_tiles.of(kpis)] == [None] * 5


def of_months(months: list[date], today: date) -> dict[str, pl.DataFrame]:
    """What the first screen of sales is made of: a region's revenue by month, 1, 2, 3 euros."""
    revenue = [Decimal(n) for n in range(1, len(months) + 1)]
    total = {"sales": 9, "revenue": sum(revenue), "average_sale": Decimal(1)}
    by_month = {"period": months, "region": ["R"] * len(months), "revenue": revenue}
    none = {"scope": pl.String(), "revenue_before": pl.Decimal(24, 2), "since": pl.Date()}
    return {
        "total_revenue": pl.DataFrame([total]),
        "changes": pl.DataFrame([], none),
        "revenue_by_month_and_region": pl.DataFrame(by_month),
        "revenue_by_day": pl.DataFrame({"day": [today], "revenue": [Decimal(0)]}),
    }


@pytest.mark.parametrize(
    ("today", "month", "euros"),
    [
        (date(2024, 2, 28), date(2024, 1, 1), 1),  # a leap year
        (date(2024, 2, 29), date(2024, 2, 1), 2),
        (date(2024, 3, 1), date(2024, 2, 1), 2),
        (date(2024, 3, 30), date(2024, 2, 1), 2),
        (date(2024, 3, 31), date(2024, 3, 1), 3),
        (date(2024, 4, 30), date(2024, 4, 1), 0),
        (date(9999, 12, 31), date(9999, 12, 1), 0),
    ],
)
def test_sales_tell_of_the_last_month_that_is_over(today: date, month: date, euros: int) -> None:
    """A month is over with its last day; one that goes on would seem to have fallen."""
    months = [date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)]
    there = [month for month in months if month <= today]
    revenue, *_ = sales_tiles.of(of_months(there, today))
    assert (revenue.name, revenue.of, revenue.value) == ("revenue", month, euros)


def test_months_after_the_last_sale_are_zero() -> None:
    """As those between two sales are: a shop that sells no more is not told of as it was."""
    months = [date(2026, 10, 1), date(2026, 11, 1)]
    revenue, *_ = sales_tiles.of(of_months(months, date(2027, 3, 15)))
    assert (revenue.of, revenue.value) == (date(2027, 2, 1), 0)
    assert (revenue.since, revenue.before) == (date(2027, 1, 1), 0)
    assert revenue.trend == (1, 2, 0, 0, 0)


def test_sales_of_one_month_tell_of_it() -> None:
    """There is no other, though it goes on; also where it is the first of all."""
    for month in (date(2024, 2, 1), date.min):
        revenue, *_ = sales_tiles.of(of_months([month], month.replace(day=3)))
        assert (revenue.of, revenue.before) == (month, None)


def test_the_thresholds_change_words_alone() -> None:
    """The same revenue is healthy or at risk; every figure is as it was."""
    months = [date(2021, k, 1) for k in (1, 2, 3)]
    frame = pl.DataFrame({"period": months, "company_size": ["all"] * 3})
    kpis = {
        "usage": frame.with_columns(average_sessions=pl.lit(Decimal("5.00"))),
        "retention": frame.with_columns(companies=pl.Series([9, 8, 7]), lost=pl.Series([0, 1, 1])),
        "revenue": frame.with_columns(revenue=pl.Series([Decimal(k) for k in (1000, 980, 950)])),
    }
    job = jobs.load("abc")
    strict = Thresholds(Decimal("0.005"), Decimal("0.01"))
    usual, other = job.conclude(kpis, DEFAULT.thresholds), job.conclude(kpis, strict)
    assert (usual["health"].status, other["health"].status) == ("healthy", "at risk")
    assert usual["tiles"] == other["tiles"]
    assert usual["health"].monthly_loss == other["health"].monthly_loss
    text = Pages(None, Presentation(thresholds=strict)).markdown("abc/health.j2", other)
    assert text.startswith("At risk: revenue fell by 2.5% a month over the last 2 months")
    # 1 - 0.99**12 = 0.1136
    assert "Below 0.5% a month is healthy; 1.0% a month takes 11.4% of the revenue" in text
