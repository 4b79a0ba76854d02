"""The kinds of fields that records from outside have, with the rules that each has to keep."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, cast

import dataframely as dy
import polars as pl

from abcjob.rules import Reading

if TYPE_CHECKING:
    from abcjob.rules import Rule

_INTEGER = "^[+-]?[0-9]+$"
_NUMBER = r"^[+-]?[0-9]+(?:\.[0-9]+|,[0-9]{1,2})?$"
_EXACT = r"^ *([+-]?[0-9]+(?:[.,][0-9]{{1,{scale}}})?)"  # trailing zeros left out

_MIDNIGHT = r"(?:T00:00:00(?:Z|[+-]00:?00)?)?"
_DAY_ISO = rf"^((?:19|[2-9][0-9])[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}){_MIDNIGHT}$"
_DAY_FIRST = r"^[0-9]{2}(?:/[0-9]{2}/|\.[0-9]{2}\.|-[0-9]{2}-)(?:19|[2-9][0-9])[0-9]{2}$"
# Every month has 28 days; the others have theirs, and of the leap years those that are told easily.
_YEARS = "(?:19|[2-9][0-9])"  # their first two digits
_PLAIN_DAY = (
    f"(?:{_YEARS}[0-9]{{2}}-(?:"
    "(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    f"|{_YEARS}(?:0[48]|[2468][048]|[13579][26])-02-29)"
)
_POINT = r"^[+-]?[0-9]+(?:\.[0-9]+)?$"
_MOST_DECIMALS = 15  # of degrees: a float's
_POWER = r"^(?<sign>[+-]?)(?<whole>[0-9]+)(?:\.(?<part>[0-9]+))?[eE](?<power>[+-]?[0-9]{1,3})$"
_DEGREES = rf"^ *([+-]?0*[0-9]{{1,3}}(?:\.[0-9]{{1,{_MOST_DECIMALS}}})?) *$"
_INSTANT = (
    r"^(?<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?<minute>[0-9]{2}:[0-9]{2})"
    r"(?::(?<second>[0-5][0-9])(?:[.,](?<fraction>[0-9]{1,9}))?)?"
    r"(?:Z|(?<sign>[+-])(?<hours>[01][0-9]|2[0-3])(?::?(?<minutes>[0-5][0-9]))?)?)?$"
)
_CLOCK = "%Y-%m-%dT%H:%M:%S"
_MOST_DIGITS = 32  # of a number that is taken for a text without a close look


def within(
    place: str,
    field: dy.String,
    *,
    is_optional: bool = False,
    is_kept: bool = True,
    same_as: tuple[str, str] | None = None,
) -> dy.String:
    """A field of an object, deeper in it or under another name.

    Args:
        place: as `Reading.at`.
        field: the field.
        is_optional: it may be missing, or null.
        is_kept: as `Reading.is_kept`.
        same_as: another field, not optional, that has to have the same value, and what the rule is
            called that says so.
    """
    reading = replace(
        field.metadata["reading"],  # type: ignore[index]
        at=place,
        is_optional=is_optional,
        is_kept=is_kept,
        same_as=same_as[0] if same_as else "",
    )
    rules = dict(cast("dict[str, Rule]", field.check))
    if is_optional:
        del rules["missing"]
    if same_as:
        rules[same_as[1]] = _is_same(reading)
    return _field(reading, **rules)


def integer(least: Literal[0, 1] | None = None) -> dy.String:
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
        rules["not_positive" if least else "negative"] = lambda field: (
            ~_matches(_INTEGER)(field) | (value(field) >= least).fill_null(value=True)
        )
    text, number = {
        None: ("-?[0-9]{1,9}", "-?(?:0|[1-9][0-9]{0,8})"),
        0: ("[0-9]{1,9}", "(?:0|[1-9][0-9]{0,8})"),
        1: ("[1-9][0-9]{0,8}", "[1-9][0-9]{0,8}"),
    }[least]
    return _field(Reading(pl.Int32(), value, plain=lambda _, __: text, number=number), **rules)


def id_number() -> dy.String:
    """A whole number from 0 to 2**63 - 1, by which something is known: as `integer` is written."""

    def value(field: pl.Expr) -> pl.Expr:
        found = _trimmed(field).cast(pl.Int64, strict=False)
        return pl.when(found >= 0).then(found)

    return _field(
        Reading(
            pl.Int64(),
            value,
            plain=lambda _, __: "[0-9]{1,18}",
            number="(?:0|[1-9][0-9]{0,17})",
        ),
        missing=_is_given,
        not_an_integer=lambda field: _matches(_INTEGER)(field) | ~_is_given(field),
        out_of_range=lambda field: ~_matches(_INTEGER)(field) | value(field).is_not_null(),
    )


def unknown(rule: str) -> dy.String:
    """A text that is not one of those that it should be; `rule` says so."""
    return _field(
        Reading(pl.String(), lambda field: field, plain=lambda _, __: r"[^\s\S]", number=None),
        missing=_is_not_empty,
        **{rule: lambda field: ~_is_not_empty(field)},
    )


def boolean() -> dy.String:
    """`true` or `false`, spaces around."""
    words = "(?:true|false)"

    def value(field: pl.Expr) -> pl.Expr:
        return _trimmed(field) == "true"

    return _field(
        Reading(
            pl.Boolean(),
            value,
            plain=lambda _, __: words,
            number=words,
            ways=((words, value),),
        ),
        missing=_is_given,
        not_a_boolean=lambda field: _matches("^(?:true|false)$")(field) | ~_is_given(field),
    )


def degrees(most: Literal[90, 180]) -> dy.String:
    """A place on a meridian or a parallel, in degrees, rounded to six decimals: 11 centimetres.

    It may have an exponent, as `amount`.

    Args:
        most: how far it may be from zero.
    """

    def number(field: pl.Expr) -> pl.Expr:
        exact = pl.Decimal(18, _MOST_DECIMALS)
        return _written_out(field).str.extract(_DEGREES).cast(exact, strict=False)

    def value(field: pl.Expr) -> pl.Expr:
        return number(field).round(6, mode="half_away_from_zero").cast(pl.Decimal(9, 6))

    whole = {90: "[1-8]?[0-9]", 180: "(?:[1-9]?[0-9]|1[0-7][0-9])"}[most]
    plain = rf"-?{whole}(?:\.[0-9]{{1,6}})?"
    is_number = _is_number(_POINT)
    is_long = _is_number(rf"\.[0-9]{{{_MOST_DECIMALS + 1}}}")
    return _field(
        Reading(pl.Decimal(9, 6), value, plain=lambda _, __: plain, number=plain),
        missing=_is_given,
        not_a_number=lambda field: is_number(field) | ~_is_given(field),
        too_precise=lambda field: ~is_number(field) | ~is_long(field),
        out_of_range=lambda field: (
            ~is_number(field)
            | is_long(field)
            | (number(field).abs() <= most).fill_null(value=False)
        ),
    )


def instant(also: str | None = None) -> dy.String:
    """A moment of the years 1900 to 9999, to the microsecond: ISO 8601; spaces around.

    `2026-11-20T08:30:00Z`, `2026-11-20 08:30`, `2026-11-20T08:30:00.25+01:00`, and a date, which
    is its first moment. UTC where there is no offset; what is less than a microsecond is cut off.

    Args:
        also: another format that is read, as `strftime` has them.
    """

    def value(field: pl.Expr) -> pl.Expr:
        found = _iso(field) if also is None else pl.coalesce(_iso(field), _formatted(field, also))
        return pl.when(found.dt.year().is_between(1900, 9999)).then(found)

    def plain(field: pl.Expr) -> pl.Expr:
        # The fraction, behind 19 characters and a point, apart: both together take twice as long.
        fraction = field.str.slice(20).str.head(-1).str.pad_end(6, "0").cast(pl.Int64)
        clock = field.str.head(19).str.to_datetime(_CLOCK, time_unit="us")
        return (clock + pl.duration(microseconds=fraction)).dt.replace_time_zone("UTC")

    hour, sixty = "(?:[01][0-9]|2[0-3])", "[0-5][0-9]"
    clock = rf"{hour}:{sixty}:{sixty}(?:\.[0-9]{{1,6}})?"
    in_utc = f"{_PLAIN_DAY}T{clock}Z"
    # An offset does not lead out of the years that are read.
    offset = f"{_PLAIN_DAY.replace(_YEARS, '20')}[T ]{clock}(?:Z|[+-]{hour}(?::?{sixty})?)?"
    return _field(
        Reading(
            pl.Datetime("us", "UTC"),
            value,
            plain=lambda _, __: in_utc,
            number=None,
            ways=((in_utc, plain), (offset, _iso)),
        ),
        missing=_is_given,
        not_a_time=lambda field: value(field).is_not_null() | ~_is_given(field),
    )


def amount(digits: int, scale: int, least: Literal[0] | None = None) -> dy.String:
    """A decimal number, exact: digits, perhaps a sign, a point and decimals; spaces around.

    Instead of the point a comma with one or two decimals after it is read. Three would be read as
    thousands by half of the world. With an exponent, as JSON has them and programs write small
    numbers, it is what it is without: `1.25e1` is `12.5`.

    Args:
        digits: how many it has at most, those after the point included.
        scale: how many decimals; more are fine where they are zeros.
        least: the least that it may be; None: any.
    """

    def value(field: pl.Expr) -> pl.Expr:
        exact = _written_out(field).str.extract(_EXACT.format(scale=scale))
        return exact.str.replace(",", ".", literal=True).cast(pl.Decimal(digits, scale))

    is_number = _is_number(_NUMBER)
    is_large = _is_number(f"^[+-]?0*[1-9][0-9]{{{digits - scale}}}")
    is_long = _is_number(f"[.,][0-9]{{{scale}}}[0-9]*[1-9]")
    rules: dict[str, Rule] = {
        "missing": _is_given,
        "not_a_number": lambda field: is_number(field) | ~_is_given(field),
        "too_precise": lambda field: ~is_number(field) | ~is_long(field),
        "out_of_range": lambda field: ~is_number(field) | ~is_large(field),
    }
    if least is not None:
        is_negative = _is_number("^-.*[1-9]")
        rules["negative"] = lambda field: ~is_number(field) | ~is_negative(field)
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
        missing=_is_not_empty,
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


def _field(reading: Reading, **rules: Rule) -> dy.String:
    checks: dict[str, Any] = dict(rules)
    return dy.String(nullable=True, check=checks, metadata={"reading": reading})


def _is_same(reading: Reading) -> Rule:
    """Whether a field's value is that of the other field that has to be the same."""

    def is_same(field: pl.Expr) -> pl.Expr:
        return (reading.value(field) == reading.value(pl.col(reading.same_as))).fill_null(
            value=True
        )

    return is_same


