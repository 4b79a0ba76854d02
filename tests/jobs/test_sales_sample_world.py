"""The business that the sample of the job sales shows: what sells when, and where."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from sales_faults import catalogue
from sales_made import DAY, made

METROPOLITAN = {
    "Auvergne-Rhône-Alpes",
    "Bourgogne-Franche-Comté",
    "Bretagne",
    "Centre-Val de Loire",
    "Corse",
    "Grand Est",
    "Hauts-de-France",
    "Île-de-France",
    "Normandie",
    "Nouvelle-Aquitaine",
    "Occitanie",
    "Pays de la Loire",
    "Provence-Alpes-Côte d'Azur",
}
OVERSEAS = {"Guadeloupe", "Guyane", "La Réunion", "Martinique", "Mayotte"}


class Sold(NamedTuple):
    """A sale, read."""

    product: str
    store: str
    day: date
    quantity: int
    amount: Decimal


@cache
def many() -> list[Sold]:
    """Enough sales to tell laws apart."""
    with TemporaryDirectory() as folder:
        files = made(Path(folder), rows=200_000, bad=Decimal(0)).files
    rows = csv.reader(files["sales"].decode().splitlines()[1:])
    return [
        Sold(product, store, date.fromisoformat(day), int(quantity), Decimal(amount))
        for _, product, store, day, quantity, amount in rows
    ]


def per_day() -> dict[date, int]:
    """Sales of each day that sells."""
    return Counter(sold.day for sold in many())


def mean(days: dict[date, int]) -> float:
    """Of sales a day."""
    return sum(days.values()) / len(days)


def test_sales_cover_730_days() -> None:
    """They end with the date; on the days on which shops are closed, there are none."""
    days = per_day()
    every = {DAY - timedelta(days=number) for number in range(730)}
    closed = {(1, 1), (5, 1), (12, 25)}
    assert set(days) == {day for day in every if (day.month, day.day) not in closed}


def test_december_sells_most_and_august_least() -> None:
    """A season: by the mean of a day."""
    by_month = {
        month: mean({day: n for day, n in per_day().items() if day.month == month})
        for month in range(1, 13)
    }
    assert max(by_month, key=lambda month: by_month[month]) == 12
    assert min(by_month, key=lambda month: by_month[month]) == 8


def test_saturdays_sell_most_and_sundays_least() -> None:
    """A week: by the mean of a day."""
    by_day = {
        weekday: mean({day: n for day, n in per_day().items() if day.isoweekday() == weekday})
        for weekday in range(1, 8)
    }
    assert max(by_day, key=lambda weekday: by_day[weekday]) == 6
    assert min(by_day, key=lambda weekday: by_day[weekday]) == 7


def test_a_year_sells_some_percent_more_than_the_one_before() -> None:
    """Growth: the 364 days of 52 weeks, against those 364 days earlier."""
    late = [n for day, n in per_day().items() if (DAY - day).days < 364]
    early = [n for day, n in per_day().items() if 364 <= (DAY - day).days < 728]
    assert 1.02 < sum(late) / sum(early) < 1.06


def test_few_products_sell_most() -> None:
    """Zipf: the top tenth makes more than a third, of pieces as of money; the last still sells."""
    pieces: Counter[str] = Counter()
    money: Counter[str] = Counter()
    for sold in many():
        pieces[sold.product] += sold.quantity
        money[sold.product] += int(sold.amount * 100)
    assert len(pieces) == 100
    for sums in (pieces, money):
        top = sum(n for _, n in sums.most_common(10))
        assert sums.total() / 3 < top < sums.total() * 0.9
    # By the law, the first sells as the 101st part to the second part: 50 times what the last does.
    ranked = [n for _, n in pieces.most_common()]
    assert 40 < ranked[0] / ranked[-1] < 65


def test_stores_are_of_different_size() -> None:
    """The largest sells at least twice what the smallest does."""
    sizes = Counter(sold.store for sold in many())
    assert len(sizes) == 30
    assert max(sizes.values()) > 2 * min(sizes.values())


def test_quantities_are_mostly_one() -> None:
    """From 1 to 5, each less often than the one before."""
    counts = Counter(sold.quantity for sold in many())
    assert sorted(counts, key=lambda quantity: -counts[quantity]) == [1, 2, 3, 4, 5]
    assert counts[1] > len(many()) / 2


def test_stores_lie_in_french_regions(tmp_path: Path) -> None:
    """By default in all metropolitan ones; of many stores, as many as people live there."""
    few = catalogue(made(tmp_path / "few", rows=0).files, "stores", "csv")
    assert {row["region"] for row in few} >= METROPOLITAN
    stores = catalogue(made(tmp_path / "many", rows=0, stores=10_000).files, "stores", "csv")
    regions = Counter(row["region"] for row in stores)
    assert set(regions) == METROPOLITAN | OVERSEAS
    # Of 68.5 million people, 12.4 live in Île-de-France, 2.2 overseas.
    assert regions["Île-de-France"] == pytest.approx(10_000 * 12.4 / 68.5, rel=0.1)
    assert sum(regions[name] for name in OVERSEAS) == pytest.approx(10_000 * 2.2 / 68.5, rel=0.2)
    cities = defaultdict(set)
    for row in stores:
        cities[row["region"]].add(row["city"])
    assert all(3 <= len(names) <= 6 for names in cities.values())
    assert "Saint-Étienne" in cities["Auvergne-Rhône-Alpes"]
    assert [stores[0]["id"], stores[-1]["id"]] == ["S001", "S10000"]
    assert len({row["id"] for row in stores}) == 10_000


def test_products_differ(tmp_path: Path) -> None:
    """100,000 of them have names and ids of their own, in 6 to 8 categories, each with a range."""
    files = made(tmp_path, rows=1_000, products=100_000, bad=Decimal(0)).files
    rows = catalogue(files, "products", "csv")
    assert len({row["name"] for row in rows}) == len({row["id"] for row in rows}) == 100_000
    assert [rows[0]["id"], rows[-1]["id"]] == ["P0001", "P100000"]
    prices = defaultdict(list)
    for row in rows:
        prices[row["category"]].append(row["price"])
    assert 6 <= len(prices) <= 8
    assert min(map(min, prices.values())) > 0
    assert len({(min(of), max(of)) for of in prices.values()}) == len(prices)
    assert {price % 1 * 100 for of in prices.values() for price in of} == {0, 50, 90, 95, 99}
