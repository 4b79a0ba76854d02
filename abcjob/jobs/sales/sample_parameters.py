"""The parameters of a sample of the job `sales`, and how they are given."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, cast

from abcjob.job import Option, parameter, seed_parameter, share, whole_number

MAX_ROWS = 100_000_000  # sales: 5 GB as CSV
MAX_PRODUCTS = 100_000
MAX_STORES = 10_000

Kind = Literal["csv", "ndjson"]


def kind(text: str) -> Kind:
    """How the files are written."""
    if text not in ("csv", "ndjson"):
        raise ValueError("csv or ndjson")
    return cast("Kind", text)


@dataclass(frozen=True)
class SampleParameters:
    """What the files of a sample hold. The same parameters give the same bytes, anywhere."""

    rows: int = parameter(10_000, Option("sales", whole_number(0, MAX_ROWS)))
    products: int = parameter(100, Option("products on sale", whole_number(1, MAX_PRODUCTS)))
    stores: int = parameter(30, Option("stores", whole_number(1, MAX_STORES)))
    bad: Decimal = parameter(
        Decimal("0.03"), Option("share of the sales that are wrong", share, metavar="SHARE")
    )
    seed: int = seed_parameter("files")
    kind: Kind = parameter("csv", Option("how the files are written", kind, metavar="[csv|ndjson]"))
