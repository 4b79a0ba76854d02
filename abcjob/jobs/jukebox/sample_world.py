"""What happens in a sample of the job `jukebox`, as numbers and times; nothing of it is text yet.

Whoever is named by an event is there before it: so the stream may be cut anywhere and makes sense
up to there. Times are seconds since 1970, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import polars as pl

from abcjob.draws import below, by_weight, column, one_of
from abcjob.jobs.jukebox.sample_draws import Stream, table

if TYPE_CHECKING:
    from abcjob.jobs.jukebox.sample_parameters import SampleParameters

HOUR, DAY, MONTH = 3_600, 86_400, 2_629_746  # seconds; a month is a twelfth of a year
OTHERS = 5  # events of a device in a month that are no plays, about
OPENING = 6 * HOUR  # songs are published before anybody comes to play them
LOCATIONS = (1,) * 6 + (2,) * 3 + (3,)  # of a customer; in half a million customers, as many
DEVICES = (1,) * 6 + (2,) * 3 + (3,)  # of a location
CORRECTED = 8  # percent of customers, of locations, of songs that are told again, otherwise
MOVED = 15  # percent of devices that go to another location, by another agent
WORN = 70  # percent of the price that is asked then
CUSTOMERS_PER_AGENT = 25
SONGS_PER_CUSTOMER, SONGS, MOST_SONGS = 2, 400, 50_000
LASTING = 60  # percent of the songs that are there from the opening, for good
REMOVED, RESTORED = 25, 60  # percent of the others, and of the removed
# Percent of the songs that would be played if every hour (UTC) and day were as the best.
HOURS = (
    70,
    40,
    20,
    10,
    5,
    5,
    5,
    5,
    8,
    10,
    15,
    25,
    40,
    40,
    35,
    35,
    45,
    60,
    75,
    85,
    95,
    100,
    100,
    90,
)
WEEK = (50, 52, 60, 70, 100, 100, 65)  # from Monday


class Kind(IntEnum):
    """An event of which there is a list: few enough to be held in memory."""

    PUBLISHED = 0
    REMOVED = 1
    CUSTOMER = 2
    LOCATION = 3
    PURCHASED = 4
    ALLOCATED = 5


@dataclass(frozen=True)
class World:
    """What is drawn once, and what the events are told of. Numbers count from 0.

    Attributes:
        seed: what the draws depend on.
        begin: when the stream begins.
        end: when it ends: nothing happens then or later.
        lasting: how many songs, the first, are there from the opening on, for good.
        songs: of each, `weight`, and from when to when it is not there: `at`, `removed`, `again`.
        locations: of each, its `customer`.
        devices: of each, its number as `device`, `product`, `cost` in cents, `starts`, when it is
            allocated first, and `gap`, the seconds for each song that it would play at its best.
        allocations: those that happen: `row`, `device`, `location`, `customer`, `agent`, `price`
            in cents, `first`, from when it is paid, `ends`, when the device goes elsewhere, and its
            `plan`.
        listed: every event of a `Kind`, in the order of their times: `at`, `kind`, `row`, the
            number of whom it is about, and `version`, 0 for the first that is told of them.
    """

    seed: int
    begin: int
    end: int
    lasting: int
    songs: pl.DataFrame
    locations: pl.DataFrame
    devices: pl.DataFrame
    allocations: pl.DataFrame
    listed: pl.DataFrame


def made(parameters: SampleParameters, begin: int, end: int) -> World:
    """What happens from `begin` up to `end`, at least a day."""
    seed = parameters.seed
    songs = _songs(parameters, begin, end)
    customers = _customers(parameters, begin, end)
    locations = _locations(customers, seed)
    devices = _devices(locations, parameters, begin)
    allocations = _allocations(devices, locations, parameters).filter(pl.col("at") < end)
    firsts = {"row": pl.col("row"), "version": pl.lit(0, pl.UInt8)}
    again = {"row": pl.col("row"), "version": pl.lit(1, pl.UInt8)}
    parts = [
        _told(Kind.PUBLISHED, songs, "at", firsts),
        _told(Kind.PUBLISHED, songs, "again", again),
        _told(Kind.REMOVED, songs, "removed", firsts),
        _told(Kind.CUSTOMER, customers, "at", firsts),
        _told(Kind.CUSTOMER, customers, "again", again),
        _told(Kind.LOCATION, locations, "at", firsts),
        _told(Kind.LOCATION, locations, "again", again),
        _told(Kind.PURCHASED, devices, "bought", firsts),
        _told(Kind.ALLOCATED, allocations, "at", {**firsts, "row": pl.int_range(pl.len())}),
    ]
    listed = pl.concat(parts).filter(pl.col("at") < end).sort("at", maintain_order=True)
    return World(
        seed,
        begin,
        end,
        _lasting(parameters),
        songs.select("weight", "at", "removed", "again"),
        locations.select("customer"),
        devices.select(pl.col("row").alias("device"), "product", "cost", "starts", "gap"),
        allocations.drop("at"),
        listed,
    )


def _told(kind: Kind, rows: pl.DataFrame, at: str, other: dict[str, pl.Expr]) -> pl.DataFrame:
    """Events of a kind, at the times of a column; where that is null, there is none."""
    told = rows.select(pl.col(at).alias("at"), pl.lit(kind, pl.UInt8).alias("kind"), **other)
    return told.drop_nulls("at").with_columns(pl.col("row").cast(pl.Int64))


def _customers(parameters: SampleParameters, begin: int, end: int) -> pl.DataFrame:
    """Customers: `row`, `at`, when they come, more of them in the beginning, and `again`."""
    seed, open_for = parameters.seed, end - begin - OPENING
    rows = pl.LazyFrame().select(row=pl.int_range(parameters.customers, dtype=pl.Int64))
    rows = column(rows, seed, Stream.REGISTERED, "wait", _below(open_for))
    rows = column(rows, seed, Stream.REGISTERED_EARLIER, "or", _below(open_for))
    rows = column(rows, seed, Stream.LOCATIONS, "count", one_of(LOCATIONS))
    sooner = pl.when(pl.col("row") % 2 == 0).then(pl.min_horizontal("wait", "or"))
    rows = rows.with_columns(at=begin + OPENING + sooner.otherwise("wait"))
    rows = column(rows, seed, Stream.CORRECTION, "again", _again())
    return rows.select("row", "at", "again", "count").collect()


def _locations(customers: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Locations: `row`, `customer`, `at`, and `again`."""
    ordinal = pl.int_ranges(pl.col("count").cast(pl.Int64)).alias("ordinal")
    rows = customers.lazy().select(pl.col("row").alias("customer"), "at", ordinal)
    rows = _numbered(rows)
    rows = column(rows, seed, Stream.LOCATION_WAIT, "wait", _below(4 * DAY) + HOUR)
    rows = column(rows, seed, Stream.LOCATION_LATER, "later", _below(90 * DAY))
    rows = column(rows, seed, Stream.DEVICES, "count", one_of(DEVICES))
    rows = rows.with_columns(at=pl.col("at") + pl.col("wait") + pl.col("later") * pl.col("ordinal"))
    rows = column(rows, seed, Stream.LOCATION_CORRECTION, "again", _again())
    return rows.select("row", "customer", "at", "again", "count").collect()


