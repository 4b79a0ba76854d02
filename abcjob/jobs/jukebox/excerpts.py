"""Of answers with a row for each device or day, as much as a page holds: in tables, in charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from abcjob.presentation import CHART_DAYS, TABLE_ROWS

if TYPE_CHECKING:
    from abcjob.job import Frames

_RANKS = 10
_BARS = 10  # with a name beside each


def tabled(kpis: Frames) -> Frames:
    """What each KPI's table shows: the best, and the first devices; else the last months and days.

    A month is there whole: its first rows are those that people look for.

    Args:
        kpis: those of the job, as their SQL returns them.
    """
    return {
        "agent_ranking": _last_months(kpis["agent_ranking"].filter(pl.col("rank") <= _RANKS)),
        "cash_received": kpis["cash_received"].tail(TABLE_ROWS),
        "cash_spent": kpis["cash_spent"].tail(TABLE_ROWS),
        "expected_cash": kpis["expected_cash"].head(TABLE_ROWS),
        "product_sales": _last_months(kpis["product_sales"]),
    }


def charted(kpis: Frames) -> Frames:
    """What each KPI's chart shows in place of the KPI's rows.

    Args:
        kpis: those of the job, as their SQL returns them.
    """
    return {
        "total_sales": _sold_so_far(kpis["product_sales"]),
        "agent_ranking": _of_last(kpis["agent_ranking"], _BARS),
        "cash_received": kpis["cash_received"].tail(CHART_DAYS),
        "cash_spent": kpis["cash_spent"].tail(CHART_DAYS),
        "expected_cash": _least_paid(kpis["expected_cash"]),
        "unlinked": kpis["unlinked"].filter(pl.col("events").sum() > 0),
    }


def _last_months(by_month: pl.DataFrame) -> pl.DataFrame:
    """The last months that are there whole; of a last one that is too long, its first rows."""
    if by_month.height <= TABLE_ROWS:
        return by_month
    whole = by_month.filter(pl.col("month") > by_month["month"][-1 - TABLE_ROWS])
    return _of_last(by_month, TABLE_ROWS) if whole.is_empty() else whole


def _of_last(by_month: pl.DataFrame, most: int) -> pl.DataFrame:
    """The first rows of the last month."""
    return by_month.filter(pl.col("month") == pl.col("month").max()).head(most)


def _sold_so_far(by_product: pl.DataFrame) -> pl.DataFrame:
    """A row for each month: `sales` in it and before. The product that is compared has them all."""
    by_month = by_product.group_by("month", maintain_order=True).agg(pl.col("sales").sum())
    return by_month.with_columns(pl.col("sales").cum_sum())


def _least_paid(by_device: pl.DataFrame) -> pl.DataFrame:
    """The devices with the least balances. Their ids as text: a chart's numbers are floats."""
    least = by_device.sort("balance", maintain_order=True).head(_BARS)
    return least.with_columns(pl.col("device_id").cast(pl.String))
