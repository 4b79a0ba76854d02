"""The records of a source: its lines, counted, with their fields as text."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl

from abcjob import rules
from abcjob.errors import DataError
from abcjob.rules import RAW, ROW
from abcjob.sources import delimited, files, plain
from abcjob.sources.lines import Lines, apart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from abcjob.job import Source
    from abcjob.rules import Record
    from abcjob.sources.delimited import Layout

TOGETHER = 16_384  # lines that are looked at closely at a time
_MOST_BYTES = 4 * 2**20  # of them, if they are long: to take them apart costs ten times that


class Records:
    """What a source holds; to be gone through once.

    Attributes:
        header: its first line; empty in an empty file.
        ignored: columns that nobody asked for.
        blank: blank lines passed over so far.
    """

    def __init__(self, lines: Lines, layout: Layout | None, record: type[Record]) -> None:
        self._lines = lines
        self._layout = layout
        self._plain = plain.of(layout, record) if layout else None
        self.header = lines.first
        self.ignored = layout.ignored if layout else ()
        self.blank = 0

    @property
    def read(self) -> int:
        """Lines below the header so far, blank ones too, told by their ends alone."""
        return self._lines.count

    def frames(self) -> Iterator[tuple[pl.DataFrame, pl.DataFrame | None]]:
        """Of each frame of lines, those that are good for certain, and those that may not be.

        The first with their values and `_row`; the others with `_row`, `_raw`, `_fault` and a
        column of text for each field. Those come now and then, as a few at a time cost almost
        what many do.
        """
        if self._layout is None or self._plain is None:
            return
        held: list[pl.DataFrame] = []
        good = None
        for lines in self._lines.frames():
            good, others = self._plain.parted(lines)
            filled = others.filter(~delimited.is_blank())
            self.blank += others.height - filled.height
            held.append(apart(filled.select(ROW, RAW)))
            if not _are_many(held):
                yield good, None
            else:
                yield good, delimited.fields(pl.concat(held), self._layout)
                held = []
        if good is not None and held:
            yield good.clear(), delimited.fields(pl.concat(held), self._layout)


def _are_many(held: list[pl.DataFrame]) -> bool:
    is_long = sum(frame.estimated_size() for frame in held) >= _MOST_BYTES
    return is_long or sum(frame.height for frame in held) >= TOGETHER


@contextmanager
def opened(source: Source, record: type[Record]) -> Iterator[Records]:
    """A source's records, with the fields that `record` has.

    Raises:
        SourceError: it cannot be read.
        DataError: its first line is no header with those fields, or it is packed and broken.
    """
    with files.opened(source.path) as stream:
        lines = Lines(stream)
        try:
            layout = None
            if not lines.is_empty:
                layout = delimited.layout(lines.first, source.delimiter, rules.readings(record))
        except DataError as error:
            raise DataError(f"reading {source.path}: {error}; get the file again") from error
        yield Records(lines, layout, record)


def raw(source: Source) -> Iterator[pl.DataFrame]:
    """A source's lines below its header as they came: frames of `_row` and `_raw`.

    Raises:
        SourceError, DataError: as `opened`.
    """
    with files.opened(source.path) as stream:
        yield from Lines(stream).frames()
