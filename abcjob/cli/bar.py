"""A bar on a terminal: how far a step has come, how fast it goes, how long it will take."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from abcjob.job import WHOLE
from abcjob.outside import visible

if TYPE_CHECKING:
    from abcjob.book import Begun, Progress

_LEAST, _MOST = 10, 40  # characters of the bar itself
_WIDEST = 100  # characters of the line: the shorter, the less a narrower window breaks it
_NO_SIZE = 80  # characters, where a terminal says none


class _Console(Console):
    """A console whose cursor stays in sight: whatever kills us, there is none to bring back."""

    def show_cursor(self, show: bool = True) -> bool:  # noqa: ARG002 - rich's signature
        return False


class Bar:
    """One bar, of one line, until it is cleared."""

    def __init__(self) -> None:
        self._console = _Console(file=sys.stderr, force_terminal=True)
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def draw(self, step: Begun, seconds: float) -> None:
        """Draw it, in place of what was drawn.

        Args:
            step: the step.
            seconds: since it began.

        Raises:
            OSError: there is no terminal any more.
        """
        # Measured each time, since a window's size changes; one column less, or some would break.
        columns = os.get_terminal_size(sys.stderr.fileno()).columns or _NO_SIZE
        self._console.width = width = max(min(columns, _WIDEST) - 1, 1)
        name = f"{step.name:<8}" if step.part in {"", WHOLE} else f"{step.name} {step.part}"
        self._live.update(_line(visible(name), step.count.so_far(), seconds, width), refresh=True)

    def clear(self) -> None:
        """Leave nothing of it."""
        with suppress(OSError):  # nor is there anything, where there is no terminal
            self._live.stop()


def _line(name: str, progress: Progress, seconds: float, width: int) -> Table:
    """The line: what there is no room for is left out, the least important first."""
    said = ""
    for piece in _pieces(progress, seconds):
        if len(name) + 1 + _LEAST + len(f"{said}  {piece}") > width:
            break
        said = f"{said}  {piece}"
    bar = ProgressBar(
        total=1.0,
        completed=progress.share or 0.0,
        pulse=progress.share is None,
        width=max(min(width - len(name) - 1 - len(said), _MOST), 1),
        complete_style="green",
        finished_style="green",
    )
    line = Table.grid(padding=0)
    for _ in range(3):
        line.add_column(no_wrap=True, overflow="crop")
    line.add_row(Text(f"{name} "), bar, Text(said))
    return line


def _pieces(progress: Progress, seconds: float) -> list[str]:
    """What is said beside the bar, the most important first."""
    rows = [f"{progress.rows:,} rows", f"{progress.rows / seconds:,.0f}/s"] if progress.rows else []
    if not progress.share:
        return [_clock(seconds), *rows]
    left = seconds * (1 - progress.share) / progress.share
    return [f"{progress.share:4.0%}", f"{_clock(left)} left", *rows]


def _clock(seconds: float) -> str:
    """As 0:07, 12:34 or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
