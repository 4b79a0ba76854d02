"""Lines that are good for certain, read at a CSV parser's speed.

Most lines of most files are as they should be. Those that match the pattern made of what their
fields have to be go through the parser as they are; a property test holds that they come out as
they would by the rules. All others are looked at one field at a time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from abcjob.rejects import ROW
from abcjob.rules import CONTROLS
from abcjob.sources import delimited
from abcjob.sources.lines import LONGEST, NO_SCALAR, SEEN, joined
from abcjob.sources.shapes import Doubtful

if TYPE_CHECKING:
    from abcjob.rules import Reading
    from abcjob.sources.delimited import Layout
    from abcjob.sources.shapes import Shape

_MOST_COLUMNS = 64  # the pattern grows with them


class Delimited:
    """The lines of a file that is laid out so.

    Attributes:
        ignored: the columns that nobody asked for.
    """

    def __init__(self, layout: Layout, shape: Shape) -> None:
        readings = shape.readings
        self._shape = shape
        wanted = {at: name for name, at in layout.positions.items()}
        names = [wanted.get(at) for at in range(layout.width)]
        self._layout = layout
        self._names = tuple(readings)
        self._schema = {
            name or f"_ignored_{at}": readings[name].type if name else pl.String()
            for at, name in enumerate(names)
        }
        self._pattern = _pattern(
            layout.delimiter, [readings[name] if name else None for name in names]
        )
        self.ignored = layout.ignored

    def parted(self, lines: pl.DataFrame) -> tuple[list[pl.DataFrame], pl.DataFrame]:
        """The plain lines' values with `_row`, and the other lines as they are."""
        if self._pattern is None:
            return [], lines
        seen = lines[SEEN]
        is_plain = seen.str.contains(self._pattern) & (seen.str.len_bytes() <= LONGEST)
        plain = lines.filter(is_plain)
        return [self._read(plain)], lines.filter(~is_plain)

    def _read(self, lines: pl.DataFrame) -> pl.DataFrame:
        values = pl.read_csv(
            joined(lines[SEEN]),
            has_header=False,
            schema=self._schema,
            separator=self._layout.delimiter,
            raise_if_empty=False,
        )
        return values.select(lines[ROW], *self._names)

    def closely(self, lines: pl.DataFrame) -> tuple[list[pl.DataFrame], pl.DataFrame]:
        """Of lines that `parted` left none is plain."""
        return [], lines

    def fields(self, lines: pl.DataFrame) -> list[Doubtful]:
        """Lines taken apart."""
        none = pl.lit([], dtype=pl.List(pl.String)).alias(NO_SCALAR)
        return [Doubtful(self._shape, delimited.fields(lines, self._layout).with_columns(none))]


def _pattern(delimiter: str, readings: list[Reading | None]) -> str | None:
    """What plain lines match; None: no line is taken for plain."""
    if len(readings) > _MOST_COLUMNS:
        return None
    taken = f'"{re.escape(delimiter)}{CONTROLS}'
    pieces = [_field(reading, taken) if reading else f"[^{taken}]*" for reading in readings]
    return f"^{re.escape(delimiter).join(pieces)}$"


def _field(reading: Reading, taken: str) -> str:
    """A field as it is, or in quotes, inside which a quote is doubled."""
    inside = f'"{CONTROLS}'
    plain, quoted = reading.plain(taken, ""), reading.plain(inside, '|""')
    return f'(?:{plain}|"{quoted}")'
