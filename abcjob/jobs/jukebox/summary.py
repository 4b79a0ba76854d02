"""What the answers come to, for the top of the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from abcjob.job import Frames


@dataclass(frozen=True)
class Best:
    """Who sold the jukeboxes that were played most in the last month with a play.

    Attributes:
        month: as YYYY-MM.
        agent: the first of rank 1.
        others: how many agents share that rank.
        songs_played: of each of them.
    """

    month: str
    agent: str
    others: int
    songs_played: int


@dataclass(frozen=True)
class Cash:
    """Money that came in, or went out.

    Attributes:
        amount: all of it, up to the date of the report.
        last: the last day with any.
        mean: a day, of the 15 days up to the date; 0 where the last one lies before them.
    """

    amount: Decimal
    last: date
    mean: Decimal


@dataclass(frozen=True)
class Product:
    """The product to compare, in the last month with a sale.

    Attributes:
        name: as it was asked for.
        month: as YYYY-MM.
        sales: its sales in that month.
        share: of that month's sales, as a fraction.
        all_sales, all_share: the same over all months.
    """

    name: str
    month: str
    sales: int
    share: Decimal
    all_sales: int
    all_share: float


@dataclass(frozen=True)
class Unlinked:
    """What nobody said the device of: how many payments, what they sum to, how many plays."""

    payments: int
    amount: Decimal
    plays: int


@dataclass(frozen=True)
class Summary:
    """All answers, a sentence each.

    Attributes:
        sales, revenue: of all sales.
        best: None where no play counts.
        received, spent: None where there is none up to the date.
        owing: devices for which less was received than is expected.
        due: what is still to come for these.
        product: None where nothing was sold up to the date.
        unlinked: what is without a device.
        first, last: the days that cash came in or went out on, up to the date; None where none.
    """

    sales: int
    revenue: Decimal
    best: Best | None
    received: Cash | None
    spent: Cash | None
    owing: int
    due: Decimal
    product: Product | None
    unlinked: Unlinked
    first: date | None = None
    last: date | None = None


def of(kpis: Frames) -> Summary:
    """Take from the KPIs what the top says.

    Args:
        kpis: those of the job, as their SQL returns them.
    """
    sales, revenue = kpis["total_sales"].select("sales", "revenue").row(0)
    owed = kpis["expected_cash"].filter(pl.col("balance") < 0)
    (payments, amount), (plays, _) = kpis["unlinked"].select("events", "amount").rows()
    days = pl.concat([_moved(kpis[name]) for name in ("cash_received", "cash_spent")])
    return Summary(
        sales,
        revenue,
        _best(kpis["agent_ranking"]),
        _cash(kpis["cash_received"]),
        _cash(kpis["cash_spent"]),
        owed.height,
        -owed.select(pl.col("balance").sum()).item(),
        _product(kpis["product_sales"]),
        Unlinked(payments, amount, plays),
        min(days, default=None),
        max(days, default=None),
    )


def _best(ranking: pl.DataFrame) -> Best | None:
    first = ranking.filter(pl.col("month") == pl.col("month").max(), pl.col("rank") == 1)
    if first.is_empty():
        return None
    month, agent, songs_played = first.select("month", "agent", "songs_played").row(0)
    return Best(month, agent, first.height - 1, songs_played)


def _cash(by_day: pl.DataFrame) -> Cash | None:
    if by_day.is_empty():
        return None
    mean = by_day["trailing_mean_15d"][-1]
    return Cash(by_day.select(pl.col("amount").sum()).item(), _moved(by_day)[-1], mean)


def _moved(by_day: pl.DataFrame) -> pl.Series:
    """The days with any cash: of the first one it is known, be it an amount of 0."""
    is_first = pl.col("day") == pl.col("day").min()
    return by_day.filter((pl.col("amount") > 0) | is_first)["day"]


def _product(by_month: pl.DataFrame) -> Product | None:
    """The chosen product stands first in every month, and alone has a row in each."""
    if by_month.is_empty():
        return None
    chosen = by_month.group_by("month", maintain_order=True).first()
    month, name, sales, share = chosen.select("month", "product", "sales", "share").row(-1)
    all_sales, total = int(chosen["sales"].sum()), int(by_month["sales"].sum())
    return Product(name, month, sales, share, all_sales, all_sales / total)
