"""ABC Enterprises once more, row by row and from the brief alone: what the job is held against.

Plain Python integers, no frame, no SQL: slow, and written without looking at the job's own
expressions. What it shares with the job is the contract: which draw each value takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MASK = 2**64 - 1
GAMMA = 0x9E3779B97F4A7C15
SIZE, SESSIONS, CREATED_AT = 1, 2, 3


def mix(z: int) -> int:
    """SplitMix64's finaliser."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def draw(seed: int, stream: int, index: int) -> int:
    """Output number `index` of the SplitMix64 generator that the stream's key begins."""
    key = mix((seed + 1) * GAMMA & MASK) ^ mix(stream * GAMMA & MASK)
    return mix((key + (index + 1) * GAMMA) & MASK)


def first_of(start: tuple[int, int], later: int) -> datetime:
    """The first instant of the month `later` months after `start`."""
    year, month = start
    for _ in range(later):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return datetime(year, month, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Company:
    """A company and what it did: for each month in which it was active, when."""

    company_id: int
    size: str
    sessions: list[list[tuple[int, datetime]]]


def companies(
    count: int, months: int, start: tuple[int, int] = (2021, 1), seed: int = 0, rule: str = "signed"
) -> Iterator[Company]:
    """Every company with its sessions by month, up to the month before it churned."""
    for company in range(1, count + 1):
        size = "small" if draw(seed, SIZE, company) < 7 * 2**64 // 10 else "large"
        base = 5 if size == "small" else 10
        active: list[list[tuple[int, datetime]]] = []
        for month in range(months):
            h = draw(seed, SESSIONS, company * 10_000 + month)
            if rule == "signed":
                distance = (h % 2**32) * (base + 1) // 2**32
                n = base + distance if h >= 2**63 else base - distance
            else:
                n = (h % 2**32) * (2 * base + 1) // 2**32
            if n == 0:
                break
            active.append([instant(seed, start, company, month, k) for k in range(1, n + 1)])
        yield Company(company, size, active)


def instant(
    seed: int, start: tuple[int, int], company: int, month: int, ordinal: int
) -> tuple[int, datetime]:
    """A session's id and when it began."""
    session_id = company * 1_000_000 + (month + 1) * 100 + ordinal
    begin, end = first_of(start, month), first_of(start, month + 1)
    span = (end - begin) // timedelta(microseconds=1)
    return session_id, begin + timedelta(microseconds=draw(seed, CREATED_AT, session_id) % span)
