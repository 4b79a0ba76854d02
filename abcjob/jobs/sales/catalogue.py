"""The products and the stores of a sample: drawn, of parts and places that a data file lists."""

from __future__ import annotations

import tomllib
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from abcjob.draws import below, by_weight, column, one_of

if TYPE_CHECKING:
    from abcjob.jobs.sales.sample_parameters import SampleParameters

PARTS = Path(__file__).with_name("catalogue.toml")
FAULTS = {"negative": "rejected", "repeated": "skipped"}  # of products; what becomes of them
METROPOLITAN = 13  # regions: each has a store before any has a second
FEWEST_PRODUCTS = 20  # of fewer, none is wrong
ENDINGS = (0, 1, 1, 5, 5, 10, 10, 10, 50)  # cents below a whole euro at which a price ends
_STRIDE = 9_907  # through a category's names; a prime, so that it meets each before one again
_CITY_SHARES = 60  # of a region's first city; the second has half of them, the third a third


class Stream(IntEnum):
    """What a sample draws; the numbers stay as they are for good."""

    IS_BAD = 1
    FAULT = 2
    PRODUCT = 3
    STORE = 4
    QUANTITY = 5
    DAY = 6
    POPULARITY = 7
    HIGHEST_PRICE = 8
    PRICE = 9
    ENDING = 10
    CITY = 11
    SIZE = 12
    STREET = 13
    HOUSE = 14
    ADDRESS = 15


def products(parameters: SampleParameters) -> pl.DataFrame:
    """Products: `id`, `name`, `price` in cents, `category`, `popularity` and `fault`.

    `popularity` is a weight. Where any sales are wrong, and products are not too few, two rows
    more are wrong, as `fault` says: a `negative` price, and one `repeated`.
    """
    categories = pl.DataFrame(_parts()["category"])
    number, rank = pl.col("row"), pl.col("popularity").rank("ordinal")
    seed = parameters.seed
    rows = _numbers(parameters.products)
    rows = rows.with_columns(
        pl.lit(categories[name]).gather(number % categories.height).alias(name)
        for name in ("name", "least", "most")
    ).rename({"name": "category"})
    # Half of the range at random, and of that a random part: there are more cheap ones than dear.
    span = pl.col("most") - pl.col("least")
    rows = column(rows, seed, Stream.HIGHEST_PRICE, "span", below(span) + 1)
    rows = column(rows, seed, Stream.PRICE, "euros", below(pl.col("span")) + 1 + pl.col("least"))
    rows = column(rows, seed, Stream.ENDING, "cents", one_of(ENDINGS, below(len(ENDINGS))))
    rows = column(rows, seed, Stream.POPULARITY, "popularity", pl.col("draw"))
    good = rows.select(
        _id("P", 4),
        _name(categories).alias("name"),
        (pl.col("euros").cast(pl.Int64) * 100 - pl.col("cents")).alias("price"),
        "category",
        (10**9 // (rank.cast(pl.Int64) + 1)).alias("popularity"),  # Zipf's law, a rank late
        pl.lit(None, pl.String).alias("fault"),
    ).collect()
    if not parameters.bad or parameters.products < FEWEST_PRODUCTS:
        return good
    middle = good[parameters.products // 2]
    negative = middle.with_columns(
        pl.lit(f"P{parameters.products + 1:04d}").alias("id"),
        -pl.col("price"),
        pl.lit("negative").alias("fault"),
    )
    return pl.concat([good, negative, middle.with_columns(pl.lit("repeated").alias("fault"))])


def stores(parameters: SampleParameters) -> pl.DataFrame:
    """Stores: `id`, `city`, `region`, `address`, `size`, a weight, and `fault`, always null.

    The first lie one in each metropolitan region; the others where people live.
    """
    cities = _cities()
    firsts = cities.with_row_index().filter(pl.col("is_first"))["index"].head(METROPOLITAN)
    row, seed = pl.col("row"), parameters.seed
    rows = column(_numbers(parameters.stores), seed, Stream.CITY, "at", by_weight(cities["people"]))
    rows = column(rows, seed, Stream.SIZE, "size", below(181) + 20)
    rows = column(rows, seed, Stream.STREET, "street", one_of(_parts()["streets"]))
    rows = column(rows, seed, Stream.HOUSE, "house", (below(120) + 1).cast(pl.String))
    centres = _parts()["centres"]
    rows = column(rows, seed, Stream.ADDRESS, "form", below(len(centres) * 5))
    at = pl.when(row < METROPOLITAN).then(pl.lit(firsts).gather(row % METROPOLITAN)).otherwise("at")
    return (
        rows.with_columns(at.alias("at"), pl.format("{} {}", "house", "street").alias("address"))
        .select(
            _id("S", 3),
            pl.lit(cities["city"]).gather("at"),
            pl.lit(cities["region"]).gather("at"),
            pl.when(pl.col("form") < len(centres))
            .then(
                pl.format(
                    "Centre commercial {}, {}",
                    pl.lit(pl.Series(centres)).gather(pl.col("form") % len(centres)),
                    "address",
                )
            )
            .otherwise("address")
            .alias("address"),
            "size",
            pl.lit(None, pl.String).alias("fault"),
        )
        .collect()
    )


@cache
def _parts() -> dict[str, Any]:
    return tomllib.loads(PARTS.read_text(encoding="utf-8"))


def _numbers(count: int) -> pl.LazyFrame:
    return pl.LazyFrame().select(row=pl.int_range(count, dtype=pl.Int64))


def _id(letter: str, digits: int) -> pl.Expr:
    number = (pl.col("row") + 1).cast(pl.String).str.zfill(digits)
    return pl.concat_str(pl.lit(letter), number).alias("id")


def _name(categories: pl.DataFrame) -> pl.Expr:
    """A name that no other product has: a thing, a kind, a maker and a form."""
    at = pl.col("row") % categories.height
    left = (pl.col("row") // categories.height + at) * _STRIDE
    words = []
    for part in ("things", "kinds", "forms"):
        options = pl.lit(categories[part]).gather(at)
        words.append(options.list.get(left % options.list.len()))
        left = left // options.list.len()
    makers = _parts()["makers"]
    words.insert(2, pl.lit(pl.Series(makers)).gather(left % len(makers)))
    return pl.concat_str(words, separator=" ")


def _cities() -> pl.DataFrame:
    """Every city: `city`, `region`, `people`, a weight, and `is_first` of its region."""
    place = pl.int_range(pl.len()).over("region")
    part = _CITY_SHARES // (place + 1)
    return (
        pl.DataFrame(_parts()["region"])
        .rename({"name": "region", "cities": "city"})
        .explode("city")
        .with_columns(
            (pl.col("people") * 1_000 * part // part.sum().over("region")).alias("people"),
            (place == 0).alias("is_first"),
        )
    )
