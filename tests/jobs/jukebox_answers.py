"""The KPIs of the job jukebox once more, of the oracle's tables, from the brief alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from jukebox_oracle import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from jukebox_oracle import Row

    Record = dict[str, Any]

KPIS: Mapping[str, tuple[str, ...]] = {
    "total_sales": ("sales", "revenue"),
    "agent_ranking": ("month", "agent_id", "agent", "songs_played", "rank"),
    "cash_received": ("day", "amount", "trailing_mean_15d"),
    "cash_spent": ("day", "amount", "trailing_mean_15d"),
    "expected_cash": ("device_id", "device", "expected", "received", "balance"),
    "product_sales": ("month", "product", "sales", "share"),
    "unlinked": ("kind", "events", "amount"),
}


@dataclass(frozen=True)
class Asked:
    """What KPIs are asked for.

    Attributes:
        day: the report's date.
        product: the one that is compared.
        all_plays: those that were not completed count too.
    """

    day: date
    product: str = "MusicMaker3000"
    all_plays: bool = False


def kpis(tables: Mapping[str, list[Row]], asked: Asked) -> dict[str, list[Row]]:
    """The rows of every KPI; columns as `KPIS`, means as fractions."""
    records = {
        table: [dict(zip(COLUMNS[table], row, strict=True)) for row in rows]
        for table, rows in tables.items()
    }
    answers: dict[str, Callable[[Mapping[str, list[Record]], Asked], list[Row]]] = {
        "total_sales": _total_sales,
        "agent_ranking": _agent_ranking,
        "cash_received": _cash_received,
        "cash_spent": _cash_spent,
        "expected_cash": _expected_cash,
        "product_sales": _product_sales,
        "unlinked": _unlinked,
    }
    return {name: answer(records, asked) for name, answer in answers.items()}


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def _total_sales(tables: Mapping[str, list[Record]], _: Asked) -> list[Row]:
    sales = tables["sales"]
    return [(len(sales), _sum(sale["price"] for sale in sales))]


def _agent_ranking(tables: Mapping[str, list[Record]], asked: Asked) -> list[Row]:
    """Plays of each month by the agent of the allocation that was in force."""
    names = {agent["id"]: agent["name"] for agent in tables["agents"]}
    counts: Counter[tuple[str, int]] = Counter()
    for play in tables["songs_played"]:
        at = play["played_at"]
        if at.date() > asked.day or not (play["is_completed"] or asked.all_plays):
            continue
        for allocation in tables["allocations"]:
            ends_at = allocation["ends_at"]
            is_ours = allocation["device_id"] == play["device_id"]
            if is_ours and allocation["starts_at"] <= at and (ends_at is None or at < ends_at):
                counts[f"{at:%Y-%m}", allocation["agent_id"]] += 1
    rows = [
        (
            month,
            agent,
            names[agent],
            played,
            1 + sum(other > played for (of, _), other in counts.items() if of == month),
        )
        for (month, agent), played in counts.items()
    ]
    return sorted(rows, key=lambda row: (row[0], row[4], row[1]))


def _cash_received(tables: Mapping[str, list[Record]], asked: Asked) -> list[Row]:
    return _by_day([(pay["received_at"], pay["amount"]) for pay in tables["payments"]], asked)


def _cash_spent(tables: Mapping[str, list[Record]], asked: Asked) -> list[Row]:
    bought = [device for device in tables["devices"] if device["purchased_at"] is not None]
    return _by_day([(device["purchased_at"], device["purchase_cost"]) for device in bought], asked)


def _by_day(amounts: list[tuple[Any, Decimal]], asked: Asked) -> list[Row]:
    """Each day from the first with any to the date, and the mean of it and the 14 before.

    Fifteen days after the last with any are enough: the mean is 0 then, and stays so.
    """
    by_day: dict[date, Decimal] = {}
    for at, amount in amounts:
        if at.date() <= asked.day:
            by_day[at.date()] = by_day.get(at.date(), Decimal(0)) + amount
    if not by_day:
        return []
    first, latest = min(by_day), max(by_day)
    last = latest + min(timedelta(15), asked.day - latest)
    rows: list[Row] = []
    for number in range((last - first).days + 1):
        day = first + timedelta(number)
        fortnight = _sum(by_day.get(day - timedelta(before), Decimal(0)) for before in range(15))
        rows.append((day, by_day.get(day, Decimal(0)), Fraction(fortnight) / 15))
    return rows


def _expected_cash(tables: Mapping[str, list[Record]], _: Asked) -> list[Row]:
    rows: list[Row] = []
    for device in tables["devices"]:
        prices, amounts = (
            [row[column] for row in tables[table] if row["device_id"] == device["id"]]
            for table, column in (("allocations", "price"), ("payments", "amount"))
        )
        if prices or amounts:
            expected, received = _sum(prices), _sum(amounts)
            rows.append((device["id"], device["name"], expected, received, received - expected))
    return sorted(rows)


def _product_sales(tables: Mapping[str, list[Record]], asked: Asked) -> list[Row]:
    names = {device["id"]: device["name"] for device in tables["devices"]}
    counts: Counter[tuple[str, str]] = Counter()
    for sale in tables["sales"]:
        if sale["sold_at"].date() <= asked.day:
            counts[f"{sale['sold_at']:%Y-%m}", names[sale["device_id"]]] += 1
    rows: list[Row] = []
    for month in _months({month for month, _ in counts}):
        sold = {product: count for (of, product), count in counts.items() if of == month}
        total = sum(sold.values())
        others = sorted(sold.keys() - {asked.product})
        for product in (asked.product, *others):
            count = sold.get(product, 0)
            rows.append((month, product, count, _share(count, total)))
    return rows


def _months(found: set[str]) -> list[str]:
    """Every month from the first to the last."""
    numbers = [int(month[:4]) * 12 + int(month[5:]) - 1 for month in found]
    if not numbers:
        return []
    every = range(min(numbers), max(numbers) + 1)
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in every]


def _share(part: int, total: int) -> Decimal | None:
    if not total:
        return None
    return (Decimal(part) / total).quantize(Decimal("1e-8"), ROUND_HALF_UP)


def _unlinked(tables: Mapping[str, list[Record]], _: Asked) -> list[Row]:
    payments, plays = (
        [row for row in tables[table] if row["device_id"] is None]
        for table in ("payments", "songs_played")
    )
    amount = _sum(payment["amount"] for payment in payments)
    return [("payments", len(payments), amount), ("plays", len(plays), None)]
