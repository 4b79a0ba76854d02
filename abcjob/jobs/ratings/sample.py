"""Files of ratings to try the job with, some of their rows wrong in every way that it knows.

Every draw is keyed by customer and row, so the same parameters give the same bytes.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import polars as pl

from abcjob.draws import below, drawn, is_within
from abcjob.jobs.ratings.metadata import Customer
from abcjob.render import files
from abcjob.sampling import NO_UTF8, Tally, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from abcjob.jobs.ratings.parameters import SampleParameters

COLUMNS = ("customer_number", "customer_rating", "customer_rating_limit", "customer_status")
NAMES = ("acme", "borealis", "cygnus", "dorado", "elara")  # those of the metadata that ships
DELIMITERS = (",", ";", "|", "\t")
STATUSES = ("standard", "high-value", "High-Value", "new", '"idle, or; ""lost"" | no"')
SLICE = 131_072  # rows made at a time
ROWS_PER_CUSTOMER = 2**40  # a customer's draws begin at a multiple of it

# What is made wrong, by the name under which the job finds it, and what becomes of such a row.
FAULTS = {
    "wrong_number_of_fields": "rejected",
    "quotes_do_not_match": "rejected",
    "invalid_utf8": "rejected",
    "nul_character": "rejected",
    "missing": "rejected",
    "not_an_integer": "rejected",
    "out_of_range": "rejected",
    "too_long": "rejected",
    "repeated_with_other_content": "rejected",
    "repeated": "skipped",
    "blank": "skipped",
}
# Those that need the row before them; where that is wrong itself, the number is missing instead.
_REPEATS = ("repeated_with_other_content", "repeated")


class Stream(IntEnum):
    """What is drawn; the numbers stay as they are for good."""

    IS_BAD = 1
    FAULT = 2
    LIMIT = 3
    RATING = 4
    STATUS = 5


def write(parameters: SampleParameters, day: date, folder: Path) -> pl.DataFrame:
    """Write a file for each customer, and `metadata.toml`, which names them.

    Returns:
        What was made wrong: customer, file, fault, rows, and what becomes of them, `rejected` or
        `skipped`. A row that repeats a number with other content is counted with the row that it
        repeats.

    Raises:
        ReportError: as `files.create`.
    """
    customers = [_customer(number) for number in range(parameters.customers)]
    tally = Tally("customer", "file")
    made: dict[Path, Iterable[bytes]] = {}
    for number, customer in enumerate(customers):
        path = folder / customer.files.replace("*", day.isoformat().replace("-", ""))
        told = tally.counter(FAULTS, customer.name, path.name)
        made[path] = _pieces(number, customer, parameters, told)
    made[folder / "metadata.toml"] = ["\n".join(map(_block, customers)).encode()]
    files.create(made)
    return tally.counts


def _pieces(
    number: int,
    customer: Customer,
    parameters: SampleParameters,
    told: Callable[[pl.DataFrame], None],
) -> Iterator[bytes]:
    """A customer's file, by the slice; `told` is handed the rows of each."""
    order = [*COLUMNS[number % 4 :], *COLUMNS[: number % 4]]
    yield f"{customer.delimiter.join(order)}\n".encode()
    for frame in _slices(number, parameters):
        yield from joined(frame.select(_line(order, customer.delimiter)).to_series())
        told(frame)


def _customer(number: int) -> Customer:
    name = NAMES[number] if number < len(NAMES) else f"customer_{number + 1:03d}"
    return Customer(name, f"{name}_*.csv", DELIMITERS[number % len(DELIMITERS)])


def _block(customer: Customer) -> str:
    delimiter = customer.delimiter.replace("\t", "\\t")
    return (
        f'[[customer]]\nname = "{customer.name}"\nfiles = "{customer.files}"\n'
        f'delimiter = "{delimiter}"\n'
    )


