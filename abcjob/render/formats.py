"""How values are shown to people: each kind once, here."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, Literal, cast, get_args

from abcjob.presentation import ENGLISH

Kind = Literal["text", "month", "date", "count", "decimal", "money", "euros", "percent"]
KINDS = cast("tuple[Kind, ...]", get_args(Kind))
NUMERIC: frozenset[Kind] = frozenset({"count", "decimal", "money", "euros", "percent"})
_CURRENCIES: dict[Kind, str] = {"money": "USD", "euros": "EUR"}
_SIGNS = {"USD": "$", "EUR": "€"}
NOTHING = "–"  # noqa: RUF001 - an en dash: there is no value
_LONG = 1_000  # from here on the first digits are what is read


def shown(value: object, kind: Kind, locale: str = ENGLISH) -> str:
    """A value as people read it.

    `count` has no decimals; `decimal` two; `money` is in US dollars and `euros` in euros,
    with cents only where there are any; `percent` takes a fraction of one and shows one decimal;
    `month` takes its first day; dates are ISO 8601 in English. What is shown as zero has no sign.

    Args:
        value: of any type; what is no number and no date is shown as it is.
        kind: how to show it.
        locale: the name of a locale: how digits are grouped, where a currency stands, how a date
            is written.
    """
    if value is None:
        return NOTHING
    if isinstance(value, date):
        return _day(value, locale, is_month=kind == "month")
    if kind == "text" or not isinstance(value, int | float | Decimal):
        return str(value)
    text = _figure(value, kind, locale)
    # What is less than can be shown is no negative zero.
    return (
        text
        if value > 0 or re.search("[1-9]", text)
        else _figure(abs(Decimal(value)), kind, locale)
    )


def shown_short(value: object, kind: Kind, locale: str = ENGLISH) -> str:
    """As `shown`, but from a thousand on to the whole unit."""
    if not isinstance(value, int | float | Decimal) or -_LONG < value < _LONG:
        return shown(value, kind, locale)
    if kind == "decimal":
        return shown(value, "count", locale)
    return shown(round(value) if kind in _CURRENCIES else value, kind, locale)


def shown_share(value: Decimal, locale: str = ENGLISH) -> str:
    """A share of one in percent, with all its decimals, but one at least: a threshold is exact."""
    digits = len(f"{value:f}".partition(".")[2].rstrip("0"))
    return _percent(value, locale, max(digits - 2, 1))


def for_charts(currency: str, locale: str = ENGLISH) -> dict[str, Any]:
    """D3's `format_locale`, in which `$` stands for the currency: its sign, or its code."""
    if locale == ENGLISH:
        signs = [_SIGNS.get(currency, f"{currency}\N{NO-BREAK SPACE}"), ""]
        return {"decimal": ".", "thousands": ",", "grouping": [3], "currency": signs}
    from abcjob.render import locales

    return locales.of_charts(locale, currency)


def _figure(value: float | Decimal, kind: Kind, locale: str) -> str:
    if kind == "percent":
        return _percent(value, locale)
    if kind in _CURRENCIES:
        return _money(value, _CURRENCIES[kind], 0 if value == int(value) else 2, locale)
    return _number(value, 2 if kind == "decimal" else 0, locale)


# Babel takes a while to import, and English does without it.


def _day(day: date, locale: str, *, is_month: bool) -> str:
    if locale == ENGLISH:
        return day.isoformat()[:7] if is_month else str(day)
    from abcjob.render import locales

    return locales.day(day, locale, is_month=is_month)


def _percent(value: float | Decimal, locale: str, decimals: int = 1) -> str:
    if locale == ENGLISH:
        return f"{value * 100:.{decimals}f}%"
    from abcjob.render import locales

    return locales.percent(value, decimals, locale)


def _money(value: float | Decimal, currency: str, decimals: int, locale: str) -> str:
    if locale == ENGLISH:
        return f"{'-' if value < 0 else ''}{_SIGNS[currency]}{abs(value):,.{decimals}f}"
    from abcjob.render import locales

    return locales.money(value, currency, decimals, locale)


def _number(value: float | Decimal, decimals: int, locale: str) -> str:
    if locale == ENGLISH:
        return f"{value:,.{decimals}f}"
    from abcjob.render import locales

    return locales.number(value, decimals, locale)


def sentence_case(name: str) -> str:
    """A column's name as a heading: `average_sessions` is `Average sessions`."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
