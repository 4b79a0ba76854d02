"""A JSON array rewritten as it streams by: its elements on a line each, whatever is in them.

Nothing is parsed here. What is a string, and how deep a bracket stands, are running sums.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abcjob.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    Bytes = npt.NDArray[np.uint8]
    Places = npt.NDArray[np.intp]

_QUOTE, _COMMA, _OPEN, _CLOSE, _LF, _CR, _BACKSLASH, _BLANK = b'",[]\n\r\\ '
_NONE, _IS_QUOTE, _OPENS, _CLOSES, _OTHER = range(5)
_ROLES = np.zeros(256, dtype=np.uint8)
_ROLES[_QUOTE] = _IS_QUOTE
_ROLES[list(b"[{")] = _OPENS
_ROLES[list(b"]}")] = _CLOSES
_ROLES[list(b",\n\r")] = _OTHER
_DEEPER = np.array([0, 0, 1, -1, 0], dtype=np.int64)  # by role
_SPACE = b" \t\r\n"


def elements(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of an array's elements, in blocks.

    Line breaks between tokens become spaces. One in a string, where JSON has none, becomes a
    carriage return, which is no JSON there either.

    Raises:
        DataError: the array is cut off, or not the end of what is there. The message is to follow
            on what was read.
    """
    array = _Array()
    for block in blocks:
        yield array.rewritten(block)
    if not array.is_over:
        raise DataError("it is a JSON array, but cut off before its end")
    if array.has_content:
        yield b"\n"


class _Array:
    """How far an array was read.

    Attributes:
        is_over: its end was seen.
        has_content: more than spaces was seen in it.
    """

    def __init__(self) -> None:
        self.is_over = False
        self.has_content = False
        self._is_begun = False
        self._depth = 0
        self._is_in_string = False
        self._is_escaped = False  # the next character is

    def rewritten(self, block: bytes) -> bytes:
        """The lines, or pieces of them, that a block holds."""
        if not self._is_begun:
            block = block.lstrip(_SPACE)
            self._is_begun = bool(block)
        if self.is_over:
            self._see_nothing_in(block)
            return b""
        found = self._parted(np.frombuffer(block, dtype=np.uint8))
        if not self.has_content:
            found = found.lstrip(b" \t")
            self.has_content = bool(found)
        return found

    def _parted(self, characters: Bytes) -> bytes:
        roles = _ROLES[characters]
        escaped = self._escaped(characters)
        roles[escaped[characters[escaped] == _QUOTE]] = _NONE
        places = np.flatnonzero(roles)
        roles = roles[places]
        quotes = np.cumsum(roles == _IS_QUOTE) + self._is_in_string
        is_inside = quotes % 2 == 1
        if len(places):
            self._is_in_string = bool(is_inside[-1])
        written = characters.copy()
        inside = places[is_inside]
        written[inside[characters[inside] == _LF]] = _CR
        places, roles = places[~is_inside], roles[~is_inside]
        depths = np.cumsum(_DEEPER[roles]) + self._depth
        if len(places):
            self._depth = int(depths[-1])
        outside = characters[places]
        written[places[(outside == _LF) | (outside == _CR)]] = _BLANK
        written[places[(outside == _COMMA) & (depths == 1)]] = _LF
        written[places[(outside == _OPEN) & (depths == 1)]] = _BLANK
        ends = places[(roles == _CLOSES) & (depths <= 0)]
        return (
            written[: self._ended(characters, int(ends[0]))].tobytes()
            if len(ends)
            else (written.tobytes())
        )

    def _ended(self, characters: Bytes, end: int) -> int:
        """Where the array ends, which is so."""
        if characters[end] != _CLOSE:
            raise DataError("it is a JSON array, but its brackets do not match")
        self.is_over = True
        self._see_nothing_in(characters[end + 1 :].tobytes())
        return end

    def _see_nothing_in(self, rest: bytes) -> None:
        if rest.strip(_SPACE):
            raise DataError("it is a JSON array, but there is more after its end")

    def _escaped(self, characters: Bytes) -> Places:
        """The places of characters after a backslash that is not itself escaped."""
        places = np.flatnonzero(characters == _BACKSLASH)
        was_escaped, self._is_escaped = self._is_escaped, False
        if not len(places):
            return np.zeros(int(was_escaped and len(characters) > 0), dtype=np.intp)
        ends = np.flatnonzero(np.diff(places, append=len(characters) + 1) != 1)
        lengths = np.diff(ends, prepend=-1)
        after = places[ends] + 1
        if was_escaped and places[0] == 0:  # the first of them is escaped itself
            lengths[0] -= 1
        elif was_escaped:
            lengths, after = np.append(lengths, 1), np.append(after, 0)
        found: Places = after[lengths % 2 == 1]
        self._is_escaped = bool((found == len(characters)).any())
        return np.extract(found < len(characters), found)
