"""A stream of bytes cut into lines, a frame of them at a time, however many there are.

A line ends with LF or CR LF, or with the file. It is cut before anything is made of what stands
in it, so that no line, whatever is wrong with it, can cost another.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from abcjob.rejects import RAW, ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from typing import BinaryIO

    import numpy.typing as npt

    from abcjob.sources.passages import Passages

BLOCK = 6 * 2**20  # bytes read at a time
LONGEST = 2**20  # bytes of a line that are kept: one more tells that it was longer
SEEN = "_seen"  # a line as text; where its block is not UTF-8, with \x01 for what is not ASCII
FAULT = "_fault"  # the rule that a line as a whole breaks; null where it could be taken apart
NO_SCALAR = "_no_scalar"  # fields of a line that could, in which there is neither text nor number
_ROWS = 262_144  # lines in a frame
TOGETHER = 16_384  # lines that are looked at closely at a time
_MOST_BYTES = 4 * 2**20  # of them, if they are long: to take them apart costs ten times that
_ASCII = bytes(range(128)) + b"\x01" * 128


class _Piece(NamedTuple):
    """Lines that stand together.

    Attributes:
        text: the lines, each with its LF.
        starts: where each of them begins, and where the last one ends.
        number: the first one's.
    """

    text: bytes
    starts: pl.Series
    number: int


class Lines:
    """The lines of a stream.

    Attributes:
        header: the first line, without its end, where it is one apart; else empty.
        is_empty: there is not even a first line.
        count: the other lines that were read so far, told by the bytes that end them alone.
        share: how much of the stream was read so far, from 0 to 1.
    """

    def __init__(
        self,
        blocks: Iterator[bytes],
        *,
        has_header: bool,
        passages: Passages | None = None,
        share_read: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """The lines of blocks.

        Args:
            blocks: bytes, however they are cut.
            has_header: the first line is one apart.
            passages: those that need not be read again; None: all is read.
            share_read: says how far the blocks have come.
        """
        self._blocks = blocks
        self._share_read = share_read
        self._passages = passages
        self._pending = b""
        self._first = 2 if has_header else 1  # the number of the first line that is counted
        first = self._headed() if has_header else b""
        self.header = first.removesuffix(b"\n").removesuffix(b"\r")
        self.is_empty = has_header and not first
        self.count = 0
        self.share = 0.0
        if passages:
            passages.begin(self.header)

    def frames(self) -> Iterator[pl.DataFrame]:
        """Frames of `_row`, the line's number in the file, `_raw`, its bytes, and `_seen`.

        Of a line that is too long, the first `LONGEST` bytes and one more are there.
        """
        for piece in self._pieces():
            yield from _framed(piece).iter_slices(_ROWS)

    def rows(self, wanted: Callable[[int, int], pl.Series]) -> Iterator[pl.DataFrame]:
        """Frames of `_row` and `_raw`, as `frames`, of some lines alone: the others are not made.

        Args:
            wanted: tells their numbers, Int64, among those from one to another.
        """
        for piece in self._pieces():
            rows = wanted(piece.number, piece.number + len(piece.starts) - 2)
            if not rows.is_empty():
                lines = _parted(piece.text, piece.starts, pa.large_binary())
                raw = pl.Series(lines.take((rows - piece.number).to_arrow())).bin.head(-1)
                yield pl.DataFrame({ROW: rows, RAW: _cut_short(_without_cr(raw))})

    def _pieces(self) -> Iterator[_Piece]:
        first, self._pending = self._pending, b""
        pending = b""
        seen = 0  # bytes of whole lines that are pending, as their passage goes on
        for block in chain([first], self._blocks):
            self.share = self._share_read()
            end = block.rfind(b"\n") + 1
            if end:
                whole = b"".join((pending, memoryview(block)[:end]))  # copied once: it takes long
                used = yield from self._cut(whole)
                pending, seen = whole[used:], len(whole) - used
            pending += block[end:]
            pending = pending[: seen + LONGEST + 1]
        if pending:
            yield from self._cut(pending.removesuffix(b"\n") + b"\n", is_last=True)

    def _headed(self) -> bytes:
        """The first line with its end; what comes after it is pending."""
        found, end = b"", 0
        for block in self._blocks:
            found += block
            end = found.find(b"\n") + 1
            if end or len(found) > LONGEST:
                break
        end = min(end or len(found), LONGEST + 1)
        self._pending = found[end:]
        return found[:end]

    def _cut(self, block: bytes, *, is_last: bool = False) -> Generator[_Piece, None, int]:
        """The pieces of a block whose lines all end with LF.

        Returns:
            How many of its bytes they are: the others are to come again, with more behind them.
        """
        number = self.count + self._first
        starts = _starts(block)
        if self._passages is None:
            self.count += starts.len() - 1
            yield _Piece(block, starts, number)
            return len(block)
        lines = pl.Series(_parted(block, starts, pa.large_binary()))
        pieces, cut = self._passages.unread(block, lines, starts, number, is_last=is_last)
        self.count += cut
        for first, piece in pieces:
            yield _Piece(piece, _starts(piece), first)
        return int(starts[cut])


class Held:
    """Lines that are held until they are many: a few at a time cost almost what many do."""

    def __init__(self) -> None:
        self._frames: list[pl.DataFrame] = []

    def add(self, lines: pl.DataFrame) -> None:
        """Hold lines, and not the blocks that they came in."""
        if not lines.is_empty():
            self._frames.append(apart(lines))

    @property
    def is_empty(self) -> bool:
        """Whether none is held."""
        return not self._frames

    @property
    def are_many(self) -> bool:
        """Whether they should be let go."""
        is_long = sum(frame.estimated_size() for frame in self._frames) >= _MOST_BYTES
        return is_long or sum(frame.height for frame in self._frames) >= TOGETHER

    def let_go(self) -> pl.DataFrame:
        """All of them, of which there is one at least; none is held any more."""
        found, self._frames = pl.concat(self._frames), []
        return found


def blocks(stream: BinaryIO) -> Iterator[bytes]:
    """A stream's bytes, a block at a time."""
    while block := stream.read(BLOCK):
        yield block


