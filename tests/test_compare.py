"""0.16: two periods compared, by figures that are worked out by other means."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from terminal import FEW, one_line

from abcjob import jobs, sqlfile
from abcjob.errors import NothingLoadedError, SettingsError
from abcjob.render import changes
from abcjob.stages import compare

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from abcjob.database.connection import Connection

    Program = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.in_process

JANUARY, MARCH, JUNE = date(2021, 1, 1), date(2021, 3, 1), date(2021, 6, 1)
SIZES = ("small", "large", "all")
PRICES = {"small": 19, "large": 99}
ABC = jobs.load("abc")


def told_by_sessions(db: Connection, first: int, second: int) -> dict[str, list[tuple[Any, ...]]]:
    """What is to be told of two months of 2021, from the raw sessions alone.

    By KPI lines of size, measure, both values, difference, change and, for `retention`, the sum.
    """
    sessions = db.query(
        "select company_id, company_size, created_at from abc.session "
        "join abc.company using (company_id)"
    ).with_columns(pl.col("created_at").dt.month().alias("month"))
    every = db.query("select company_id, company_size from abc.company")
    values: dict[tuple[str, str, int], Any] = {}
    gone: dict[str, int] = {}
    for size in SIZES:
        mine, of_size = (
            frame if size == "all" else frame.filter(pl.col("company_size") == size)
            for frame in (sessions, every)
        )
        active = {0: set(of_size["company_id"])} | {
            month: set(mine.filter(pl.col("month") == month)["company_id"])
            for month in range(1, 13)
        }
        gone[size] = len(active[min(first, second)] - active[max(first, second)])
        for month in (first, second):
            count = mine.filter(pl.col("month") == month).height
            here = mine.filter(pl.col("month") == month).unique("company_id")
            values["average_sessions", size, month] = count / len(active[month])
            values["sessions", size, month] = count
            values["companies", size, month] = len(active[month])
            values["lost", size, month] = len(active[month - 1] - active[month])
            values["revenue", size, month] = sum(PRICES[one] for one in here["company_size"])
    found: dict[str, list[tuple[Any, ...]]] = {}
    for name, shown in {
        "usage": ("average_sessions", "sessions"),
        "retention": ("companies", "lost"),
        "revenue": ("revenue",),
    }.items():
        for measure in shown:
            for size in SIZES:
                one, other = (values[measure, size, month] for month in (first, second))
                line = (size, measure, one, other, other - one, (other - one) / one)
                between = gone[size] if measure == "lost" else None
                lines = found.setdefault(name, [])
                lines.append((*line, between) if name == "retention" else line)
    return found


@pytest.mark.parametrize(("first", "second"), [(3, 6), (6, 3), (1, 2)])
def test_two_months_are_compared(program: Program, db: Connection, first: int, second: int) -> None:
    """0.16: each measure by size and in all, absolute and relative, with the companies lost."""
    program("run", "--companies", "400", "--months", "6", "--seed", "4", "--quiet")
    asked = ("kpi", "abc", "--compare", f"2021-0{first}", f"2021-0{second}")
    document = json.loads(program(*asked, "--format", "json").stdout)
    expected = told_by_sessions(db, first, second)
    assert list(document) == list(expected) == list(ABC.kpis)
    for name, lines in expected.items():
        columns = ["company_size", "measure", "first", "second", "difference", "change"]
        columns += ["between"] if name == "retention" else []
        assert [list(row) for row in document[name]] == [columns] * len(lines)
        for row, line in zip(document[name], lines, strict=True):
            found = tuple(row.values())
            assert found[:2] + found[6:] == line[:2] + line[6:]
            assert found[2:6] == pytest.approx(line[2:6], rel=1e-12), line


def test_the_forms_say_the_same(program: Program) -> None:
    """Tables within 80 columns, one JSON document, CSV in blocks; by name one KPI alone."""
    program("run", "--companies", "20000", "--months", "3", "--quiet")
    asked = ("kpi", "abc", "--compare", "2021-01", "2021-03")
    document = json.loads(program(*asked, "--format", "json").stdout)
    blocks = program(*asked, "--format", "csv").stdout.split("\n\n")
    for block, rows in zip(blocks, document.values(), strict=True):
        for told, row in zip(csv.DictReader(io.StringIO(block)), rows, strict=True):
            assert list(told) == list(row)
            assert list(told.values())[:2] == list(row.values())[:2]
            for text, value in zip(list(told.values())[2:], list(row.values())[2:], strict=True):
                assert (float(text) if text else None) == value
                assert "." not in text or text[-1] not in ".0", "no zeros at the end"
    shown = program(*asked).stdout
    assert max(map(len, shown.splitlines())) <= 80
    revenue = document["revenue"][2]
    [line] = [line.split() for line in shown.splitlines() if "Revenue, all" in line]
    assert line[2:] == [
        f"${revenue['first']:,}",
        f"${revenue['second']:,}",
        f"-${-revenue['difference']:,}",
        f"{revenue['change'] * 100:.1f}%",
    ]
    alone = json.loads(program("kpi", "abc", "revenue", *asked[2:], "--format", "json").stdout)
    assert alone == {"revenue": document["revenue"]}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("2021-02", "2021-02"), "--compare got 2021-02 twice, expected two months"),
        (("2021-02", "2021-14"), "got '2021-14', expected a month as YYYY-MM"),
        (("2021-02", "0000-01"), "got '0000-01', expected a month as YYYY-MM"),
        (("2020-12", "2021-02"), "has no 2020-12, expected months from 2021-01 to 2021-03"),
        (("2021-02", "2021-04"), "has no 2021-04, expected months from 2021-01 to 2021-03"),
    ],
)
def test_months_that_cannot_be_compared(
    program: Program, arguments: tuple[str, str], said: str
) -> None:
    """Exit code 2, and what months there are."""
    program("run", *FEW, "--quiet")
    ran = program("kpi", "abc", "--compare", *arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in one_line(ran.stderr)


def test_empty_tables_are_not_compared(program: Program) -> None:
    """After `data clear` there is nothing to compare, and a way out."""
    program("run", *FEW, "--quiet")
    program("data", "clear", "abc")
    ran = program("kpi", "abc", "--compare", "2021-01", "2021-02")
    assert ran.returncode == 3
    assert "`abcjob run abc`" in one_line(ran.stderr)


def usage(rows: list[tuple[date, str, int, int | None]]) -> pl.DataFrame:
    """The KPI `usage` of rows: month, size, sessions, average times 100."""
    return pl.DataFrame(
        [
            (month, size, sessions, None if cents is None else Decimal(cents) / 100)
            for month, size, sessions, cents in rows
        ],
        {
            "period": pl.Date,
            "company_size": pl.String,
            "sessions": pl.Int64,
            "average_sessions": pl.Decimal(38, 16),
        },
        orient="row",
    )


def test_what_is_undefined_stays_so() -> None:
    """No average where nobody was active, no change on zero; exact decimals otherwise."""
    rows = [(MARCH, "small", 0, None), (MARCH, "large", 30, 1000), (MARCH, "all", 30, 1000)]
    rows += [(JUNE, "small", 7, 700), (JUNE, "large", 0, None), (JUNE, "all", 7, 700)]
    found = compare.compared(ABC, {"usage": usage(rows)}, MARCH, JUNE)["usage"]
    assert found.drop("company_size", "measure").rows() == [
        (None, 7, None, None),
        (10, None, None, None),
        (10, 7, -3, Decimal("-0.3")),
        (0, 7, 7, None),
        (30, 0, -30, -1),
        (30, 7, -23, Decimal("-0.7666666666666667")),
    ]
    table = compare.table(sqlfile.load("abc", "kpi", "usage"), found, MARCH, JUNE)
    assert [heading.text for heading in table.headings] == [
        "Measure",
        "2021-03",
        "2021-06",
        "Change",
        "%",
    ]
    assert table.rows[1:4] == (
        ("Average sessions, large", "10.00", "–", "–", "–"),  # noqa: RUF001
        ("Average sessions, all", "10.00", "7.00", "-3.00", "-30.0%"),
        ("Sessions, small", "0", "7", "+7", "–"),  # noqa: RUF001
    )


def test_the_sum_between_ends_with_the_later_month() -> None:
    """Lost after the earlier month, up to the later one: not in the earlier one itself."""
    months = [date(2021, month, 1) for month in range(1, 7)]
    lost = [64, 32, 16, 8, 4, 2]
    frame = pl.DataFrame(
        {"period": months, "company_size": ["all"] * 6, "companies": [9] * 6, "lost": lost}
    )
    for first, second in (MARCH, JUNE), (JUNE, MARCH):
        found = compare.compared(ABC, {"retention": frame}, first, second)["retention"]
        assert found["between"].to_list() == [None, 8 + 4 + 2]
    found = compare.compared(ABC, {"retention": frame}, JANUARY, JUNE)["retention"]
    assert found["between"][1] == 32 + 16 + 8 + 4 + 2


def test_any_job_s_kpis_that_are_told_by_period() -> None:
    """Of sales, revenue by month and region; shares in points; others are left out."""
    month = pl.DataFrame(
        {
            "period": [MARCH, MARCH, JUNE, JUNE],
            "region": ["Bretagne", "other"] * 2,
            "rank": [1, None] * 2,
            "revenue": [Decimal("100.50"), Decimal("50.25"), Decimal("75.00"), Decimal("75.00")],
            "share": [Decimal("0.66666667"), Decimal("0.33333333"), Decimal("0.5"), Decimal("0.5")],
        }
    )
    day = pl.DataFrame({"day": [MARCH], "revenue": [Decimal(1)]})
    name = "revenue_by_month_and_region"
    sales = jobs.load("sales")
    found = compare.compared(sales, {"revenue_by_day": day, name: month}, MARCH, JUNE)
    assert list(found) == [name]
    assert compare.table(sqlfile.load("sales", "kpi", name), found[name], MARCH, JUNE).rows == (
        ("Revenue, Bretagne", "€100.50", "€75", "-€25.50", "-25.4%"),
        ("Revenue, other", "€50.25", "€75", "+€24.75", "+49.3%"),
        ("Share, Bretagne", "66.7%", "50.0%", "-16.7 pp", "–"),  # noqa: RUF001
        ("Share, other", "33.3%", "50.0%", "+16.7 pp", "–"),  # noqa: RUF001
    )
    with pytest.raises(SettingsError, match=r"of sales: no month in revenue_by_day; .*--compare"):
        compare.compared(sales, {"revenue_by_day": day}, MARCH, JUNE)
    with pytest.raises(NothingLoadedError, match="`abcjob run sales`"):
        compare.compared(sales, {name: month.clear()}, MARCH, JUNE)


@pytest.mark.parametrize(
    ("first", "second", "kind", "absolute", "relative"),
    [
        (10, 7, "count", "-3", "-30.0%"),
        (7, 10, "count", "+3", "+42.9%"),
        (7, 7, "count", "0", "0.0%"),
        (0, 7, "count", "+7", "–"),  # noqa: RUF001
        (-10, 5, "count", "+15", "–"),  # noqa: RUF001
        (None, 7, "count", "–", "–"),  # noqa: RUF001
        (1_000_000, 999_999, "count", "-1", "0.0%"),
        (Decimal("19.50"), Decimal("9.00"), "money", "-$10.50", "-53.8%"),
        (Decimal("7.004"), Decimal("7.001"), "decimal", "0.00", "0.0%"),
        (Decimal("0.25"), Decimal("0.305"), "percent", "+5.5 pp", "–"),  # noqa: RUF001
    ],
)
def test_changes_have_a_sign(
    first: Any, second: Any, kind: Any, absolute: str, relative: str
) -> None:
    """By hand: more, less, the same, undefined, and what is shown as zero has none."""
    assert changes.shown_difference(first, second, kind) == absolute
    assert changes.shown_change(first, second, kind) == relative
