"""The parameters of the job `jukebox`, and how they are given."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from abcjob.job import Option, mark, parameter

_SOME = datetime(2024, 11, 23, 22, 47, 58, 360_912, tzinfo=UTC)  # no two numbers of it are alike


# What the parser of times passes over, or takes for another thing than it looks like.
_MISREAD = {
    "%Z": "an offset as %z has it: the zone's name that %Z stands for is passed over",
    "%f": "a fraction as %.f has it: %f is a number of nanoseconds, of which '5' is no half second",
}


def _shown(paths: tuple[Path, ...]) -> str:
    return ", ".join(map(str, paths))


def _time_format(text: str) -> str:
    """A format by which at least the day is told, and nothing of it is lost."""
    import polars as pl
    from polars.exceptions import PolarsError

    for directive in re.findall("%.", text):  # `%%` is one
        if directive in _MISREAD:
            raise ValueError(_MISREAD[directive])
    try:
        written = pl.Series([_SOME]).dt.strftime(text)
        read = written.str.to_datetime(text, time_unit="us")
        is_told = read.dt.date()[0] == _SOME.date() and read.dt.strftime(text)[0] == written[0]
    except PolarsError:
        is_told = False
    if not is_told:
        raise ValueError("a day and a time as strftime has them, such as '%d/%m/%Y %H:%M'")
    return text


@dataclass(frozen=True)
class Parameters:
    """Where the events are, and what the report looks at."""

    input: tuple[Path, ...] = parameter(
        (),
        Option(
            "files of events, or folders of such: *.ndjson, *.jsonl, *.json, also with .gz",
            Path,
            _shown,
            "SRC",
            takes_many=True,
        ),
    )
    date_format: str | None = parameter(
        None,
        Option(
            "how else than by ISO 8601 times may be written, as strftime has it, "
            "such as '%d/%m/%Y %H:%M'",
            _time_format,
            metavar="FORMAT",
        ),
    )
    product: str = parameter(
        "MusicMaker3000",
        Option("the product that is compared with all others", str, metavar="NAME"),
    )
    all_plays: bool = parameter(
        default=False, option=mark("count songs that were not played to their end too")
    )
