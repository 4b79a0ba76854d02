"""The records of a source: its lines, counted, with their fields as text."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Protocol

import polars as pl

from abcjob.ahead import ahead
from abcjob.errors import DataError
from abcjob.rejects import RAW, ROW
from abcjob.rules import Variants
from abcjob.sources import array, delimited, files, kinds, parquet
from abcjob.sources.kinds import Kind
from abcjob.sources.lines import SEEN, Held, Lines, blocks
from abcjob.sources.objects import Objects
from abcjob.sources.plain import Delimited
from abcjob.sources.shapes import Shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from abcjob.job import Source
    from abcjob.rules import Record
    from abcjob.sources.passages import Passages
    from abcjob.sources.shapes import Doubtful


class Grammar(Protocol):
    """How lines are taken apart.

    Attributes:
        ignored: columns that nobody asked for, as far as they are known.
    """

    @property
    def ignored(self) -> tuple[str, ...]: ...

    def parted(self, lines: pl.DataFrame) -> tuple[list[pl.DataFrame], pl.DataFrame]:
        """The values of lines that are easily known for plain, and the other lines as they are."""

    def closely(self, lines: pl.DataFrame) -> tuple[list[pl.DataFrame], pl.DataFrame]:
        """The same of lines that `parted` left, `_row` and `_raw`; the others are not plain."""

    def fields(self, lines: pl.DataFrame) -> list[Doubtful]:
        """The lines that these left, taken apart."""


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
    def share(self) -> float:
        """How much of the source was read so far, from 0 to 1."""
        return self._lines.share

    @property
    def ignored(self) -> tuple[str, ...]:
        """Columns that nobody asked for; all are known at the end."""
        return self._grammar.ignored

    def frames(self) -> Iterator[tuple[list[pl.DataFrame], list[Doubtful]]]:
        """Of each frame of lines, those that are good for certain, and those that may not be.

        The first with `_row` and their values, by shape. What is not easily told comes now and
        then, as a few lines at a time cost almost what many do.
        """
        held, doubtful = Held(), Held()
        for lines in ahead(self._lines.frames()):
            good, others = self._grammar.parted(lines)
            filled = (
                others.filter(~pl.col(SEEN).str.contains("^ *$")) if self._has_blanks else others
            )
            self.blank += others.height - filled.height
            held.add(filled.select(ROW, RAW))
            if held.are_many:
                more, others = self._grammar.closely(held.let_go())
                good += more
                doubtful.add(others)
            yield good, self._grammar.fields(doubtful.let_go()) if doubtful.are_many else []
        if not held.is_empty:
            good, others = self._grammar.closely(held.let_go())
            doubtful.add(others)
            yield good, []
        if not doubtful.is_empty:
            yield [], self._grammar.fields(doubtful.let_go())


@contextmanager
def opened(
    source: Source, what: type[Record] | Variants, passages: Passages | None = None
) -> Iterator[Records]:
    """A source's records, with the fields that they are to have.

    Args:
        source: the source.
        what: what its records have to be; of several kinds, they are lines of JSON.
        passages: those that need not be read again; None: all is read.

    Raises:
        SourceError: it cannot be read.
        DataError: it is of no kind that is read, its first line is no header with those fields,
            or it is packed and broken.
    """
    found = Shapes(what, source.variant)
    if isinstance(what, Variants):
        with _lines(source, Kind.OBJECTS, passages=passages) as (_, lines, _):
            yield Records(lines, Objects(found), has_blanks=True)
        return
    names = tuple(found.first.paths)
    kind = None if source.delimiter is None else Kind.DELIMITED
    with _lines(source, kind, names, passages) as (kind, lines, columns):
        if kind is not Kind.DELIMITED:
            grammar = Objects(found, columns)
            yield Records(lines, grammar, has_blanks=kind is Kind.OBJECTS)
            return
        with _blaming(source):
            # Where there is not even a header, there is nothing below it.
            header = ",".join(names).encode() if lines.is_empty else lines.header
            layout = delimited.layout(header, source.delimiter, names)
        yield Records(lines, Delimited(layout, found.first), has_blanks=True)


def raw(
    source: Source,
    what: type[Record] | Variants | None,
    wanted: Callable[[int, int], pl.Series],
) -> Iterator[pl.DataFrame]:
    """Some of a source's lines below the header as they came: frames of `_row` and `_raw`.

    Args:
        source: the source.
        what: as `opened`; None: any records.
        wanted: as `Lines.rows`.

    Raises:
        SourceError, DataError: as `opened`.
    """
    kind = None if source.delimiter is None else Kind.DELIMITED
    kind = Kind.OBJECTS if isinstance(what, Variants) else kind
    with _lines(source, kind) as (_, found, _):
        yield from found.rows(wanted)


@contextmanager
def _lines(
    source: Source,
    kind: Kind | None,
    wanted: tuple[str, ...] = (),
    passages: Passages | None = None,
) -> Iterator[tuple[Kind, Lines, tuple[str, ...]]]:
    """A source's kind, its lines, and the columns that it says to have.

    Args:
        source: the source.
        kind: its kind; None: its content tells.
        wanted: the columns that it has to have, where it says which it has.
        passages: those that need not be read again.
    """
    with files.opened(source.path, source.place) as stream, ExitStack() as stack:
        found = blocks(stream)
        share_read: Callable[[], float] = partial(files.share_read, stream)
        columns: tuple[str, ...] = ()
        with _blaming(source):
            if kind is None:
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
                found, share_read = rows.blocks(), rows.share_read
        lines = Lines(
            _blamed(source, found),
            has_header=kind is Kind.DELIMITED,
            passages=passages,
            share_read=share_read,
        )
        yield kind, lines, columns


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
