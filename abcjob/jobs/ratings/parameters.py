"""The parameters of the job `ratings` and of its sample, and how they are given."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from abcjob.job import Option, mark, parameter, seed_parameter, share, whole_number

MAX_ROWS = 100_000_000  # of a sample's file: 3 GB


@dataclass(frozen=True)
class Parameters:
    """Where the files are, and what they have to be."""

    input: Path | None = parameter(
        None, Option("the folder with the customers' files", Path, metavar="DIR")
    )
    metadata: Path | None = parameter(
        None,
        Option(
            "the TOML file that names the customers; without it, the one that comes with abcjob",
            Path,
            metavar="FILE",
        ),
    )
    allow_shrink: bool = parameter(
        default=False,
        option=mark("load also a file that is empty, or has fewer than half of the rows before"),
    )
    add: bool = parameter(
        default=False,
        option=mark("add the files' rows to those that are loaded: rejected rows, mended"),
    )


@dataclass(frozen=True)
class SampleParameters:
    """What the files of a sample hold. The same parameters give the same bytes, anywhere."""

    customers: int = parameter(5, Option("customers, a file each", whole_number(1, 999)))
    rows: int = parameter(1000, Option("rows of each file", whole_number(0, MAX_ROWS)))
    bad: Decimal = parameter(
        Decimal("0.03"), Option("share of the rows that are wrong", share, metavar="SHARE")
    )
    seed: int = seed_parameter("files")
