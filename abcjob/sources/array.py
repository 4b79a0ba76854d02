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

_QUOTE, _CLOSE, _LF, _CR, _BACKSLASH, _BLANK = b'"]\n\r\\ '
_NONE, _IS_QUOTE, _OPENS, _CLOSES, _PARTS, _BREAKS = range(6)
_ROLES = (
    dict.fromkeys(b'"', _IS_QUOTE)
    | dict.fromkeys(b"[{", _OPENS)
    | dict.fromkeys(b"]}", _CLOSES)
    | dict.fromkeys(b",", _PARTS)
    | dict.fromkeys(b"\n\r", _BREAKS)
)
_ROLE_OF_EACH = bytes(_ROLES.get(code, _NONE) for code in range(256))
_DEEPER = np.array([0, 0, 1, -1, 0, 0], dtype=np.int64)  # by role
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
        found = self._parted(block)
        if not self.has_content:
            found = found.lstrip(b" \t")
            self.has_content = bool(found)
        return found

    def _parted(self, block: bytes) -> bytes:
        characters = np.frombuffer(block, dtype=np.uint8)
        written = characters.copy()
        places, roles = self._outside(block, characters, written)
        if self._depth == 0 and len(places):  # it begins here
            written[places[0]] = _BLANK
        depths = np.cumsum(_DEEPER[roles]) + self._depth
        written[places[(roles == _PARTS) & (depths == 1)]] = _LF
        written[places[roles == _BREAKS]] = _BLANK
        if len(places):
            self._depth = int(depths[-1])
            if depths.min() <= 0:
                end = int(places[np.argmax(depths <= 0)])
                self._end(block, end)
                return written[:end].tobytes()
        return written.tobytes()

    def _outside(
        self, block: bytes, characters: Bytes, written: Bytes
    ) -> tuple[Places, npt.NDArray[np.uint8]]:
        """The places of what has a role, and the roles, outside of strings."""
        every = np.frombuffer(bytearray(block.translate(_ROLE_OF_EACH)), dtype=np.uint8)
        escaped = self._escaped(characters)
        every[escaped[characters[escaped] == _QUOTE]] = _NONE
        places = np.flatnonzero(every != _NONE)
        roles = every[places]
        is_quote = roles == _IS_QUOTE
        is_inside = ((np.cumsum(is_quote) + self._is_in_string) & 1).astype(np.bool_)
        if len(places):
            self._is_in_string = bool(is_inside[-1])
        if b"\n" in block:
            written[places[is_inside & (characters[places] == _LF)]] = _CR
        is_outside = ~(is_inside | is_quote)
        return places[is_outside], roles[is_outside]

    def _end(self, block: bytes, end: int) -> None:
        """See that the array ends well."""
        if block[end] != _CLOSE:
            raise DataError("it is a JSON array, but its brackets do not match")
        self.is_over = True
        self._see_nothing_in(block[end + 1 :])

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
