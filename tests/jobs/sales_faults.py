"""What is wrong in files of the job sales, counted line by line, from the brief alone.

Python's own csv and json, no frame: what the sample says of its faults is held against it. Lines
may be anything; what runs do with rows, from file to file, is told by `sales_rows`.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HEADERS = {  # as the job's tables have them
    "products": ["id", "name", "price", "category"],
    "stores": ["id", "city", "region", "address"],
    "sales": ["id", "product_id", "store_id", "sale_date", "quantity", "amount"],
}
Row = dict[str, str | None]


class Wrong(Exception):  # noqa: N818 - a verdict, no error
    """A line breaks a rule, which is named."""


class Number(str):
    """A JSON number, as it is written."""

    __slots__ = ()


def split_csv(line: str) -> Row:
    """A line's fields, by Python's csv."""
    try:
        [fields] = csv.reader([line], strict=True)
    except csv.Error as error:
        raise Wrong("quotes_do_not_match") from error
    if len(fields) != len(HEADERS["sales"]):
        raise Wrong("wrong_number_of_fields")
    return dict(zip(HEADERS["sales"], fields, strict=True))


def split_ndjson(line: str) -> Row:
    """A line's fields, by Python's json."""
    try:
        pairs = json.loads(line, object_pairs_hook=list, parse_int=Number, parse_float=Number)
    except ValueError as error:
        raise Wrong("not_json") from error
    if max(Counter(name for name, _ in pairs).values()) > 1:
        raise Wrong("repeated_key")
    fields = dict(pairs)
    if any(isinstance(value, list | bool) for value in fields.values()):
        raise Wrong("not_a_scalar")
    if any("\0" in (value or "") for value in fields.values()):
        raise Wrong("nul_character")
    return {name: fields.get(name) for name in HEADERS["sales"]}


def fields_of(line: bytes, kind: str) -> Row:
    """A sale's fields. Raises Wrong: the line breaks a rule as a whole."""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise Wrong("invalid_utf8") from error
    if "\0" in text:
        raise Wrong("nul_character")
    return split_csv(text) if kind == "csv" else split_ndjson(text)


def is_date(text: str) -> bool:
    """Whether a text is a date in one of the forms that the job reads."""
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"):
        try:
            datetime.strptime(text, form)  # noqa: DTZ007 - a date alone
        except ValueError:
            continue
        return True
    return False


def broken(row: Row) -> Iterator[str]:
    """The rules that a row breaks."""
    if not all(row.values()):
        yield "missing"
        return
    day, quantity, amount = (str(row[name]) for name in ("sale_date", "quantity", "amount"))
    if not is_date(day):
        yield "not_a_date"
    if not re.fullmatch("[+-]?[0-9]+", quantity):
        yield "not_an_integer"
    elif int(quantity) < 1:
        yield "not_positive"
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+|,[0-9]{1,2})?", amount):
        yield "not_a_number"
    elif Decimal(amount.replace(",", ".")) % Decimal("0.01"):
        yield "too_precise"


def catalogue(files: Mapping[str, bytes], table: str, kind: str) -> list[dict[str, Any]]:
    """The rows of products or stores, prices as Decimal."""
    text = files[table].decode()
    if kind == "csv":
        rows: list[dict[str, Any]] = list(csv.DictReader(text.splitlines(), strict=True))
        return [{**row, "price": Decimal(row.get("price", 0))} for row in rows]
    return [json.loads(line, parse_float=Decimal) for line in text.splitlines()]


def found(files: Mapping[str, bytes], kind: str) -> Counter[str]:
    """What is wrong in the sales, counted by the rules of the job, one row after the other."""
    lines = files["sales"].split(b"\n")
    assert lines.pop() == b""
    if kind == "csv":
        assert lines.pop(0).decode().split(",") == HEADERS["sales"]
    prices = {
        row["id"]: row["price"] for row in catalogue(files, "products", kind) if row["price"] >= 0
    }
    stores = {row["id"] for row in catalogue(files, "stores", kind)}
    faults: Counter[str] = Counter()
    alike = defaultdict(list)
    for line in lines:
        if not line:
            faults["blank"] += 1
            continue
        try:
            row = fields_of(line, kind)
        except Wrong as verdict:
            faults[str(verdict)] += 1
            continue
        reasons = list(broken(row))
        assert len(reasons) <= 1, (line, reasons)
        faults.update(reasons)
        if not reasons:
            alike[row["id"]].append(row)
    for rows in alike.values():
        if any(row != rows[0] for row in rows):
            faults["repeated_with_other_content"] += len(rows)
            continue
        faults["repeated"] += len(rows) - 1
        row = rows[0]
        if row["product_id"] not in prices:
            faults["unknown_product"] += 1
        elif row["store_id"] not in stores:
            faults["unknown_store"] += 1
        else:
            price = prices[row["product_id"]] * int(str(row["quantity"]))
            faults["amount_differs"] += abs(Decimal(str(row["amount"])) - price) > Decimal("0.01")
    return +faults
