"""How the fields of records stand in what a source holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from abcjob import rules
from abcjob.rules import Variants

if TYPE_CHECKING:
    from abcjob.rules import Reading, Record

    Path = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Shape:
    """Records that have the same fields in the same places.

    Attributes:
        record: what they have to be.
        paths: where each field is: the keys that lead there.
        tags: texts in other places that tell them from records of other shapes; of records of none,
            the places alone are said.
        constants: columns that the shape says all about.
        is_of_none: it stands for records of none of the kinds that there are.
    """

    record: type[Record]
    paths: Mapping[str, Path]
    tags: Mapping[Path, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    is_of_none: bool = False

    @cached_property
    def readings(self) -> dict[str, Reading]:
        """How each field is read."""
        return {
            name: reading
            for name, reading in rules.readings(self.record).items()
            if name in self.paths
        }

    @cached_property
    def columns(self) -> dict[str, pl.DataType]:
        """What there is of each good record, but for `_row`."""
        constants: dict[str, pl.DataType] = dict.fromkeys(self.constants, pl.String())
        kept = {name: reading.type for name, reading in self.readings.items() if reading.is_kept}
        return constants | kept

    def shown(self, name: str) -> str:
        """What people know a field by."""
        return ".".join(self.paths.get(name, (name,)))


class Doubtful(NamedTuple):
    """Lines that may be wrong, taken apart.

    Attributes:
        shape: theirs.
        lines: `_row`, `_raw`, a column of text for each field, and `lines.FAULT` and
            `lines.NO_SCALAR`.
    """

    shape: Shape
    lines: pl.DataFrame


class Shapes:
    """The shapes that there may be in a source.

    Args:
        what: what its records have to be.
        variant: the kind that the source says they all are; empty: they lie in envelopes.

    Attributes:
        first: a shape, of lines of which nothing is known.
    """

    def __init__(self, what: type[Record] | Variants, variant: str = "") -> None:
        self._tag: Path = ()
        self._known: dict[str, Shape] = {}
        if not isinstance(what, Variants):
            self.first = plain(what)
            return
        if variant:
            self.first = _bare(what, variant)
            return
        self._tag = tuple(what.tag.split("."))
        self.first = Shape(what.other, _places(what.other), {self._tag: ""}, is_of_none=True)
        self._known = {name: _enveloped(what, name) for name in what.records}

    def told(self, record: Mapping[str, Any]) -> Shape:
        """The shape of a record that was parsed."""
        name = at(record, self._tag) if self._tag else None
        return self._known.get(name, self.first) if isinstance(name, str) else self.first


def plain(record: type[Record]) -> Shape:
    """The shape of records whose fields stand where they say."""
    return Shape(record, _places(record))


def at(record: Mapping[str, Any], path: Path) -> Any:
    """What is in a place; None where there is no such place."""
    found: Any = record
    for key in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(key)
    return found


def _places(record: type[Record]) -> dict[str, Path]:
    return {
        name: tuple(reading.at.split(".")) if reading.at else (name,)
        for name, reading in rules.readings(record).items()
    }


def _enveloped(what: Variants, name: str) -> Shape:
    record = what.records[name]
    tags = {tuple(what.tag.split(".")): name}
    return Shape(record, _places(record), tags, {what.column: name})


def _bare(what: Variants, name: str) -> Shape:
    """The shape of records that came without their envelopes."""
    record, body = what.records[name], tuple(what.body.split("."))
    paths = {
        field: path[len(body) :]
        for field, path in _places(record).items()
        if path[: len(body)] == body
    }
    return Shape(rules.narrowed(record, paths), paths, {}, {what.column: name})
