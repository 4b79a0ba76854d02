"""How a figure changed from one period to another: absolute and relative, as people read it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from abcjob.presentation import ENGLISH
from abcjob.render.formats import NOTHING, NUMERIC, shown

if TYPE_CHECKING:
    from abcjob.render.formats import Kind

Figure = int | Decimal


def difference(first: Figure | None, second: Figure | None) -> Figure | None:
    """Absolute: the second less the first; None where one is missing."""
    return None if first is None or second is None else second - first


def change(first: Figure | None, second: Figure | None) -> Decimal | None:
    """Relative: the difference as a fraction of the first; None where that is not above zero."""
    if first is None or second is None or first <= 0:
        return None
    return Decimal(second - first) / first


def shown_difference(
    first: Figure | None, second: Figure | None, kind: Kind, locale: str = ENGLISH
) -> str:
    """The difference with its sign; that of percentages in percentage points (pp)."""
    found = difference(first, second)
    text = signed(found, kind, locale)
    if found is None or kind != "percent":
        return text
    return re.sub(r"\s*%\s*", "", text) + " pp"


def shown_change(
    first: Figure | None, second: Figure | None, kind: Kind, locale: str = ENGLISH
) -> str:
    """The relative change with its sign; that of percentages says nothing that people expect."""
    return NOTHING if kind == "percent" else signed(change(first, second), "percent", locale)


def signed(value: Figure | None, kind: Kind, locale: str = ENGLISH) -> str:
    """A value with its sign, but for one that is shown as zero."""
    if value is None or kind not in NUMERIC:
        return NOTHING
    text = shown(abs(value), kind, locale)
    if not re.search("[1-9]", text):
        return text
    return f"{'-' if value < 0 else '+'}{text}"
