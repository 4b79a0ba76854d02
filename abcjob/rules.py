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
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import dataframely as dy
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Rule = Callable[[pl.Expr], pl.Expr]

ROW = "_row"  # the record's number among those of its input, in the order of reading; from 1
RAW = "_raw"  # the record as it came, without its line's end

FAILED, ERROR = "failed_rules", "error"  # the rules that a record broke, as JSON and in words
IS_TEXT = "is_text"  # whether what came is text that PostgreSQL can hold
REJECTED = (ROW, RAW, IS_TEXT, FAILED, ERROR)  # what is known of a rejected record

CONTROLS = r"\x00-\x1f\x7f"  # as a regular expression's class has them

_INTEGER = "^[+-]?[0-9]+$"


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
        plain: given the characters that may not stand in a plain field, a pattern of texts that
            keep the rules for certain, and that a CSV parser reads as `value` does. What does not
            match it is not wrong, it is looked at more closely.
    """

    type: pl.DataType
    value: Rule
    plain: Callable[[str], str]


class Record(dy.Schema):
    """Where a record stands in its source, and how it came; a job's class adds its fields."""

    row = dy.Int64(alias=ROW)
    raw = dy.Binary(alias=RAW)


def integer() -> dy.String:
    """A whole number of 32 bits: ASCII digits, perhaps a sign before them, spaces around."""
    return _field(
        Reading(
            pl.Int32(),
            lambda field: _trimmed(field).cast(pl.Int32, strict=False),
            plain=lambda _: "-?[0-9]{1,9}",
        ),
        missing=lambda field: _is_given(_trimmed(field)),
        not_an_integer=lambda field: _is_integer(field) | ~_is_given(_trimmed(field)),
        out_of_range=lambda field: (
            ~_is_integer(field) | _trimmed(field).cast(pl.Int32, strict=False).is_not_null()
        ),
    )


def text(longest: int) -> dy.String:
    """A text of 1 to `longest` characters, which are Unicode's code points, as PostgreSQL's."""
    return _field(
        Reading(
            pl.String(),
            lambda field: field,
            plain=lambda taken: (
                f'(?:[^"{taken}]{{1,{longest}}}|"(?:[^"{CONTROLS}]|""){{1,{longest}}}")'
            ),
        ),
        missing=_is_given,
        too_long=lambda field: field.str.len_chars().fill_null(0) <= longest,
    )


def readings(record: type[Record]) -> dict[str, Reading]:
    """How each field of a record is read, by its name."""
    return {
        name: cast("Reading", column.metadata["reading"])
        for name, column in record.columns().items()
        if column.metadata
    }


def values(record: type[Record]) -> list[pl.Expr]:
    """The fields of records that keep every rule, read as what they stand for."""
    return [reading.value(pl.col(name)).alias(name) for name, reading in readings(record).items()]


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


def _field(reading: Reading, **rules: Rule) -> dy.String:
    checks: dict[str, Any] = dict(rules)
    return dy.String(nullable=True, check=checks, metadata={"reading": reading})


def _trimmed(field: pl.Expr) -> pl.Expr:
    return field.str.strip_chars(" ")


def _is_given(field: pl.Expr) -> pl.Expr:
    return (field != "").fill_null(value=False)


def _is_integer(field: pl.Expr) -> pl.Expr:
    return _trimmed(field).str.contains(_INTEGER).fill_null(value=False)