def _devices(locations: pl.DataFrame, parameters: SampleParameters, begin: int) -> pl.DataFrame:
    """Devices: as `World`, with `row`, `location`, the first, `bought`, `price`."""
    seed, products = parameters.seed, table("product")
    ordinal = pl.int_ranges(pl.col("count").cast(pl.Int64)).alias("ordinal")
    rows = _numbered(locations.lazy().select(pl.col("row").alias("location"), "at", ordinal))
    rows = column(rows, seed, Stream.ALLOCATION_WAIT, "wait", _below(20 * DAY) + DAY)
    rows = column(rows, seed, Stream.ALLOCATION_LATER, "later", _below(40 * DAY))
    rows = rows.with_columns(
        starts=pl.col("at") + pl.col("wait") + pl.col("later") * pl.col("ordinal")
    )
    rows = column(rows, seed, Stream.PURCHASE, "stocked", _below(30 * DAY) + HOUR)
    rows = column(rows, seed, Stream.PRODUCT, "product", by_weight(products["weight"]))
    for stream, name in ((Stream.COST, "cost"), (Stream.PRICE, "price")):
        percent = _below(11) + 95
        whole = pl.lit(products[name]).gather("product") * percent
        rows = column(rows, seed, stream, name, whole)  # dollars x percent: cents
    rows = column(rows, seed, Stream.LIKED, "liked", _below(161) + 20)
    # Of the songs that would be played, so many are: the hours of a week, percent of percent.
    best, all_hours = sum(HOURS) * sum(WEEK), 24 * 7 * 10_000
    gap = 100 * MONTH * best // all_hours // max(parameters.plays, 1)
    stock = begin + HOUR + pl.col("row") * 61 % OPENING  # the first were bought on one morning
    return rows.select(
        "row",
        "location",
        pl.max_horizontal(stock, pl.col("starts") - pl.col("stocked")).alias("bought"),
        "product",
        "cost",
        "price",
        "starts",
        (gap // pl.col("liked")).clip(30).alias("gap"),
    ).collect()


def _allocations(
    devices: pl.DataFrame, locations: pl.DataFrame, parameters: SampleParameters
) -> pl.DataFrame:
    """Allocations: as `World`, with `at`; a second one of some devices after the first."""
    seed, plans = parameters.seed, table("plan")
    agents = parameters.customers // CUSTOMERS_PER_AGENT + 3
    rows = devices.lazy()
    uneven = pl.Series([10**9 // (number + 2) for number in range(agents)])
    rows = column(rows, seed, Stream.AGENT, "agent", by_weight(uneven).cast(pl.Int64))
    rows = column(rows, seed, Stream.MOVE, "is_moved", below(100) < MOVED)
    rows = column(rows, seed, Stream.MOVE_WAIT, "moves", pl.col("starts") + _below(120 * DAY) + DAY)
    elsewhere = _below(locations.height)
    rows = column(rows, seed, Stream.MOVE_LOCATION, "elsewhere", elsewhere)
    other = (pl.col("agent") + 1 + _below(agents - 1)) % agents
    rows = column(rows, seed, Stream.MOVE_AGENT, "other", other)
    is_there = pl.lit(locations["at"]).gather("elsewhere") < pl.col("moves")
    is_moved = pl.col("is_moved") & is_there & (pl.col("elsewhere") != pl.col("location"))
    rows = rows.with_columns(moves=pl.when(is_moved).then("moves"))
    none = pl.lit(None, pl.Int64)
    device, number = pl.col("row").alias("device"), pl.col("row") * 2
    first = rows.select(
        number, device, "location", "agent", "price", "bought", at="starts", ends="moves"
    )
    second = rows.drop_nulls("moves").select(
        number + 1,
        device,
        location="elsewhere",
        agent="other",
        price=pl.col("price") * WORN // 100,
        bought="bought",
        at="moves",
        ends=none,
    )
    both = pl.concat([first, second]).with_columns(
        customer=pl.lit(locations["customer"]).gather("location")
    )
    both = column(both, seed, Stream.PLAN, "plan", by_weight(plans["weight"]))
    lead = pl.lit(plans["lead"]).gather("plan") * DAY
    # Nobody pays for a device that is not bought yet, or at a place that is not registered.
    there = pl.lit(locations["at"]).gather("location")
    starts = pl.max_horizontal(pl.col("at") - lead, pl.col("bought") + HOUR, there + HOUR)
    return both.with_columns(first=pl.when(lead > 0).then(starts).otherwise("at")).collect()


def _count_songs(parameters: SampleParameters) -> int:
    return min(SONGS + SONGS_PER_CUSTOMER * parameters.customers, MOST_SONGS)


def _lasting(parameters: SampleParameters) -> int:
    return _count_songs(parameters) * LASTING // 100


def _songs(parameters: SampleParameters, begin: int, end: int) -> pl.DataFrame:
    """Songs: as `World`, with `row`; `again`: published once more, also where not removed."""
    seed = parameters.seed
    count, wait = _count_songs(parameters), pl.col("wait")
    is_lasting = pl.col("row") < _lasting(parameters)
    rows = pl.LazyFrame().select(row=pl.int_range(count, dtype=pl.Int64))
    rows = column(rows, seed, Stream.PUBLISHED, "wait", pl.col("draw"))
    # The last bits of a draw are as good as the first.
    later = OPENING + (wait % (end - begin - OPENING)).cast(pl.Int64)
    waits = pl.when(is_lasting).then((wait % OPENING).cast(pl.Int64)).otherwise(later)
    rows = rows.with_columns(at=begin + waits)
    rows = column(rows, seed, Stream.SONG_LIKED, "liked", pl.col("draw"))
    rows = column(rows, seed, Stream.REMOVAL, "removal", _below(10_000))
    rows = column(rows, seed, Stream.REMOVAL_WAIT, "stays", _below(120 * DAY) + DAY)
    rows = column(rows, seed, Stream.RESTORE_WAIT, "stays_away", _below(30 * DAY) + HOUR)
    rows = column(rows, seed, Stream.SONG_CORRECTION, "corrected", _again())
    is_removed = ~is_lasting & (pl.col("removal") < REMOVED * 100)
    is_restored = is_removed & (pl.col("removal") < REMOVED * RESTORED)
    removed = pl.col("at") + pl.col("stays")
    return rows.select(
        "row",
        "at",
        (10**9 // (pl.col("liked").rank("ordinal").cast(pl.Int64) + 20)).alias("weight"),
        pl.when(is_removed).then(removed).alias("removed"),
        pl.when(is_lasting)
        .then("corrected")
        .when(is_restored)
        .then(removed + pl.col("stays_away"))
        .alias("again"),
    ).collect()


def _below(bound: int) -> pl.Expr:
    return below(bound).cast(pl.Int64)


def _again() -> pl.Expr:
    """When something is told again, after `at`: of most, never."""
    wait = (pl.col("draw") // 2**32 % (200 * DAY)).cast(pl.Int64) + HOUR
    return pl.when(below(100) < CORRECTED).then(pl.col("at") + wait)


def _numbered(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Rows for each `ordinal` in a list, with their number as `row`."""
    ones = rows.explode("ordinal", empty_as_null=False, keep_nulls=False)
    return ones.with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64))
