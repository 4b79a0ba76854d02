"""What the tests of the command line share."""

from __future__ import annotations

FEW = ("--companies", "40", "--months", "3")


def one_line(text: str) -> str:
    """The one line of stderr that an error is."""
    assert text.count("\n") == 1, text
    assert text.startswith("abcjob: ")
    assert "Traceback" not in text
    return text
