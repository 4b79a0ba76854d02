"""Part records into those that keep every rule about one row, and those that do not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from abcjob import rejects, rules
from abcjob.rejects import IS_TEXT, RAW, REJECTED, ROW, Broken
from abcjob.rules import Variants
from abcjob.sources import records
from abcjob.sources.lines import FAULT, NO_SCALAR, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from abcjob.job import Source
    from abcjob.rules import Record
    from abcjob.sources.passages import Passages
    from abcjob.sources.shapes import Doubtful, Shape

_CHECK = "|check__"  # what dataframely puts between a column and the rule about it


class Intake:
    """The records of one source on their way.

    Attributes:
        source: the source.
        read: its lines below the header, told by their ends alone.
        blank: the blank ones among them.
        header: its first line, or the kind that it says all of its records are of.
        ignored: its columns that nobody asked for.
        passages: those that were read before, and are passed over; None: all is read.
    """

    def __init__(
        self,
        what: type[Record] | Variants,
        source: Source,
        passages: Passages | None = None,
    ) -> None:
        self._what = what
        self.source = source
        self.passages = passages
        self.read = 0
        self.blank = 0
        self.header = b""
        self.ignored: tuple[str, ...] = ()
        self._records: records.Records | None = None

    @property
    def so_far(self) -> tuple[int, float]:
        """Lines read so far, and how much of the source that is, from 0 to 1."""
        return (self._records.read, self._records.share) if self._records else (0, 0.0)

    def frames(self, reject: Callable[[Source, pl.DataFrame], None]) -> Iterator[pl.DataFrame]:
        """As `passing`; the attributes are known when they are through.

        Raises:
            SourceError, DataError: as `records.opened`.
        """
        with records.opened(self.source, self._what, self.passages) as found:
            self._records = found
            self.header = found.header or self.source.variant.encode()
            good = passing(found.frames(), partial(reject, self.source))
            if self.source.variant and isinstance(self._what, Variants):
                good = map(self._what.identify, good)
            yield from good
            self.read, self.blank, self.ignored = found.read, found.blank, found.ignored

    def raw(self, wanted: Callable[[int, int], pl.Series]) -> Iterator[pl.DataFrame]:
        """Some of its lines below the header once more, as `records.raw`."""
        return records.raw(self.source, self._what, wanted)


def passing(
    records: Iterable[tuple[list[pl.DataFrame], list[Doubtful]]],
    reject: Callable[[pl.DataFrame], None],
) -> Iterator[pl.DataFrame]:
    """The records that keep every rule, with `_row` and typed values; each frame is of one shape.

    Args:
        records: as `Records.frames` gives them.
        reject: is handed the others: frames of `_row`, `_raw`, `is_text`, and of `failed_rules`
            and `error`, with every rule that each broke. Of a line that could not be taken apart,
            its fault is all there is to say.
    """
    for good, others in records:
        yield from good
        for shape, lines in others:
            is_apart = pl.col(FAULT).is_null()
            is_whole = is_apart & (pl.col(NO_SCALAR).list.len() == 0)
            kept, broken = shape.record.filter(lines.filter(is_whole).drop(FAULT, NO_SCALAR))
            if not (faulty := lines.filter(~is_apart)).is_empty():
                reject(_faulty(faulty))
            if not (odd := lines.filter(is_apart & ~is_whole)).is_empty():
                reject(_odd(odd, shape))
            if len(broken):
                reject(_broken(broken.details(), shape))
            if not kept.is_empty():
                known = (pl.lit(text).alias(name) for name, text in shape.constants.items())
                yield kept.select(ROW, *known, *rules.values(shape.record))


def _faulty(frame: pl.DataFrame) -> pl.DataFrame:
    """The lines that could not be taken apart."""
    faults = frame[FAULT].unique().sort()
    text = as_text(frame[RAW])
    is_text = text.is_not_null() & ~text.str.contains("\0", literal=True)
    whole = frame.with_columns(is_text.fill_null(value=False).alias(IS_TEXT))
    found = {Broken(fault, None): pl.col(FAULT) == fault for fault in faults}
    return rejects.explained(whole, found).select(REJECTED)


def _odd(frame: pl.DataFrame, shape: Shape) -> pl.DataFrame:
    """The lines with fields that are neither text nor number; of others, what is wrong with them.

    To the rules, such a field is missing, which is not told.
    """
    _, broken = shape.record.filter(frame.drop(FAULT, NO_SCALAR))
    details, odd = broken.details(), pl.col(NO_SCALAR)
    named = _named(details, shape)
    found = {
        rule: (pl.col(name) == "invalid") & ~odd.list.contains(rule.column or "")
        for name, rule in named.items()
    }
    for name in frame[NO_SCALAR].explode().unique().sort():
        found[Broken("not_a_scalar", name)] = odd.list.contains(name)
    whole = frame.with_columns(pl.lit(value=True).alias(IS_TEXT))
    told = whole.join(details.select(ROW, *named), on=ROW, how="left", maintain_order="left")
    return rejects.explained(told, found).select(REJECTED)


def _broken(details: pl.DataFrame, shape: Shape) -> pl.DataFrame:
    """The records that broke rules, from dataframely's column for each rule."""
    found = {rule: pl.col(name) == "invalid" for name, rule in _named(details, shape).items()}
    told = rejects.explained(details, found)
    return told.with_columns(pl.lit(value=True).alias(IS_TEXT)).select(REJECTED)


def _named(details: pl.DataFrame, shape: Shape) -> dict[str, Broken]:
    """The rules, by the column in which dataframely says whether each is broken."""
    return {
        name: _rule(name, shape)
        for name, dtype in details.schema.items()
        if isinstance(dtype, pl.Enum)
    }


def _rule(name: str, shape: Shape) -> Broken:
    column, found, rule = name.rpartition(_CHECK)
    return Broken(rule, shape.shown(column)) if found else Broken(name, None)
