"""How a sample's rows stand in its files, as they should be or spoiled."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl

from abcjob.sampling import NO_UTF8

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from abcjob.jobs.sales.sample_parameters import Kind

COLUMNS = {
    "products": ("id", "name", "price", "category"),
    "stores": ("id", "city", "region", "address"),
    "sales": ("id", "product_id", "store_id", "sale_date", "quantity", "amount"),
}
SALES = COLUMNS["sales"]
_NUMBERS = ("price", "quantity", "amount")

# What is made wrong, by the name under which the job finds it, and what becomes of such a row.
_FAULTS = {
    "missing": "rejected",
    "not_a_date": "rejected",
    "not_an_integer": "rejected",
    "not_positive": "rejected",
    "too_precise": "rejected",
    "not_a_number": "rejected",
    "invalid_utf8": "rejected",
    "nul_character": "rejected",
    "repeated_with_other_content": "rejected",
    "repeated": "skipped",
    "blank": "skipped",
    "unknown_product": "waiting",
    "unknown_store": "waiting",
    "amount_differs": "loaded",
}
FAULTS: Mapping[Kind, Mapping[str, str]] = {
    "csv": _FAULTS | dict.fromkeys(("wrong_number_of_fields", "quotes_do_not_match"), "rejected"),
    "ndjson": _FAULTS | dict.fromkeys(("not_json", "repeated_key", "not_a_scalar"), "rejected"),
}
# Values of a column that stand for a fault; the rows that have it take them in turn.
_WRONG: Mapping[str, tuple[str, tuple[Any, ...]]] = {
    "not_a_date": ("sale_date", ("2026-02-30", "32/01/2026", "2026-11", "yesterday")),
    "not_an_integer": ("quantity", (1.5, "two", "1e3")),
    "not_positive": ("quantity", (0, -1)),
    "not_a_number": ("amount", ("n/a", "12.50 €", "1,234")),
    "invalid_utf8": ("store_id", (f"S{NO_UTF8}",)),
    "nul_character": ("product_id", ("P\0",)),
    "unknown_product": ("product_id", tuple(f"P{900_001 + number}" for number in range(7))),
    "unknown_store": ("store_id", tuple(f"S{90_001 + number}" for number in range(5))),
    "quotes_do_not_match": ("product_id", ('"open',)),
    "not_a_scalar": ("quantity", ([1], {"value": 1}, True)),
}


def header(table: str, kind: Kind) -> bytes:
    """What stands above a table's rows."""
    return f"{','.join(COLUMNS[table])}\n".encode() if kind == "csv" else b""


def listed(table: str, rows: pl.DataFrame, kind: Kind) -> pl.DataFrame:
    """A table's rows, with its columns as text and `fault`, as `line` and `fault`."""
    if kind == "csv":
        rows = rows.with_columns(_quoted(name) for name in COLUMNS[table])
    fields = [field(kind, name, pl.col(name)) for name in COLUMNS[table]]
    return rows.select(*fields, "fault").select(_line(kind, COLUMNS[table]), "fault")


def field(kind: Kind, name: str, value: pl.Expr) -> pl.Expr:
    """A column's value, a text that needs no escapes, as it stands in a line."""
    if kind == "ndjson":
        quote = "" if name in _NUMBERS else '"'
        value = pl.concat_str(pl.lit(f'"{name}":{quote}'), value, pl.lit(quote))
    return value.alias(name)


def sales(rows: pl.LazyFrame, kind: Kind) -> pl.LazyFrame:
    """`line` of sales that are right.

    Args:
        rows: sales, whose columns are fields.
        kind: how they are written.
    """
    return rows.with_columns(_line(kind, SALES))


def spoiled(rows: pl.LazyFrame, kind: Kind) -> pl.LazyFrame:
    """`line` of sales that are to have a fault.

    Args:
        rows: as of `sales`, with `fault`, and `row`, by which they take forms of it in turn.
        kind: how they are written.
    """
    fault, row = pl.col("fault"), pl.col("row")
    rows = rows.with_columns(_spoiled_fields(kind))
    rows = sales(rows, kind)
    line = pl.col("line")
    fields = [pl.col(name) for name in SALES]
    return rows.with_columns(
        pl.when(fault == "blank")
        .then(pl.lit(""))
        .when((fault == "wrong_number_of_fields") & (row % 2 == 0))
        .then(pl.concat_str(fields[:-1], separator=","))
        .when(fault == "wrong_number_of_fields")
        .then(pl.concat_str([*fields, pl.lit("more")], separator=","))
        .when(fault == "not_json")
        .then(line.str.head(-1 - row % 9))
        .when(fault == "repeated_key")
        .then(pl.concat_str(line.str.head(-1), pl.lit(',"quantity":1}')))
        .otherwise(line)
        .alias("line")
    )


def _spoiled_fields(kind: Kind) -> list[pl.Expr]:
    fault, row = pl.col("fault"), pl.col("row")
    fields = {name: pl.col(name) for name in SALES}

    def put(is_wrong: pl.Expr, name: str, form: pl.Expr) -> None:
        fields[name] = pl.when(is_wrong).then(form).otherwise(fields[name])

    for at, name in enumerate(SALES):
        put((fault == "missing") & (row % len(SALES) == at), name, _missing(kind, name))
    for wrong, (name, values) in _WRONG.items():
        written = pl.Series([_written(kind, name, value) for value in values])
        put(fault == wrong, name, pl.lit(written).gather(row % len(values)))
    longer = pl.concat_str("amount", pl.lit("5"))
    put(fault == "too_precise", "amount", longer)
    return [value.alias(name) for name, value in fields.items()]


def _line(kind: Kind, names: Iterable[str]) -> pl.Expr:
    """A line of fields; one that is null is left out."""
    line = pl.concat_str([pl.col(name) for name in names], separator=",", ignore_nulls=True)
    return (line if kind == "csv" else pl.concat_str(pl.lit("{"), line, pl.lit("}"))).alias("line")


def _quoted(name: str) -> pl.Expr:
    value = pl.col(name)
    has_comma = value.str.contains(",", literal=True)
    return pl.when(has_comma).then(pl.format('"{}"', value)).otherwise(value).alias(name)


def _missing(kind: Kind, name: str) -> pl.Expr:
    """A field without a value; in NDJSON, half of them are not there at all."""
    forms = ["", ""] if kind == "csv" else [f'"{name}":null', None]
    return pl.lit(pl.Series(forms)).gather(pl.col("row") // len(SALES) % 2)


def _written(kind: Kind, name: str, value: Any) -> str:
    if kind == "ndjson":
        return f'"{name}":{json.dumps(value, ensure_ascii=False)}'
    return f'"{value}"' if "," in str(value) else str(value)
