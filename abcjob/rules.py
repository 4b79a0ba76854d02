"""What a record from outside has to be: rules about one row, over its fields as text.

A job describes its records in a class of `Record`, a column for each field:

    class Rating(Record):
        customer_number = integer()
        customer_status = text(25)

The name of a rule is the reason shown for a row that breaks it. A rule gives true where the row
keeps it, and never null, which would count as kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

import dataframely as dy
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Rule = Callable[[pl.Expr], pl.Expr]

ROW = "_row"  # the record's number among those of its input, in the order of reading; from 1
RAW = "_raw"  # the record as it came, without its line's end

FAILED, ERROR = "failed_rules", "error"  # the rules that a record broke, as JSON and in words
IS_TEXT = "is_text"  # whether what came is text that PostgreSQL can hold
REJECTED = (ROW, RAW, IS_TEXT, FAILED, ERROR)  # what is known of a rejected record

CONTROLS = r"\x00-\x1f\x7f"  # as a regular expression's class has them


class Broken(NamedTuple):
    """A rule that a record broke, and the column that it is about; None: the whole record."""

    rule: str
    column: str | None


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


def explained(rows: pl.DataFrame, broken: Mapping[Broken, pl.Expr]) -> pl.DataFrame:
    """Rows with every rule that each broke: `failed_rules`, JSON, and `error`, for people.

    Args:
        rows: the rows.
        broken: whether a row broke a rule, by the rule and the column that it is about.
    """
    flags = rows.select(
        is_broken.fill_null(value=False).alias(str(number))
        for number, is_broken in enumerate(broken.values())
    )
    # Texts are made for what is broken together, which is a handful, not for each row.
    together = flags.unique()
    details = [
        json.dumps({"rule": pair.rule, "column": pair.column}, ensure_ascii=False)
        for pair in broken
    ]
    said = [": ".join(filter(None, (pair.column, words(pair.rule)))) for pair in broken]
    texts = together.with_columns(
        pl.concat_str(pl.lit("["), _joined(details, ", "), pl.lit("]")).alias(FAILED),
        _joined(said, "; ").alias(ERROR),
    )
    found = flags.join(texts, on=flags.columns, how="left", maintain_order="left")
    return rows.hstack(found.select(FAILED, ERROR))


def words(rule: str) -> str:
    """A rule's name as people read it: `not_an_integer` is `not an integer`."""
    return rule.replace("_", " ")


def _joined(texts: list[str], separator: str) -> pl.Expr:
    """Of the texts by number, those whose flag is set."""
    found = [pl.when(pl.col(str(number))).then(pl.lit(text)) for number, text in enumerate(texts)]
    return pl.concat_list(found).list.drop_nulls().list.join(separator)
