"""How values are shown to people: each kind once, here."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal, cast, get_args

Kind = Literal["text", "month", "count", "decimal", "money", "euros", "percent"]
KINDS = cast("tuple[Kind, ...]", get_args(Kind))
NUMERIC: frozenset[Kind] = frozenset({"count", "decimal", "money", "euros", "percent"})
_CURRENCIES: dict[Kind, str] = {"money": "$", "euros": "€"}
NOTHING = "–"  # noqa: RUF001 - an en dash: there is no value


def shown(value: object, kind: Kind) -> str:
    """A value as people read it.

    `count` has no decimals; `decimal` two; `money` is in US dollars and `euros` in euros,
    with cents only where there are any; `percent` takes a fraction of one and shows one decimal;
    `month` takes its first day.
    """
    if value is None:
        return NOTHING
    if kind == "month" and isinstance(value, date):
        return value.isoformat()[:7]
    if kind == "text" or not isinstance(value, int | float | Decimal):
        return str(value)
    if kind in _CURRENCIES:
        cents = 0 if value == int(value) else 2
        return f"{'-' if value < 0 else ''}{_CURRENCIES[kind]}{abs(value):,.{cents}f}"
    if kind == "percent":
        return f"{value * 100:.1f}%"
    return f"{value:,.{2 if kind == 'decimal' else 0}f}"


def sentence_case(name: str) -> str:
    """A column's name as a heading: `average_sessions` is `Average sessions`."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
