"""Generate ABC Enterprises' companies and their sessions, as the brief describes them.

Month after month: those active in a month are drawn from those active in the one before. The
companies go through in slices, so memory does not grow with their number, and every draw is
keyed by company and month, so neither slices nor other companies change it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from abcjob.draws import are_within, numbers_below, signed, words
from abcjob.memory import keep_freed

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from abcjob.draws import Integers, Words
    from abcjob.jobs.abc.parameters import Parameters

SMALL_PRICE = Decimal("19.00")  # brief: $19 a month
LARGE_PRICE = Decimal("99.00")  # brief: $99 a month
SMALL_SHARE = (7, 10)  # brief: small with probability 0.7
BASE_SESSIONS = {"small": 5, "large": 10}  # brief: 5 ± U{0..5} and 10 ± U{0..10} a month

MONTHS_PER_COMPANY = 10_000  # session_id: company, then four digits of month, two of ordinal
SESSIONS_PER_MONTH = 100
SLICE = 32_768  # companies: their sessions of a month are 200,000 rows at most, 4 MB


class Stream(IntEnum):
    """What is drawn. A new stream changes no other; the numbers stay as they are for good."""

    COMPANY_SIZE = 1
    SESSIONS = 2
    CREATED_AT = 3


PLAN = pl.Schema([("company_size", pl.String()), ("monthly_price", pl.Decimal(12, 2))])
MONTH = pl.Schema({"period": pl.Date})
COMPANY = pl.Schema({"company_id": pl.Int32, "company_size": pl.String, "acquired_on": pl.Date})
SESSION = pl.Schema(
    [
        ("session_id", pl.Int64()),
        ("company_id", pl.Int32()),
        ("created_at", pl.Datetime("us", "UTC")),
    ]
)


def plans() -> Iterator[pl.DataFrame]:
    """The two plans: a price in dollars a month for each company size."""
    yield pl.DataFrame(
        {"company_size": ["small", "large"], "monthly_price": [SMALL_PRICE, LARGE_PRICE]}, PLAN
    )


def months(parameters: Parameters) -> Iterator[pl.DataFrame]:
    """The months covered, by their first day."""
    yield pl.DataFrame(
        {"period": [_month(parameters.start, k) for k in range(parameters.months)]}, MONTH
    )


def companies(parameters: Parameters, slice_size: int = SLICE) -> Iterator[pl.DataFrame]:
    """Every company, active or not: acquired in the first month, with ids from 1."""
    for company_ids in _slices(parameters, slice_size):
        ids_and_sizes = pl.DataFrame(
            {"company_id": company_ids, "is_small": _are_small(parameters, company_ids)}
        )
        yield ids_and_sizes.select(
            pl.col("company_id").cast(COMPANY["company_id"]),
            company_size=pl.when("is_small").then(pl.lit("small")).otherwise(pl.lit("large")),
            acquired_on=pl.lit(parameters.start),
        )


def sessions(parameters: Parameters, slice_size: int = SLICE) -> Iterator[pl.DataFrame]:
    """Every session: by slice of companies, month, the company's count of the month, and id."""
    keep_freed()
    small, large = (np.uint64(BASE_SESSIONS[size]) for size in ("small", "large"))
    for company_ids in _slices(parameters, slice_size):
        active, base = company_ids, np.where(_are_small(parameters, company_ids), small, large)
        for month in range(parameters.months):
            counts = _session_counts(parameters, month, active, base)
            kept = np.flatnonzero(counts > 0)  # the others are churned, for good
            active, base = active.take(kept), base.take(kept)
            yield _sessions(parameters, month, active, counts.take(kept))


def expected_rows(parameters: Parameters) -> int:
    """The mean number of rows of all tables over all seeds; any one seed's is close to it.

    Of a size with base b and a probability q to have no session in a month, N companies are
    expected to have N b (1 - (1 - q)^months) / q sessions.
    """
    rows = len(BASE_SESSIONS) + parameters.months + float(parameters.companies)
    shares = {"small": SMALL_SHARE[0] / SMALL_SHARE[1]}
    shares["large"] = 1 - shares["small"]
    for size, base in BASE_SESSIONS.items():
        q = 1 / (2 * base + (2 if parameters.session_rule == "signed" else 1))
        months_active = (1 - (1 - q) ** parameters.months) / q
        rows += parameters.companies * shares[size] * base * months_active
    return round(rows)


def _slices(parameters: Parameters, slice_size: int) -> Iterator[Words]:
    """The ids of all companies, so many at a time."""
    for first in range(1, parameters.companies + 1, slice_size):
        last = min(first + slice_size, parameters.companies + 1)
        yield np.arange(first, last, dtype=np.uint64)


def _are_small(parameters: Parameters, company_ids: Words) -> npt.NDArray[np.bool_]:
    """Which of the companies are small (1.9)."""
    return are_within(SMALL_SHARE, words(parameters.seed, Stream.COMPANY_SIZE, company_ids))


def _session_counts(
    parameters: Parameters, month: int, company_ids: Words, base: Words
) -> Integers:
    """Sessions of each company in a month: the base, give or take (1.11, 1.12)."""
    draw = words(parameters.seed, Stream.SESSIONS, company_ids * MONTHS_PER_COMPANY + month)
    if parameters.session_rule == "uniform":
        return numbers_below(draw, base * 2 + 1).view(np.int64)
    return base.view(np.int64) + signed(numbers_below(draw, base + 1), draw)


def _sessions(
    parameters: Parameters, month: int, company_ids: Words, counts: Integers
) -> pl.DataFrame:
    """A row for each session, at a uniform instant of the month: microseconds, UTC (1.13)."""
    # Fewest first: to repeat costs a quarter where the processor foresees how often.
    by_count = np.argsort(counts.astype(np.uint8), kind="stable")
    company_ids, counts = company_ids.take(by_count), counts.take(by_count)
    month_ids = company_ids * MONTHS_PER_COMPANY + (month + 1)
    session_ids = _runs(month_ids * SESSIONS_PER_MONTH + 1, counts)
    company_of = np.repeat(company_ids.astype(np.int32), counts)
    instants = _instant(parameters.start, month), _instant(parameters.start, month + 1)
    created_at = words(parameters.seed, Stream.CREATED_AT, session_ids, instants)
    # Series, as a frame of arrays takes longer to make than what is in them takes to move.
    return pl.DataFrame(
        [
            pl.Series("session_id", session_ids.view(np.int64)),
            pl.Series("company_id", company_of),
            pl.Series("created_at", created_at.view(np.int64)).cast(SESSION["created_at"]),
        ]
    )


def _runs(firsts: Words, counts: Integers) -> Words:
    """For each first number a run of as many as its count: as `range` has them."""
    begins = (np.cumsum(counts) - counts).view(np.uint64)
    runs = np.repeat(firsts - begins, counts)
    runs += np.arange(runs.size, dtype=np.uint64)
    return runs


def _month(start: date, later: int) -> date:
    """The first day of the month `later` months after `start`'s."""
    months_since_year_0 = start.year * 12 + start.month - 1 + later
    return date(months_since_year_0 // 12, months_since_year_0 % 12 + 1, 1)


def _instant(start: date, later: int) -> int:
    """Microseconds from 1970 to the beginning of that month, UTC."""
    first = _month(start, later)
    return int(datetime(first.year, first.month, 1, tzinfo=UTC).timestamp()) * 1_000_000
