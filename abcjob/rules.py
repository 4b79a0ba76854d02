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
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

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
_NUMBER = r"^[+-]?[0-9]+(?:\.[0-9]+|,[0-9]{1,2})?$"
_EXACT = r"^ *([+-]?[0-9]+(?:[.,][0-9]{{1,{scale}}})?)"  # trailing zeros left out

_MIDNIGHT = r"(?:T00:00:00(?:Z|[+-]00:?00)?)?"
_DAY_ISO = rf"^((?:19|[2-9][0-9])[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}){_MIDNIGHT}$"
_DAY_FIRST = r"^[0-9]{2}(?:/[0-9]{2}/|\.[0-9]{2}\.|-[0-9]{2}-)(?:19|[2-9][0-9])[0-9]{2}$"
# Every month has 28 days; the others have theirs, and of the leap years those that are told easily.
_PLAIN_DAY = (
    "(?:(?:19|[2-9][0-9])[0-9]{2}-(?:"
    "(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    "|(?:19|[2-9][0-9])(?:0[48]|[2468][048]|[13579][26])-02-29)"
)
_MOST_DIGITS = 32  # of a number that is taken for a text without a close look


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
        number: a pattern of the same kind that JSON's numbers match alone; None: there is none.
    """

    type: pl.DataType
    value: Rule
    plain: Callable[[str, str], str]
    number: str | None


class Record(dy.Schema):
    """Where a record stands in its source, and how it came; a job's class adds its fields."""

    row = dy.Int64(alias=ROW)
    raw = dy.Binary(alias=RAW)


def integer(least: Literal[1] | None = None) -> dy.String:
    """A whole number of 32 bits: ASCII digits, perhaps a sign before them, spaces around.

    Args:
        least: the least that it may be; None: any.
    """

    def value(field: pl.Expr) -> pl.Expr:
        return _trimmed(field).cast(pl.Int32, strict=False)

    rules: dict[str, Rule] = {
        "missing": _is_given,
        "not_an_integer": lambda field: _matches(_INTEGER)(field) | ~_is_given(field),
        "out_of_range": lambda field: ~_matches(_INTEGER)(field) | value(field).is_not_null(),
    }
    if least is not None:
        rules["not_positive"] = lambda field: (
            ~_matches(_INTEGER)(field) | (value(field) >= least).fill_null(value=True)
        )
    return _field(
        Reading(
            pl.Int32(),
            value,
            plain=lambda _, __: "-?[0-9]{1,9}" if least is None else "[1-9][0-9]{0,8}",
            number="-?(?:0|[1-9][0-9]{0,8})" if least is None else "[1-9][0-9]{0,8}",
        ),
        **rules,
    )


def amount(digits: int, scale: int, least: Literal[0] | None = None) -> dy.String:
    """A decimal number, exact: digits, perhaps a sign, a point and decimals; spaces around.

    Instead of the point a comma with one or two decimals after it is read. Three would be read as
    thousands by half of the world.

    Args:
        digits: how many it has at most, those after the point included.
        scale: how many decimals; more are fine where they are zeros.
        least: the least that it may be; None: any.
    """

    def value(field: pl.Expr) -> pl.Expr:
        exact = field.str.extract(_EXACT.format(scale=scale))
        return exact.str.replace(",", ".", literal=True).cast(pl.Decimal(digits, scale))

    too_large = f"^[+-]?0*[1-9][0-9]{{{digits - scale}}}"
    too_precise = f"[.,][0-9]{{{scale}}}[0-9]*[1-9]"
    rules: dict[str, Rule] = {
        "missing": _is_given,
        "not_a_number": lambda field: _matches(_NUMBER)(field) | ~_is_given(field),
        "too_precise": lambda field: ~_matches(_NUMBER)(field) | ~_matches(too_precise)(field),
        "out_of_range": lambda field: ~_matches(_NUMBER)(field) | ~_matches(too_large)(field),
    }
    if least is not None:
        rules["negative"] = lambda field: ~_matches(_NUMBER)(field) | ~_matches("^-.*[1-9]")(field)
    sign, whole = "-?" if least is None else "", digits - scale
    decimals = f"(?:\\.[0-9]{{1,{scale}}})?"
    return _field(
        Reading(
            pl.Decimal(digits, scale),
            value,
            plain=lambda _, __: f"{sign}[0-9]{{1,{whole}}}{decimals}",
            number=f"{sign}(?:0|[1-9][0-9]{{0,{whole - 1}}}){decimals}",
        ),
        **rules,
    )


def day() -> dy.String:
    """A date of the years 1900 to 9999: ISO, also with midnight, or day first; spaces around.

    `2026-11-20`, `2026-11-20T00:00:00`, perhaps with Z or an offset of zero, `20/11/2026`,
    `20.11.2026`, `20-11-2026`.
    """

    def value(field: pl.Expr) -> pl.Expr:
        trimmed = _trimmed(field)
        iso = trimmed.str.extract(_DAY_ISO).str.replace_all("-", "", literal=True)
        places = [trimmed.str.slice(at, length) for at, length in ((6, 4), (3, 2), (0, 2))]
        turned = pl.when(trimmed.str.contains(_DAY_FIRST)).then(pl.concat_str(places))
        # Eight digits or nothing: the parser has no choice. An impossible date becomes null.
        return pl.coalesce(iso, turned).str.to_date("%Y%m%d", strict=False)

    return _field(
        Reading(pl.Date(), value, plain=lambda _, __: _PLAIN_DAY, number=None),
        missing=_is_given,
        not_a_date=lambda field: value(field).is_not_null() | ~_is_given(field),
    )


def text(longest: int) -> dy.String:
    """A text of 1 to `longest` characters, which are Unicode's code points, as PostgreSQL's."""
    return _field(
        Reading(
            pl.String(),
            lambda field: field,
            plain=lambda taken, also: f"(?:[^{taken}]{also}){{1,{longest}}}",
            number=_as_it_is(longest),
        ),
        missing=lambda field: (field != "").fill_null(value=False),
        too_long=lambda field: field.str.len_chars().fill_null(0) <= longest,
    )


def identifier(longest: int) -> dy.String:
    """A text of 1 to `longest` characters, without the spaces around it."""
    return _field(
        Reading(
            pl.String(),
            _trimmed,
            plain=lambda taken, _: f"[^{taken} ]{{1,{longest}}}",
            number=_as_it_is(longest),
        ),
        missing=_is_given,
        too_long=lambda field: _trimmed(field).str.len_chars().fill_null(0) <= longest,
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
    """Whether there is more than spaces."""
    return (_trimmed(field) != "").fill_null(value=False)


def _matches(pattern: str) -> Rule:
    """Whether what stands between the spaces matches a pattern; a null does not."""
    return lambda field: _trimmed(field).str.contains(pattern).fill_null(value=False)


def _as_it_is(longest: int) -> str:
    """A whole JSON number that is taken for a text."""
    return f"(?:0|[1-9][0-9]{{0,{min(longest, _MOST_DIGITS) - 1}}})"
