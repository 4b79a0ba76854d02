"""A stream of the job jukebox worked out by hand: what is sent, and what it must come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from jukebox_answers import Asked
from jukebox_events import (
    allocated,
    bought,
    customer,
    location,
    published,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    Row = tuple[Any, ...]
    Lines = tuple[bytes, ...]

END = date(2026, 3, 31)
USUAL = Asked(END)


@dataclass(frozen=True)
class Stream:
    """What is sent, and what must be there then.

    Attributes:
        requirement: what it shows.
        runs: the lines of each run.
        tables: rows by table and columns, `sales: device_id price`; in any order.
        kpis: all rows of a KPI, in order.
        kept: state and rules of events that are not loaded, by EventId.
        asked: what the KPIs are asked for.
    """

    requirement: str
    runs: tuple[Lines, ...]
    tables: Mapping[str, list[Row]] = field(default_factory=dict)
    kpis: Mapping[str, list[Row]] = field(default_factory=dict)
    kept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    asked: Asked = USUAL


def cents(text: str) -> Decimal:
    """An amount that is not whole."""
    return Decimal(text)


def quiet(month: str, first: int, last: int, mean: object) -> list[Row]:
    """Days of a month without any cash, and of one mean."""
    return [(f"{month}-{day:02}", 0, mean) for day in range(first, last + 1)]


# A customer with two locations, a device and a song; nothing has happened yet.
BASE = (
    customer("c1", "2026-01-01"),
    location("l1", "2026-01-01", 10),
    location("l2", "2026-01-01", 20, address="3 Mill Lane"),
    bought("b1", "2026-01-02"),
    published("s1", "2026-01-01"),
)
A1 = allocated("a1", "2026-01-10")  # of device 100, for 900, by agent 7
LINUS = (8, "Linus")
SOLD = "sales: device_id price received sold_at"
ALLOCATED = "allocations: event_id device_id location_id agent_id price starts_at ends_at"
