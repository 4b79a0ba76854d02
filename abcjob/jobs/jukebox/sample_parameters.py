"""The parameters of a sample of the job `jukebox`, and how they are given."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from abcjob.job import Option, parameter, seed_parameter, whole_number
from abcjob.job import share as any_share

MAX_CUSTOMERS = 100_000  # what is known of each and of its devices is held in memory: some 1 KB
MAX_MONTHS = 120
MAX_PLAYS = 10_000  # one in about four minutes
MAX_BAD = Decimal("0.5")  # as many wrong lines as right ones


def share(text: str) -> Decimal:
    """A share from 0 to a half: wrong lines stand beside the right ones, never in their place."""
    try:
        value = any_share(text)
    except ValueError:
        value = Decimal(1)
    if value > MAX_BAD:
        raise ValueError(f"a number from 0 to {MAX_BAD}, such as 0.01")
    return value


@dataclass(frozen=True)
class SampleParameters:
    """What the stream of a sample holds. The same parameters give the same bytes, anywhere."""

    customers: int = parameter(200, Option("customers by the end", whole_number(1, MAX_CUSTOMERS)))
    months: int = parameter(
        12, Option("months that it covers, up to the date", whole_number(1, MAX_MONTHS))
    )
    plays: int = parameter(
        60, Option("songs that a device plays in a month", whole_number(0, MAX_PLAYS))
    )
    bad: Decimal = parameter(
        Decimal("0.01"), Option("share of the lines that are wrong", share, metavar="SHARE")
    )
    seed: int = seed_parameter("file")
