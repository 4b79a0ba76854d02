"""A stream of events to try the job `jukebox` with, some of them wrong in ways that it knows.

Every draw is keyed, by whom it is about or by the number of its event, so the same parameters give
the same bytes. Events are made by the slice of time; what is held in memory is what happens to
customers and devices, not what they pay and play.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from abcjob.draws import below, column, drawn, is_within
from abcjob.errors import SettingsError
from abcjob.jobs.jukebox import sample_faults, sample_flows, sample_listed, sample_world
from abcjob.jobs.jukebox.sample_draws import Stream
from abcjob.jobs.jukebox.sample_faults import FAULTS, Beside
from abcjob.jobs.jukebox.sample_text import lines
from abcjob.render import files
from abcjob.sampling import joined

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from abcjob.jobs.jukebox.sample_parameters import SampleParameters
    from abcjob.jobs.jukebox.sample_world import World

FILE = "events.ndjson"
SLICE = 65_536  # events made at a time, about: 13 MB
SHORTEST = 60  # seconds of a slice
LAST_DAY = date(9999, 12, 30)  # on the one after it, clocks ahead of UTC are in no year
FIRST_MONTH = date(1901, 1, 1)  # the job reads no time before 1900, anywhere on earth
DELAYED = 4  # percent of the events that come late
LATEST = 6 * 3_600_000  # milliseconds; wrong lines come up to so much later, too
MOST_LONG = 3  # lines that are too long: each is a megabyte
_NAMES = list(FAULTS)


def write(parameters: SampleParameters, day: date, folder: Path) -> pl.DataFrame:
    """Write `events.ndjson`, of the months up to the end of `day`.

    Returns:
        What was made wrong: file, fault, rows, and what becomes of them: `rejected`, `skipped`, or
        `waiting` for what is never told. Of two lines with one EventId and other content, one is
        rejected: they count as one.

    Raises:
        SettingsError: the months begin before the first that the job reads, or end after the last.
        ReportError: as `files.create`.
    """
    world = sample_world.made(parameters, *_times(parameters, day))
    counts: dict[str, int] = {}
    files.create({folder / FILE: _pieces(world, parameters, counts)})
    told = [
        {"file": FILE, "fault": fault, "rows": rows, "becomes": FAULTS[fault]}
        for fault, rows in sorted(counts.items())
    ]
    types = {"file": pl.String, "fault": pl.String, "rows": pl.Int64, "becomes": pl.String}
    return pl.DataFrame(told, types)


def _times(parameters: SampleParameters, day: date) -> tuple[int, int]:
    """When the stream begins and ends: seconds since 1970."""
    month = day.year * 12 + day.month - parameters.months
    if month < FIRST_MONTH.year * 12:
        raise SettingsError(
            f"sampling jukebox: got --date {day} and --months {parameters.months}, expected no "
            f"month before {FIRST_MONTH:%Y-%m}; name a later date, or fewer months"
        )
    if day > LAST_DAY:
        raise SettingsError(
            f"sampling jukebox: got --date {day}, expected {LAST_DAY} or earlier; name such a date"
        )
    begin = datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
    end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    return int(begin.timestamp()), int(end.timestamp())


def _pieces(world: World, parameters: SampleParameters, counts: dict[str, int]) -> Iterator[bytes]:
    """The file, by the slice; what is wrong in it is added to `counts`."""
    number, late = 0, pl.DataFrame(schema=_ARRIVING)
    for end, events in _slices(world, parameters):
        right = _arriving(events.with_row_index("row", number), parameters.seed)
        wrong = _wrong(right, world, parameters, counts)
        number += events.height
        coming = pl.concat([late, right.select(list(_ARRIVING)), wrong]).sort(
            "arrives", "row", "is_wrong"
        )
        is_late = (pl.col("arrives") >= end * 1_000) & pl.lit(end < world.end)
        late = coming.filter(is_late)
        yield from joined(coming.filter(~is_late)["line"])


_ARRIVING = {"arrives": pl.Int64, "row": pl.Int64, "is_wrong": pl.Boolean, "line": pl.String}


def _slices(world: World, parameters: SampleParameters) -> Iterator[tuple[int, pl.DataFrame]]:
    """The right events, of one time after the other: its end, and `at` and `text`.

    They stand as they happen; those of one instant in an order that depends on no slice.
    """
    each = parameters.plays + sample_world.OTHERS
    length = SLICE * sample_world.MONTH // (max(world.devices.height, 1) * each)
    length = min(max(length, SHORTEST), world.end - world.begin)
    song = sample_flows.liked(world)
    for begin in range(world.begin, world.end, length):
        end = min(begin + length, world.end)
        parts = [*sample_listed.listed(world, begin, end), sample_flows.payments(world, begin, end)]
        if parameters.plays:
            parts.append(sample_flows.plays(world, begin, end, song))
        yield end, pl.concat(parts).sort("at", maintain_order=True)


def _arriving(events: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Events with `line`, and when it `arrives`: of most, when they happen."""
    rows = events.lazy().with_columns(pl.col("row").cast(pl.Int64))
    rows = column(rows, seed, Stream.DELAYED, "is_delayed", below(100) < DELAYED)
    rows = column(rows, seed, Stream.DELAY, "delay", below(LATEST).cast(pl.Int64))
    delay = pl.when("is_delayed").then("delay").otherwise(0)
    number = (pl.col("row") + 1).cast(pl.String)
    return rows.with_columns(
        lines(number, pl.col("text")),
        arrives=pl.col("at") + delay,
        is_wrong=pl.lit(value=False),
    ).collect()


def _wrong(
    right: pl.DataFrame, world: World, parameters: SampleParameters, counts: dict[str, int]
) -> pl.DataFrame:
    """The lines that are wrong, beside right events; they are added to `counts`."""
    numerator, denominator = parameters.bad.as_integer_ratio()
    # To be a share of all lines, they are a greater one of the right ones.
    is_bad = is_within((numerator, denominator - numerator))
    rows = column(right.lazy(), parameters.seed, Stream.IS_BAD, "is_bad", is_bad).filter("is_bad")
    rows = drawn(rows, parameters.seed, Stream.FAULT, pl.col("row")).with_columns(
        fault=below(len(_NAMES)), turn=pl.col("draw") // 2**40
    )
    delay = below(LATEST).cast(pl.Int64)
    rows = column(rows, parameters.seed, Stream.BAD_DELAY, "delay", delay)
    rows = rows.with_columns(arrives=pl.col("at") + pl.col("delay"), is_wrong=pl.lit(value=True))
    wrong = rows.with_columns(number=pl.col("row") + 1).collect()
    made = []
    for row in wrong.select("number", "at", "line", "turn", "fault").iter_rows(named=True):
        fault = _NAMES[row.pop("fault")]
        if fault == "line_too_long" and counts.get(fault) == MOST_LONG:
            fault = "not_json"
        counts[fault] = counts.get(fault, 0) + 1
        made.append(sample_faults.line(fault, Beside(**row, end=world.end * 1_000)))
    return wrong.with_columns(pl.Series("line", made, pl.String)).select(list(_ARRIVING))
