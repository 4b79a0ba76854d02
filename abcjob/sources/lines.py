"""A stream of bytes cut into lines, a frame of them at a time, however many there are.

A line ends with LF or CR LF, or with the file. It is cut before anything is made of what stands
in it, so that no line, whatever is wrong with it, can cost another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from abcjob.rules import RAW, ROW

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 4 * 2**20  # bytes read at a time
LONGEST = 2**20  # bytes of a line that are kept: one more tells that it was longer
SEEN = "_seen"  # a line as text; where its block is not UTF-8, with \x01 for what is not ASCII
_ROWS = 262_144  # lines in a frame
_BOM = b"\xef\xbb\xbf"
_ASCII = bytes(range(128)) + b"\x01" * 128


class Lines:
    """The lines of a stream, the first apart.

    Attributes:
        first: the first line, without its end and a byte order mark; empty in an empty file.
        is_empty: there is not even a first line.
        count: the lines after it that were read so far, told by the bytes that end them alone.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        first = stream.readline(LONGEST + 1).removeprefix(_BOM)
        self.first = first.removesuffix(b"\n").removesuffix(b"\r")
        self.is_empty = not first
        self.count = 0

    def frames(self) -> Iterator[pl.DataFrame]:
        """Frames of `_row`, the line's number in the file, `_raw`, its bytes, and `_seen`.

        Of a line that is too long, the first `LONGEST` bytes and one more are there.
        """
        pending = b""
        while block := self._stream.read(BLOCK):
            pending += block
            end = pending.rfind(b"\n")
            if end >= 0:
                yield from self._cut(pending[:end])
                pending = pending[end + 1 :]
            elif len(pending) > LONGEST:
                pending = pending[: LONGEST + 1]
        if pending:
            yield from self._cut(pending)

    def _cut(self, block: bytes) -> Iterator[pl.DataFrame]:
        frame = pl.DataFrame({RAW: _split(block), SEEN: _split(_readable(block))})
        frame = frame.with_columns(pl.col(SEEN).cast(pl.String))
        raw = pl.col(RAW)
        if b"\r" in block:
            ended = raw.bin.slice(0, raw.bin.size() - 1)
            frame = frame.with_columns(
                pl.when(raw.bin.ends_with(b"\r")).then(ended).otherwise(raw),
                pl.col(SEEN).str.strip_suffix("\r"),
            )
        if frame.select(raw.bin.size().max()).item() > LONGEST:
            frame = frame.with_columns(raw.bin.head(LONGEST + 1))
        number = self.count + 2  # the first line has 1
        rows = pl.int_range(number, number + frame.height, dtype=pl.Int64, eager=True)
        self.count += block.count(b"\n") + 1
        yield from frame.insert_column(0, rows.alias(ROW)).iter_slices(_ROWS)


def as_text(raw: pl.Series) -> pl.Series:
    """Lines as text; null where one is not UTF-8."""
    block = b"\n".join(raw.to_list())
    try:
        block.decode()
    except UnicodeDecodeError:
        # Polars would raise for all. A replacement never takes a line's end with it.
        replaced = pl.Series([block.decode(errors="replace")]).str.split("\n").explode()
        found = pl.DataFrame({"text": replaced, "raw": raw})
        is_same = pl.col("text").cast(pl.Binary) == pl.col("raw")
        return found.select(pl.when(is_same).then("text")).to_series()
    return raw.cast(pl.String)


def _split(block: bytes) -> pa.Array:
    return pc.split_pattern(pa.array([block], pa.large_binary()), pattern="\n").flatten()


def _readable(block: bytes) -> bytes:
    try:
        block.decode()
    except UnicodeDecodeError:
        return block.translate(_ASCII)
    return block
