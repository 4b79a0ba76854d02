"""A job of two tables that only tests know: what the stages do, they do for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from abcjob.job import WHOLE, Derived, Input, Job, Option, Part, parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PRODUCT = pl.Schema(
    [("product_id", pl.Int32()), ("name", pl.String()), ("price", pl.Decimal(10, 2))]
)
SALE = pl.Schema(
    [
        ("sale_id", pl.Int64()),
        ("product_id", pl.Int32()),
        ("sold_at", pl.Datetime("us", "UTC")),
        ("quantity", pl.Int32()),
    ]
)
NAMES = ["Apple", "Ébène | *pear*", "<zebra>"]


@dataclass(frozen=True)
class Parameters:
    """What the toy sells."""

    sales: int = parameter(10, Option("sales", int))
    quantity: int = parameter(2, Option("pieces of each sale", int))
    price: str = parameter("1.25", Option("of each product", str))


def products(price: str = "1.25") -> pl.DataFrame:
    """Three products, at one price."""
    return pl.DataFrame(
        {"product_id": [1, 2, 3], "name": NAMES, "price": [Decimal(price)] * 3}, PRODUCT
    )


def sales(count: int, quantity: int = 2) -> pl.DataFrame:
    """Sales of the products in turn, a second apart."""
    return pl.select(sale_id=pl.int_range(1, count + 1, dtype=pl.Int64)).select(
        "sale_id",
        product_id=(pl.col("sale_id") % 3 + 1).cast(pl.Int32),
        sold_at=pl.lit(datetime(2021, 1, 1, tzinfo=UTC), pl.Datetime("us", "UTC"))
        + pl.duration(seconds=pl.col("sale_id")),
        quantity=pl.lit(quantity, pl.Int32),
    )


def read(parameters: Parameters, _: Part) -> Mapping[str, Iterable[pl.DataFrame]]:
    """Products, then sales in slices that fit no batch."""
    rows = sales(parameters.sales, parameters.quantity)
    return {"product": [products(parameters.price)], "sale": rows.iter_slices(7_001)}


def job(**changes: Any) -> Job:
    """The toy, with changes."""
    fields: dict[str, Any] = {
        "name": "toy",
        "report": "toy",
        "schema_version": 1,
        "parameters": Parameters,
        "inputs": (Input("product"), Input("sale")),
        "derived": (Derived("product_total"),),
        "kpis": ("turnover",),
        "plan": lambda _, __: (Part(WHOLE),),
        "read": read,
        "conclude": lambda _, __: {},
    }
    return Job(**(fields | changes))
