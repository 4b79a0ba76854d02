"""The parameters of the job `sales`, and how they are given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from abcjob.job import Option, mark, parameter, whole_number

MOST_DAYS = 3_660  # of the window: ten years
MOST_SHOWN = 100


def _shown(source: str) -> str:
    """A source as it may be told: of an address, without a password or a query."""
    from abcjob.sources import address

    return address.shown(source) if address.is_address(source) else source


def _source(what: str) -> Option:
    return Option(
        f"where the {what} are: a file, or an address of http or https", str, _shown, "SRC"
    )


@dataclass(frozen=True)
class Parameters:
    """Where the rows are, and what the report looks at."""

    products: str | None = parameter(None, _source("products"))
    stores: str | None = parameter(None, _source("stores"))
    sales: str | None = parameter(None, _source("sales"))
    input: Path | None = parameter(
        None,
        Option("a folder with all three: products.*, stores.*, sales.*", Path, metavar="DIR"),
    )
    upsert: bool = parameter(
        default=False, option=mark("let a row take the place of the known one with its id")
    )
    window: int = parameter(
        30,
        Option("days up to the date that findings look back on", whole_number(1, MOST_DAYS)),
    )
    top: int = parameter(
        10,
        Option(
            "products and regions told by name; the rest are one row", whole_number(1, MOST_SHOWN)
        ),
    )
