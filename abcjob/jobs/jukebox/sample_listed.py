"""The events of a sample of the job `jukebox` of which there is a list: all but payments and plays.

Every function gives rows of `at`, milliseconds since 1970, and `text`, as `sample_text.event`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from abcjob.draws import below, column, one_of
from abcjob.jobs.jukebox.sample_draws import Stream, names, table
from abcjob.jobs.jukebox.sample_text import (
    AGENT,
    CUSTOMER,
    DEVICE,
    LOCATION,
    SONG,
    TO_THE_SECOND,
    WITH_MILLISECONDS,
    decimal,
    event,
)
from abcjob.jobs.jukebox.sample_world import Kind
from abcjob.sampling import money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from abcjob.jobs.jukebox.sample_world import World

SONGS_PER_ALBUM, ALBUMS_PER_ARTIST = 8, 3
SOUTH, HEIGHT = 35_000_000, 25_000_000  # millionths of a degree: where locations are
WEST, WIDTH = -10_000_000, 40_000_000
PHONE = "+1-202-555-01{}"  # numbers that are given to nobody, but in films
_DETAILS = '"DeviceDetails":{"DevicePrice":{},"DeviceName":"{}","Id":{}}'
_ROW, _VERSION = pl.col("row"), pl.col("version").cast(pl.Int64)


def listed(world: World, begin: int, end: int) -> Iterator[pl.DataFrame]:
    """The events from `begin` up to `end`, seconds since 1970; a frame for each kind."""
    first, last = (world.listed["at"].search_sorted(at) for at in (begin, end))
    rows = world.listed[first:last].with_columns(pl.col("at") * 1_000)
    for kind, told in _TOLD.items():
        of_kind = rows.lazy().filter(pl.col("kind") == kind)
        yield told(of_kind, world).collect()


def _published(rows: pl.LazyFrame, world: World) -> pl.LazyFrame:
    album, draw = _ROW // SONGS_PER_ALBUM, pl.col("name")
    artist, length = album // ALBUMS_PER_ARTIST, draw % 240 + 120
    rows = column(rows, world.seed, Stream.SONG_NAME, "name", _draw())
    title = pl.format(
        "{} {} {}",
        one_of(names()["pieces"], draw % 8),
        one_of(names()["links"], draw // 8 % 7),
        _word(draw // 56),
    )
    size = length * (draw // 10_000 % 25 + 16) + _VERSION * 1_500  # told again, it is larger
    text = event(
        "Music.SongPublished",
        '"SongId":{},"SongDetails":{"ArtistName":"{}","SongName":"{}","AlbumName":"{}",'
        '"SongLength":{},"SongSizeMb":{}}',
        _ROW + SONG,
        _two_words(artist, 8),
        title,
        pl.format("{} {}", one_of(names()["albums"], album % 6), _word(album * 5)),
        length,
        decimal(size, 3),
        time=WITH_MILLISECONDS,
    )
    return rows.select("at", text)


def _removed(rows: pl.LazyFrame, _: World) -> pl.LazyFrame:
    text = event("Music.SongRemoved", '"SongId":{}', _ROW + SONG, time=WITH_MILLISECONDS)
    return rows.select("at", text)


def _customer(rows: pl.LazyFrame, world: World) -> pl.LazyFrame:
    draw = pl.col("name")
    rows = column(rows, world.seed, Stream.NAME, "name", _draw())
    text = event(
        "Sale.CustomerRegistered",
        '"CustomerId":{},"CustomerName":"{}","LegalAddress":"{}",'
        f'"CustomerPhoneNumber":"{PHONE}","CustomerIdentityNumber":"TEST-{{}}"',
        _ROW + CUSTOMER,
        pl.format("{} {}", one_of(names()["kinds"], draw // 49 % 10), _word(draw)),
        _address(draw // 490 + _VERSION),
        _two_digits(draw // 77 + _VERSION),
        _ROW.cast(pl.String).str.zfill(9),
        time=TO_THE_SECOND,
    )
    return rows.select("at", text)


def _location(rows: pl.LazyFrame, world: World) -> pl.LazyFrame:
    draw = pl.col("place")
    rows = column(rows, world.seed, Stream.PLACE, "place", _draw())
    rows = column(rows, world.seed, Stream.LATITUDE, "latitude", below(HEIGHT).cast(pl.Int64))
    rows = column(rows, world.seed, Stream.LONGITUDE, "longitude", below(WIDTH).cast(pl.Int64))
    text = event(
        "Sale.LocationRegistered",
        '"LocationId":{},"CustomerId":{},"Latitude":{},"Longitude":{},"Address":"{}",'
        f'"ContactName":"{{}}","ContactPhoneNumber":"{PHONE}"',
        _ROW + LOCATION,
        pl.lit(world.locations["customer"]).gather("row") + CUSTOMER,
        decimal(pl.col("latitude") + SOUTH + _VERSION * 137, 6),
        decimal(pl.col("longitude") + WEST - _VERSION * 89, 6),
        _address(draw + _VERSION),
        _two_words(draw // 1_000, 22),
        _two_digits(draw // 91),
        time=TO_THE_SECOND,
    )
    return rows.select("at", text)


def _purchased(rows: pl.LazyFrame, world: World) -> pl.LazyFrame:
    text = event(
        "Logistic.DevicePurchased",
        f'"DeviceId":{{}},{_DETAILS}',
        _ROW + DEVICE,
        money(pl.lit(world.devices["cost"]).gather("row")),
        _product(world, _ROW),
        _ROW + DEVICE,
        time=TO_THE_SECOND,
    )
    return rows.select("at", text)


def _allocated(rows: pl.LazyFrame, world: World) -> pl.LazyFrame:
    fields = ("device", "location", "agent", "price")
    rows = rows.with_columns(pl.lit(world.allocations[name]).gather("row") for name in fields)
    device, agent = pl.col("device"), pl.col("agent")
    text = event(
        "Sale.DeviceAllocated",
        '"DeviceId":{},"LocationAllocatedId":{},"SellingAgent":{"AgentId":{},"AgentName":"{}"},'
        + _DETAILS,
        device + DEVICE,
        pl.col("location") + LOCATION,
        agent + AGENT,
        _two_words(agent, 15),
        money(pl.col("price")),
        _product(world, device),
        device + DEVICE,
        time=TO_THE_SECOND,
    )
    return rows.select("at", text)


_TOLD: dict[Kind, Callable[[pl.LazyFrame, World], pl.LazyFrame]] = {
    Kind.PUBLISHED: _published,
    Kind.REMOVED: _removed,
    Kind.CUSTOMER: _customer,
    Kind.LOCATION: _location,
    Kind.PURCHASED: _purchased,
    Kind.ALLOCATED: _allocated,
}


def _draw() -> pl.Expr:
    """A draw that is taken apart by division: its lower 48 bits, Int64."""
    return (pl.col("draw") % 2**48).cast(pl.Int64)


def _word(number: pl.Expr) -> pl.Expr:
    words = names()["words"]
    return one_of(words, number % len(words))


def _two_words(number: pl.Expr, stride: int) -> pl.Expr:
    """A name: of the first two thousand numbers, no two have the same."""
    other = number // len(names()["words"]) + number * stride + 1
    return pl.format("{} {}", _word(number), _word(other))


def _address(number: pl.Expr) -> pl.Expr:
    street = one_of(names()["streets"], number // 120 % 5)
    return pl.format("{} {}, {}", number % 120 + 1, street, _word(number // 600))


def _two_digits(number: pl.Expr) -> pl.Expr:
    return (number % 100).cast(pl.String).str.zfill(2)


def _product(world: World, device: pl.Expr) -> pl.Expr:
    return one_of(
        table("product")["name"].to_list(), pl.lit(world.devices["product"]).gather(device)
    )
