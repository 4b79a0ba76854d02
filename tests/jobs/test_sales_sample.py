"""The sample of the job sales: the same files for everybody, and what is wrong in them is told."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
from sales_faults import HEADERS, catalogue, fields_of, found

from abcjob.errors import ReportError, SettingsError
from abcjob.job import options
from abcjob.jobs.sales import sample
from abcjob.jobs.sales.sample_parameters import Kind, SampleParameters

DAY = date(2026, 11, 20)
TABLES = ("products", "stores", "sales")
KINDS: tuple[Kind, ...] = ("csv", "ndjson")
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
BECOMES = {
    "skipped": {"repeated", "blank"},
    "waiting": {"unknown_product", "unknown_store"},
    "loaded": {"amount_differs"},
}
IN_BOTH = {
    "missing",
    "not_a_date",
    "not_an_integer",
    "not_positive",
    "too_precise",
    "not_a_number",
    "invalid_utf8",
    "nul_character",
    "repeated_with_other_content",
    *(fault for faults in BECOMES.values() for fault in faults),
}
IN = {
    "csv": IN_BOTH | {"wrong_number_of_fields", "quotes_do_not_match"},
    "ndjson": IN_BOTH | {"not_json", "repeated_key", "not_a_scalar"},
}

Told = dict[tuple[str, str], int]


class Made(NamedTuple):
    """The files by table, and what was told: rows by file and fault."""

    files: dict[str, bytes]
    told: Told
    becomes: dict[str, str]


def made(folder: Path, day: date = DAY, **values: Any) -> Made:
    """A sample's files."""
    parameters = SampleParameters(**values)
    told = sample.write(parameters, day, folder)
    assert told.columns == ["file", "fault", "rows", "becomes"]
    return Made(
        {table: (folder / f"{table}.{parameters.kind}").read_bytes() for table in TABLES},
        {(row["file"], row["fault"]): row["rows"] for row in told.to_dicts()},
        {row["fault"]: row["becomes"] for row in told.to_dicts()},
    )


