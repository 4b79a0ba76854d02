"""Lines of JSON, an object each, taken apart into fields, as text.

A number is its own text, so that no decimal is rounded. Keys that nobody asked for are passed
over; a key that is missing is as one that is null.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from abcjob.rejects import RAW, ROW
from abcjob.sources import patterns, shapes
from abcjob.sources.lines import FAULT, LONGEST, NO_SCALAR, SEEN, as_text
from abcjob.sources.shapes import Doubtful

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from abcjob.sources.patterns import Pattern
    from abcjob.sources.shapes import Path, Shape, Shapes

FEW = 64  # lines of a frame that are not worth a pattern
DEEPEST = 64  # objects and arrays within each other
_MOST_PATTERNS = 24  # that are kept: each costs a look at the lines that those before left over
_OFTEN = 8  # one line in so many
_LOOKED_AT = 16  # lines in search of a new one
_MOST_NAMES = 20  # of keys that nobody asked for
_LONGEST_NAME = 100  # characters


class _Object(tuple[tuple[str, Any], ...]):
    """An object's pairs as they stand, repeated keys too."""

    __slots__ = ()


class _Fault(Exception):  # noqa: N818
    """The rule that a line breaks as a whole."""


class _Taken(NamedTuple):
    """What there is in a line, by the fields of its shape."""

    shape: Shape
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
        shapes: those that there may be.
        note: is told of the keys that nobody asked for.
        are_good: as `patterns.of`.
    """

    def __init__(
        self, shapes: Shapes, note: Callable[[Iterable[str]], None], *, are_good: bool
    ) -> None:
        self._shapes = shapes
        self._note = note
        self._are_good = are_good
        self._hits: dict[Pattern, int] = {}  # lines in each way so far, the most frequent first

    def parted_soon(
        self, lines: pl.DataFrame, kept: tuple[str, ...]
    ) -> tuple[list[tuple[Shape, pl.DataFrame]], pl.DataFrame]:
        """As `parted`, of lines in the most frequent ways alone.

        To look for a way costs almost as much in a few lines as in many.
        """
        often = sum(self._hits.values()) // _OFTEN
        return self._tried([way for way, hits in self._hits.items() if hits > often], lines, kept)

    def parted(
        self, lines: pl.DataFrame, kept: tuple[str, ...]
    ) -> tuple[list[tuple[Shape, pl.DataFrame]], pl.DataFrame]:
        """The values of lines in a known way, beside the columns kept; the others as they are."""
        found, others = self._tried(list(self._hits), lines, kept)
        learnt: list[Pattern] = []
        while len(learnt) < _MOST_PATTERNS and (new := self._learnt(others, learnt)):
            learnt.append(new)
            good, others = self._tried([new], others, kept)
            found += good
        ways = sorted(self._hits, key=lambda way: -self._hits[way])
        self._hits = {way: self._hits[way] for way in ways[:_MOST_PATTERNS]}
        return found, others

    def _tried(
        self, ways: list[Pattern], lines: pl.DataFrame, kept: tuple[str, ...]
    ) -> tuple[list[tuple[Shape, pl.DataFrame]], pl.DataFrame]:
        found: list[tuple[Shape, pl.DataFrame]] = []
        for way in ways:
            if lines.is_empty():
                break
            good, lines = way.parted(lines, kept)
            self._hits[way] = self._hits.get(way, 0) + good.height
            if not good.is_empty():
                found.append((way.shape, good))
        return found, lines

    def _learnt(self, lines: pl.DataFrame, known: Iterable[Pattern]) -> Pattern | None:
        if lines.height <= FEW:
            return None
        apart = max(lines.height // _LOOKED_AT, 1)  # the first may be those that are wrong
        for line in lines[SEEN].gather_every(apart):
            pattern = self._pattern(line)
            if pattern and pattern not in known and pattern.fits(line):
                self._note(pattern.ignored)
                return pattern
        return None

    def _pattern(self, line: str) -> Pattern | None:
        if len(line) > LONGEST:
            return None
        try:
            shape = self._shapes.told(_decoded(line))
        except _Fault:
            return None
        return patterns.of(line, shape, is_good=self._are_good)


class Objects:
    """The lines of one source.

    Args:
        shapes: those that its objects may have.
        names: keys that are known before.

    Attributes:
        ignored: keys that nobody asked for, seen so far; some of them, if they are many.
    """

    def __init__(self, shapes: Shapes, names: Iterable[str] = ()) -> None:
        self._shapes = shapes
        self._plain = _Ways(shapes, self._note, are_good=True)
        self._whole = _Ways(shapes, self._note, are_good=False)
        self._ignored: dict[str, None] = {}
        self._note(name for name in names if (name,) not in shapes.first.paths.values())

    @property
    def ignored(self) -> tuple[str, ...]:
        names = tuple(self._ignored)
        return (*names[:_MOST_NAMES], "...") if len(names) > _MOST_NAMES else names

    def parted(self, lines: pl.DataFrame) -> tuple[list[pl.DataFrame], pl.DataFrame]:
        """The plain lines' values with `_row`, by shape, and the other lines as they are."""
        found, others = self._plain.parted_soon(lines, (ROW,))
        return [frame for _, frame in _together(found)], others

    def closely(self, lines: pl.DataFrame) -> tuple[list[pl.DataFrame], pl.DataFrame]:
        """Of lines that `parted` left, those that are plain all the same, and the others."""
        found, others = self._plain.parted(_seen(lines), (ROW,))
        return [frame for _, frame in _together(found)], others.select(ROW, RAW)

    def _note(self, names: Iterable[str]) -> None:
        for name in names:
            if len(self._ignored) > _MOST_NAMES:
                return
            shown = name[:_LONGEST_NAME].encode(errors="backslashreplace").decode()
            self._ignored[shown] = None

    def fields(self, lines: pl.DataFrame) -> list[Doubtful]:
        """Lines taken apart, by shape."""
        found, others = self._whole.parted(_seen(lines), (ROW, RAW))
        whole = [
            (
                shape,
                frame.with_columns(
                    pl.lit(None, pl.String).alias(FAULT),
                    pl.lit([], dtype=pl.List(pl.String)).alias(NO_SCALAR),
                ),
            )
            for shape, frame in found
        ]
        closely = self._looked_at(others.select(ROW, RAW))
        return [Doubtful(*taken) for taken in _together([*whole, *closely])]

    def _looked_at(self, lines: pl.DataFrame) -> Iterator[tuple[Shape, pl.DataFrame]]:
        """As `fields`, by Python's parser, line by line: they are few, or there is no other way."""
        is_long = lines[RAW].bin.size() > LONGEST
        taken = [
            self._faulty("line_too_long") if long else self._taken(text)
            for text, long in zip(as_text(lines[RAW]), is_long, strict=True)
        ]
        for shape in dict.fromkeys(line.shape for line in taken):
            places = [at for at, line in enumerate(taken) if line.shape is shape]
            yield shape, lines[places].hstack(_table(shape, [taken[at] for at in places]))

    def _faulty(self, fault: str) -> _Taken:
        shape = self._shapes.first
        return _Taken(shape, fault, [], [None] * len(shape.paths))

    def _taken(self, text: str | None) -> _Taken:
        """What is in a line."""
        try:
            found = _decoded(text)
            shape = self._shapes.told(found)
            if not shape.is_of_none:
                self._note(_unknown(found, {*shape.paths.values(), *shape.tags}))
            values = {name: _text(shape, name, found) for name in shape.paths}
            odd = [shape.shown(name) for name, value in values.items() if value is ...]
            fields = [value if isinstance(value, str) else None for value in values.values()]
            _check(fields)
        except _Fault as fault:
            return self._faulty(str(fault))
        return _Taken(shape, None, odd, fields)


