"""The payments and the plays of a sample of the job `jukebox`: too many to be listed beforehand.

Each follows a clock: in every interval of its own, a payment or a song falls at a random instant.
So those of any time are found without those before. Every function gives rows of `at`,
milliseconds since 1970, and `text`, as `sample_text.event`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from abcjob.draws import below, by_weight, column, one_of
from abcjob.jobs.jukebox.sample_draws import Stream, table
from abcjob.jobs.jukebox.sample_text import (
    CUSTOMER,
    DEVICE,
    LOCAL,
    PAYMENT,
    SONG,
    WITH_MILLISECONDS,
    event,
)
from abcjob.jobs.jukebox.sample_world import DAY, HOUR, HOURS, WEEK
from abcjob.sampling import money

if TYPE_CHECKING:
    from abcjob.jobs.jukebox.sample_world import World

COMPLETED = 85  # percent of the songs
UNLINKED_PLAYS = 2  # percent without a device
WITHOUT_DEVICE, WITHOUT_CUSTOMER, WITHOUT_BOTH = 3, 3, 1  # percent of the payments
PAYMENTS = 2**7  # of an allocation, at most
PLAYS = 2**32  # of a device, at most
ROUND = 1_000  # cents to whose multiple too much is paid


def payments(world: World, begin: int, end: int) -> pl.DataFrame:
    """The payments from `begin` up to `end`, seconds since 1970."""
    plans, tick, at = table("plan"), pl.col("tick"), pl.col("at")
    rows = world.allocations.lazy().with_columns(
        pl.lit(plans[name]).gather("plan").alias(name)
        for name in ("payments", "days", "spread", "paid", "rounded")
    )
    gap = pl.col("days") * DAY
    rows = _ticks(rows, begin, end, pl.col("first"), gap, pl.col("paid"))
    rows = rows.with_columns(row=pl.col("row") * PAYMENTS + tick)
    wait = below(pl.col("spread") * DAY).cast(pl.Int64)
    rows = column(rows, world.seed, Stream.PAYMENT_WAIT, "wait", wait)
    rows = rows.with_columns(at=pl.col("first") + tick * gap + pl.col("wait"))
    is_in_force = pl.col("ends").is_null() | (at < pl.col("ends"))
    rows = rows.filter(at.is_between(begin, end - 1) & is_in_force)
    rows = column(rows, world.seed, Stream.PAYMENT_UNLINKED, "said", below(100).cast(pl.Int64))
    text = event(
        "Payment.PaymentReceived",
        '"PaymentId":"{}","PaymentAmount":{}{}{}',
        pl.col("row") + PAYMENT,
        money(_amount()),
        _device(),
        _customer(),
        time=LOCAL,
    )
    return rows.with_columns(at * 1_000).select("at", text).collect()


def _amount() -> pl.Expr:
    """Cents: equal parts of the price, but the last, which is the rest; or rounded up."""
    count = pl.col("payments")
    part = pl.col("price") // count
    rest = pl.col("price") - part * (count - 1)
    return (
        pl.when("rounded")
        .then((part // ROUND + 1) * ROUND)
        .when(pl.col("tick") == count - 1)
        .then(rest)
        .otherwise(part)
    )


def _device() -> pl.Expr:
    """The field DeviceId; where it is not known, it is null or not there."""
    said = pl.col("said")
    return (
        pl.when(said < WITHOUT_BOTH)
        .then(pl.lit(""))
        .when(said < WITHOUT_BOTH + WITHOUT_DEVICE)
        .then(pl.lit(',"DeviceId":null'))
        .otherwise(pl.format(',"DeviceId":"{}"', pl.col("device") + DEVICE))
    )


def _customer() -> pl.Expr:
    """The field CustomerId; where it is not known, it is not there."""
    said = pl.col("said")
    is_unknown = (said < WITHOUT_BOTH) | (said >= 100 - WITHOUT_CUSTOMER)
    known = pl.format(',"CustomerId":"{}"', pl.col("customer") + CUSTOMER)
    return pl.when(is_unknown).then(pl.lit("")).otherwise(known)


def plays(world: World, begin: int, end: int, song: pl.Expr) -> pl.DataFrame:
    """The songs played from `begin` up to `end`, seconds since 1970; `song`: as `liked`."""
    device, tick, at, number = (pl.col(name) for name in ("device", "tick", "at", "song"))
    start, gap = pl.col("starts"), pl.col("gap")
    rows = _ticks(world.devices.lazy(), begin, end, start, gap, None)
    rows = rows.with_columns(row=device * PLAYS + tick)
    instant = start + tick * gap + below(gap).cast(pl.Int64)
    rows = column(rows, world.seed, Stream.PLAY_WAIT, "at", instant)
    rows = rows.filter(at.is_between(begin, end - 1))
    luck = below(10_000).cast(pl.Int64)
    rows = column(rows, world.seed, Stream.PLAY_HOUR, "luck", luck)
    hour, day = at // HOUR % 24, (at // DAY + 3) % 7  # 1970 began on a Thursday
    rows = rows.filter(pl.col("luck") < one_of(HOURS, hour) * one_of(WEEK, day))
    rows = column(rows, world.seed, Stream.PLAY_SONG, "song", song.cast(pl.Int64))
    rows = column(rows, world.seed, Stream.PLAY_MILLISECOND, "more", below(1_000).cast(pl.Int64))
    rows = column(rows, world.seed, Stream.PLAY_END, "is_completed", below(100) < COMPLETED)
    rows = column(
        rows, world.seed, Stream.PLAY_UNLINKED, "is_unlinked", below(100) < UNLINKED_PLAYS
    )
    played = pl.when(_is_there(world)).then(number).otherwise(number % world.lasting)
    rows = rows.with_columns(song=played, at=at * 1_000 + pl.col("more"))
    known = pl.format(',"DeviceId":{}', device + DEVICE)
    text = event(
        "Music.SongListened",
        '"SongId":{},"SongCompleted":{}{}',
        number + SONG,
        pl.when("is_completed").then(pl.lit("true")).otherwise(pl.lit("false")),
        pl.when("is_unlinked").then(pl.lit("")).otherwise(known),
        time=WITH_MILLISECONDS,
    )
    return rows.select("at", text).collect()


def liked(world: World) -> pl.Expr:
    """A draw as a song's number: few are played often, many seldom."""
    return by_weight(world.songs["weight"])


def _is_there(world: World) -> pl.Expr:
    """Whether `song` is published at `at`, and not removed."""
    at = pl.col("at")
    published, removed, again = (
        pl.lit(world.songs[name]).gather("song") for name in ("at", "removed", "again")
    )
    is_away = (at >= removed) & (again.is_null() | (at < again))
    return (at >= published) & ~is_away.fill_null(value=False)


def _ticks(
    rows: pl.LazyFrame, begin: int, end: int, first: pl.Expr, gap: pl.Expr, most: pl.Expr | None
) -> pl.LazyFrame:
    """Rows once for each `tick`, an interval of theirs that meets the time.

    Args:
        rows: what has a clock.
        begin: when the time begins, seconds since 1970.
        end: when it ends.
        first: when the clock begins.
        gap: an interval of it, in seconds.
        most: how many intervals it has; None: no end.
    """
    low = ((begin - first) // gap).clip(0)
    high = (end - 1 - first) // gap + 1
    ticks = pl.int_ranges(low, high if most is None else pl.min_horizontal(high, most))
    return rows.with_columns(tick=ticks).explode("tick", empty_as_null=False, keep_nulls=False)
