"""Figures and dates as a locale has them, of the Unicode Consortium's tables (CLDR), by Babel.

Without the marks of direction that some have around signs: in pages, that are written from left to
right, they would set a sign on the figure's other side.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

# Of a date in figures: CLDR's letters, and those by which charts know them. `L` is a month that
# stands alone; five letters are a Roman numeral in Mongolian, which charts do not know.
_MONTHS = {"MM": "%m", "LL": "%m", "M": "%-m", "L": "%-m", "MMMMM": "%-m"}
_DIRECTIVES = {"y": "%Y", **_MONTHS, "dd": "%d", "d": "%-d"}
_MARKS = re.compile("[\u061c\u200e\u200f]")
_PIECE = re.compile("'(?P<quoted>[^']*)'|(?P<letters>[yMLd]+)")


def day(value: date, locale: str, *, is_month: bool) -> str:
    """A date in figures, or its month and year."""
    return _unmarked(format_date(value, _pattern(locale, is_month=is_month), locale))


def number(value: float | Decimal, decimals: int, locale: str) -> str:
    """A number with so many decimals."""
    pattern = _parsed(locale).decimal_formats[None].pattern
    return _unmarked(format_decimal(value, _with_decimals(pattern, decimals), locale))


def percent(value: float | Decimal, decimals: int, locale: str) -> str:
    """A fraction of one, in percent."""
    pattern = _parsed(locale).percent_formats[None].pattern
    return _unmarked(format_percent(value, _with_decimals(pattern, decimals), locale))


def money(value: float | Decimal, currency: str, decimals: int, locale: str) -> str:
    """An amount with the currency's sign, where the locale has it."""
    pattern = _parsed(locale).currency_formats["standard"].pattern
    pattern = _with_decimals(pattern, decimals)
    return _unmarked(format_currency(value, currency, pattern, locale, currency_digits=False))


@cache
def of_charts(locale: str, currency: str) -> dict[str, Any]:
    """The locale for Vega: D3's `format_locale`, in which `$` stands for the currency."""
    found = _parsed(locale)
    symbols = found.number_symbols["latn"]
    first, others = found.decimal_formats[None].grouping
    before, after = money(0, currency, 0, locale).split("0")
    return {
        "decimal": symbols["decimal"],
        "thousands": symbols["group"],
        "grouping": [first, *[others] * 6],
        "currency": [before, after],
        "percent": percent(0, 0, locale).replace("0", ""),
    }


def in_charts(spec: str, locale: str) -> str:
    """A chart's spec with ISO months and days written as the locale does."""
    # At once: what a day has become may look like an ISO month.
    return re.sub("%Y-%m(-%d)?", lambda iso: _as_in_charts(locale, is_month=not iso[1]), spec)


def _as_in_charts(locale: str, *, is_month: bool) -> str:
    written = _PIECE.sub(
        lambda piece: _DIRECTIVES[piece["letters"]] if piece["letters"] else piece["quoted"],
        _pattern(locale, is_month=is_month),
    )
    return _unmarked(written)


def _unmarked(text: str) -> str:
    return _MARKS.sub("", text)


@cache
def _parsed(locale: str) -> Locale:
    return Locale.parse(locale)


def _pattern(locale: str, *, is_month: bool) -> str:
    """How the locale writes a date, or a month, in figures, with the year in full."""
    pattern = _parsed(locale).datetime_skeletons["yM" if is_month else "yMd"].pattern
    return re.sub("[yY]+", "y", pattern)  # one locale has the year of the week


def _with_decimals(pattern: str, decimals: int) -> str:
    """CLDR's pattern with so many digits behind the point, in each of its parts."""
    digits = "." + "0" * decimals if decimals else ""
    return re.sub(r"0(?:\.[0#]+)?", f"0{digits}", pattern)