def _seen(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.select(ROW, RAW, as_text(lines[RAW]).fill_null("").alias(SEEN))


def _together(found: list[tuple[Shape, pl.DataFrame]]) -> list[tuple[Shape, pl.DataFrame]]:
    """The same lines, those of one shape in one frame: a few cost almost what many do."""
    by_shape: dict[Shape, list[pl.DataFrame]] = {}
    for shape, frame in found:
        by_shape.setdefault(shape, []).append(frame)
    return [(shape, pl.concat(frames)) for shape, frames in by_shape.items()]


def _table(shape: Shape, taken: list[_Taken]) -> pl.DataFrame:
    """The fields of lines of one shape, and their faults."""
    columns = zip(*(line.fields for line in taken), strict=True)
    known = pl.DataFrame(
        dict(zip(shape.paths, columns, strict=True)), dict.fromkeys(shape.paths, pl.String)
    )
    return known.with_columns(
        pl.Series(FAULT, [line.fault for line in taken], pl.String),
        pl.Series(NO_SCALAR, [line.no_scalar for line in taken], pl.List(pl.String)),
    )


def _text(shape: Shape, name: str, found: Mapping[str, Any]) -> Any:
    """A field's text, None where there is none; `...` where it is neither text nor number."""
    value = shapes.at(found, shape.paths[name])
    if isinstance(value, bool) and isinstance(shape.readings[name].type, pl.Boolean):
        return str(value).lower()
    return value if isinstance(value, str | None) else ...


def _unknown(found: Mapping[str, Any], known: set[Path], within: Path = ()) -> Iterator[str]:
    """The places that nobody asked for, with points between the keys."""
    for key, value in found.items():
        path = (*within, key)
        if path in known:
            continue
        if isinstance(value, dict) and any(place[: len(path)] == path for place in known):
            yield from _unknown(value, known, path)
        else:
            yield ".".join(path)


def _decoded(text: str | None) -> dict[str, Any]:
    """A line's object by Python's parser; numbers are left as they are written.

    Raises:
        _Fault: it is none, or one that cannot be loaded.
    """
    if text is None:
        raise _Fault("invalid_utf8")
    if "\0" in text:
        raise _Fault("nul_character")
    try:
        found = _DECODER.decode(text)
    except ValueError as error:
        raise _Fault("not_json") from error
    except RecursionError as error:
        raise _Fault("too_deep") from error
    if not isinstance(found, _Object):
        raise _Fault("not_an_object")
    decoded: dict[str, Any] = _told(found, DEEPEST)
    return decoded


def _told(found: Any, depth: int) -> Any:
    """The same with dictionaries for objects, whose keys are then known to stand once."""
    if isinstance(found, list | _Object) and depth == 0:
        raise _Fault("too_deep")
    if isinstance(found, list):
        return [_told(value, depth - 1) for value in found]
    if not isinstance(found, _Object):
        return found
    pairs = {key: _told(value, depth - 1) for key, value in found}
    if len(pairs) < len(found):
        raise _Fault("repeated_key")
    return pairs


def _check(fields: list[str | None]) -> None:
    """See that there is nothing that a text can hold by its escapes, and PostgreSQL's cannot.

    Raises:
        _Fault: there is.
    """
    together = "".join(filter(None, fields))
    if "\0" in together:
        raise _Fault("nul_character")
    try:
        together.encode()
    except UnicodeEncodeError as error:
        raise _Fault("invalid_utf8") from error
