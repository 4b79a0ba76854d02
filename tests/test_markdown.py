"""Text in Markdown: read as it came, and with no backslash more than it needs."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from abcjob.render.page import markdown_line, markdown_text


@given(st.text())
def test_no_text_is_markup_in_markdown(text: str) -> None:
    """Data stay data: on one line, every special character escaped."""
    escaped = markdown_text(text)
    assert len(escaped.splitlines()) <= 1
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_{}\[\]<>|~&]", escaped.replace("\\\\", ""))


@given(st.text("#-+=.)10 a>*_\t").map(lambda text: f"{text}a"), st.sampled_from(["", "Of all:\n"]))
@example("# North", "")
@example("1. Nord", "")
@example("12) Nord", "Of all:\n")
@example("- Nord", "")
@example("+", "")
@example("===", "Of all:\n")
@example("-", "Of all:\n")
def test_no_text_at_the_start_of_a_line_is_markup(text: str, before: str) -> None:
    """No heading, no list, no rule: who reads Markdown finds it as it is, alone or before words."""
    for after in ("", " is the first"):
        found = MarkdownIt().render(f"{before}{markdown_line(text)}{after}")
        assert unescape(found) == f"<p>{before}{' '.join(text.split())}{after}</p>\n"


@pytest.mark.parametrize("text", ["-5", "1.5", "1.5 km", "#1", "a # b", "3 - 4", "x-1. b", "+33 1"])
def test_what_begins_no_markup_has_no_backslash(text: str) -> None:
    """Numbers and dashes are read as they are written."""
    assert markdown_line(text) == markdown_text(text) == text
