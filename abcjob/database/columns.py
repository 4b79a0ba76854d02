"""What a table's columns are, and whether Arrow batches fit them.

The driver compares no types and stores what it is given byte for byte, so an integer can become
a date without a word. Nothing is loaded that does not stand in the list below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from abcjob import sqlfile
from abcjob.errors import DatabaseError

if TYPE_CHECKING:
    import pyarrow as pa

    from abcjob.database.connection import Connection

_STRINGS = ("string", "large_string", "string_view")

# PostgreSQL's type: the Arrow types that it holds without loss, as Arrow writes them.
_EXACT: dict[str, tuple[str, ...]] = {
    "boolean": ("bool",),
    "smallint": ("int16",),
    "integer": ("int32",),
    "bigint": ("int64",),
    "real": ("float",),
    "double precision": ("double",),
    "text": _STRINGS,
    "date": ("date32[day]",),
    "timestamp with time zone": ("timestamp[us, tz=UTC]",),
    "timestamp without time zone": ("timestamp[us]",),
    "bytea": ("binary", "large_binary", "binary_view"),
    "jsonb": ("extension<arrow.json>",),
}


@dataclass(frozen=True)
class Column:
    """A table's column: its name, its type as PostgreSQL writes it, whether it must be given."""

    name: str
    type: str
    is_required: bool


def of(db: Connection, schema: str, table: str) -> tuple[Column, ...]:
    """The columns of a table, in order; empty where there is no such table."""
    rows = db.query(sqlfile.statements("engine", "schemas")["columns"], schema, table)
    return tuple(Column(**row) for row in rows.iter_rows(named=True))


def check(schema: pa.Schema, columns: tuple[Column, ...], table: str) -> None:
    """Refuse batches that a table's columns would not hold exactly.

    Args:
        schema: the batches' Arrow schema; the order of the fields does not matter.
        columns: the table's columns.
        table: how to call the table in the message.

    Raises:
        DatabaseError: a type that is not on the list for the column, an unknown column, or a
            column that must be given and is not. All that is wrong is named.
    """
    known = {column.name: column for column in columns}
    given = set(schema.names)
    wrong = [
        f"{field.name}: got {field.type}, expected {' or '.join(_expected(known[field.name].type))}"
        for field in schema
        if field.name in known and str(field.type) not in _expected(known[field.name].type)
    ]
    wrong += [f"{name}: the table has no such column" for name in schema.names if name not in known]
    wrong += [
        f"{column.name}: missing"
        for column in columns
        if column.is_required and column.name not in given
    ]
    if wrong:
        raise DatabaseError(
            f"loading {table}: {'; '.join(wrong)}; nothing was loaded; "
            "give the job's rows the types of its schema.sql"
        )


def append(db: Connection, schema: str, table: str, rows: pa.Table) -> None:
    """Load rows that are in memory into an existing table that holds them exactly.

    Raises:
        DatabaseError: as `check`, or of the server; none of the rows is there then.
    """
    check(rows.schema, of(db, schema, table), f"{schema}.{table}")
    db.append(schema, table, rows.to_reader())


def _expected(postgres_type: str) -> tuple[str, ...]:
    """The Arrow types that a column of this type holds exactly."""
    if postgres_type.startswith("character varying"):
        return _STRINGS
    if postgres_type.startswith("numeric("):
        digits, scale = postgres_type.removeprefix("numeric(").rstrip(")").split(",")
        return (f"decimal128({digits}, {scale})",)
    return _EXACT.get(postgres_type, ("no Arrow type",))
