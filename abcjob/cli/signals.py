"""Ctrl-C, SIGTERM and a closed terminal end a command in order, with an error like any other."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, NoReturn

from abcjob.errors import InterruptedRunError

if TYPE_CHECKING:
    from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Seconds for rolling back in order. Past them we end without: the server rolls back by itself.
GRACE = 4.0


def listen() -> None:
    """From here on a signal raises InterruptedRunError in the main thread, wherever it waits.

    To be called again when Polars has been imported: it puts a handler of its own in the place
    of SIGINT's, under which a thread that waits for a lock is not woken.
    """
    for number in _SIGNALS:
        # Under nohup the run outlives its terminal.
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    sys.unraisablehook = _unheard


def ignore() -> None:
    """From here on signals change nothing: the outcome stands, or is being wound up."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _interrupt(number: int, _: FrameType | None) -> NoReturn:
    ignore()  # a second one, as `timeout` and impatience send it, would break what ends in order
    name = signal.Signals(number).name
    # What is raised here can strike in the middle of an import or of a thread's start, and leave
    # a lock behind for ever. `_thread`, since `threading` has locks of its own.
    _thread.start_new_thread(_end, (name, 128 + number))
    raise InterruptedRunError(name, number)


def _unheard(lost: sys.UnraisableHookArgs) -> None:
    """Interrupt again, where it struck in what cannot raise, such as the end of an object."""
    if isinstance(lost.exc_value, InterruptedRunError):
        signal.signal(lost.exc_value.signal_number, _interrupt)
        _thread.start_new_thread(_repeat, (lost.exc_value.signal_number,))
    else:
        sys.__unraisablehook__(lost)


def _repeat(number: int) -> None:
    """Send ourselves the signal, as soon as the main thread has gone on."""
    time.sleep(0.01)
    os.kill(os.getpid(), number)


def _end(name: str, exit_code: int) -> None:
    """End the process where it has not ended by itself."""
    time.sleep(GRACE)
    os.write(2, f"abcjob: stopped by {name}: the server rolls back what is left\n".encode())
    os._exit(exit_code)