def _iso(field: pl.Expr) -> pl.Expr:
    """A moment in ISO 8601; null where it is not so written."""
    parts = _trimmed(field).str.extract_groups(_INSTANT).struct
    clock = pl.concat_str(
        parts.field("day"),
        pl.lit("T"),
        parts.field("minute").fill_null("00:00"),
        pl.lit(":"),
        parts.field("second").fill_null("00"),
    )
    fraction = parts.field("fraction").fill_null("0").str.head(6).str.pad_end(6, "0").cast(pl.Int64)
    hours, minutes = (
        parts.field(name).fill_null("0").cast(pl.Int64) for name in ("hours", "minutes")
    )
    sign = pl.when(parts.field("sign") == "-").then(-1).otherwise(1)
    return (
        clock.str.to_datetime(_CLOCK, time_unit="us", strict=False)
        + pl.duration(microseconds=fraction, time_unit="us")
        - pl.duration(minutes=sign * (hours * 60 + minutes), time_unit="us")
    ).dt.replace_time_zone("UTC")


def _formatted(field: pl.Expr, form: str) -> pl.Expr:
    """A moment by a format; null where it is not so written."""
    found = _trimmed(field).str.to_datetime(form, time_unit="us", strict=False)
    return found.dt.convert_time_zone("UTC") if "%z" in form else found.dt.replace_time_zone("UTC")


