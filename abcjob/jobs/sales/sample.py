"""Files of sales to try the job with, some of their rows wrong in ways that it knows.

Every draw is keyed by the number of its row, so the same parameters give the same bytes; sales
are made by the slice, so memory does not grow with their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from abcjob.draws import below, by_weight, column, ends, is_within
from abcjob.errors import SettingsError
from abcjob.jobs.sales import catalogue, sample_lines
from abcjob.jobs.sales.catalogue import Stream
from abcjob.render import files
from abcjob.sampling import Tally, joined, money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from abcjob.jobs.sales.sample_parameters import Kind, SampleParameters

SLICE = 65_536  # sales made at a time: 7 MB of NDJSON
DAYS = 730
FIRST_DAY = date(1900, 1, 1)  # the job reads no earlier one
MONTHS = (93, 90, 96, 98, 100, 103, 97, 78, 99, 103, 114, 150)  # what a day of each sells
WEEK = (85, 88, 98, 95, 115, 165, 45)  # ... and each day of the week, from Monday
CLOSED = ("01-01", "05-01", "12-25")  # month and day
GROWTH = 4  # percent a year
QUANTITIES = (1,) * 72 + (2,) * 16 + (3,) * 7 + (4,) * 3 + (5,) * 2  # a hundred sales
_DIFFERENCES = (2, 100, 1_000)  # cents by which an amount is not price x quantity
_SOLD = ("number", "product", "store", "day")  # what a repeat has from the sale before it
# The faults that need the sale before; where that is wrong itself, a field is missing instead.
_REPEATS = ("repeated_with_other_content", "repeated")


@dataclass(frozen=True)
class _Shop:
    """What sales are drawn from, and how they are written.

    Attributes:
        kind: how they are written.
        prices: of each product, by number from 0, in cents.
        product: a draw as a product's number.
        store: a draw as a store's number.
        ends: of each day, the sales up to its end.
        fields: of each column but `id`, every value as it stands in a line: of products, stores
            and days by number from 0, of quantities from 1, of amounts by product and quantity.
    """

    kind: Kind
    prices: pl.Series
    product: pl.Expr
    store: pl.Expr
    ends: pl.Series
    fields: Mapping[str, pl.Series]


def write(parameters: SampleParameters, day: date, folder: Path) -> pl.DataFrame:
    """Write the files of products, of stores, and of sales over the days that end with `day`.

    Returns:
        What was made wrong: file, fault, rows, and what becomes of them: `rejected`, `skipped`,
        `waiting` for a parent that is in no file, or `loaded` with a warning. A sale that repeats
        an id with other content is counted with the one that it repeats.

    Raises:
        SettingsError: the days begin before the first that the job reads.
        ReportError: as `files.create`.
    """
    kind = parameters.kind
    days = _days(parameters, day)
    products, stores = catalogue.products(parameters), catalogue.stores(parameters)
    shop = _shop(kind, products.filter(pl.col("fault").is_null()), stores, days)
    priced = products.with_columns(money(pl.col("price")).alias("price"))
    made = {
        "products": iter([sample_lines.listed("products", priced, kind)]),
        "stores": iter([sample_lines.listed("stores", stores, kind)]),
        "sales": _slices(shop, parameters),
    }
    tally = Tally("file")
    becomes = {**catalogue.FAULTS, **sample_lines.FAULTS[kind]}
    files.create(
        {
            folder / f"{table}.{kind}": _pieces(
                sample_lines.header(table, kind),
                frames,
                tally.counter(becomes, f"{table}.{kind}"),
            )
            for table, frames in made.items()
        }
    )
    return tally.counts


def _pieces(
    header: bytes, frames: Iterator[pl.DataFrame], told: Callable[[pl.DataFrame], None]
) -> Iterator[bytes]:
    """A file, by the slice; `told` is handed the rows of each."""
    yield header
    for frame in frames:
        yield from joined(frame["line"])
        told(frame)


def _days(parameters: SampleParameters, last: date) -> pl.DataFrame:
    """The days: `day` as text, and `end`: the sales up to its end."""
    if (last - FIRST_DAY).days < DAYS - 1:
        least = FIRST_DAY + timedelta(days=DAYS - 1)
        raise SettingsError(
            f"sampling sales: got --date {last}, expected {least} or later, as the sample covers "
            f"the {DAYS} days up to it; name a later date"
        )
    first = last - timedelta(days=DAYS - 1)
    day, number = pl.col("day"), pl.int_range(pl.len())
    # A day's own luck stays with it, whatever day is the last.
    days = pl.LazyFrame().select(pl.date_range(first, last).alias("day"))
    days = days.with_columns((number + first.toordinal()).alias("row"))
    days = column(days, parameters.seed, Stream.DAY, "luck", below(21) + 90)
    weight = (
        pl.lit(pl.Series(MONTHS)).gather(day.dt.month() - 1)
        * pl.lit(pl.Series(WEEK)).gather(day.dt.weekday() - 1)
        * pl.col("luck").cast(pl.Int64)
        * (36_500 + GROWTH * number)
        // 36_500
    )
    text = day.dt.strftime("%Y-%m-%d")
    is_closed = text.str.tail(5).is_in(CLOSED)
    found = days.select(
        text.alias("day"), pl.when(is_closed).then(0).otherwise(weight).alias("weight")
    ).collect()
    return found.select("day", ends(parameters.rows, found["weight"]).alias("end"))


def _shop(kind: Kind, products: pl.DataFrame, stores: pl.DataFrame, days: pl.DataFrame) -> _Shop:
    field = partial(sample_lines.field, kind)
    quantities = pl.DataFrame({"quantity": range(1, max(QUANTITIES) + 1)})
    cents = pl.col("price") * pl.col("quantity")
    amounts = products.join(quantities, how="cross", maintain_order="left_right")
    return _Shop(
        kind,
        products["price"],
        by_weight(products["popularity"]),
        by_weight(stores["size"]),
        days["end"],
        {
            "product_id": products.select(field("product_id", pl.col("id"))).to_series(),
            "store_id": stores.select(field("store_id", pl.col("id"))).to_series(),
            "sale_date": days.select(field("sale_date", pl.col("day"))).to_series(),
            "quantity": quantities.select(
                field("quantity", pl.col("quantity").cast(pl.String))
            ).to_series(),
            "amount": amounts.select(field("amount", money(cents))).to_series(),
        },
    )


def _slices(shop: _Shop, parameters: SampleParameters) -> Iterator[pl.DataFrame]:
    """Sales as `line`, and `fault`, null where nothing is wrong."""
    for begin in range(0, parameters.rows, SLICE):
        end = min(begin + SLICE, parameters.rows)
        before = max(begin - 1, 0)  # the first sale may repeat the one before it
        sales = _drawn(before, end, shop, parameters).collect()
        bad = _bad(sales.lazy(), shop, parameters).filter(pl.col("row") >= begin).collect()
        good = sample_lines.sales(_fields(sales.lazy(), shop), shop.kind)
        lines = good.filter(pl.col("row") >= begin).select("line").collect().to_series()
        faults = pl.repeat(None, end - begin, dtype=pl.String, eager=True).alias("fault")
        at = bad["row"] - begin
        yield pl.DataFrame([lines.scatter(at, bad["line"]), faults.scatter(at, bad["fault"])])


def _drawn(begin: int, end: int, shop: _Shop, parameters: SampleParameters) -> pl.LazyFrame:
    """Sales, all of them good: numbers that stand for what was sold, and whether that `is_bad`."""
    seed = parameters.seed
    rows = pl.LazyFrame().select(row=pl.int_range(begin, end, dtype=pl.Int64))
    share = is_within(parameters.bad.as_integer_ratio())
    more = pl.lit(pl.Series(QUANTITIES, dtype=pl.Int64) - 1).gather(below(len(QUANTITIES)))
    rows = column(rows, seed, Stream.IS_BAD, "is_bad", share)
    rows = column(rows, seed, Stream.PRODUCT, "product", shop.product)
    rows = column(rows, seed, Stream.STORE, "store", shop.store)
    rows = column(rows, seed, Stream.QUANTITY, "more", more)
    day = pl.lit(shop.ends).search_sorted(pl.col("row"), side="right")
    return rows.with_columns(day.alias("day"), number=pl.col("row") + 1)


def _fields(sales: pl.LazyFrame, shop: _Shop) -> pl.LazyFrame:
    """Sales with their columns as fields."""
    several = pl.col("product").cast(pl.Int64) * max(QUANTITIES) + pl.col("more")
    at = {
        "product_id": pl.col("product"),
        "store_id": pl.col("store"),
        "sale_date": pl.col("day"),
        "quantity": pl.col("more"),
        "amount": several,
    }
    return sales.with_columns(
        sample_lines.field(shop.kind, "id", pl.col("number").cast(pl.String)),
        *(pl.lit(shop.fields[name]).gather(number).alias(name) for name, number in at.items()),
    )


def _bad(sales: pl.LazyFrame, shop: _Shop, parameters: SampleParameters) -> pl.LazyFrame:
    """The sales that are bad, with `row`, `fault` and `line`."""
    rows = sales.with_columns(pl.col(*_SOLD, "more", "is_bad").shift(1).name.prefix("was_"))
    names = list(sample_lines.FAULTS[shop.kind])
    drawn = pl.lit(pl.Series(names)).gather(below(len(names)))
    rows = column(rows.filter("is_bad"), parameters.seed, Stream.FAULT, "fault", drawn)
    fault, was_more = pl.col("fault"), pl.col("was_more")
    is_repeat = fault.is_in(_REPEATS)
    is_alone = is_repeat & pl.col("was_is_bad").fill_null(value=True)
    difference = pl.lit(pl.Series(_DIFFERENCES)).gather(pl.col("row") % len(_DIFFERENCES))
    amount = pl.lit(shop.prices).gather("product") * (pl.col("more") + 1) + difference
    rows = rows.with_columns(
        pl.when(is_alone).then(pl.lit("missing")).otherwise(fault).alias("fault")
    ).with_columns(
        *(pl.when(is_repeat).then(f"was_{name}").otherwise(name).alias(name) for name in _SOLD),
        pl.when(fault == "repeated")
        .then(was_more)
        .when(fault == "repeated_with_other_content")
        .then((was_more + 1) % max(QUANTITIES))
        .otherwise("more")
        .alias("more"),
    )
    differs = sample_lines.field(shop.kind, "amount", money(amount))
    spoilt = pl.when(fault == "amount_differs").then(differs).otherwise("amount")
    return sample_lines.spoiled(_fields(rows, shop).with_columns(spoilt.alias("amount")), shop.kind)
