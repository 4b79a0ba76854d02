"""How the business is doing, from its KPIs (1.23)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import polars as pl

from abcjob.presentation import DEFAULT

if TYPE_CHECKING:
    from datetime import date

    from abcjob.job import Frames
    from abcjob.presentation import Thresholds

Status = Literal["healthy", "watch", "at risk", "unknown"]

SHOWN = 3  # digits of a share behind its point: a percentage has one
WINDOW = 3  # months: at 500 companies a single month's losses vary by a quarter from chance alone


@dataclass(frozen=True)
class Health:
    """The business at a glance.

    Attributes:
        status: `healthy`, `watch`, `at risk` by the revenue lost a month; `at risk` where there is
            no revenue; `unknown` where there is nothing to go by.
        monthly_loss: the share of revenue lost a month, as a fraction, over `window` months:
            the constant rate that leads from the first of them to the last; None where there is
            no month to compare with, or no revenue in it.
        window: the months that it was measured over.
        first, last: the first and the last month covered; None where there are no data.
        revenue, companies, lost, average_sessions: those of the last month, all sizes together.
        thresholds: by which it was judged.
    """

    status: Status
    monthly_loss: Decimal | None = None
    window: int = 0
    first: date | None = None
    last: date | None = None
    revenue: Decimal | None = None
    companies: int | None = None
    lost: int | None = None
    average_sessions: Decimal | None = None
    thresholds: Thresholds = DEFAULT.thresholds


def assess(kpis: Frames, thresholds: Thresholds = DEFAULT.thresholds) -> Health:
    """Judge the last month covered against the months before it.

    A loss is judged as it is shown, in tenths of a percent: one of 6.96% is read as 7.0%, so it has
    reached a threshold of 7%.

    Args:
        kpis: `usage`, `retention` and `revenue`, as their SQL returns them.
        thresholds: of the revenue lost a month.
    """
    usage, retention, revenue = (
        kpis[name].filter(pl.col("company_size") == "all")
        for name in ("usage", "retention", "revenue")
    )
    if revenue.is_empty():
        return Health("unknown", thresholds=thresholds)
    window = min(WINDOW, revenue.height - 1)
    loss = _monthly_loss(revenue["revenue"].to_list(), window)
    return Health(
        "at risk" if revenue["revenue"][-1] == 0 else _status(loss, thresholds),
        loss,
        window,
        revenue["period"][0],
        revenue["period"][-1],
        revenue["revenue"][-1],
        retention["companies"][-1],
        retention["lost"][-1],
        usage["average_sessions"][-1],
        thresholds,
    )


def _monthly_loss(revenue: list[Decimal], window: int) -> Decimal | None:
    before, now = revenue[-1 - window], revenue[-1]
    if window == 0 or before == 0:
        return None
    return 1 - (now / before) ** (Decimal(1) / window)


def _status(loss: Decimal | None, thresholds: Thresholds) -> Status:
    if loss is None:
        return "unknown"
    told = round(loss, SHOWN) if loss > 0 else loss  # the least rise is no loss
    if told >= thresholds.at_risk_from:
        return "at risk"
    return "watch" if told >= thresholds.watch_from else "healthy"
