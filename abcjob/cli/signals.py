"""Ctrl-C, SIGTERM and a closed terminal end a command in order, with an error like any other."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, NoReturn

from abcjob.errors import InterruptedRunError

if TYPE_CHECKING:
    from types import FrameType


def listen() -> None:
    """From here on a signal raises InterruptedRunError in the main thread, wherever it waits.

    To be called again when Polars has been imported: it puts a handler of its own in the place
    of SIGINT's, under which a thread that waits for a lock is not woken.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)


def _interrupt(number: int, _: FrameType | None) -> NoReturn:
    raise InterruptedRunError(signal.Signals(number).name, number)
