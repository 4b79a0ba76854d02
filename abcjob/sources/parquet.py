"""The rows of a Parquet file as lines of JSON: what is read on goes one way."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from abcjob.errors import DataError
from abcjob.sources import delimited

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST_ROWS = 65_536  # rows of a batch
_BUFFER = 2**20  # bytes of a column read at a time: else whole row groups are held
_NO_NAME = re.compile(r'["\\\x00-\x1f]')  # what a column's name cannot have to be a key as it is
_MOMENT = "%Y-%m-%dT%H:%M:%S%.f"


class Rows:
    """The rows of a file."""

    def __init__(self, file: pq.ParquetFile) -> None:
        self._file = file
        self._gone_through = 0
        self._names: list[str] = file.schema_arrow.names
        self._read = [
            field.name
            for field in file.schema_arrow
            if _is_scalar(field.type) and not _NO_NAME.search(field.name)
        ]

    def check(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """See that the columns are there that are wanted.

        Returns:
            The names of all.

        Raises:
            DataError: one is not, or it is there twice, or it holds neither texts nor numbers nor
                dates. The message is to follow on what was read.
        """
        every = dict.fromkeys([*wanted, *self._names])
        if wrong := delimited.faults(self._names, every):
            raise DataError(f"it {wrong}, {delimited.expected(wanted)}")
        for name in wanted:
            if name not in self._read:
                kind = self._file.schema_arrow.field(name).type
                raise DataError(f"its {name} is {kind}, expected texts, numbers or dates")
        return tuple(self._names)

    def blocks(self) -> Iterator[bytes]:
        """Lines of JSON, a block for each batch; columns that hold neither are left out.

        Raises:
            DataError: it is broken.
        """
        with _reading():
            for batch in self._file.iter_batches(_MOST_ROWS, columns=self._read):
                batch.validate(full=True)  # what is said to be UTF-8 may be none
                frame = pl.DataFrame(batch)
                texts = [_text(name, kind) for name, kind in frame.schema.items()]
                lines = frame.select(pl.struct(texts).struct.json_encode().alias("line"))
                self._gone_through += batch.num_rows
                yield lines.select(pl.col("line").str.join("\n")).item().encode() + b"\n"

    def share_read(self) -> float:
        """How many of the rows `blocks` has given: from 0 to 1."""
        rows = self._file.metadata.num_rows
        return self._gone_through / rows if rows else 1.0


@contextmanager
def opened(path: Path) -> Iterator[Rows]:
    """A file's rows.

    Raises:
        DataError: it is broken. The message is to follow on what was read.
    """
    with _reading():
        file = pq.ParquetFile(
            path, pre_buffer=False, buffer_size=_BUFFER, page_checksum_verification=True
        )
    with file:
        yield Rows(file)


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, pl.exceptions.PolarsError, OSError) as error:
        said = str(error).splitlines()[0]
        raise DataError(f"it is Parquet, but broken or cut off ({said})") from error


def _is_scalar(kind: pa.DataType) -> bool:
    """Whether values of a type can be told as texts or numbers."""
    if pa.types.is_dictionary(kind):
        return _is_scalar(kind.value_type)
    tests = (
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_string_view,
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_decimal128,
        pa.types.is_date,
        pa.types.is_timestamp,
        pa.types.is_boolean,
        pa.types.is_null,
    )
    return any(test(kind) for test in tests)


def _text(name: str, kind: pl.DataType) -> pl.Expr:
    """A column's values as they are written; no decimal is rounded."""
    column = pl.col(name)
    if isinstance(kind, pl.Boolean):
        return column
    if isinstance(kind, pl.Datetime):
        return column.dt.to_string(_MOMENT + ("%:z" if kind.time_zone else ""))
    text = column.cast(pl.String)
    # Where whole numbers may be missing, some programs make them floats.
    return text.str.strip_suffix(".0") if kind.is_float() else text