def _slices(number: int, parameters: SampleParameters) -> Iterator[pl.DataFrame]:
    """A customer's rows: the fields as text, and `fault`, null where nothing is wrong."""
    for begin in range(0, parameters.rows, SLICE):
        end = min(begin + SLICE, parameters.rows)
        before = max(begin - 1, 0)  # the first row may repeat the one before it
        rows = pl.LazyFrame().select(row=pl.int_range(before, end, dtype=pl.Int64))
        drawn_rows = _drawn(rows, number, parameters)
        yield _spoiled(drawn_rows).filter(pl.col("row") >= begin).collect()


def _drawn(rows: pl.LazyFrame, number: int, parameters: SampleParameters) -> pl.LazyFrame:
    """Good rows, and which fault each is to have."""
    index = pl.col("row") + number * ROWS_PER_CUSTOMER

    def column(frame: pl.LazyFrame, stream: Stream, name: str, value: pl.Expr) -> pl.LazyFrame:
        return drawn(frame, parameters.seed, stream, index).with_columns(value.alias(name))

    names = pl.Series(list(FAULTS))
    rows = column(rows, Stream.IS_BAD, "is_bad", is_within(parameters.bad.as_integer_ratio()))
    rows = column(rows, Stream.FAULT, "fault", pl.lit(names).gather(below(len(FAULTS))))
    rows = column(rows, Stream.LIMIT, "limit", (below(10) + 1) * 100)
    rows = column(rows, Stream.RATING, "rating", below(pl.col("limit") + 1))
    status = pl.lit(pl.Series(STATUSES)).gather(below(len(STATUSES)))
    rows = column(rows, Stream.STATUS, "customer_status", status)
    fault, is_bad, was_bad = pl.col("fault"), pl.col("is_bad"), pl.col("is_bad").shift(1)
    is_alone = fault.is_in(_REPEATS) & was_bad.fill_null(value=True)
    return rows.with_columns(
        pl.when(is_bad & is_alone).then(pl.lit("missing")).when(is_bad).then(fault).alias("fault"),
        (pl.col("row") + 1).cast(pl.String).alias("customer_number"),
        pl.col("rating").cast(pl.String).alias("customer_rating"),
        pl.col("limit").cast(pl.String).alias("customer_rating_limit"),
    )


def _spoiled(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Rows with their faults."""
    fault = pl.col("fault")
    number, rating, limit, status = map(pl.col, COLUMNS)
    forms = pl.lit(pl.Series(["1.0", "1e3", "n/a"])).gather(pl.col("row") % 3)
    return rows.with_columns(
        pl.when(fault == "missing")
        .then(pl.lit(""))
        .when(fault.is_in(_REPEATS))
        .then(number.shift(1))
        .otherwise(number)
        .alias(COLUMNS[0]),
        pl.when(fault == "not_an_integer")
        .then(forms)
        .when(fault == "out_of_range")
        .then(pl.lit("2147483648"))
        .when(fault == "repeated")
        .then(rating.shift(1))
        .when(fault == "repeated_with_other_content")
        .then((pl.col("rating").shift(1) + 1).cast(pl.String))
        .otherwise(rating)
        .alias(COLUMNS[1]),
        pl.when(fault.is_in(_REPEATS)).then(limit.shift(1)).otherwise(limit).alias(COLUMNS[2]),
        pl.when(fault == "too_long")
        .then(pl.lit("a status of more than 25 characters"))
        .when(fault == "invalid_utf8")
        .then(pl.lit(f"caf{NO_UTF8}"))
        .when(fault == "nul_character")
        .then(pl.lit("nul\0"))
        .when(fault == "quotes_do_not_match")
        .then(pl.lit('"open'))
        .when(fault.is_in(_REPEATS))
        .then(status.shift(1))
        .otherwise(status)
        .alias(COLUMNS[3]),
    )


def _line(order: Sequence[str], delimiter: str) -> pl.Expr:
    fault = pl.col("fault")
    return (
        pl.when(fault == "blank")
        .then(pl.lit(""))
        .when(fault == "wrong_number_of_fields")
        .then(pl.concat_str(order[:-1], separator=delimiter))
        .otherwise(pl.concat_str(order, separator=delimiter))
    )
