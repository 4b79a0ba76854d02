"""Files of sales, and what the engine makes of them."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from abcjob.fields import amount, day, identifier, integer
from abcjob.job import Source
from abcjob.rules import Record
from abcjob.sources import lines, objects, records
from abcjob.stages.validate import Intake

if TYPE_CHECKING:
    from pathlib import Path

    Row = tuple[object, ...]

NAMES = ("id", "product_id", "store_id", "sale_date", "quantity", "amount")
BLOCKS = (1, 16, lines.BLOCK)
GOOD = (
    b'{"id":"1","product_id":2,"store_id":"3","sale_date":"2026-11-20","quantity":1,"amount":1.10}'
)
SALES = [
    {
        "id": f"S{one}",
        "product_id": f"P{one % 7}",
        "store_id": f"M{one % 3}",
        "sale_date": f"2026-11-{one % 30 + 1:02}",
        "quantity": one % 9 + 1,
        "amount": one / 100,
    }
    for one in range(1, 2001)
]
AS_READ = [
    (
        *(str(sale[name]) for name in NAMES[:3]),
        date.fromisoformat(str(sale["sale_date"])),
        sale["quantity"],
        Decimal(str(sale["amount"])),
    )
    for sale in SALES
]


class Sale(Record):
    """A sale."""

    id = identifier(64)
    product_id = identifier(64)
    store_id = identifier(64)
    sale_date = day()
    quantity = integer(least=1)
    amount = amount(14, 2)


def taken(path: Path) -> tuple[dict[int, Row], set[int], Intake]:
    """What the engine makes of a file: values by line, the lines rejected, the intake."""
    intake = Intake(Sale, Source("sales", path, delimiter=None))
    rejected: list[pl.DataFrame] = []
    good: dict[int, Row] = {}
    for frame in intake.frames(lambda _, rows: rejected.append(rows)):
        for row in frame.select("_row", *NAMES).iter_rows():
            good[row[0]] = row[1:]
    found = [line for frame in rejected for line in frame["_row"]]
    assert len(found) == len(set(found))
    assert intake.read == len(good) + len(found) + intake.blank
    return good, set(found), intake


def taken_in_blocks(path: Path, block: int, *, few: int = 0) -> Any:
    """The same, read `block` bytes at a time; `few` lines are looked at closely at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK", block)
        patch.setattr(objects, "FEW", few)
        patch.setattr(lines, "TOGETHER", 1 if block == BLOCKS[0] else lines.TOGETHER)
        return taken(path)


def reasons(path: Path, kind: type[Record] = Sale) -> list[tuple[str, str | None]]:
    """The rules that a file's lines break, each with its column, in order of the lines."""
    rejected: list[pl.DataFrame] = []
    for _ in Intake(kind, Source("sales", path, delimiter=None)).frames(
        lambda _, rows: rejected.append(rows)
    ):
        pass
    every = pl.concat(rejected).sort("_row")
    return [
        (one["rule"], one["column"])
        for failed in every["failed_rules"]
        for one in json.loads(failed)
    ]


def lines_of(path: Path) -> pl.DataFrame:
    """All of a file's lines as they came: `_row` and `_raw`."""
    return pl.concat(list(records.raw(Source("sales", path, None), None, every_row)))


def every_row(first: int, last: int) -> pl.Series:
    """The numbers from one to another."""
    return pl.int_range(first, last + 1, dtype=pl.Int64, eager=True)
