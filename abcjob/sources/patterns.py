"""Lines of JSON that are good for certain, read at a CSV parser's speed.

No plain text has a quote in it or an escape. So in lines that are all written alike, every quote
has its place, and a CSV parser whose delimiter is the quote finds each value in a column of its
own: a text as it is, a number with what stands around it, which is always the same. A property
test holds that they come out as they would by the rules.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from abcjob.rules import CONTROLS, ROW, Reading
from abcjob.sources.lines import LONGEST, SEEN

if TYPE_CHECKING:
    from collections.abc import Mapping

_SPACE = " \t"
_MOST_KEYS = 64  # the pattern grows with them
_TAKEN = rf'"\\{CONTROLS}'  # what cannot stand in a text as it is

_PAIR = re.compile(
    r'(?P<before>[ \t]*[{,][ \t]*)"(?P<key>[^"\\\x00-\x1f]+)"(?P<between>[ \t]*:[ \t]*)'
    r'(?:"(?P<text>[^"\\\x00-\x1f]*)"|(?P<bare>[a-zA-Z0-9.+-]+))'
)
_END = re.compile(r"[ \t]*}[ \t]*")
_BARE = r"(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)"


class _Place(NamedTuple):
    """Where a value stands in a line.

    Attributes:
        at: the number of quotes before it.
        before: how many characters there are between the last of them and the value.
        after: how many there are between the value and the next quote, or the end.
        type: the value's.
    """

    at: int
    before: int
    after: int
    type: pl.DataType

    @property
    def is_bare(self) -> bool:
        return self.before > 0

    def read(self, name: str) -> pl.Expr:
        column = pl.col(str(self.at))
        if self.is_bare:  # all of it is ASCII
            length = column.str.len_bytes() - (self.before + self.after)
            column = column.str.slice(self.before, length).cast(self.type)
        return column.alias(name)


# A field of whatever text or number: by this, lines are taken apart, and no more is known of them.
ANY = Reading(
    pl.String(),
    lambda field: field,
    plain=lambda taken, _: f"[^{taken}]*",
    number=r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?",
)


@dataclass(frozen=True)
class Pattern:
    """Lines that are all written alike.

    Attributes:
        expression: what they match, as a regular expression.
        places: where the values are, by name, in the order of the record.
        quotes: how many there are in a line.
        ignored: keys that nobody asked for.
    """

    expression: str
    places: tuple[tuple[str, _Place], ...]
    quotes: int
    ignored: tuple[str, ...]

    def fits(self, line: str) -> bool:
        """Whether a line is one of them."""
        return pl.Series([line]).str.contains(self.expression).all()

    def parted(
        self, lines: pl.DataFrame, kept: tuple[str, ...] = (ROW,)
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The values of the lines that are, beside the columns kept; the others as they came."""
        seen = lines[SEEN]
        is_plain = seen.str.contains(self.expression) & (seen.str.len_bytes() <= LONGEST)
        if is_plain.all():
            return self._read(lines, kept), lines.clear()
        return self._read(lines.filter(is_plain), kept), lines.filter(~is_plain)

    def _read(self, lines: pl.DataFrame, kept: tuple[str, ...]) -> pl.DataFrame:
        places = [place for _, place in self.places]
        schema: dict[str, pl.DataType] = {str(at): pl.String() for at in range(self.quotes + 1)}
        schema |= {str(place.at): place.type for place in places if not place.is_bare}
        found = pl.read_csv(
            io.BytesIO(lines[SEEN].str.join("\n").item().encode()),
            has_header=False,
            schema=schema,
            columns=sorted(place.at for place in places),
            separator='"',
            quote_char=None,
            raise_if_empty=False,
        )
        return found.select(*lines.select(kept), *(place.read(name) for name, place in self.places))


def of(line: str, readings: Mapping[str, Reading]) -> Pattern | None:
    """The pattern of a line and of those that are written alike; None: it is not plain."""
    pairs: list[re.Match[str]] = []
    at = 0
    while (pair := _PAIR.match(line, at)) and len(pairs) < _MOST_KEYS:
        if pair["before"].strip(_SPACE) != ("," if pairs else "{"):
            return None
        pairs.append(pair)
        at = pair.end()
    end = _END.fullmatch(line, at)
    keys = [pair["key"] for pair in pairs]
    if end is None or len(set(keys)) < len(keys) or not readings.keys() <= set(keys):
        return None
    pieces: list[str] = []
    places: dict[str, _Place] = {}
    quotes = 0
    afters = [*(pair["before"] for pair in pairs[1:]), end[0]]
    for pair, after in zip(pairs, afters, strict=True):
        is_text = pair["text"] is not None
        reading = readings.get(pair["key"])
        value = _value(reading, is_text=is_text)
        if value is None:
            return None
        quote = '"' if is_text else ""
        start = re.escape(f'{pair["before"]}"{pair["key"]}"{pair["between"]}{quote}')
        pieces.append(f"{start}{value}{quote}")
        if reading:
            around = (3, 0, 0) if is_text else (2, len(pair["between"]), len(after))
            places[pair["key"]] = _Place(quotes + around[0], *around[1:], reading.type)
        quotes += 4 if is_text else 2
    expression = f"^{''.join(pieces)}{re.escape(end[0])}$"
    ignored = tuple(key for key in keys if key not in readings)
    return Pattern(expression, tuple((name, places[name]) for name in readings), quotes, ignored)


def _value(reading: Reading | None, *, is_text: bool) -> str | None:
    """What a value has to match; None: it is not plain, whatever it is."""
    if reading is None:
        return f"[^{_TAKEN}]*" if is_text else _BARE
    return reading.plain(_TAKEN, "") if is_text else reading.number
