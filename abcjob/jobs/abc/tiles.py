"""The figures of the first screen: those of the last month, all sizes together."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from abcjob.render.tiles import Tile, of_series

if TYPE_CHECKING:
    from abcjob.job import Frames

_CENT = Decimal("0.01")


def of(kpis: Frames) -> tuple[Tile, ...]:
    """Each against the month before; none where there is no month.

    Args:
        kpis: `usage`, `retention` and `revenue`, as their SQL returns them.
    """
    usage, retention, revenue = (
        kpis[name].filter(pl.col("company_size") == "all")
        for name in ("usage", "retention", "revenue")
    )
    months = revenue["period"].to_list()
    if not months:
        return ()
    earned, companies = revenue["revenue"].to_list(), retention["companies"].to_list()
    each = [
        (money / count).quantize(_CENT) if count else None
        for money, count in zip(earned, companies, strict=True)
    ]
    return (
        of_series("revenue", "money", months, earned),
        of_series("active_companies", "count", months, companies),
        of_series("companies_lost", "count", months, retention["lost"].to_list()),
        of_series("sessions_per_company", "decimal", months, usage["average_sessions"].to_list()),
        of_series("revenue_per_company", "money", months, each),
    )
