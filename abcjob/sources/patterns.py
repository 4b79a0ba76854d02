"""Lines of JSON that are good for certain, read at a CSV parser's speed.

What stands around the values is the same in all of them: it gives way to a separator, and a CSV
parser reads the rest. A property test holds that they come out as they would by the rules.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from abcjob.rules import CONTROLS, ROW
from abcjob.sources.lines import LONGEST, SEEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from abcjob.rules import Reading

_MOST_KEYS = 64  # the pattern grows with them
_SEPARATOR = "\x01"  # no plain value has it, nor any other control character
_TAKEN = rf'"\\{CONTROLS}'  # what cannot stand in a text as it is

# No key has a quote, a comma, a colon or a brace in it. So no value, nor two neighbours together,
# can look like what stands between two values.
_PAIR = re.compile(
    r'(?P<before>[ \t]*[{,][ \t]*)"(?P<key>[^"\\,:{}\x00-\x1f]+)"(?P<between>[ \t]*:[ \t]*)'
    r'(?:"(?P<text>[^"\\\x00-\x1f]*)"|(?P<bare>[a-zA-Z0-9.+-]+))'
)
_END = re.compile(r"[ \t]*}[ \t]*")
_BARE = r"(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)"


@dataclass(frozen=True)
class Pattern:
    """Lines that are all written alike.

    Attributes:
        expression: what they match, as a regular expression.
        around: what stands before each value, and after the last one.
        schema: the columns, in their order.
        names: those that are wanted, in the order of the record.
        ignored: keys that nobody asked for.
    """

    expression: str
    around: tuple[str, ...]
    schema: Mapping[str, pl.DataType] = field(hash=False, compare=False)
    names: tuple[str, ...]
    ignored: tuple[str, ...]

    def fits(self, line: str) -> bool:
        """Whether a line is one of them."""
        return pl.Series([line]).str.contains(self.expression).all()

    def parted(self, lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The values with `_row` of the lines that are, and the other lines as they came."""
        seen = lines[SEEN]
        is_plain = seen.str.contains(self.expression) & (seen.str.len_bytes() <= LONGEST)
        if is_plain.all():
            return self._read(lines), lines.clear()
        return self._read(lines.filter(is_plain)), lines.filter(~is_plain)

    def _read(self, lines: pl.DataFrame) -> pl.DataFrame:
        first, *between, last = (piece.encode() for piece in self.around)
        text = lines[SEEN].str.join("\n").item().encode()
        text = text[len(first) : len(text) - len(last)]
        text = text.replace(last + b"\n" + first, b"\n")
        for piece in between:
            text = text.replace(piece, _SEPARATOR.encode())
        values = pl.read_csv(
            io.BytesIO(text),
            has_header=False,
            schema=dict(self.schema),
            separator=_SEPARATOR,
            quote_char=None,
            raise_if_empty=False,
        )
        return values.select(lines[ROW], *self.names)


def of(line: str, readings: Mapping[str, Reading]) -> Pattern | None:
    """The pattern of a line and of those that are written alike; None: it is not plain."""
    pieces: list[str] = []
    around: list[str] = []
    at, pending = 0, ""
    schema: dict[str, pl.DataType] = {}
    ignored: list[str] = []
    while pair := _PAIR.match(line, at):
        key, is_text = pair["key"], pair["text"] is not None
        quote = '"' if is_text else ""
        around.append(f'{pending}{pair["before"]}"{key}"{pair["between"]}{quote}')
        name = key if key in readings else f"_ignored_{len(ignored)}"
        value = _value(readings.get(key), is_text)
        if value is None or name in schema or key in ignored or len(pieces) == _MOST_KEYS:
            return None
        pieces.append(value)
        schema[name] = readings[key].type if key in readings else pl.String()
        ignored += [] if key in readings else [key]
        at, pending = pair.end(), quote
    end = _END.fullmatch(line, at)
    if end is None or not readings.keys() <= schema.keys():
        return None
    around.append(pending + end[0])
    escaped = [re.escape(piece) for piece in around]
    within = "".join(before + value for before, value in zip(escaped, pieces, strict=False))
    return Pattern(
        f"^{within}{escaped[-1]}$", tuple(around), schema, tuple(readings), tuple(ignored)
    )


def _value(reading: Reading | None, is_text: bool) -> str | None:
    """What a value has to match; None: it is not plain, whatever it is."""
    if reading is None:
        return f"[^{_TAKEN}]*" if is_text else _BARE
    return reading.plain(_TAKEN, "") if is_text else reading.number
