"""What tables and charts of the job jukebox show of its answers: worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from abcjob.jobs.jukebox import excerpts

DAY = date(2026, 1, 1)
CASH = pl.Schema([("day", pl.Date()), ("amount", pl.Decimal(24, 2))])
NONE = {
    "agent_ranking": pl.DataFrame(schema={"month": pl.String, "rank": pl.Int64}),
    "cash_received": pl.DataFrame(schema=CASH),
    "cash_spent": pl.DataFrame(schema=CASH),
    "expected_cash": pl.DataFrame(schema={"device_id": pl.Int64, "balance": pl.Decimal(24, 2)}),
    "product_sales": pl.DataFrame(
        schema={"month": pl.String, "product": pl.String, "sales": pl.Int64}
    ),
    "unlinked": pl.DataFrame({"kind": ["payments", "plays"], "events": [0, 0]}),
}


def rows(kpi: str, data: list[dict[str, Any]], of: str = "") -> list[dict[str, Any]]:
    """What the KPI's chart shows, given rows of it, or of the KPI that it is made of."""
    frame = pl.DataFrame(data, schema=NONE[of or kpi].schema)
    return excerpts.charted({**NONE, of or kpi: frame})[kpi].to_dicts()


def test_nothing_is_charted_of_nothing() -> None:
    """3.16: nor of two zeros."""
    assert all(frame.is_empty() for frame in excerpts.charted(NONE).values())


def test_sales_add_up_over_months() -> None:
    """3.1: all products together; the product that is compared has a row in a month without any."""
    months = [("2026-01", "M", 0), ("2026-01", "b", 3), ("2026-02", "M", 0), ("2026-03", "M", 2)]
    data = [{"month": at, "product": name, "sales": sales} for at, name, sales in months]
    assert rows("total_sales", data, "product_sales") == [
        {"month": "2026-01", "sales": 3},
        {"month": "2026-02", "sales": 3},
        {"month": "2026-03", "sales": 5},
    ]


def test_agents_are_the_first_ten_of_the_last_month() -> None:
    """3.2: in the order in which they are ranked."""
    data = [{"month": at, "rank": n} for at in ("2026-01", "2026-02") for n in range(1, 13)]
    assert rows("agent_ranking", data) == data[12:22]


def test_days_are_the_last_92() -> None:
    """3.3, 3.4: a quarter; all of them, where there are fewer."""
    data = [{"day": DAY + timedelta(n), "amount": Decimal(n)} for n in range(200)]
    for kpi in ("cash_received", "cash_spent"):
        assert rows(kpi, data) == data[108:]
        assert rows(kpi, data[:3]) == data[:3]


def test_devices_are_the_ten_with_the_least_balances() -> None:
    """3.6: of equal ones the first; their ids are whole, as numbers of a chart would not be."""
    big = 2**63 - 1
    data = [{"device_id": big - 40 + n, "balance": Decimal(-(n % 20))} for n in range(40)]
    found = rows("expected_cash", data)
    assert [row["balance"] for row in found] == [-19, -19, -18, -18, -17, -17, -16, -16, -15, -15]
    assert found[0]["device_id"] == str(big - 21)
    assert found[1]["device_id"] == str(big - 1)


def test_events_without_a_device_are_both_shown_where_there_are_any() -> None:
    """3.16, 3.18: a kind without any is told beside one that has some."""
    data = [{"kind": "payments", "events": 0}, {"kind": "plays", "events": 5}]
    assert rows("unlinked", data) == data


def test_tables_have_400_rows_at_most() -> None:
    """3.2 to 3.7: the first devices; the last days and months, of which the first ten agents."""
    cash = [{"day": DAY + timedelta(n), "amount": Decimal(n)} for n in range(401)]
    device = [{"device_id": n, "balance": Decimal(0)} for n in range(401)]
    sold = [{"month": f"{n:03}", "product": "M", "sales": 1} for n in range(401)]
    ranked = [{"month": f"{n:03}", "rank": rank} for n in range(100) for rank in (1, 9, 10, 10, 12)]
    for kpi, data, expected in (
        ("cash_received", cash, cash[1:]),
        ("cash_spent", cash[:5], cash[:5]),
        ("expected_cash", device, device[:400]),
        ("product_sales", sold, sold[1:]),
        ("agent_ranking", ranked, [row for row in ranked if row["rank"] != 12]),
    ):
        assert tabled(kpi, data) == expected


def test_a_month_in_a_table_is_whole() -> None:
    """3.2, 3.7: the best agent and the product that is compared are the first of it."""
    seven = [{"month": f"{n:03}", "rank": rank} for n in range(60) for rank in range(1, 8)]
    assert tabled("agent_ranking", seven) == seven[3 * 7 :]  # 57 months have 399 rows
    products = [
        {"month": at, "product": f"P{n}", "sales": 1} for at in ("01", "02") for n in range(401)
    ]
    assert tabled("product_sales", products) == products[401:801]
    assert tabled("product_sales", products[1:-1]) == products[401:-1]


def tabled(kpi: str, data: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the KPI's table shows, given rows of it."""
    frame = pl.DataFrame(data, schema=NONE[kpi].schema)
    return excerpts.tabled({**NONE, kpi: frame})[kpi].to_dicts()