@pytest.mark.parametrize(
    ("kind", "checksums"),
    [
        (
            "csv",
            {
                "products": "a1103dc04b74c022dfd2e0fbdbecec2b601fddd9f7a503418a3e6212e13094ed",
                "stores": "c8e1e27733dc16c23b8ffcd1d2eced414598989acb8e1fbc10d6d19df6803d0e",
                "sales": "522fea4b83c613251b52414ca4963399813202561677b6fc858c73d94c077c07",
            },
        ),
        (
            "ndjson",
            {
                "products": "aa62962e31ce6e5aa518aede477125a40504255b92f0831ba51f2c043c91cbec",
                "stores": "bca69a84c98834d68f5c403e3030fb83a1f23dcc96a35df776f6a3749098d99c",
                "sales": "99b7a730d4c3ae908d55cb425c578083dbf811702d61baaf5765ac9b1428a1f0",
            },
        ),
    ],
)
def test_the_files_stay_as_they_are(kind: str, checksums: dict[str, str], tmp_path: Path) -> None:
    """Golden checksums: the same parameters give the same bytes, on every machine, for good."""
    files = made(
        tmp_path,
        date(2025, 5, 13),
        rows=5_000,
        products=150,
        stores=60,
        bad=Decimal("0.2"),
        seed=7,
        kind=kind,
    ).files
    assert {table: hashlib.sha256(data).hexdigest() for table, data in files.items()} == checksums


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1, 7, 64])
def test_slices_change_nothing(
    kind: Kind, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many sales are made at a time is no matter of what they are, nor of what is told."""
    values: dict[str, Any] = {"rows": 300, "bad": Decimal("0.5"), "kind": kind}
    whole = made(tmp_path / "whole", **values)
    monkeypatch.setattr(sample, "SLICE", size)
    assert made(tmp_path / "sliced", **values) == whole


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bad", ["0.03", "0.3", "1"])
def test_what_is_told_is_what_is_wrong(kind: Kind, bad: str, tmp_path: Path) -> None:
    """Each fault is there as often as told, and no row has two; an independent count."""
    files, told, becomes = made(tmp_path, rows=20_000, bad=Decimal(bad), kind=kind)
    of_sales = {fault: n for (file, fault), n in told.items() if file == f"sales.{kind}"}
    assert found(files, kind) == of_sales
    alone = {"repeated", "repeated_with_other_content"} if bad == "1" else set()
    assert set(of_sales) == IN[kind] - alone
    told_so = defaultdict(set)
    for fault, what in becomes.items():
        told_so[what].add(fault)
    assert told_so.pop("rejected") == IN[kind] - set().union(*BECOMES.values()) - alone | {
        "negative"
    }
    assert told_so == BECOMES


@pytest.mark.parametrize("kind", KINDS)
def test_faults_are_about_equally_often(kind: Kind, tmp_path: Path) -> None:
    """Of 20,000 sales, 3 in 10 are wrong: each fault has its part of them, within five sigma."""
    _, told, _ = made(tmp_path, rows=20_000, bad=Decimal("0.3"), kind=kind)
    # A repeat that follows on what is wrong itself is another fault, `missing`.
    unlike = {"missing", "repeated", "repeated_with_other_content"}
    expected = 20_000 * 0.3 / len(IN[kind])
    for (file, fault), rows in told.items():
        if file == f"sales.{kind}" and fault not in unlike:
            assert abs(rows - expected) < 5 * expected**0.5, fault
    repeated = told[f"sales.{kind}", "repeated"]
    assert abs(repeated - 0.7 * expected) < 5 * (0.7 * expected) ** 0.5
    other = told[f"sales.{kind}", "repeated_with_other_content"] / 2
    assert abs(other - 0.7 * expected) < 5 * (0.7 * expected) ** 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_a_product_is_wrong_and_one_repeated(kind: Kind, tmp_path: Path) -> None:
    """No sale refers to the product with a negative price; the repeated row is alike."""
    files, told, _ = made(tmp_path, rows=1_000, products=20, kind=kind)
    assert {fault: n for (file, fault), n in told.items() if file == f"products.{kind}"} == {
        "negative": 1,
        "repeated": 1,
    }
    rows = catalogue(files, "products", kind)
    [negative] = [row["id"] for row in rows if row["price"] < 0]
    assert negative.encode() not in files["sales"]
    counts = Counter(map(str, rows))
    assert sorted(counts.values()) == [1] * 20 + [2]
    assert len({row["id"] for row in rows}) == 21


def test_a_few_products_are_all_good(tmp_path: Path) -> None:
    """Of fewer than 20, none is wrong."""
    files, told, _ = made(tmp_path, rows=100, products=19)
    assert not any(file == "products.csv" for file, _ in told)
    assert len(catalogue(files, "products", "csv")) == 19


@pytest.mark.parametrize("kind", KINDS)
def test_without_faults_all_is_right(kind: Kind, tmp_path: Path) -> None:
    """Nothing is told; ids count from 1, dates ascend, amounts are price x quantity to the cent."""
    files, told, _ = made(tmp_path, rows=5_000, bad=Decimal(0), kind=kind)
    assert not told
    assert not found(files, kind)
    prices = {row["id"]: row["price"] for row in catalogue(files, "products", kind)}
    stores = {row["id"] for row in catalogue(files, "stores", kind)}
    assert len(prices) == 100
    assert len(stores) == 30
    lines = files["sales"].splitlines()[kind == "csv" :]
    rows = [{name: str(text) for name, text in fields_of(line, kind).items()} for line in lines]
    assert [row["id"] for row in rows] == [str(number) for number in range(1, 5_001)]
    days = [row["sale_date"] for row in rows]
    assert days == sorted(days)
    assert days[-1] == DAY.isoformat()
    for row in rows:
        assert row["store_id"] in stores
        assert row["quantity"] in set("12345")
        assert Decimal(row["amount"]) == prices[row["product_id"]] * int(row["quantity"])


def test_json_has_numbers_and_texts(tmp_path: Path) -> None:
    """Prices, quantities and amounts are numbers, all else is text."""
    files = made(tmp_path, rows=50, bad=Decimal(0), kind="ndjson").files
    for table, data in files.items():
        for line in data.splitlines():
            row = json.loads(line)
            assert list(row) == HEADERS[table]
            for name, value in row.items():
                is_number = name in {"price", "quantity", "amount"}
                assert isinstance(value, int | float if is_number else str), (name, value)


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


@pytest.mark.parametrize("kind", KINDS)
def test_no_sales_are_files_too(kind: Kind, tmp_path: Path) -> None:
    """Of no rows, a header alone in CSV, and nothing in NDJSON."""
    files = made(tmp_path, rows=0, bad=Decimal(0), kind=kind).files
    header = f"{','.join(HEADERS['sales'])}\n".encode()
    assert files["sales"] == (header if kind == "csv" else b"")
    assert len(catalogue(files, "products", kind)) == 100


@pytest.mark.parametrize("kind", KINDS)
def test_the_smallest_shop(kind: Kind, tmp_path: Path) -> None:
    """One product, one store and one sale, which is wrong."""
    files, told, _ = made(tmp_path, rows=1, products=1, stores=1, bad=Decimal(1), kind=kind)
    assert found(files, kind) == {fault: n for (_, fault), n in told.items()}
    assert sum(told.values()) == 1


def test_seeds_differ(tmp_path: Path) -> None:
    """Another seed, other files."""
    one, other = (made(tmp_path / str(seed), seed=seed).files for seed in (1, 2))
    assert all(one[table] != other[table] for table in TABLES)


def test_a_date_too_early_is_refused(tmp_path: Path) -> None:
    """The job reads no date before 1900; nothing is written."""
    with pytest.raises(SettingsError, match="1901-12-31"):
        made(tmp_path / "early", date(1901, 12, 30))
    assert not (tmp_path / "early").exists()
    files = made(tmp_path / "first", date(1901, 12, 31), bad=Decimal(0)).files
    assert b",1900-01-02," in files["sales"]


def test_no_file_is_replaced(tmp_path: Path) -> None:
    """A sample never takes the place of what is there."""
    (tmp_path / "stores.csv").write_text("mine")
    with pytest.raises(ReportError, match="there already"):
        made(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["stores.csv"]


def test_options_say_what_they_expect() -> None:
    """Each option parses what it shows, and refuses what it cannot be."""
    parsers = {name: option.parse for name, (option, _) in options(SampleParameters).items()}
    assert parsers["kind"]("ndjson") == "ndjson"
    for name, text in {"kind": "xml", "products": "0", "stores": "10001", "bad": "1.1"}.items():
        with pytest.raises(ValueError, match=r"csv or|a whole number|a number"):
            parsers[name](text)
