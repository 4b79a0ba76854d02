"""What the day's files come to, for the top of the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from abcjob.job import Frames


@dataclass(frozen=True)
class Problem:
    """A customer whose file of the day is not what is loaded, and why."""

    customer: str
    text: str


@dataclass(frozen=True)
class Summary:
    """All customers together.

    Attributes:
        customers: those of the last run.
        loaded: rows that readers see.
        rejected: rows that could not be loaded.
        share: of rejected rows among both, as a fraction; None where there is no row.
        high_value: rows of status high-value.
        problems: files refused or missing.
    """

    customers: int
    loaded: int
    rejected: int
    share: float | None
    high_value: int
    problems: tuple[Problem, ...]


def of(kpis: Frames) -> Summary:
    """Add up the KPIs `aggregate` and `files`."""
    total = kpis["aggregate"].sum()
    loaded = total["count_customer_number"][0]
    rejected = total["invalid_customer_number_count"][0]
    troubled = kpis["files"].filter(pl.col("problem").is_not_null())
    return Summary(
        kpis["aggregate"].height,
        loaded,
        rejected,
        rejected / (loaded + rejected) if loaded + rejected else None,
        total["high_value_count"][0],
        tuple(Problem(*row) for row in troubled.select("customer", "problem").iter_rows()),
    )
