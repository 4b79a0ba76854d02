"""Pages as they lie in a reports folder: made by hand, and looked into."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def head(title: str, sentence: str = "", **figures: str) -> str:
    """A page whose head says so, by hand."""
    metas = [("title", title), ("sentence", sentence)]
    told = [f'<meta name="abcjob:{name}" content="{escape(text)}">' for name, text in metas]
    told += [
        f'<meta name="abcjob:figure" data-label="{escape(label)}" content="{escape(value)}">'
        for label, value in figures.items()
    ]
    return f"<!doctype html><html><head>{''.join(told)}</head><body><p>All else</p></body></html>"


def put(folder: Path, files: Mapping[str, str]) -> None:
    """Make the files."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", errors="surrogatepass")


class Seen(HTMLParser):
    """What a reader sees of a page: its texts, its links, and what it is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.tags: set[tuple[str, str]] = set()
        self.feed(page.partition("<body>")[2])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.tags |= {(tag, name) for name, _ in attrs} | {(tag, "")}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        """Note it, on one line."""
        if text := " ".join(data.split()):
            self.texts.append(text)
