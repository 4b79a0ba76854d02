"""The sample of the job sales: the same files for everybody, and what is wrong in them is told."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sales_faults import HEADERS, catalogue, fields_of, found
from sales_made import DAY, TABLES, made

from abcjob.errors import ReportError, SettingsError
from abcjob.job import options
from abcjob.jobs.sales import sample
from abcjob.jobs.sales.sample_parameters import Kind, SampleParameters

if TYPE_CHECKING:
    from pathlib import Path

KINDS: tuple[Kind, ...] = ("csv", "ndjson")
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
