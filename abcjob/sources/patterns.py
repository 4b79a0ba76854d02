"""Lines of JSON that are good for certain, read at a CSV parser's speed.

No plain text has a quote in it or an escape. So in lines that are all written alike, every quote
has its place, and a CSV parser whose delimiter is the quote finds each value in a column of its
own: a text as it is, a number with what stands around it, which is always the same. A property
test holds that they come out as they would by the rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from abcjob.rejects import ROW
from abcjob.rules import CONTROLS
from abcjob.sources.lines import LONGEST, SEEN, joined

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from abcjob.rules import Reading, Rule
    from abcjob.sources.shapes import Path, Shape

_MOST_VALUES = 64  # the pattern grows with them
_TAKEN = rf'"\\{CONTROLS}'  # what cannot stand in a text as it is
_TEXT = f"[^{_TAKEN}]*"
_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_NULL = "null"
_BARE = f"(?:{_NUMBER}|true|false|{_NULL})"

_TOKEN = re.compile(
    r'[ \t]*(?:(?P<mark>[{},:])|"(?P<text>[^"\\\x00-\x1f]*)"|(?P<bare>[a-zA-Z0-9.+-]+))[ \t]*'
)


class _Value(NamedTuple):
    """A value in a line, and where it begins and ends there, without its quotes."""

    path: Path
    text: str
    start: int
    end: int
    is_text: bool


class _Place(NamedTuple):
    """Where a value stands in a line.

    Attributes:
        at: the number of quotes before it.
        before: how many characters there are between the last of them and the value.
        after: how many there are between the value and the next quote, or the end.
    """

    at: int
    before: int
    after: int

    @property
    def is_bare(self) -> bool:
        return self.before > 0

    @property
    def text(self) -> pl.Expr:
        """The value as it stands there."""
        column = pl.col(str(self.at))
        if not self.is_bare:
            return column
        length = column.str.len_bytes() - (self.before + self.after)  # all of it is ASCII
        return column.str.slice(self.before, length)


class _Read(NamedTuple):
    """A value that is read.

    Attributes:
        place: where it stands; None: it is null.
        type: what it becomes.
        way: how its text becomes that; None: the CSV parser makes it, if it is no text.
    """

    place: _Place | None
    type: pl.DataType
    way: Rule | None = None

    @property
    def parsed(self) -> pl.DataType:
        """What the CSV parser makes of it."""
        is_left = self.way is not None or self.place is None or self.place.is_bare
        return pl.String() if is_left else self.type

    def value(self) -> pl.Expr:
        if self.place is None:
            return pl.lit(None, self.type)
        return self.way(self.place.text) if self.way else self.place.text.cast(self.type)


class _Piece(NamedTuple):
    """What a value has to match, as a regular expression, and `_Read.way`."""

    expression: str
    way: Rule | None = None


@dataclass(frozen=True)
class Pattern:
    """Lines that are all written alike.

    Attributes:
        expression: what they match, as a regular expression.
        shape: theirs.
        fields: the fields that are read, by name.
        columns: what comes of them: fields, and the shape's constants.
        same: pairs of fields that have to have the same value.
        quotes: how many there are in a line.
        ignored: places that nobody asked for, with points between the keys.
    """

    expression: str
    shape: Shape = field(compare=False)
    fields: Mapping[str, _Read] = field(compare=False)
    columns: tuple[str, ...] = field(compare=False)
    same: tuple[tuple[str, str], ...] = field(compare=False)
    quotes: int = field(compare=False)
    ignored: tuple[str, ...] = field(compare=False)

    def fits(self, line: str) -> bool:
        """Whether a line is one of them."""
        return pl.Series([line]).str.contains(self.expression).all()

    def parted(
        self, lines: pl.DataFrame, kept: tuple[str, ...] = (ROW,)
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The values of the lines that are, beside the columns kept; the others as they came."""
        seen = lines[SEEN]
        is_plain = seen.str.contains(self.expression) & (seen.str.len_bytes() <= LONGEST)
        plain = lines if is_plain.all() else lines.filter(is_plain)
        found, agree = self._read(plain, kept)
        others = lines.clear() if is_plain.all() else lines.filter(~is_plain)
        if agree.all():
            return found, others
        return found.filter(agree), pl.concat([others, plain.filter(~agree)])

    def _read(self, lines: pl.DataFrame, kept: tuple[str, ...]) -> tuple[pl.DataFrame, pl.Series]:
        """The values, and whether those agree that have to be the same."""
        schema: dict[str, pl.DataType] = {str(at): pl.String() for at in range(self.quotes + 1)}
        placed = [(read.place, read) for read in self.fields.values() if read.place]
        schema |= {str(place.at): read.parsed for place, read in placed}
        found = pl.read_csv(
            joined(lines[SEEN]),
            has_header=False,
            schema=schema,
            columns=sorted({place.at for place, _ in placed}),
            separator='"',
            quote_char=None,
            raise_if_empty=False,
        )
        told = found.select(*lines.select(kept), *map(self._column, self.columns))
        pairs = [
            self.fields[name].value() == self.fields[other].value() for name, other in self.same
        ]
        return told, found.select(pl.all_horizontal(pl.lit(value=True), *pairs)).to_series()

    def _column(self, name: str) -> pl.Expr:
        if name in self.shape.constants:
            return pl.lit(self.shape.constants[name]).alias(name)
        return self.fields[name].value().alias(name)


