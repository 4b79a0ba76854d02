"""The rows of the job abc: the brief's rules, and the same rows for everybody, for ever."""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

import oracle
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abcjob.jobs.abc import generate
from abcjob.jobs.abc.parameters import Parameters

Q = {"small": 1 / 12, "large": 1 / 22}  # the probability of a month without a session: 1.11, 1.12
BASE = {"small": 5, "large": 10}
SHARE = {"small": 0.7, "large": 0.3}

PARAMETERS = st.builds(
    Parameters,
    companies=st.integers(1, 300),
    months=st.integers(1, 14),
    start=st.builds(date, st.integers(1, 8000), st.integers(1, 12), st.just(1)),
    seed=st.integers(0, 2**63 - 1),
    session_rule=st.sampled_from(["signed", "uniform"]),
)


def sessions(parameters: Parameters, slice_size: int = generate.SLICE) -> pl.DataFrame:
    """All sessions, by id."""
    return pl.concat(generate.sessions(parameters, slice_size)).sort("session_id")


def companies(parameters: Parameters, slice_size: int = generate.SLICE) -> pl.DataFrame:
    """All companies."""
    return pl.concat(generate.companies(parameters, slice_size))


def per_month(parameters: Parameters) -> pl.DataFrame:
    """Sessions by company and month (from 0) in which it was active, with its size."""
    return (
        sessions(parameters)
        .group_by("company_id", month=pl.col("session_id") // 100 % 10_000 - 1)
        .agg(sessions=pl.len().cast(pl.Int64))
        .join(companies(parameters), on="company_id")
    )


@cache
def hundred_thousand() -> pl.DataFrame:
    """The months of 100,000 companies: enough to tell laws apart."""
    return per_month(Parameters(companies=100_000))


def checksum(frame: pl.DataFrame) -> str:
    """Of a table's rows as text, in order."""
    return hashlib.sha256(frame.write_csv().encode()).hexdigest()[:16]


# Of the rows that the oracle makes for 500 companies over 12 months.
GOLDEN = {
    ("company", 0): "b80a340c558f5a16",
    ("session", 0): "d0d9d95309f8fe43",
    ("company", 2026): "a3af0de9ec140f98",
    ("session", 2026): "b6726115e2068603",
}


@pytest.mark.parametrize(("table", "seed"), GOLDEN)
def test_the_rows_of_a_seed_stay_what_they_are(table: str, seed: int) -> None:
    """1.1: the same seed gives the same rows, in any version of the program or of Polars."""
    parameters = Parameters(seed=seed)
    rows = companies(parameters) if table == "company" else sessions(parameters)
    assert checksum(rows) == GOLDEN[table, seed]


@pytest.mark.parametrize("rule", ["signed", "uniform"])
@pytest.mark.parametrize(
    ("start", "seed"), [((2021, 1), 0), ((1969, 11), 7), ((2024, 2), 2**63 - 1)]
)
def test_the_rows_are_those_of_the_brief(rule: str, start: tuple[int, int], seed: int) -> None:
    """Row for row what a plain program makes of the brief and the same draws; before 1970 too."""
    parameters = Parameters(
        companies=60,
        months=7,
        start=date(*start, 1),
        seed=seed,
        session_rule="uniform" if rule == "uniform" else "signed",
    )
    expected = list(oracle.companies(60, 7, start, seed, rule))
    assert companies(parameters).rows() == [
        (company.company_id, company.size, date(*start, 1)) for company in expected
    ]
    assert sessions(parameters).rows() == [
        (session_id, company.company_id, at)
        for company in expected
        for month in company.sessions
        for session_id, at in month
    ]


@settings(max_examples=25)
@given(parameters=PARAMETERS, slice_size=st.integers(1, 400))
def test_slices_change_no_row(parameters: Parameters, slice_size: int) -> None:
    """1.1: the same rows whatever the batch size."""
    whole = sessions(parameters)
    assert sessions(parameters, slice_size).equals(whole)
    assert companies(parameters, slice_size).equals(companies(parameters))


@settings(max_examples=25)
@given(parameters=PARAMETERS, more=st.integers(1, 200), months=st.integers(1, 5))
def test_growing_leaves_the_first_rows_as_they_were(
    parameters: Parameters, more: int, months: int
) -> None:
    """More companies, or more months, add rows and change none."""
    grown = Parameters(
        parameters.companies + more,
        parameters.months + months,
        parameters.start,
        parameters.seed,
        parameters.session_rule,
    )
    known = sessions(grown).filter(
        pl.col("company_id") <= parameters.companies,
        pl.col("session_id") // 100 % 10_000 <= parameters.months,
    )
    assert known.equals(sessions(parameters))
    assert companies(grown).head(parameters.companies).equals(companies(parameters))


@settings(max_examples=40)
@given(parameters=PARAMETERS)
def test_rules_hold_for_any_parameters(parameters: Parameters) -> None:
    """Every rule about a row, whatever the parameters.

    1.6 all acquired in month 1; 1.8 unique ids from 1; 1.9 two sizes; 1.11, 1.12 at most twice the
    base; 1.13 sessions in their month; 1.14 and 0.12 no return after a month without a session.
    """
    firms, rows, active = companies(parameters), sessions(parameters), per_month(parameters)
    assert firms["company_id"].to_list() == list(range(1, parameters.companies + 1))
    assert set(firms["company_size"]) <= {"small", "large"}
    assert set(firms["acquired_on"]) == {parameters.start}
    assert rows["session_id"].is_unique().all()
    begin = pl.lit(parameters.start).dt.offset_by(pl.format("{}mo", pl.col("month")))
    month = rows.with_columns(month=pl.col("session_id") // 100 % 10_000 - 1)
    assert month.select((pl.col("created_at").dt.date().dt.month_start() == begin).all()).item()
    most = pl.col("company_size").replace_strict({"small": 10, "large": 20})
    assert active.select((pl.col("sessions") <= most).all()).item()
    gaps = active.group_by("company_id").agg(pl.len() != pl.col("month").max() + 1)
    assert not gaps["len"].any()


def test_prices_and_months_are_the_brief_s() -> None:
    """1.7, 1.10: $19 and $99, exact; 0.10: every month covered, across years and leap days."""
    [plans] = generate.plans()
    assert dict(plans.iter_rows()) == {"small": Decimal("19.00"), "large": Decimal("99.00")}
    [months] = generate.months(Parameters(start=date(2023, 12, 1), months=4))
    assert months["period"].to_list() == [
        date(2023, 12, 1),
        date(2024, 1, 1),
        date(2024, 2, 1),
        date(2024, 3, 1),
    ]


@pytest.mark.parametrize("companies_count", [500, 100_000])
@pytest.mark.parametrize("size", ["small", "large"])
def test_survivors_follow_the_closed_form(companies_count: int, size: str) -> None:
    """1.9, 1.14: of N companies Binomial(N, p(1-q)^k) of a size are active in month k.

    Within 4 standard deviations in every month.
    """
    months = (
        hundred_thousand()
        if companies_count == 100_000
        else per_month(Parameters(companies=companies_count))
    )
    for k in range(1, 13):
        p = SHARE[size] * (1 - Q[size]) ** k
        found = months.filter(pl.col("company_size") == size, pl.col("month") == k - 1).height
        deviation = math.sqrt(companies_count * p * (1 - p))
        assert abs(found - companies_count * p) <= 4 * deviation, f"month {k}"


@pytest.mark.parametrize(("size", "mean"), [("small", 60 / 11), ("large", 220 / 21)])
def test_an_active_company_s_sessions_have_the_closed_form_s_mean(size: str, mean: float) -> None:
    """1.11, 1.12: 5.4545 sessions in an active month of a small company, 10.4762 of a large one."""
    found = hundred_thousand().filter(pl.col("company_size") == size)["sessions"]
    deviation = math.sqrt((found.to_numpy() ** 2).mean() - mean**2)
    assert abs(float(found.to_numpy().mean()) - mean) <= 4 * deviation / math.sqrt(found.len())


@pytest.mark.parametrize(("size", "base"), BASE.items())
def test_the_law_of_a_month_is_the_signed_reading_s(size: str, base: int) -> None:
    """1.11, 1.12: exactly the base twice as often as any other count, every other alike.

    Given that a company was active the month before, its count is 0 with probability q, the base
    with 2q, any other with q. The share of the base tells this reading from the uniform one.
    """
    months = hundred_thousand().filter(pl.col("company_size") == size)
    chances = (
        months.filter(pl.col("month") < 11).height
        + companies(Parameters(companies=100_000)).filter(pl.col("company_size") == size).height
    )
    for count in range(1, 2 * base + 1):
        p = Q[size] * (2 if count == base else 1)
        found = months.filter(pl.col("sessions") == count).height
        deviation = math.sqrt(chances * p * (1 - p))
        assert abs(found - chances * p) <= 4 * deviation, f"{count} sessions"


def test_the_law_of_a_month_by_the_other_reading() -> None:
    """1.11: read the other way, every count from 0 to twice the base is as likely as any other."""
    parameters = Parameters(companies=50_000, months=1, session_rule="uniform")
    small = per_month(parameters).filter(pl.col("company_size") == "small")
    chances = companies(parameters).filter(pl.col("company_size") == "small").height
    for count in range(1, 11):
        deviation = math.sqrt(chances / 11 * 10 / 11)
        found = small.filter(pl.col("sessions") == count).height
        assert abs(found - chances / 11) <= 4 * deviation, f"{count} sessions"


def test_sessions_are_uniform_over_their_month() -> None:
    """1.13: by the Kolmogorov-Smirnov distance, which exceeds 1.95/sqrt(n) once in a thousand."""
    rows = sessions(Parameters(companies=20_000, months=2, start=date(2024, 2, 1)))
    for first, last in ((date(2024, 2, 1), date(2024, 3, 1)), (date(2024, 3, 1), date(2024, 4, 1))):
        begin = datetime(first.year, first.month, 1, tzinfo=UTC).timestamp()
        end = datetime(last.year, last.month, 1, tzinfo=UTC).timestamp()
        inside = rows.filter(
            pl.col("created_at").dt.epoch("us").is_between(begin * 1e6, end * 1e6, closed="left")
        )
        share = ((inside["created_at"].dt.epoch("us") / 1e6 - begin) / (end - begin)).sort()
        n = share.len()
        distance = (share - pl.int_range(1, n + 1, eager=True) / n).abs().max()
        assert isinstance(distance, float)
        assert distance < 1.95 / math.sqrt(n)
