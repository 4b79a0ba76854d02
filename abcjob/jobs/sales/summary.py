"""What the sales come to, for the top of the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from abcjob.job import Frames


@dataclass(frozen=True)
class Best:
    """What brings most of the revenue.

    Attributes:
        name: as the data have it.
        share: of all revenue, as a fraction; None where that is zero.
    """

    name: str
    share: Decimal | None


@dataclass(frozen=True)
class Change:
    """Revenue against that of an earlier date.

    Attributes:
        since: the date.
        euros: what came to it since; negative where it fell.
        year_since, year_euros: the same for a year before; None where no figures are so old.
    """

    since: date
    euros: Decimal
    year_since: date | None
    year_euros: Decimal | None


@dataclass(frozen=True)
class Summary:
    """All sales together.

    Attributes:
        revenue: in euros.
        sales: how many there are.
        average_sale: in euros; None where there is no sale.
        first, last: the first and the last day with a sale; None where there is none.
        later: how many sales are dated later than the report.
        told_from: the first month that is told, where there are sales before it; else None.
        region, product: the best of each; None where there is no sale.
        days: of the window that ends with the report's date.
        recent: the window's revenue, in euros.
        change: None where there is no earlier date.
    """

    revenue: Decimal
    sales: int
    average_sale: Decimal | None
    first: date | None
    last: date | None
    later: int
    told_from: date | None
    region: Best | None
    product: Best | None
    days: int
    recent: Decimal
    change: Change | None


def of(kpis: Frames) -> Summary:
    """Take from the KPIs what the top says.

    Args:
        kpis: those of the job, as their SQL returns them.
    """
    total = kpis["total_revenue"].row(0, named=True)
    first = total["first_sale"]
    told_from = kpis["revenue_by_month_and_region"].select(pl.col("period").min()).item()
    is_told = first is None or told_from is None or told_from <= first
    days, recent = kpis["revenue_by_day"].select(pl.len(), pl.col("revenue").sum()).row(0)
    return Summary(
        total["revenue"],
        total["sales"],
        total["average_sale"],
        first,
        total["last_sale"],
        total["later_sales"],
        None if is_told else told_from,
        _best(kpis["revenue_by_region"], "region"),
        _best(kpis["revenue_by_product"], "product"),
        days,
        recent,
        _change(kpis["changes"]),
    )


def _best(frame: pl.DataFrame, name: str) -> Best | None:
    """The first row's, where there is one: they stand in order of revenue."""
    return next((Best(*row) for row in frame.select(name, "share").head(1).iter_rows()), None)


def _change(frame: pl.DataFrame) -> Change | None:
    total: list[dict[str, Any]] = frame.filter(pl.col("scope") == "all").to_dicts()
    return next(
        (
            Change(row["since"], row["change"], row["year_since"], row["year_change"])
            for row in total
        ),
        None,
    )
