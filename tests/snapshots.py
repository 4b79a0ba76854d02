"""Snapshots of reports, each as a file that a reader opens."""

from __future__ import annotations

import re

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode


class Page(SingleFileSnapshotExtension):
    """For a browser."""

    _write_mode = WriteMode.TEXT
    file_extension = "html"


class Document(SingleFileSnapshotExtension):
    """For a reader of Markdown."""

    _write_mode = WriteMode.TEXT
    file_extension = "md"


def without_paths(page: str) -> str:
    """A page whose charts are their descriptions: their paths move with the machine's fonts."""
    return re.sub(r"(?s)(<desc .*?</desc>).*?</svg>", r"\1</svg>", page)
