"""What runs of the job sales do with rows, line by line, from the brief alone.

Plain Python, no frame, no SQL, and written without looking at the job's own: what that is held
against. A file is read as a whole, every time; nothing is passed over.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fields import faults_of_amount, instant, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    Content = tuple[object, ...]
    Reasons = frozenset[str]  # each `rule`, or `column:rule`
    File = tuple[str, ...]  # its lines, without a header

COLUMNS = {
    "products": ("id", "name", "price", "category"),
    "stores": ("id", "city", "region", "address"),
    "sales": ("id", "product_id", "store_id", "sale_date", "quantity", "amount"),
}
PARENTS = {"product_id": ("products", "unknown_product"), "store_id": ("stores", "unknown_store")}
REPEATED = frozenset({"id:repeated_with_other_content"})


@dataclass
class Counts:
    """Where the rows of a table went in a run."""

    read: int = 0
    retried: int = 0
    loaded: int = 0
    skipped: int = 0
    rejected: int = 0
    waiting: int = 0


@dataclass
class Shop:
    """What is known after the runs so far.

    Attributes:
        tables: the rows of each table, by id.
        quarantine: state and reasons, by table and line.
        files: those that were read, each with its table.
    """

    tables: dict[str, dict[object, Content]] = field(
        default_factory=lambda: {table: {} for table in COLUMNS}
    )
    quarantine: dict[tuple[str, str], tuple[str, Reasons]] = field(default_factory=dict)
    files: set[tuple[str, File]] = field(default_factory=set)

    def run(self, files: Mapping[str, File], *, upsert: bool) -> dict[str, Counts]:
        """Take in what is new; where the rows of each table went, none where nothing is new."""
        fresh = {
            table: lines
            for table, lines in files.items()
            if upsert or (table, lines) not in self.files
        }
        if not fresh:
            return {}
        self.files.update(fresh.items())
        return {table: self._bring(table, fresh.get(table, ()), upsert) for table in COLUMNS}

    def _bring(self, table: str, lines: File, upsert: bool) -> Counts:
        held = self._let_go(table)
        counts = Counts(read=len(lines), retried=len(held))
        by_id: dict[object, list[tuple[str, Content]]] = {}
        for line in lines:
            content, faults = understood(table, line)
            if faults:
                self._reject(table, line, faults, counts)
            else:
                by_id.setdefault(content[0], []).append((line, content))
        candidates = []
        for key, rows in by_id.items():
            contents = {content for _, content in rows}
            waits = held.pop(key, None)
            counts.skipped += waits is not None  # it, or the new row that is the same
            if len(contents) > 1:
                for line, _ in rows:
                    self._reject(table, line, REPEATED, counts)
                continue
            counts.skipped += len(rows) - 1
            if waits and waits[1] in contents:
                held[key] = waits
            else:
                candidates.append(rows[0])
        for line, content in held.values():  # one under a known key was brought to correct it
            self._settle(table, line, content, counts, upsert=True)
        for line, content in candidates:
            self._settle(table, line, content, counts, upsert=upsert)
        return counts

    def _let_go(self, table: str) -> dict[object, tuple[str, Content]]:
        """The rows that wait, which leave the quarantine, by id."""
        lines = [
            line
            for (of, line), (state, _) in self.quarantine.items()
            if of == table and state == "waiting"
        ]
        for line in lines:
            del self.quarantine[table, line]
        rows = [(line, understood(table, line)[0]) for line in lines]
        assert len({content[0] for _, content in rows}) == len(rows)
        return {content[0]: (line, content) for line, content in rows}

    def _reject(self, table: str, line: str, reasons: Reasons, counts: Counts) -> None:
        self.quarantine[table, line] = "rejected", reasons
        counts.rejected += 1

    def _settle(
        self, table: str, line: str, content: Content, counts: Counts, *, upsert: bool
    ) -> None:
        """Load a row, or skip it, or let it wait."""
        rows = self.tables[table]
        known = rows.get(content[0])
        if known == content or (known and not upsert):
            counts.skipped += 1
            return
        row = dict(zip(COLUMNS[table], content, strict=True))
        missing = frozenset(
            f"{column}:{rule}"
            for column, (parent, rule) in PARENTS.items()
            if column in row and row[column] not in self.tables[parent]
        )
        if missing:
            self.quarantine[table, line] = "waiting", missing
            counts.waiting += 1
        else:
            rows[content[0]] = content
            counts.loaded += 1


def understood(table: str, line: str) -> tuple[Content, Reasons]:
    """What a line says, delimited by commas or JSON; and what is wrong with it."""
    names = COLUMNS[table]
    if line.startswith("{"):
        try:
            said = json.loads(line)
        except ValueError:
            return (), frozenset({"not_json"})
        fields = ["" if said.get(name) is None else str(said[name]) for name in names]
    else:
        fields = line.split(",")
        if len(fields) != len(names):
            return (), frozenset({"wrong_number_of_fields"})
    reasons = {
        f"{name}:{rule}"
        for name, text in zip(names, fields, strict=True)
        for rule in _broken(name, text)
    }
    if reasons:
        return (), frozenset(reasons)
    return tuple(map(_value, names, fields)), frozenset()


def _broken(name: str, text: str) -> set[str]:
    """The rules that a field breaks."""
    if name in {"price", "amount"}:
        faults = faults_of_amount(text)
        value = number(text)
        return faults | {"negative"} if name == "price" and value and value < 0 else faults
    if not text.strip(" "):
        return {"missing"}
    if name == "sale_date":
        return set() if instant(text) else {"not_a_date"}
    if name == "quantity":
        if not text.removeprefix("-").isdecimal():
            return {"not_an_integer"}
        return set() if int(text) >= 1 else {"not_positive"}
    return set()


def _value(name: str, text: str) -> object:
    if name in {"price", "amount"}:
        return number(text)
    if name == "sale_date":
        return instant(text)
    return int(text) if name == "quantity" else text
