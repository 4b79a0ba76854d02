"""What the tests of the command line share."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

FEW = ("--companies", "40", "--months", "3")
LONG = 300 * "x"  # a name that no system takes

# What moves the cursor, or clears a line; all else that begins with an escape is a colour.
_PIECE = re.compile(r"\r|\n|\x1b\[(?P<number>\d*)(?P<verb>[A-Za-z])|[^\x1b\r\n]+")


def one_line(text: str) -> str:
    """The one line of stderr that an error is."""
    assert text.count("\n") == 1, text
    assert text.startswith("abcjob: ")
    assert "Traceback" not in text
    return text


def seen(output: str) -> list[str]:
    """The lines that somebody sees in the end who has had this on a terminal, however wide."""
    lines, row, column = [""], 0, 0
    for piece in _PIECE.finditer(output):
        text = piece[0]
        if text == "\r":
            column = 0
        elif text == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif piece["verb"] == "A":
            row -= int(piece["number"] or 1)
        elif piece["verb"] == "K":
            lines[row] = "" if piece["number"] == "2" else lines[row][:column]
        elif not piece["verb"]:
            before = lines[row].ljust(column)
            lines[row] = before[:column] + text + before[column + len(text) :]
            column += len(text)
    return [line.rstrip() for line in lines]


class Terminal:
    """A program with a pseudo-terminal for its stderr, or for all that it reads and writes.

    Attributes:
        output: what came to the terminal so far.
        stdout: what came to stdout, where that is none.
        code: how the program ended.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        *,
        columns: int = 80,
        is_piped: bool = True,
    ) -> None:
        self._master, slave = pty.openpty()
        self.output = ""
        self.resize(columns)
        self._running = subprocess.Popen(
            arguments,
            env={"PATH": os.environ["PATH"], "TERM": "xterm", **environment},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if is_piped else slave,
            stderr=slave,
            text=True,
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.kill()
        self._running.communicate()
        if self._master >= 0:
            os.close(self._master)

    def resize(self, columns: int) -> None:
        """Make it so wide."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def hang_up(self) -> None:
        """Take it away."""
        os.close(self._master)
        self._master = -1

    def wait_for(self, is_there: Callable[[str], object], seconds: float = 60) -> str:
        """What came to it, as soon as it is as it should be."""
        until = time.monotonic() + seconds
        while not is_there(self.output):
            assert time.monotonic() < until, self.output
            assert self._read(), self.output
        return self.output

    def to_the_end(self) -> tuple[int, str]:
        """The exit code, and what came to stdout."""
        while self._master >= 0 and self._read():
            pass
        stdout, _ = self._running.communicate(timeout=60)
        return self._running.returncode, stdout or ""

    def _read(self) -> bool:
        try:
            found = os.read(self._master, 65_536)
        except OSError:  # as Linux says that nobody writes any more
            return False
        self.output += found.decode(errors="replace")
        return bool(found)
