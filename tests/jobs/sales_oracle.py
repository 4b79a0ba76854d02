"""The KPIs of the job sales once more, in Polars and whole cents, from the brief alone.

Written without looking at the job's own SQL: what that is held against. Money is counted in cents,
as whole numbers, and shares as fractions, so that nothing is rounded before the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import polars as pl

Row = tuple[Any, ...]
CENTS = pl.col("amount").sum().alias("cents")


@dataclass(frozen=True)
class Shop:
    """What was sold.

    Attributes:
        products: id, name, category; price in cents.
        stores: id, city, region.
        sales: id, product_id, store_id, sale_date, quantity; amount in cents.
    """

    products: pl.DataFrame
    stores: pl.DataFrame
    sales: pl.DataFrame

    def of_stores(self, *days: date) -> pl.DataFrame:
        """The sales, or those of the days from the first to the last, with their stores."""
        return self.within(*days).join(self.stores, left_on="store_id", right_on="id")

    def of_products(self, *days: date) -> pl.DataFrame:
        """As `of_stores`, with their products."""
        return self.within(*days).join(self.products, left_on="product_id", right_on="id")

    def within(self, *days: date) -> pl.DataFrame:
        """As `of_stores`, alone."""
        if not days:
            return self.sales
        return self.sales.filter(pl.col("sale_date").is_between(days[0], days[-1]))


def euros(cents: int | None, by: int = 1) -> Decimal | None:
    """Cents, by so many, as euros to the cent: half a cent counts as one."""
    return None if cents is None else _divided(cents, 100 * by, 2)


def whole(column: pl.Series) -> int:
    """The sum."""
    return int(column.sum())


def share(part: int, of: int) -> Decimal | None:
    """To eight decimals; none of nothing."""
    return _divided(part, of, 8) if of else None


def _divided(part: int, of: int, places: int) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        return (Decimal(part) / of).quantize(Decimal(10) ** -places, ROUND_HALF_UP)


def total_revenue(shop: Shop, day: date) -> list[Row]:
    """Scope, revenue, sales, quantity, average sale, first and last day, sales after the day."""
    cents, count = whole(shop.sales["amount"]), shop.sales.height
    average = euros(cents, count) if count else None
    days = sorted(shop.sales["sale_date"])
    ends = (days[0], days[-1]) if days else (None, None)
    later = sum(sold > day for sold in days)
    return [("all", euros(cents), count, whole(shop.sales["quantity"]), average, *ends, later)]


def revenue_by_product(shop: Shop, top: int) -> list[Row]:
    """Product, its id, category, revenue, sales, quantity, share."""
    found = (
        shop.of_products()
        .group_by("name", "product_id", "category")
        .agg(CENTS, count=pl.len(), quantity=pl.col("quantity").sum())
        .sort(-pl.col("cents"), "name", "product_id")
    )
    total = whole(found["cents"])
    rest = found[top:].select(pl.col("cents", "count", "quantity").sum())
    told = [
        *found[:top].rows(),
        *([("other", "", None, *rest.row(0))] if found[top:].height else []),
    ]
    return [
        (name, key, category, euros(cents), count, quantity, share(cents, total))
        for name, key, category, cents, count, quantity in told
    ]


def revenue_by_region(shop: Shop, top: int) -> list[Row]:
    """Region, revenue, sales, share, rank."""
    found = (
        shop.of_stores()
        .group_by("region")
        .agg(CENTS, count=pl.len())
        .sort(-pl.col("cents"), "region")
        .with_row_index("rank", 1)
        .select("region", "cents", "count", "rank")
    )
    total = whole(found["cents"])
    told = found[:top].rows()
    if found[top:].height:
        told.append(
            (rest_name(found), *found[top:].select(pl.col("cents", "count").sum()).row(0), None)
        )
    return [
        (name, euros(cents), count, share(cents, total), rank) for name, cents, count, rank in told
    ]


def rest_name(found: pl.DataFrame) -> str:
    """Other; with a star more than any region of that name has."""
    alike = [name for name in found["region"] if name.rstrip("*") == "other"]
    return max(alike, key=len) + "*" if alike else "other"


def revenue_by_month_and_region(shop: Shop, top: int, day: date) -> list[Row]:
    """Month, region, rank, revenue, share of the month; of sixty months, the last with a sale."""
    by_day = shop.of_stores().filter(pl.col("sale_date") <= day)
    if by_day.is_empty():
        return []
    newest = max(by_day["sale_date"].to_list())
    sold = by_day.filter(
        pl.col("sale_date") >= date(newest.year - 5 + newest.month // 12, newest.month % 12 + 1, 1)
    ).with_columns(month=pl.col("sale_date").dt.strftime("%Y-%m"))
    ranked = sold.group_by("region").agg(CENTS).sort(-pl.col("cents"), "region")
    names: list[tuple[str, int | None]] = [
        (name, rank) for rank, name in enumerate(ranked["region"][: min(top, 5)], 1)
    ]
    own = {name: name for name, _ in names}
    if ranked.height > len(names):
        names.append((rest_name(ranked), None))
    by_month: dict[str, dict[str, int]] = {}
    for month, region, cents in sold.group_by("month", "region").agg(CENTS).rows():
        line = by_month.setdefault(month, {})
        name = own.get(region, names[-1][0])
        line[name] = line.get(name, 0) + cents
    first, last = (
        12 * int(month[:4]) + int(month[5:]) - 1 for month in (min(by_month), max(by_month))
    )
    rows: list[Row] = []
    for number in range(first, last + 1):
        day = date(number // 12, number % 12 + 1, 1)
        line = by_month.get(f"{day:%Y-%m}", {})
        total = sum(line.values())
        rows += [
            (day, name, rank, euros(line.get(name, 0)), share(line.get(name, 0), total))
            for name, rank in names
        ]
    return rows


def revenue_by_day(shop: Shop, day: date, window: int) -> list[Row]:
    """Day, revenue, sales, mean of seven days."""
    rows: list[Row] = []
    for before in range(window - 1, -1, -1):
        today = day - timedelta(before)
        sold, week = shop.within(today), shop.within(today - timedelta(6), today)
        rows.append(
            (today, euros(whole(sold["amount"])), sold.height, euros(whole(week["amount"]), 7))
        )
    return rows


def key_findings(shop: Shop, day: date, window: int) -> list[Row]:
    """Finding, what it is, revenue, share."""
    first = day - timedelta(window - 1)
    total = whole(shop.within(first, day)["amount"])
    days = f"over {window} day{'' if window == 1 else 's'}"
    rows: list[Row] = [
        ("total of the window", f"{first} to {day}", euros(total), share(total, total)),
        ("mean per day", days, euros(total, window), None),
    ]
    in_stores, of_products = shop.of_stores(first, day), shop.of_products(first, day)
    if in_stores.is_empty():
        return rows
    ranked = {
        name: frame.group_by(keys).agg(CENTS).sort(-pl.col("cents"), *keys)
        for name, frame, keys in (
            ("region", in_stores, ["region"]),
            ("store", in_stores, ["city", "store_id"]),
            ("product", of_products, ["name", "product_id"]),
            ("category", of_products, ["category"]),
            ("day", in_stores, ["sale_date"]),
        )
    }
    for name, frame in ranked.items():
        rows.append((f"best {name}", *_said(frame.row(0), total)))
    if ranked["region"].height > 1:
        rows.append(("weakest region", *_said(ranked["region"].row(-1), total)))
    return rows


def _said(row: Row, total: int) -> Row:
    name, *key, cents = row
    if isinstance(name, date):
        name = f"{name:%A, %Y-%m-%d}"
    return f"{name} ({key[0]})" if key else name, euros(cents), share(cents, total)
