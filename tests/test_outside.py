"""Text from outside."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abcjob.outside import visible

# By Unicode's bidirectional classes, and the three marks that are like an unseen letter.
TURNS = {"LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
MARKS = {"\u200e", "\u200f", "\u061c"}


@given(st.text(st.characters(exclude_categories=()) | st.characters(categories=["Cc", "Cf"])))
def test_what_is_visible_neither_moves_a_cursor_nor_turns_a_line(text: str) -> None:
    """No control but tabs and ends of lines, no mark of direction; it can be encoded."""
    shown = visible(text)
    shown.encode()
    for character in shown:
        assert unicodedata.category(character) != "Cc" or character in "\t\n\r"
        assert unicodedata.bidirectional(character) not in TURNS
        assert character not in MARKS


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ünïcode 東京 مرحبا 👩‍💻\tx\n", "Ünïcode 東京 مرحبا 👩‍💻\tx\n"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("a\0b\x9bc", r"a\x00b\x9bc"),
        ("r\udce9sum\udce9.csv", r"r\udce9sum\udce9.csv"),
    ],
)
def test_only_what_has_no_shape_is_written_out(text: str, shown: str) -> None:
    """Letters of any script stay, and so does what joins them."""
    assert visible(text) == shown
