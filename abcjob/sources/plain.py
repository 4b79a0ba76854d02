"""Lines that are good for certain, read at a CSV parser's speed.

Most lines of most files are as they should be. Those that match the pattern made of what their
fields have to be go through the parser as they are; a property test holds that they come out as
they would by the rules. All others are looked at one field at a time.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from abcjob import rules
from abcjob.rules import CONTROLS, ROW
from abcjob.sources.lines import LONGEST, SEEN

if TYPE_CHECKING:
    from abcjob.rules import Reading, Record
    from abcjob.sources.delimited import Layout

_MOST_COLUMNS = 64  # the pattern grows with them


@dataclass(frozen=True)
class Plain:
    """How the plain lines of a file are told and read.

    Attributes:
        pattern: what they match; None: there is none, and no line is taken for plain.
        schema: the columns, in the order of the file.
        names: those that are wanted, in the order of the record.
        delimiter: what stands between two fields.
    """

    pattern: str | None
    schema: dict[str, pl.DataType]
    names: tuple[str, ...]
    delimiter: str

    def parted(self, lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The plain lines' values with `_row`, and the other lines as they are."""
        if self.pattern is None:
            return self._read(lines.clear()), lines
        seen = lines[SEEN]
        is_plain = seen.str.contains(self.pattern) & (seen.str.len_bytes() <= LONGEST)
        plain = lines.filter(is_plain)
        return self._read(plain), lines.filter(~is_plain)

    def _read(self, lines: pl.DataFrame) -> pl.DataFrame:
        text = lines[SEEN].str.join("\n").item().encode()
        values = pl.read_csv(
            io.BytesIO(text),
            has_header=False,
            schema=self.schema,
            separator=self.delimiter,
            raise_if_empty=False,
        )
        return values.select(lines[ROW], *self.names)


def of(layout: Layout, record: type[Record]) -> Plain:
    """The plain lines of a file that is laid out so."""
    readings = rules.readings(record)
    wanted = {at: name for name, at in layout.positions.items()}
    taken = f'"{re.escape(layout.delimiter)}{CONTROLS}'
    pieces, schema = [], {}
    for at in range(layout.width):
        name = wanted.get(at)
        pieces.append(_field(readings[name], taken) if name else f"[^{taken}]*")
        schema[name or f"_ignored_{at}"] = readings[name].type if name else pl.String()
    pattern = f"^{re.escape(layout.delimiter).join(pieces)}$"
    is_small = layout.width <= _MOST_COLUMNS
    return Plain(pattern if is_small else None, schema, tuple(readings), layout.delimiter)


def _field(reading: Reading, taken: str) -> str:
    """A field as it is, or in quotes, inside which a quote is doubled."""
    inside = f'"{CONTROLS}'
    plain, quoted = reading.plain(taken, ""), reading.plain(inside, '|""')
    return f'(?:{plain}|"{quoted}")'
