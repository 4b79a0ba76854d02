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

from abcjob.draws import are_heads, drawn, is_within, numbers_below, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from abcjob.draws import Words
    from abcjob.jobs.abc.parameters import Parameters

    Integers = npt.NDArray[np.int64]

SMALL_PRICE = Decimal("19.00")  # brief: $19 a month
LARGE_PRICE = Decimal("99.00")  # brief: $99 a month
SMALL_SHARE = (7, 10)  # brief: small with probability 0.7
BASE_SESSIONS = {"small": 5, "large": 10}  # brief: 5 ± U{0..5} and 10 ± U{0..10} a month

MONTHS_PER_COMPANY = 10_000  # session_id: company, then four digits of month, two of ordinal
SESSIONS_PER_MONTH = 100
SLICE = 16_384  # companies: their sessions of a month are some 100,000 rows, 2 MB


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
    for first in range(1, parameters.companies + 1, slice_size):
        yield _companies(parameters, first, slice_size).select(COMPANY.names()).collect()


def sessions(parameters: Parameters, slice_size: int = SLICE) -> Iterator[pl.DataFrame]:
    """Every session, by slice of companies, then by month, company and ordinal."""
    for first in range(1, parameters.companies + 1, slice_size):
        active = _companies(parameters, first, slice_size).select("company_id", "base").collect()
        company_ids, base = active["company_id"].to_numpy(), active["base"].to_numpy()
        for month in range(parameters.months):
            counts = _session_counts(parameters, month, company_ids, base)
            kept = np.flatnonzero(counts)  # the others are churned, for good
            company_ids, base, counts = company_ids[kept], base[kept], counts[kept]
            yield _sessions(parameters, month, company_ids, counts)


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


def _companies(parameters: Parameters, first: int, count: int) -> pl.LazyFrame:
    last = min(first + count, parameters.companies + 1)
    ids = pl.LazyFrame({"company_id": pl.int_range(first, last, dtype=pl.Int32, eager=True)})
    sized = drawn(ids, parameters.seed, Stream.COMPANY_SIZE, pl.col("company_id"))
    is_small = is_within(SMALL_SHARE)
    return sized.select(
        "company_id",
        company_size=pl.when(is_small).then(pl.lit("small")).otherwise(pl.lit("large")),
        acquired_on=pl.lit(parameters.start),
        base=pl.when(is_small)
        .then(pl.lit(BASE_SESSIONS["small"], pl.UInt64))
        .otherwise(pl.lit(BASE_SESSIONS["large"], pl.UInt64)),
    )


def _session_counts(
    parameters: Parameters, month: int, company_ids: npt.NDArray[np.int32], base: Words
) -> Integers:
    """Sessions of each company in a month: the base, give or take (1.11, 1.12)."""
    index = company_ids.astype(np.uint64) * MONTHS_PER_COMPANY + month
    draw = words(parameters.seed, Stream.SESSIONS, index)
    if parameters.session_rule == "uniform":
        return numbers_below(draw, base * 2 + 1).view(np.int64)
    distance = numbers_below(draw, base + 1)
    return np.where(are_heads(draw), base + distance, base - distance).view(np.int64)


def _sessions(
    parameters: Parameters, month: int, company_ids: npt.NDArray[np.int32], counts: Integers
) -> pl.DataFrame:
    """A row for each session, at a uniform instant of the month: microseconds, UTC (1.13).

    The remainder's bias is below the month's microseconds over 2**64: under 2 in 10 million.
    """
    begin, end = (_instant(parameters.start, k) for k in (month, month + 1))
    month_ids = company_ids.astype(np.int64) * MONTHS_PER_COMPANY + month + 1
    session_ids = _runs(month_ids * SESSIONS_PER_MONTH + 1, counts).view(np.uint64)
    company_of = np.empty(session_ids.size, np.int32)
    ids_apart = np.uint64(MONTHS_PER_COMPANY * SESSIONS_PER_MONTH)
    np.floor_divide(session_ids, ids_apart, out=company_of, casting="unsafe")
    created_at = words(parameters.seed, Stream.CREATED_AT, session_ids, end - begin).view(np.int64)
    created_at += begin
    return pl.DataFrame(
        {
            "session_id": session_ids.view(np.int64),
            "company_id": company_of,
            "created_at": pl.Series(created_at).cast(SESSION["created_at"]),
        }
    )


def _runs(firsts: Integers, counts: Integers) -> Integers:
    """For each first number a run of as many as its count, at least one: as `range` has them.

    As the sum of the steps from one to the next, which takes half of what repeating does.
    """
    steps = np.ones(counts.sum(), np.int64)
    if firsts.size:
        steps[0] = firsts[0]
        ends = np.cumsum(counts[:-1])
        steps[ends] = np.diff(firsts) - counts[:-1] + 1
    return np.cumsum(steps, out=steps)


def _month(start: date, later: int) -> date:
    """The first day of the month `later` months after `start`'s."""
    months_since_year_0 = start.year * 12 + start.month - 1 + later
    return date(months_since_year_0 // 12, months_since_year_0 % 12 + 1, 1)


def _instant(start: date, later: int) -> int:
    """Microseconds from 1970 to the beginning of that month, UTC."""
    first = _month(start, later)
    return int(datetime(first.year, first.month, 1, tzinfo=UTC).timestamp()) * 1_000_000
