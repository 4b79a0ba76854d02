"""The figures of the first screen."""

from __future__ import annotations

from calendar import monthrange
from typing import TYPE_CHECKING

import polars as pl

from abcjob.render.tiles import MOST, Tile, of_series

if TYPE_CHECKING:
    from datetime import date

    from abcjob.job import Frames


def of(kpis: Frames) -> tuple[Tile, ...]:
    """The last whole month, the window, and all sales; none where nothing was sold.

    Args:
        kpis: those of the job, as their SQL returns them.
    """
    total = kpis["total_revenue"].row(0, named=True)
    if not total["sales"]:
        return ()
    changed = kpis["changes"].filter(pl.col("scope") == "all")
    before, since = (
        changed.select("revenue_before", "since").row(0) if len(changed) else (None,) * 2
    )
    return (
        *_month(kpis),
        _window(kpis),
        Tile("total_revenue", "euros", total["revenue"], None, before, since, "date"),
        Tile("sales", "count", total["sales"]),
        Tile("average_sale", "euros", total["average_sale"]),
    )


def _month(kpis: Frames) -> tuple[Tile, ...]:
    """The last month that is over, or the only one: one that goes on would seem to have fallen.

    A month without a sale is one of no revenue, also after the last sale.
    """
    by_month = (
        kpis["revenue_by_month_and_region"]
        .group_by("period", maintain_order=True)
        .agg(pl.col("revenue").sum())
    )
    if by_month.is_empty():
        return ()
    today: date = kpis["revenue_by_day"]["day"][-1]
    is_last = today.day == monthrange(today.year, today.month)[1]
    over = pl.date_range(
        by_month["period"][0],
        today.replace(day=1),
        "1mo",
        closed="both" if is_last else "left",
        eager=True,
    ).to_frame("period")
    over = over.join(by_month, "period", "left", maintain_order="left")
    told = over.with_columns(pl.col("revenue").fill_null(0)) if len(over) else by_month
    months, revenue = told["period"].to_list(), told["revenue"].to_list()
    return (of_series("revenue", "euros", months, revenue),)


def _window(kpis: Frames) -> Tile:
    """Its revenue, and how the days went."""
    days = kpis["revenue_by_day"]
    name = f"revenue_of_the_last_{len(days)}_days" if len(days) > 1 else "revenue_of_the_last_day"
    trend = tuple(days["revenue"].to_list()[-MOST:])
    return Tile(name, "euros", days["revenue"].sum(), trend=trend)
