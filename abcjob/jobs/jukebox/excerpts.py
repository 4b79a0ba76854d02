"""Of answers with a row for each device or day, as much as a page holds: in tables, in charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from abcjob.job import Frames

_ROWS = 400  # of a table: a year of days, and a page that can be opened
_RANKS = 10
_DAYS = 92  # a quarter, and as many bars as can be told apart
_BARS = 10  # with a name beside each


def tabled(kpis: Frames) -> Frames:
    """What each KPI's table shows: the best, and the first devices; else the last months and days.

    Args:
        kpis: those of the job, as their SQL returns them.
    """
    return {
        "agent_ranking": kpis["agent_ranking"].filter(pl.col("rank") <= _RANKS).tail(_ROWS),
        "cash_received": kpis["cash_received"].tail(_ROWS),
        "cash_spent": kpis["cash_spent"].tail(_ROWS),
        "expected_cash": kpis["expected_cash"].head(_ROWS),
        "product_sales": kpis["product_sales"].tail(_ROWS),
    }


def charted(kpis: Frames) -> Frames:
    """What each KPI's chart shows in place of the KPI's rows.

    Args:
        kpis: those of the job, as their SQL returns them.
    """
    return {
        "total_sales": _sold_so_far(kpis["product_sales"]),
        "agent_ranking": _of_last_month(kpis["agent_ranking"]),
        "cash_received": kpis["cash_received"].tail(_DAYS),
        "cash_spent": kpis["cash_spent"].tail(_DAYS),
        "expected_cash": _least_paid(kpis["expected_cash"]),
        "unlinked": kpis["unlinked"].filter(pl.col("events").sum() > 0),
    }


def _sold_so_far(by_product: pl.DataFrame) -> pl.DataFrame:
    """A row for each month: `sales` in it and before. The product that is compared has them all."""
    by_month = by_product.group_by("month", maintain_order=True).agg(pl.col("sales").sum())
    return by_month.with_columns(pl.col("sales").cum_sum())


def _of_last_month(ranking: pl.DataFrame) -> pl.DataFrame:
    return ranking.filter(pl.col("month") == pl.col("month").max()).head(_BARS)


def _least_paid(by_device: pl.DataFrame) -> pl.DataFrame:
    """The devices with the least balances. Their ids as text: a chart's numbers are floats."""
    least = by_device.sort("balance", maintain_order=True).head(_BARS)
    return least.with_columns(pl.col("device_id").cast(pl.String))
