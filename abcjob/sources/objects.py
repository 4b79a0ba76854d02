"""Lines of JSON, an object each, taken apart into fields, as text.

A number is its own text, so that no decimal is rounded. Keys that nobody asked for are passed
over; a key that is missing is as one that is null.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import polars as pl

from abcjob import rules
from abcjob.rules import RAW, ROW
from abcjob.sources import patterns
from abcjob.sources.lines import FAULT, LONGEST, NO_SCALAR, SEEN, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from abcjob.rules import Reading, Record
    from abcjob.sources.patterns import Pattern

FEW = 64  # lines of a frame that are not worth a pattern
_MOST_PATTERNS = 8  # that are kept: each costs a look at the lines that those before left over
_LOOKED_AT = 16  # lines in search of a new one
_MOST_NAMES = 20  # of keys that nobody asked for
_LONGEST_NAME = 100  # characters


class _Object(tuple[tuple[str, Any], ...]):
    """An object's pairs as they stand, repeated keys too."""

    __slots__ = ()


class _Taken(NamedTuple):
    """What there is in a line."""

    fault: str | None
    no_scalar: list[str]
    fields: list[str | None]


def _refuse(constant: str) -> None:
    raise ValueError(constant)  # NaN and the infinities are not JSON


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Object, parse_int=str, parse_float=str, parse_constant=_refuse
)


class _Ways:
    """The ways in which lines are written, as they are met.

    Programs write all lines alike, or in a few ways: each becomes a pattern.

    Args:
        readings: the fields.
        note: is told of the keys that nobody asked for.
    """

    def __init__(
        self, readings: Mapping[str, Reading], note: Callable[[Iterable[str]], None]
    ) -> None:
        self._readings = readings
        self._note = note
        self._known: list[Pattern] = []

    def parted(
        self, lines: pl.DataFrame, kept: tuple[str, ...]
    ) -> tuple[list[pl.DataFrame], pl.DataFrame]:
        """The values of lines in a known way, beside the columns kept; the others as they are."""
        found: list[pl.DataFrame] = []
        hits: dict[Pattern, int] = {}
        others, untried = lines, list(self._known)
        while len(hits) < 2 * _MOST_PATTERNS and not others.is_empty():
            pattern = untried.pop(0) if untried else self._learnt(others, hits)
            if pattern is None:
                break
            good, others = pattern.parted(others, kept)
            hits[pattern] = good.height
            found.append(good)
        order = sorted(hits, key=lambda pattern: -hits[pattern])  # those first that do most
        self._known = (order + untried)[:_MOST_PATTERNS]
        return found, others

    def _learnt(self, lines: pl.DataFrame, known: Iterable[Pattern]) -> Pattern | None:
        if lines.height <= FEW:
            return None
        apart = max(lines.height // _LOOKED_AT, 1)  # the first may be those that are wrong
        for line in lines[SEEN].gather_every(apart):
            pattern = patterns.of(line, self._readings) if len(line) <= LONGEST else None
            if pattern and pattern not in known and pattern.fits(line):
                self._note(pattern.ignored)
                return pattern
        return None


class Objects:
    """The lines of one source.

    Args:
        record: the fields.
        names: keys that are known before.

    Attributes:
        ignored: keys that nobody asked for, seen so far; some of them, if they are many.
    """

    def __init__(self, record: type[Record], names: Iterable[str] = ()) -> None:
        self._readings = rules.readings(record)
        self._none = _Taken(None, [], [None] * len(self._readings))
        self._plain = _Ways(self._readings, self._note)
        self._whole = _Ways(dict.fromkeys(self._readings, patterns.ANY), self._note)
        self._ignored: dict[str, None] = {}
        self._note(names)

    @property
    def ignored(self) -> tuple[str, ...]:
        names = tuple(self._ignored)
        return (*names[:_MOST_NAMES], "...") if len(names) > _MOST_NAMES else names

    def parted(self, lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The plain lines' values with `_row`, and the other lines as they are."""
        found, others = self._plain.parted(lines, (ROW,))
        empty = (
            lines.select(ROW)
            .clear()
            .with_columns(
                pl.lit(None, reading.type).alias(name) for name, reading in self._readings.items()
            )
        )
        return pl.concat(found or [empty]), others

    def _note(self, names: Iterable[str]) -> None:
        for name in names:
            if name in self._readings:
                continue
            if len(self._ignored) > _MOST_NAMES:
                return
            shown = name[:_LONGEST_NAME].encode(errors="backslashreplace").decode()
            self._ignored[shown] = None

    def fields(self, lines: pl.DataFrame) -> pl.DataFrame:
        """`_row` and `_raw` of lines with a column of text for each field, and their faults."""
        seen = lines.select(ROW, RAW, as_text(lines[RAW]).fill_null("").alias(SEEN))
        found, others = self._whole.parted(seen, (ROW, RAW))
        whole = [
            frame.with_columns(
                pl.lit(None, pl.String).alias(FAULT),
                pl.lit([], dtype=pl.List(pl.String)).alias(NO_SCALAR),
            )
            for frame in found
        ]
        return pl.concat([*whole, self._looked_at(others.select(ROW, RAW))])

    def _looked_at(self, lines: pl.DataFrame) -> pl.DataFrame:
        """As `fields`, by Python's parser, line by line: they are few, or there is no other way."""
        is_long = lines[RAW].bin.size() > LONGEST
        texts = as_text(lines[RAW])
        taken = [
            self._none._replace(fault="line_too_long") if long else self._taken(text)
            for text, long in zip(texts, is_long, strict=True)
        ]
        columns = zip(*(line.fields for line in taken), strict=True) if taken else ()
        schema = dict.fromkeys(self._readings, pl.String)
        known = pl.DataFrame(
            dict(zip(self._readings, columns, strict=True)) if taken else None, schema
        )
        faults = {
            FAULT: pl.Series([line.fault for line in taken], dtype=pl.String),
            NO_SCALAR: pl.Series([line.no_scalar for line in taken], dtype=pl.List(pl.String)),
        }
        return lines.select(ROW, RAW).hstack(known).with_columns(**faults)

    def _taken(self, text: str | None) -> _Taken:
        """What is in a line."""
        pairs = _decoded(text)
        if isinstance(pairs, str):
            return self._none._replace(fault=pairs)
        self._note(pairs)
        values = {name: pairs.get(name) for name in self._readings}
        odd = [name for name, value in values.items() if not isinstance(value, str | None)]
        fields = [value if isinstance(value, str) else None for value in values.values()]
        if fault := _fault(fields):
            return self._none._replace(fault=fault)
        return _Taken(None, odd, fields)


def _decoded(text: str | None) -> dict[str, Any] | str:
    """The pairs of a line's object by Python's parser, or the line's fault."""
    if text is None:
        return "invalid_utf8"
    if "\0" in text:
        return "nul_character"
    try:
        found = _DECODER.decode(text)
    except (ValueError, RecursionError):  # as deep as that, it is no record
        return "not_json"
    if not isinstance(found, _Object):
        return "not_an_object"
    pairs = dict(cast("Iterable[tuple[str, Any]]", found))
    return pairs if len(pairs) == len(found) else "repeated_key"


def _fault(fields: list[str | None]) -> str | None:
    """What a text can hold by its escapes, and PostgreSQL's text cannot."""
    together = "".join(filter(None, fields))
    if "\0" in together:
        return "nul_character"
    try:
        together.encode()
    except UnicodeEncodeError:
        return "invalid_utf8"
    return None
