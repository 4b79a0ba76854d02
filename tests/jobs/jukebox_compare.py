"""What the job jukebox came to, as it may be compared with what it should."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from jukebox_answers import KPIS
from jukebox_oracle import BEATEN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jukebox_lines import Reasons
    from jukebox_oracle import Row

    from abcjob.database.connection import Connection


def plain(value: Any) -> Any:
    """Numbers as fractions, times as text in UTC."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return Fraction(value) if is_number else value


def rounded(value: Any) -> Fraction:
    """A mean to the cent: to how many places it is told is nobody's business."""
    exact = Fraction(value)
    told = (Decimal(exact.numerator) / exact.denominator).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Fraction(told)


def answer(kpi: str, rows: Iterable[Row]) -> list[Row]:
    """A KPI's rows, in their order."""
    return [
        tuple(
            rounded(value) if column == "trailing_mean_15d" else plain(value)
            for column, value in zip(KPIS[kpi], row, strict=True)
        )
        for row in rows
    ]


def in_any_order(rows: Iterable[Row]) -> list[Row]:
    """A table's rows."""
    return sorted((tuple(map(plain, row)) for row in rows), key=repr)


def stored(db: Connection, table: str, columns: Iterable[str]) -> list[Row]:
    """The rows that the program has made."""
    return in_any_order(db.query(f"select {', '.join(columns)} from jukebox.{table}").iter_rows())


def quarantine(db: Connection) -> list[tuple[bytes, str, Reasons]]:
    """The rows that are not loaded: the line, the state, why."""
    found = db.query("select raw, state, failed_rules::text as rules from jukebox.quarantine")
    return [
        (raw, state, frozenset((one["rule"], one["column"]) for one in json.loads(rules)))
        for raw, state, rules in found.iter_rows()
    ]


def is_beaten(reasons: Reasons) -> bool:
    """Whether another event has the EventId; the rule tells, whatever column it names."""
    return {rule for rule, _ in reasons} == {rule for rule, _ in BEATEN}


def told(reasons: Reasons) -> tuple[str, ...]:
    """Rules, each with its column but where it is about the whole event."""
    if is_beaten(reasons):
        return tuple(rule for rule, _ in BEATEN)
    return tuple(sorted(f"{column}:{rule}" if column else rule for rule, column in reasons))