def of(line: str, shape: Shape, *, is_good: bool) -> Pattern | None:
    """The pattern of a line and of those that are written alike; None: it is not plain.

    Args:
        line: JSON, of an object.
        shape: the object's.
        is_good: the lines keep every rule for certain, and their values are read; else all that is
            known of them is where their fields are, and these are told as text.
    """
    names = {path: name for name, path in shape.paths.items()}
    objects, values = _taken_apart(line)
    if not 0 < len(values) <= _MOST_VALUES or not names.keys().isdisjoint(objects):
        return None
    if is_good and (shape.is_of_none or _lacks(shape, values)):
        return None
    pieces: list[str] = []
    fields = {
        name: _Read(None, reading.type if is_good else pl.String())
        for name, reading in shape.readings.items()
    }
    end = 0
    for value in values:
        name = names.get(value.path)
        reading = shape.readings[name] if name else None
        if (piece := _piece(value, shape, reading, is_good=is_good)) is None:
            return None
        pieces += [re.escape(line[end : value.start]), piece.expression]
        end = value.end
        if name and piece.expression != _NULL:
            fields[name] = fields[name]._replace(place=_place(line, value), way=piece.way)
    expression = f"^{''.join(pieces)}{re.escape(line[end:])}$"
    known = {*names, *shape.tags}
    ignored = () if shape.is_of_none else _unknown(objects, values, known)
    told = tuple(shape.columns if is_good else shape.readings)
    same = tuple((n, r.same_as) for n, r in shape.readings.items() if is_good and r.same_as)
    return Pattern(expression, shape, fields, told, same, line.count('"'), ignored)


def _lacks(shape: Shape, values: list[_Value]) -> bool:
    """Whether a field that has to be there is not."""
    found = {value.path for value in values}
    return any(
        not reading.is_optional and shape.paths[name] not in found
        for name, reading in shape.readings.items()
    )


def _taken_apart(line: str) -> tuple[list[Path], list[_Value]]:
    """Where objects are in a line that is JSON, and its values, in order; none: it is not plain."""
    objects: list[Path] = []
    found: list[_Value] = []
    within: list[str] = []
    key: str | None = None
    is_key = False
    at = 0
    while token := _TOKEN.match(line, at):
        at = token.end()
        if token["mark"] == "{":
            within += [] if key is None else [key]
            objects.append(tuple(within))
            is_key = True
        elif token["mark"] == "}":
            del within[-1:]
        elif token["mark"]:
            is_key = token["mark"] == ","
        elif is_key:
            key = token["text"]
        else:
            is_text = token["text"] is not None
            kind = "text" if is_text else "bare"
            path = (*within, str(key))
            found.append(_Value(path, token[kind], *token.span(kind), is_text))
    places = [*objects, *(value.path for value in found)]
    is_plain = at == len(line) and len(set(places)) == len(places)
    return (objects, found) if is_plain else ([], [])


def _unknown(objects: list[Path], values: list[_Value], known: Collection[Path]) -> tuple[str, ...]:
    """The places that nobody asked for, without what is inside of them."""
    ways = {path[:length] for path in known for length in range(len(path))}
    places = dict.fromkeys([path for path in objects if path not in ways])
    places |= dict.fromkeys(value.path for value in values if value.path not in known)
    return tuple(
        ".".join(path)
        for path in places
        if all(path[:length] in ways for length in range(len(path)))
    )


def _piece(value: _Value, shape: Shape, reading: Reading | None, *, is_good: bool) -> _Piece | None:
    """What a value has to match; None: it is not plain, whatever it is."""
    if value.path in shape.tags and (value.is_text or not shape.is_of_none):
        is_tag = shape.is_of_none or value.text == shape.tags[value.path]
        return _Piece(re.escape(value.text)) if is_tag else None
    if reading is None:
        return _Piece(_TEXT if value.is_text else _BARE)
    if not value.is_text and value.text == _NULL:
        return _Piece(_NULL) if reading.is_optional or not is_good else None
    return _field(value, reading) if is_good else _Piece(_loose(value, reading))


def _field(value: _Value, reading: Reading) -> _Piece | None:
    """What values match that keep the rules for certain and are written like this one."""
    for pattern, way in reading.ways:
        if re.fullmatch(pattern, value.text):
            return _Piece(pattern, way)
    expression = reading.plain(_TAKEN, "") if value.is_text else reading.number
    return None if expression is None else _Piece(expression)


def _loose(value: _Value, reading: Reading) -> str:
    """What values match that are of the same kind, whether or not they keep the rules."""
    if value.is_text:
        return _TEXT
    return "(?:true|false)" if isinstance(reading.type, pl.Boolean) else _NUMBER


def _place(line: str, value: _Value) -> _Place:
    quotes = line.count('"', 0, value.start)
    if value.is_text:
        return _Place(quotes, 0, 0)
    last, following = line.rfind('"', 0, value.start), line.find('"', value.end)
    end = len(line) if following < 0 else following
    return _Place(quotes, value.start - last - 1, end - value.end)
