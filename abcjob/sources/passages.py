"""Passages of lines that were read before, told by their content wherever they stand.

A passage ends after a line whose hash says so, one in a thousand, and not at a fixed distance. So
lines that are put in, taken out or changed make their own passage a new one, and no other.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

from abcjob import __version__

_LINES = 1_024  # of a passage, in the mean
_MOST = 2**20  # bytes without a passage's end in them, after which any line is one


class Passage(NamedTuple):
    """Lines that stand together, and the numbers of the first and the last of them."""

    digest: bytes
    first: int
    last: int


@dataclass
class Passages:
    """Passes over the passages of a stream that are known.

    Attributes:
        known: SHA-256 of each, and of what reads it: version, seed and header.
        seed: what the meaning of a line depends on besides.
        passed: how many lines were passed over so far.
        new: the passages that were not.
    """

    known: frozenset[bytes]
    seed: str
    passed: int = 0
    new: list[Passage] = field(default_factory=list)
    _header: bytes = b""

    def begin(self, header: bytes) -> None:
        """Lines come under this header."""
        self._header = f"{__version__}\n{self.seed}\n".encode() + header + b"\n"

    def unread(
        self, block: bytes, lines: pl.Series, starts: pl.Series, number: int, *, is_last: bool
    ) -> tuple[list[tuple[int, bytes]], int]:
        """The passages of a block that are not known, in pieces of lines that stand together.

        Args:
            block: lines, each with its end.
            lines: the same, one by one.
            starts: where each of them begins, and where the last one ends.
            number: of the first of them.
            is_last: nothing comes after them.

        Returns:
            Pieces, each with the number of its first line; and how many of the lines they and the
            known passages are: the others belong to a passage that goes on.
        """
        ends = ((lines.hash() % _LINES == 0).arg_true() + 1).to_list()
        done = ends[-1] if ends else 0
        if done < lines.len() and (is_last or len(block) - starts[done] > _MOST):
            ends.append(lines.len())
        pieces: list[tuple[int, int]] = []  # the first line of each, and the line after its last
        begin = 0
        for end in ends:
            if self._is_known(block[starts[begin] : starts[end]], number + begin, number + end - 1):
                self.passed += end - begin
            elif pieces and pieces[-1][1] == begin:
                pieces[-1] = pieces[-1][0], end
            else:
                pieces.append((begin, end))
            begin = end
        return [(number + a, block[starts[a] : starts[b]]) for a, b in pieces], begin

    def without(self, rows: pl.Series) -> list[Passage]:
        """The new passages in which none of these rows stands.

        Args:
            rows: numbers, in order.
        """
        begin = pl.Series([passage.first for passage in self.new], dtype=pl.Int64)
        end = pl.Series([passage.last + 1 for passage in self.new], dtype=pl.Int64)
        is_without = rows.search_sorted(begin, "left") == rows.search_sorted(end, "left")
        return [passage for passage, fits in zip(self.new, is_without, strict=True) if fits]

    def _is_known(self, text: bytes, first: int, last: int) -> bool:
        found = hashlib.sha256(self._header)
        found.update(text)
        if found.digest() in self.known:
            return True
        self.new.append(Passage(found.digest(), first, last))
        return False