def _trimmed(field: pl.Expr) -> pl.Expr:
    return field.str.strip_chars(" ")


def _is_given(field: pl.Expr) -> pl.Expr:
    """Whether there is more than spaces."""
    return (_trimmed(field) != "").fill_null(value=False)


def _is_not_empty(field: pl.Expr) -> pl.Expr:
    """Whether there is anything."""
    return (field != "").fill_null(value=False)


def _matches(pattern: str) -> Rule:
    """Whether what stands between the spaces matches a pattern; a null does not."""
    return lambda field: _trimmed(field).str.contains(pattern).fill_null(value=False)


def _is_number(pattern: str) -> Rule:
    """As `_matches`, of a number as it is without its exponent."""
    return lambda field: _matches(pattern)(_written_out(field))


def _written_out(field: pl.Expr) -> pl.Expr:
    """A number with an exponent as it is without, to the digit; any other text as it is."""
    parts = _trimmed(field).str.extract_groups(_POWER).struct
    decimals = parts.field("part").fill_null("")
    zeros = parts.field("power").cast(pl.Int64) - decimals.str.len_chars().cast(pl.Int64)
    after = (-zeros).clip(0)  # the point
    digits = (parts.field("whole") + decimals).str.pad_start(after + 1, "0")
    length = digits.str.len_chars().cast(pl.Int64)
    whole = digits.str.head(length - after).str.pad_end(length + zeros, "0")
    point = pl.when(after > 0).then(pl.lit(".")).otherwise(pl.lit(""))
    return pl.coalesce(parts.field("sign") + whole + point + digits.str.tail(after), field)


def _as_it_is(longest: int) -> str:
    """A whole JSON number that is taken for a text."""
    return f"(?:0|[1-9][0-9]{{0,{min(longest, _MOST_DIGITS) - 1}}})"
