"""What a run says while it goes on: a line for each step done, a bar for one that takes long."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from abcjob.cli.output import note
from abcjob.job import WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from abcjob.book import Begun, News, Step
    from abcjob.cli.bar import Bar

_BULK = {"load", "settle", "model"}  # the steps that go through rows
_PATIENCE = 1.0  # seconds after which a step has a bar: most are over by then
_BETWEEN = 0.2  # seconds from one drawing to the next


@contextmanager
def told(*, is_quiet: bool) -> Iterator[Callable[[News], None]]:
    """What is to be told of a run's steps: on stderr, with bars where that is a terminal."""
    if is_quiet:
        yield lambda _: None
    elif sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield _tell
    else:
        watch = _Watch()
        watching = threading.Thread(target=watch.go_on, daemon=True)
        watching.start()
        try:
            yield watch.tell
        finally:
            watch.end()
            watching.join()


def _tell(news: News) -> None:
    """A line for each step that is done, and for each remark."""
    from abcjob.book import Begun, Step

    if isinstance(news, Step):
        _tell_step(news)
    elif not isinstance(news, Begun):
        note(news.text if news.part == WHOLE else f"{news.part}: {news.text}")


def _tell_step(step: Step) -> None:
    rows = "" if step.rows is None else f"{step.rows:,} rows"
    rate = f"{step.rows / step.seconds:,.0f}/s" if step.name in _BULK and step.rows else ""
    part = "" if step.part == WHOLE else f"  {step.part}"
    note(f"{step.name:<8} {rows:>18} {step.seconds:8.2f} s {rate:>14}{part}".rstrip())


class _Watch:
    """Draws the bar of the step that goes on, in a thread of its own."""

    def __init__(self) -> None:
        self._drawing = threading.Lock()
        self._is_over = threading.Event()
        self._step: Begun | None = None
        self._since = 0.0
        self._bar: Bar | None = None

    def tell(self, news: News) -> None:
        """As `_tell`; the bar makes room."""
        from abcjob.book import Begun, Step

        with self._drawing:
            self._clear()
            if isinstance(news, Begun):
                self._step, self._since = news, time.monotonic()
            elif isinstance(news, Step):
                self._step = None
            _tell(news)

    def end(self) -> None:
        """Let there be no bar any more."""
        self._is_over.set()
        with self._drawing:
            self._clear()

    def go_on(self) -> None:
        """Draw, again and again, until the end, or until there is no terminal any more."""
        with suppress(OSError):
            while not self._is_over.wait(_BETWEEN):
                if self._is_late():
                    from abcjob.cli.bar import Bar  # takes a while, in which nobody has to wait

                    with self._drawing:
                        self._draw(Bar)

    def _draw(self, make: type[Bar]) -> None:
        if self._step is not None and self._is_late() and not self._is_over.is_set():
            if self._bar is None:
                self._bar = make()
            self._bar.draw(self._step, time.monotonic() - self._since)

    def _clear(self) -> None:
        if self._bar is not None:
            self._bar.clear()
            self._bar = None

    def _is_late(self) -> bool:
        return self._step is not None and time.monotonic() - self._since >= _PATIENCE
