"""A table as lines of a terminal, none of them too wide for it."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from itertools import chain, groupby, zip_longest
from typing import TYPE_CHECKING

from abcjob.outside import visible
from abcjob.render.formats import NOTHING
from abcjob.render.tables import Aligned, title

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from abcjob.render.tables import Table

_BETWEEN = 2  # characters from a column to the next
_NARROW = 20  # characters: a text may be wrapped to so many, and a heading's word is cut there


@dataclass(frozen=True)
class _Column:
    """A column's texts.

    Attributes:
        group: what its heading has in common with others'; empty where nothing.
        words: its heading, one below the other.
        cells: each on one line still.
        is_number: whether it is set to the right; then it is not wrapped.
    """

    group: str
    words: tuple[str, ...]
    cells: tuple[str, ...]
    is_number: bool

    @property
    def most(self) -> int:
        """Characters that it takes as it is."""
        return max(map(len, (*self.words, *self.cells)))

    @property
    def least(self) -> int:
        """Characters that it can do with."""
        return self.most if self.is_number else min(self.most, _NARROW)

    def set_in(self, width: int) -> tuple[list[str], list[list[str]]]:
        """Its heading and its cells, each as lines of `width` characters."""

        def padded(lines: Iterable[str]) -> list[str]:
            return [line.rjust(width) if self.is_number else line.ljust(width) for line in lines]

        is_wrapped = self.most > width
        cells = (textwrap.wrap(cell, width) if is_wrapped else [cell] for cell in self.cells)
        return padded(self.words), list(map(padded, cells))


def blocks(table: Table, width: int) -> list[Aligned]:
    """The table in blocks of columns, the first column in each.

    Texts are wrapped where that is enough to make it one block. Else columns without any value go,
    and it is parted: between groups of headings where there are several, and elsewhere only where
    it must be.

    Args:
        table: the table.
        width: characters that a block may take; one number alone may take more.
    """
    first, *others = _columns(table)
    if not _fit([first, *others], width):
        others = [column for column in others if set(column.cells) != {NOTHING}]
    height = len(table.rows)
    return [_aligned([first, *block], width, height) for block in _parted(first, others, width)]


def _columns(table: Table) -> list[_Column]:
    lines = (*table.rows, *table.changes)
    cells = zip(*lines, strict=True) if lines else ((),) * len(table.headings)
    return [
        _Column(
            heading.group,
            tuple(_words(title(heading, table))),
            tuple(" ".join(visible(cell).split()) for cell in texts),
            heading.is_number,
        )
        for heading, texts in zip(table.headings, cells, strict=True)
    ]


def _words(pieces: Iterable[str]) -> Iterable[str]:
    """A heading's words, and the parts of those that have a hyphen."""
    for word in visible(" ".join(pieces)).split():
        for part in re.split(r"(?<=[^\W\d]-)(?=[^-])", word):  # no date is cut
            yield from textwrap.wrap(part, _NARROW)


def _fit(columns: Sequence[_Column], width: int) -> bool:
    return sum(_BETWEEN + column.least for column in columns) - _BETWEEN <= width


def _parted(first: _Column, others: Sequence[_Column], width: int) -> list[list[_Column]]:
    """The columns by the block that each is to stand in."""
    if _fit([first, *others], width):
        return [list(others)]
    groups = [list(columns) for _, columns in groupby(others, lambda column: column.group)]
    if len(groups) > 1:
        return [block for group in groups for block in _parted(first, group, width)]
    parted: list[list[_Column]] = [[]]
    for column in others:
        if parted[-1] and not _fit([first, *parted[-1], column], width):
            parted.append([])
        parted[-1].append(column)
    return parted


def _aligned(columns: Sequence[_Column], width: int, rows: int) -> Aligned:
    """A block; texts share the room that is left, those on the left first.

    Args:
        columns: its columns.
        width: characters that it may take.
        rows: how many of the cells of a column are rows; the others stand below them.
    """
    left = width - sum(column.least for column in columns) - _BETWEEN * (len(columns) - 1)
    widths = []
    for column in columns:
        more = max(min(left, column.most - column.least), 0)
        widths.append(column.least + more)
        left -= more
    heads, cells = zip(*(c.set_in(w) for c, w in zip(columns, widths, strict=True)), strict=True)
    height = max(map(len, heads))
    blank = [" " * one for one in widths]
    stacked = [[gap] * (height - len(head)) + head for gap, head in zip(blank, heads, strict=True)]
    lines = [
        [
            tuple(text or gap for text, gap in zip(line, blank, strict=True))
            for line in zip_longest(*row)
        ]
        for row in zip(*cells, strict=True)
    ]
    return Aligned(
        tuple(widths),
        tuple(zip(*stacked, strict=True)),
        tuple(chain.from_iterable(lines[:rows])),
        tuple(chain.from_iterable(lines[rows:])),
    )
