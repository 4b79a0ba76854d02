"""The tables of the job sales, filled for a test, and its KPIs asked of them."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
from sales_oracle import Shop

from abcjob import sqlfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from abcjob.database.connection import Connection

DAY = date(2024, 3, 2)  # the February before has 29 days
KPIS = (
    "total_revenue", "revenue_by_product", "revenue_by_region", "revenue_by_month_and_region",
    "revenue_by_day", "key_findings", "changes",
)  # fmt: skip
COLUMNS: dict[str, dict[str, type[pl.DataType]]] = {
    "products": {"id": pl.String, "name": pl.String, "price": pl.Int64, "category": pl.String},
    "stores": {"id": pl.String, "city": pl.String, "region": pl.String, "address": pl.String},
    "sales": {
        "id": pl.String, "product_id": pl.String, "store_id": pl.String, "sale_date": pl.Date,
        "quantity": pl.Int64, "amount": pl.Int64,
    },
}  # fmt: skip
Sale = tuple[str, str, date, int, int]  # product, store, day, quantity, cents


def make(db: Connection) -> None:
    """Make the ledger's tables and the job's, empty."""
    db.script("create schema abcjob; set search_path to abcjob")
    db.script(sqlfile.load("ledger").sql)
    db.script("create schema sales; set search_path to sales")
    db.script(sqlfile.load("sales", "schema").sql)
    keys = sqlfile.statements("sales", "keys")
    assert list(keys) == [*COLUMNS, "store_day"]
    for statements in keys.values():
        db.script(statements)


def shop(
    sales: list[Sale],
    regions: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> Shop:
    """What sales of a day make a shop: its stores and products are those that are named."""
    stores = regions or {store: f"R{store}" for _, store, *_ in sales}
    products = names or {product: f"name of {product}" for product, *_ in sales}
    rows: dict[str, list[tuple[Any, ...]]] = {
        "products": [(key, name, 100, f"C{key[-1]}") for key, name in products.items()],
        "stores": [(key, f"city of {key}", region, "x") for key, region in stores.items()],
        "sales": [(str(number), *sale) for number, sale in enumerate(sales, 1)],
    }
    return Shop(
        **{
            name: pl.DataFrame(rows[name], schema=columns, orient="row")
            for name, columns in COLUMNS.items()
        }
    )


def drawn(seed: int, rows: int, *, products: int = 7, stores: int = 5, days: int = 90) -> Shop:
    """A shop by chance: names and regions are shared, revenues tie, some sales are taken back."""
    chance = random.Random(seed)  # noqa: S311
    keys = [f"P{n}" for n in range(products)]
    places = [f"S{n}" for n in range(stores)]
    return shop(
        [
            (
                chance.choice(keys),
                chance.choice(places),
                DAY + timedelta(chance.randint(-days, 5)),
                chance.randint(1, 5),
                chance.choice([0, 100, 100, 1999, chance.randint(-5_000, 99_999_999)]),
            )
            for _ in range(rows)
        ],
        {
            place: chance.choice(["Île-de-France", "Bretagne", "bretagne", "other"])
            for place in places
        },
        {key: chance.choice(["Thé vert", "Café", "other", key]) for key in keys},
    )


def fill(db: Connection, given_shop: Shop) -> None:
    """Put a shop's rows into the tables, in place of those there."""
    db.execute("truncate products, stores, sales, store_day")
    for name, columns in COLUMNS.items():
        frame: pl.DataFrame = getattr(given_shop, name)
        euros = [
            pl.col(c).cast(pl.Decimal(20, 2)) / 100 for c in ("price", "amount") if c in columns
        ]
        rows = frame.with_columns(*euros).with_columns(
            pl.selectors.exclude("quantity").cast(pl.String)
        )
        db.execute(
            f"insert into {name} "
            f"select * from jsonb_populate_recordset(null::{name}, $1::text::jsonb)",
            json.dumps(rows.to_dicts()),
        )
    db.execute(f"insert into store_day {sqlfile.model('sales', 'store_day').sql}")


def asked(
    db: Connection, name: str, day: date = DAY, *, window: int = 30, top: int = 10
) -> pl.DataFrame:
    """A KPI's rows, asked for as the engine does."""
    with db.transaction("repeatable read, read only"):
        for key, value in {"date": day, "window": window, "top": top}.items():
            db.execute("select set_config($1, $2, true)", f"abcjob.{key}", str(value))
        return db.query(sqlfile.load("sales", "kpi", name).sql)


def told(db: Connection, day: date, *regions: tuple[str, int, int | None], total: int) -> int:
    """Enter a run of a date with what it said of the total and of regions; its id."""
    db.execute("insert into abcjob.version values ('sales', 1, 0, null) on conflict do nothing")
    run = db.query(
        "insert into abcjob.run (job, logical_date, program_version, parameters, ended_at, "
        "outcome, published_at) values ('sales', $1, '1', '{}', now(), 'published', "
        "'2024-03-02T06:00:00Z') returning run_id",
        day,
    )["run_id"][0]
    figures: list[tuple[str, str, str, int | None]] = [
        ("total_revenue", "all", "revenue", total),
        ("total_revenue", "all", "sales", 1),
    ]
    for name, revenue, rank in regions:
        figures += [
            ("revenue_by_region", name, "revenue", revenue),
            ("revenue_by_region", name, "rank", rank),
        ]
    for figure in figures:
        db.execute(
            "insert into abcjob.figure select $1, f->>0, f->>1, f->>2, (f->>3)::numeric "
            "from (select $2::text::jsonb as f) as given",
            run,
            json.dumps(figure),
        )
    return int(run)
