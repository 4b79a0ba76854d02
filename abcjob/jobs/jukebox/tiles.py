"""The figures of the first screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from abcjob.render.tiles import MOST, Tile

if TYPE_CHECKING:
    from abcjob.job import Frames

_DAYS = 15  # of the trailing mean


def of(kpis: Frames) -> tuple[Tile, ...]:
    """What was sold, what is still due, and the cash of a day.

    Args:
        kpis: those of the job, as their SQL returns them.
    """
    sales, revenue = kpis["total_sales"].select("sales", "revenue").row(0)
    owed = kpis["expected_cash"].filter(pl.col("balance") < 0)
    return (
        Tile("sales", "count", sales),
        Tile("revenue", "decimal", revenue),
        Tile("still_due", "decimal", -owed["balance"].sum()),
        _mean("mean_cash_received_a_day", kpis["cash_received"]),
        _mean("mean_cash_spent_a_day", kpis["cash_spent"]),
        Tile("events_without_a_device", "count", kpis["unlinked"]["events"].sum()),
    )


def _mean(name: str, by_day: pl.DataFrame) -> Tile:
    """The trailing mean of the last day, against that of the days before those it is of."""
    if by_day.is_empty():
        return Tile(name, "decimal", None)
    days, means = by_day["day"].to_list(), by_day["trailing_mean_15d"].to_list()
    before, since = (means[-1 - _DAYS], days[-1 - _DAYS]) if len(days) > _DAYS else (None, None)
    return Tile(name, "decimal", means[-1], days[-1], before, since, "date", tuple(means[-MOST:]))
