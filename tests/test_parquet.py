"""Sales in Parquet, of whatever types its columns are."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from salesfiles import AS_READ, NAMES, SALES, lines_of, reasons, taken

from abcjob.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

ARROW: dict[str, Any] = {
    "texts": dict.fromkeys(NAMES, pl.String),
    "their own types": {
        **dict.fromkeys(NAMES[:3], pl.Categorical),
        "sale_date": pl.Date,
        "quantity": pl.Int16,
        "amount": pl.Decimal(14, 2),
    },
    "floats and moments": {
        **dict.fromkeys(NAMES[:3], pl.String),
        "sale_date": pl.Datetime("us", "UTC"),
        "quantity": pl.Float64,
        "amount": pl.Float64,
    },
}


@pytest.mark.parametrize("way", ARROW)
def test_sales_in_parquet(tmp_path: Path, way: str) -> None:
    """Whatever the columns' types are; what nobody asked for is named, whatever it is."""
    path = tmp_path / "sales"
    more = pl.DataFrame({"list": [[1]] * len(SALES), "binary": b"\xff", "more": "a"})
    frame = pl.DataFrame(AS_READ, NAMES, orient="row").cast(ARROW[way])
    frame.hstack(more).write_parquet(path, row_group_size=300)
    good, rejected, intake = taken(path)
    assert list(good.values()) == AS_READ
    assert (rejected, intake.read) == (set(), len(SALES))
    assert intake.ignored == ("list", "binary", "more")
    raw = lines_of(path)
    assert json.loads(raw["_raw"][0])["more"] == "a"


def test_no_decimal_of_parquet_is_rounded(tmp_path: Path) -> None:
    """Of numbers as large as they may be, and of those that are too precise."""
    path = tmp_path / "sales"
    numbers = [Decimal("999999999999.99"), Decimal("0.01"), Decimal("-0.10"), Decimal("0.105")]
    frame = pl.DataFrame(AS_READ[:5], NAMES, orient="row").with_columns(
        amount=pl.Series([*numbers, None], dtype=pl.Decimal(20, 4))
    )
    frame.write_parquet(path)
    assert [row[-1] for row in taken(path)[0].values()] == numbers[:3]
    assert reasons(path) == [("too_precise", "amount"), ("missing", "amount")]


def test_what_is_neither_text_nor_number_nor_date_in_parquet_is_rejected(tmp_path: Path) -> None:
    """A moment that is not midnight UTC is no day; NaN is no number; a boolean is no text."""
    path = tmp_path / "sales"
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    frame = pl.DataFrame(AS_READ[:1], NAMES, orient="row")
    frame.with_columns(sale_date=noon, amount=float("nan"), id=True).write_parquet(path)
    others = [("not_a_date", "sale_date"), ("not_a_number", "amount")]
    assert reasons(path) == [*others, ("not_a_scalar", "id")]
    frame.with_columns(sale_date=noon, amount=float("nan")).write_parquet(path)
    assert reasons(path) == others


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (pl.exclude("amount"), "it lacks amount, expected id"),
        (pl.all().implode(), "its id is .*list.*, expected texts"),
    ],
    ids=["lacks one", "has one nested"],
)
def test_a_parquet_file_without_a_column_is_refused(
    tmp_path: Path, columns: pl.Expr, said: str
) -> None:
    """As a delimited file is by its header."""
    path = tmp_path / "sales"
    pl.DataFrame(AS_READ[:9], NAMES, orient="row").select(columns).write_parquet(path)
    with pytest.raises(DataError, match=f"reading {path}: {said}"):
        taken(path)


@pytest.mark.parametrize("at", [4, -40])
def test_a_parquet_file_that_is_broken_is_refused(tmp_path: Path, at: int) -> None:
    """In its pages or in what tells where they are; and where it was cut off."""
    path = tmp_path / "sales"
    pl.DataFrame(AS_READ, NAMES, orient="row").write_parquet(path, compression="zstd")
    whole = path.read_bytes()
    at %= len(whole)
    for content in (whole[:at] + b"\xff" * 30 + whole[at + 30 :], whole[:at]):
        path.write_bytes(content)
        with pytest.raises(DataError, match=f"reading {path}: it is Parquet, but broken or cut"):
            taken(path)


def test_a_text_of_parquet_that_is_not_utf_8_is_no_text(tmp_path: Path) -> None:
    """Parquet says that it is; nothing made of it would be."""
    path = tmp_path / "sales"
    pl.DataFrame(AS_READ, NAMES, orient="row").write_parquet(
        path, compression="uncompressed", statistics=False
    )
    path.write_bytes(path.read_bytes().replace(b"S1999", b"S19\xff9"))
    with pytest.raises(DataError, match="it is Parquet, but broken"):
        taken(path)