def apart(frame: pl.DataFrame) -> pl.DataFrame:
    """The same rows, which no longer keep the blocks that they came in."""
    return pl.DataFrame(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))


def joined(texts: pl.Series) -> bytes:
    """Texts as lines, without the last one's end."""
    # Not by way of str, which would take four times as long.
    found: bytes = texts.str.join("\n").cast(pl.Binary).item()
    return found


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


def _framed(piece: _Piece) -> pl.DataFrame:
    """Lines as `Lines.frames` gives them."""
    text = _readable(piece.text)
    seen = pl.Series(_parted(text, piece.starts, pa.large_string())).str.head(-1)
    if text is piece.text:  # what was seen is what came: to part it again takes as long
        raw = seen.cast(pl.Binary)
    else:
        raw = pl.Series(_parted(piece.text, piece.starts, pa.large_binary())).bin.head(-1)
    if b"\r" in piece.text:
        raw, seen = _without_cr(raw), seen.str.strip_suffix("\r")
    rows = pl.int_range(piece.number, piece.number + len(seen), dtype=pl.Int64, eager=True)
    return pl.DataFrame({ROW: rows, RAW: _cut_short(raw), SEEN: seen})


def _without_cr(raw: pl.Series) -> pl.Series:
    """Lines without the CR that was before their LF."""
    line = pl.col("line")
    has_cr = line.bin.ends_with(b"\r")
    cut = pl.when(has_cr).then(line.bin.slice(0, line.bin.size() - 1)).otherwise(line)
    return raw.to_frame("line").select(cut).to_series()


def _cut_short(raw: pl.Series) -> pl.Series:
    """Lines, of those that are too long no more than tells it."""
    is_long = raw.bin.size() > LONGEST
    return raw.bin.head(LONGEST + 1) if is_long.any() else raw


def _starts(block: bytes) -> pl.Series:
    """Where each line of a block begins, and where the last one ends."""
    ends = np.flatnonzero(_characters(block) == ord("\n"))
    starts = np.zeros(len(ends) + 1, dtype=np.int64)
    np.add(ends, 1, out=starts[1:])
    return pl.Series(starts)


def _characters(block: bytes) -> npt.NDArray[np.uint8]:
    return np.frombuffer(block, np.uint8)


def _parted(block: bytes, starts: pl.Series, kind: pa.DataType) -> pa.Array:
    """A block parted at these places, without copying it."""
    places = starts.to_arrow().buffers()[1]
    return pa.Array.from_buffers(kind, len(starts) - 1, [None, places, pa.py_buffer(block)])


def _readable(block: bytes) -> bytes:
    """The block with a byte for each of its bytes, UTF-8 for certain."""
    try:
        block.decode()
    except UnicodeDecodeError:
        return block.translate(_ASCII)
    return block
