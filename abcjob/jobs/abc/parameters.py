"""The parameters of the job `abc`, and how they are given."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

from abcjob.job import Option, parameter, seed_parameter, whole_number

MAX_COMPANIES = 10_000_000  # more than a billion rows over the default year is no test of KPIs
MAX_MONTHS = 1_200  # a hundred years; `session_id` has room for 9,999

SessionRule = Literal["signed", "uniform"]


def month(text: str) -> date:
    """The first day of a month written YYYY-MM."""
    found = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text)
    if not found or not 1 <= int(found[1]) <= 9999 - MAX_MONTHS // 12:
        raise ValueError("a month as YYYY-MM, such as 2021-01")
    return date(int(found[1]), int(found[2]), 1)


def session_rule(text: str) -> SessionRule:
    """One of the two readings of the brief's sessions in a month."""
    if text not in ("signed", "uniform"):
        raise ValueError("signed or uniform")
    return cast("SessionRule", text)


@dataclass(frozen=True)
class Parameters:
    """What is generated. The same parameters give the same rows, anywhere."""

    companies: int = parameter(
        500,
        Option(
            f"companies before the first month, up to {MAX_COMPANIES:,}; none joins later",
            whole_number(1, MAX_COMPANIES),
        ),
    )
    months: int = parameter(
        12, Option(f"months covered, up to {MAX_MONTHS:,}", whole_number(1, MAX_MONTHS))
    )
    start: date = parameter(
        date(2021, 1, 1),
        Option("the first month", month, lambda value: value.isoformat()[:7], "YYYY-MM"),
    )
    seed: int = seed_parameter("rows")
    session_rule: SessionRule = parameter(
        "signed",
        Option(
            "sessions of a company in a month: its base, 5 or 10, give or take a whole number from "
            "0 to the base (signed), or any whole number from 0 to twice the base (uniform)",
            session_rule,
            metavar="[signed|uniform]",
        ),
    )
