"""Part records into those that keep every rule about one row, and those that do not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from abcjob import rules
from abcjob.rules import IS_TEXT, RAW, REJECTED, ROW, Broken
from abcjob.sources import records
from abcjob.sources.lines import FAULT, NO_SCALAR, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from abcjob.job import Source
    from abcjob.rules import Record
    from abcjob.sources.passages import Passages

_CHECK = "|check__"  # what dataframely puts between a column and the rule about it


class Intake:
    """The records of one source on their way.

    Attributes:
        source: the source.
        read: its lines below the header, told by their ends alone.
        blank: the blank ones among them.
        header: its first line.
        ignored: its columns that nobody asked for.
        passages: those that were read before, and are passed over; None: all is read.
    """

    def __init__(
        self, record: type[Record], source: Source, passages: Passages | None = None
    ) -> None:
        self._record = record
        self.source = source
        self.passages = passages
        self.read = 0
        self.blank = 0
        self.header = b""
        self.ignored: tuple[str, ...] = ()

    def frames(self, reject: Callable[[Source, pl.DataFrame], None]) -> Iterator[pl.DataFrame]:
        """As `passing`; the attributes are known when they are through.

        Raises:
            SourceError, DataError: as `records.opened`.
        """
        record = self._record
        with records.opened(self.source, record, self.passages) as found:
            self.header = found.header
            yield from passing(found.frames(), record, partial(reject, self.source))
            self.read, self.blank, self.ignored = found.read, found.blank, found.ignored


def passing(
    records: Iterable[tuple[pl.DataFrame, pl.DataFrame | None]],
    record: type[Record],
    reject: Callable[[pl.DataFrame], None],
) -> Iterator[pl.DataFrame]:
    """The records that keep every rule, with their values typed, and `_row`.

    Args:
        records: as `Records.frames` gives them.
        record: the rules.
        reject: is handed the others: frames of `_row`, `_raw`, `is_text`, and of `failed_rules`
            and `error`, with every rule that each broke. Of a line that could not be taken apart,
            its fault is all there is to say.
    """
    typed = [pl.col(ROW), *rules.values(record)]
    for good, others in records:
        yield good
        if others is None:
            continue
        is_whole = pl.col(FAULT).is_null() & (pl.col(NO_SCALAR).list.len() == 0)
        kept, broken = record.filter(others.filter(is_whole).drop(FAULT, NO_SCALAR))
        if not (faulty := others.filter(~is_whole)).is_empty():
            reject(_faulty(faulty))
        reject(_broken(broken.details()))
        yield kept.select(typed)


def _faulty(frame: pl.DataFrame) -> pl.DataFrame:
    """The lines that could not be taken apart, to the last field."""
    faults = frame[FAULT].unique().drop_nulls().sort()
    fields = frame[NO_SCALAR].explode().unique().drop_nulls().sort()
    found = {Broken(fault, None): pl.col(FAULT) == fault for fault in faults} | {
        Broken("not_a_scalar", name): pl.col(NO_SCALAR).list.contains(name) for name in fields
    }
    text = as_text(frame[RAW])
    is_text = text.is_not_null() & ~text.str.contains("\0", literal=True)
    whole = frame.with_columns(is_text.fill_null(value=False).alias(IS_TEXT))
    return rules.explained(whole, found).select(REJECTED)


def _broken(details: pl.DataFrame) -> pl.DataFrame:
    """The records that broke rules, from dataframely's column for each rule."""
    found = {
        _rule(name): pl.col(name) == "invalid"
        for name, dtype in details.schema.items()
        if isinstance(dtype, pl.Enum)
    }
    told = rules.explained(details, found)
    return told.with_columns(pl.lit(value=True).alias(IS_TEXT)).select(REJECTED)


def _rule(name: str) -> Broken:
    column, found, rule = name.rpartition(_CHECK)
    return Broken(rule, column) if found else Broken(name, None)
