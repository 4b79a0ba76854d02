"""The records of a source: its lines, counted, with their fields as text."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Protocol

import polars as pl

from abcjob import rules
from abcjob.ahead import ahead
from abcjob.errors import DataError
from abcjob.rules import RAW, ROW
from abcjob.sources import array, delimited, files, kinds, parquet
from abcjob.sources.kinds import Kind
from abcjob.sources.lines import SEEN, Lines, apart, blocks
from abcjob.sources.objects import Objects
from abcjob.sources.plain import Delimited

if TYPE_CHECKING:
    from collections.abc import Iterator

    from abcjob.job import Source
    from abcjob.rules import Record
    from abcjob.sources.passages import Passages

TOGETHER = 16_384  # lines that are looked at closely at a time
_MOST_BYTES = 4 * 2**20  # of them, if they are long: to take them apart costs ten times that


class Grammar(Protocol):
    """How lines are taken apart.

    Attributes:
        ignored: columns that nobody asked for, as far as they are known.
    """

    @property
    def ignored(self) -> tuple[str, ...]: ...

    def parted(self, lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The plain lines' values with `_row`, and the other lines as they are."""

    def fields(self, lines: pl.DataFrame) -> pl.DataFrame:
        """`_row` and `_raw` of lines with a column of text for each field, and their faults."""


class Records:
    """What a source holds; to be gone through once.

    Attributes:
        header: its first line, where that is a header; else empty.
        blank: blank lines passed over so far.
    """

    def __init__(self, lines: Lines, grammar: Grammar, *, has_blanks: bool) -> None:
        self._lines = lines
        self._grammar = grammar
        self._has_blanks = has_blanks
        self.header = lines.header
        self.blank = 0

    @property
    def read(self) -> int:
        """Lines below the header so far, blank ones too, told by their ends alone."""
        return self._lines.count

    @property
    def ignored(self) -> tuple[str, ...]:
        """Columns that nobody asked for; all are known at the end."""
        return self._grammar.ignored

    def frames(self) -> Iterator[tuple[pl.DataFrame, pl.DataFrame | None]]:
        """Of each frame of lines, those that are good for certain, and those that may not be.

        The first with their values and `_row`; the others with `_row`, `_raw`, a column of text
        for each field, and `lines.FAULT` and `lines.NO_SCALAR`. Those come now and then, as a few
        at a time cost almost what many do.
        """
        held: list[pl.DataFrame] = []
        good = None
        for lines in ahead(self._lines.frames()):
            good, others = self._grammar.parted(lines)
            filled = (
                others.filter(~pl.col(SEEN).str.contains("^ *$")) if self._has_blanks else others
            )
            self.blank += others.height - filled.height
            held.append(apart(filled.select(ROW, RAW)))
            if not _are_many(held):
                yield good, None
            else:
                yield good, self._grammar.fields(pl.concat(held))
                held = []
        if good is not None and held:
            yield good.clear(), self._grammar.fields(pl.concat(held))


def _are_many(held: list[pl.DataFrame]) -> bool:
    is_long = sum(frame.estimated_size() for frame in held) >= _MOST_BYTES
    return is_long or sum(frame.height for frame in held) >= TOGETHER


@contextmanager
def opened(
    source: Source, record: type[Record], passages: Passages | None = None
) -> Iterator[Records]:
    """A source's records, with the fields that `record` has.

    Args:
        source: the source.
        record: what its records have to be.
        passages: those that need not be read again; None: all is read.

    Raises:
        SourceError: it cannot be read.
        DataError: it is of no kind that is read, its first line is no header with those fields,
            or it is packed and broken.
    """
    names = tuple(rules.readings(record))
    with _lines(source, names, passages) as (kind, found, columns):
        if kind is not Kind.DELIMITED:
            yield Records(found, Objects(record, columns), has_blanks=kind is Kind.OBJECTS)
            return
        with _blaming(source):
            # Where there is not even a header, there is nothing below it.
            header = ",".join(names).encode() if found.is_empty else found.header
            layout = delimited.layout(header, source.delimiter, names)
        yield Records(found, Delimited(layout, record), has_blanks=True)


def raw(source: Source) -> Iterator[pl.DataFrame]:
    """A source's lines below its header as they came: frames of `_row` and `_raw`.

    Raises:
        SourceError, DataError: as `opened`.
    """
    with _lines(source) as (_, found, _):
        yield from found.frames()


@contextmanager
def _lines(
    source: Source, wanted: tuple[str, ...] = (), passages: Passages | None = None
) -> Iterator[tuple[Kind, Lines, tuple[str, ...]]]:
    """A source's kind, its lines, and the columns that it says to have."""
    with files.opened(source.path, source.place) as stream, ExitStack() as stack:
        kind, found = Kind.DELIMITED, blocks(stream)
        columns: tuple[str, ...] = ()
        with _blaming(source):
            if source.delimiter is None:
                kind = kinds.told(stream)
            else:
                kinds.pass_mark(stream)
            if kind is Kind.ARRAY:
                found = array.elements(found)
            elif kind is Kind.PARQUET:
                if files.is_packed(stream):
                    raise DataError("it is Parquet packed by gzip, expected Parquet as it is")
                rows = stack.enter_context(parquet.opened(source.path))
                columns = rows.check(wanted)
                found = rows.blocks()
        told = _blamed(source, found)
        yield kind, Lines(told, has_header=kind is Kind.DELIMITED, passages=passages), columns


def _blamed(source: Source, found: Iterator[bytes]) -> Iterator[bytes]:
    with _blaming(source):
        yield from found


@contextmanager
def _blaming(source: Source) -> Iterator[None]:
    """What is wrong inside is told of the source."""
    try:
        yield
    except DataError as error:
        raise DataError(f"reading {source.place}: {error}; get the file again") from error
