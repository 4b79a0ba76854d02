"""What a record from outside has to be: rules about one row, over its fields as text.

A job describes its records in a class of `Record`, a column for each field:

    class Rating(Record):
        customer_number = integer()
        customer_status = text(25)

The name of a rule is the reason shown for a row that breaks it. A rule gives true where the row
keeps it, and never null, which would count as kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import dataframely as dy
import polars as pl

from abcjob.rejects import RAW, ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Rule = Callable[[pl.Expr], pl.Expr]

CONTROLS = r"\x00-\x1f\x7f"  # as a regular expression's class has them


@dataclass(frozen=True)
class Reading:
    """How a field's text becomes a value.

    Attributes:
        type: the value's.
        value: the value of a text that keeps the field's rules.
        plain: given the characters that may not stand in a plain field, as a regular expression's
            class has them, and what stands for one that may not stand there as it is (`""`), a
            pattern of texts that keep the rules for certain, and that a CSV parser reads as
            `value` does. What does not match it is not wrong, it is looked at more closely.
        number: a pattern of the same kind that JSON's numbers match alone, or its words `true` and
            `false`; None: there is none.
        ways: patterns of plain texts that are read otherwise than by the CSV parser, and how; of
            lines that are written alike, the first that fits is taken.
        at: where the field stands in an object, keys with points between; empty: under its name.
        is_optional: it may be missing.
        is_kept: the value is of use, and not looked at for the sake of the rules alone.
        same_as: another field that has to have the same value.
    """

    type: pl.DataType
    value: Rule
    plain: Callable[[str, str], str]
    number: str | None
    ways: tuple[tuple[str, Rule], ...] = ()
    at: str = ""
    is_optional: bool = False
    is_kept: bool = True
    same_as: str = ""


class Record(dy.Schema):
    """Where a record stands in its source, and how it came; a job's class adds its fields."""

    row = dy.Int64(alias=ROW)
    raw = dy.Binary(alias=RAW)


@dataclass(frozen=True)
class Variants:
    """Records of several kinds, mixed in one source or alone in one that says which.

    They lie in envelopes, which tell the kind; where the source does, they come without.

    Attributes:
        tag: where an envelope has the kind's name, as `Reading.at`.
        column: the column that the name is kept in.
        body: where an envelope has the record itself; fields that stand elsewhere are the
            envelope's own, and null where there is none.
        records: what a record of each kind has to be, by its name; columns that two of them have
            are of one type.
        other: what stands for one of no kind. It breaks some rule, whatever is in it.
        identify: gives rows that came without envelopes what an envelope would have told.
    """

    tag: str
    column: str
    body: str
    records: Mapping[str, type[Record]]
    other: type[Record]
    identify: Callable[[pl.DataFrame], pl.DataFrame]


def readings(record: type[Record]) -> dict[str, Reading]:
    """How each field of a record is read, by its name."""
    return {
        name: cast("Reading", column.metadata["reading"])
        for name, column in record.columns().items()
        if column.metadata
    }


def narrowed(record: type[Record], names: Iterable[str]) -> type[Record]:
    """The same record with these fields alone."""
    fields = {name: record.columns()[name] for name in names}
    return cast("type[Record]", type(record.__name__, (Record,), fields))


def values(record: type[Record]) -> list[pl.Expr]:
    """The fields of records that keep every rule, read as what they stand for, if they are kept."""
    return [
        reading.value(pl.col(name)).alias(name)
        for name, reading in readings(record).items()
        if reading.is_kept
    ]
