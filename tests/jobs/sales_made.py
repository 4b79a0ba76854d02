"""A sample of the job sales, written and read again."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from abcjob.jobs.sales import sample
from abcjob.jobs.sales.sample_parameters import SampleParameters

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 11, 20)
TABLES = ("products", "stores", "sales")

Told = dict[tuple[str, str], int]


class Made(NamedTuple):
    """The files by table, and what was told: rows by file and fault."""

    files: dict[str, bytes]
    told: Told
    becomes: dict[str, str]


def made(folder: Path, day: date = DAY, **values: Any) -> Made:
    """A sample's files."""
    parameters = SampleParameters(**values)
    told = sample.write(parameters, day, folder)
    assert told.columns == ["file", "fault", "rows", "becomes"]
    return Made(
        {table: (folder / f"{table}.{parameters.kind}").read_bytes() for table in TABLES},
        {(row["file"], row["fault"]): row["rows"] for row in told.to_dicts()},
        {row["fault"]: row["becomes"] for row in told.to_dicts()},
    )
