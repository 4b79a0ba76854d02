"""What may be loaded into what: the driver would store anything, byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from abcjob.database import columns
from abcjob.errors import DatabaseError

if TYPE_CHECKING:
    from abcjob.database.connection import Connection

# Each pair holds every value of the Arrow type, and gives it back.
EXACT = {
    ("boolean", "bool"),
    ("smallint", "int16"),
    ("integer", "int32"),
    ("bigint", "int64"),
    ("real", "float"),
    ("double precision", "double"),
    ("numeric(10,2)", "decimal128(10, 2)"),
    ("text", "string"),
    ("text", "large_string"),
    ("text", "string_view"),
    ("character varying(25)", "string"),
    ("character varying(25)", "large_string"),
    ("character varying(25)", "string_view"),
    ("date", "date32[day]"),
    ("timestamp with time zone", "timestamp[us, tz=UTC]"),
    ("timestamp without time zone", "timestamp[us]"),
    ("bytea", "binary"),
    ("bytea", "large_binary"),
    ("bytea", "binary_view"),
    ("jsonb", "extension<arrow.json>"),
}
POSTGRES = [*sorted({pair[0] for pair in EXACT}), "numeric", "oid", "uuid", "interval", "integer[]"]
ARROW = [
    pa.bool_(),
    pa.int8(),
    pa.int16(),
    pa.int32(),
    pa.int64(),
    pa.uint8(),
    pa.uint16(),
    pa.uint32(),
    pa.uint64(),
    pa.float16(),
    pa.float32(),
    pa.float64(),
    pa.decimal128(10, 2),
    pa.decimal128(12, 2),
    pa.decimal128(10, 3),
    pa.decimal256(10, 2),
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.date32(),
    pa.date64(),
    pa.time64("us"),
    pa.timestamp("us", "UTC"),
    pa.timestamp("us", "Europe/Paris"),
    pa.timestamp("us"),
    pa.timestamp("ms", "UTC"),
    pa.timestamp("ns", "UTC"),
    pa.duration("us"),
    pa.binary(),
    pa.large_binary(),
    pa.binary_view(),
    pa.json_(),
    pa.null(),
    pa.dictionary(pa.int32(), pa.string()),
    pa.list_(pa.int32()),
]


@pytest.mark.parametrize("postgres", POSTGRES)
def test_only_exact_types_get_in(db: Connection, postgres: str) -> None:
    """Every Arrow type against every column type: exact, or refused with a message."""
    db.execute(f"create table t (c {postgres})")
    there = columns.of(db, "public", "t")
    assert [column.type for column in there] == [postgres]
    for arrow in ARROW:
        schema = pa.schema({"c": arrow})
        if (postgres, str(arrow)) in EXACT:
            columns.check(schema, there, "t")
            batch = pa.RecordBatch.from_arrays([pa.array([None], arrow)], schema=schema)
            db.append("public", "t", pa.RecordBatchReader.from_batches(schema, [batch]))
        else:
            with pytest.raises(DatabaseError, match=r"loading t: c: got .*, expected .*; nothing"):
                columns.check(schema, there, "t")


def test_all_that_is_wrong_is_named(db: Connection) -> None:
    """A wrong type, an unknown column and a missing one come in one message."""
    db.execute(
        "create table t (a integer not null, b text not null default 'x', "
        "i bigint generated always as identity, d date)"
    )
    schema = pa.schema({"d": pa.int32(), "e": pa.int32()})
    with pytest.raises(DatabaseError) as refused:
        columns.check(schema, columns.of(db, "public", "t"), "shop.t")
    assert str(refused.value) == (
        "loading shop.t: d: got int32, expected date32[day]; e: the table has no such column; "
        "a: missing; nothing was loaded; give the job's rows the types of its schema.sql"
    )


def test_a_table_that_is_not_there_has_no_columns(db: Connection) -> None:
    """To ask for one is no error."""
    assert columns.of(db, "public", "nowhere") == ()
