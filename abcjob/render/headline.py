"""What a page says of itself in its head, so that a list of pages can say it too."""

from __future__ import annotations

import textwrap
from contextlib import suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_PIECE = 8_192  # characters read at once; a head of ours has some 6,000, most of them style
_PIECES = 8  # a head that is longer is none of ours
_LONGEST = 300  # characters of a text: a list is no place for a page
_MOST_FIGURES = 6
_LIST = ("Reports", ": reports")  # how a list's title ends, with a company's name and without


@dataclass(frozen=True)
class Headline:
    """A report in short; all of it is empty where the page says nothing.

    Attributes:
        title: what the report is about, of whatever date.
        sentence: what it comes to.
        figures: values as people read them, by label.
    """

    title: str = ""
    sentence: str = ""
    figures: Mapping[str, str] = field(default_factory=dict)


def read(page: Path) -> Headline:
    """The headline in a page's head, as the macro `headline` writes it.

    What stands there may come from anybody: it is text of a bounded length, and no markup.

    Raises:
        OSError: the page cannot be read.
    """
    head = _head(page)
    return Headline(
        head.texts.get("abcjob:title", ""),
        head.texts.get("abcjob:sentence", ""),
        dict(head.figures[:_MOST_FIGURES]),
    )


def is_list(page: Path) -> bool:
    """Whether it is a list of reports, by what each has in its head, also an older version's.

    That is the policy that no other program has, a title, and no headline.

    Raises:
        OSError: the page cannot be read.
    """
    head = _head(page)
    is_ours = head.policy.startswith("default-src 'none'; style-src 'sha256-")
    return is_ours and head.title.endswith(_LIST) and "abcjob:title" not in head.texts


def _head(page: Path) -> _Head:
    head = _Head()
    with page.open(encoding="utf-8", errors="replace") as file:
        for _ in range(_PIECES):
            piece = file.read(_PIECE)
            with suppress(AssertionError):  # the parser's word for a declaration that is none
                head.feed(piece)
            if head.is_over or not piece:
                break
    return head


class _Head(HTMLParser):
    """Reads `meta` elements and the title until the head is over."""

    def __init__(self) -> None:
        super().__init__()
        self.is_over = False
        self.texts: dict[str, str] = {}
        self.figures: list[tuple[str, str]] = []
        self.policy = ""
        self.title = ""
        self._is_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what is named as ours."""
        self.is_over |= tag == "body"
        self._is_title = tag == "title"
        if tag != "meta" or self.is_over:
            return
        told = {name: _short(value or "") for name, value in attrs}
        if told.get("http-equiv") == "Content-Security-Policy":
            self.policy = told.get("content", "")
        if told.get("name") == "abcjob:figure":
            self.figures.append((told.get("data-label", ""), told.get("content", "")))
        else:
            self.texts[told.get("name", "")] = told.get("content", "")

    def handle_endtag(self, tag: str) -> None:
        """See whether it was the last of the head."""
        self._is_title = False
        self.is_over |= tag == "head"

    def handle_data(self, data: str) -> None:
        """Keep the title."""
        if self._is_title and not self.is_over:
            self.title += data


def _short(text: str) -> str:
    return textwrap.shorten(text, _LONGEST, placeholder=" …")
