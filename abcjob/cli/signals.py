"""Ctrl-C, SIGTERM, a closed terminal and the deadline end a command in order, with an error."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from abcjob.errors import InterruptedRunError

if TYPE_CHECKING:
    from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Seconds for rolling back in order. Past them we end without: the server rolls back by itself.
GRACE = 4.0
GRACE_PAST_DEADLINE = 1.5
_PAST_DEADLINE = 124
_raised: list[InterruptedRunError] = []


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


def limit(seconds: float) -> None:
    """In so many seconds from now the command ends as by a signal, whatever it waits for then."""

    def overdue(number: int, _: FrameType | None) -> NoReturn:
        cause = f"the deadline of {seconds:g} s"
        _stop(cause, number, _PAST_DEADLINE, GRACE_PAST_DEADLINE)

    signal.signal(signal.SIGALRM, overdue)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def heard() -> InterruptedRunError | None:
    """What was raised, if anything was: what it struck may have made another error of it."""
    return _raised[0] if _raised else None


def ignore() -> None:
    """From here on signals change nothing: the outcome stands, or is being wound up."""
    for number in (*_SIGNALS, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)


def exit_at_once(code: int) -> NoReturn:
    """End the process at once, where a signal's outcome has been told.

    A thread that it struck in its start may be known to nobody who could end it, and the
    interpreter would wait for it.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody reads it any more
            stream.flush()
    os._exit(code)


def _interrupt(number: int, _: FrameType | None) -> NoReturn:
    _stop(signal.Signals(number).name, number, 128 + number, GRACE)


def _stop(cause: str, number: int, exit_code: int, grace: float) -> NoReturn:
    ignore()  # a second one, as `timeout` and impatience send it, would break what ends in order
    # What is raised here can strike in the middle of an import or of a thread's start, and leave
    # a lock behind for ever. `_thread`, since `threading` has locks of its own.
    _thread.start_new_thread(_guard, (cause, exit_code, grace))
    _raised.append(InterruptedRunError(cause, number, exit_code))
    raise _raised[0]


def _unheard(lost: sys.UnraisableHookArgs) -> None:
    """Interrupt again, where it struck in what cannot raise, such as the end of an object."""
    error = lost.exc_value
    if isinstance(error, InterruptedRunError):

        def again(number: int, _: FrameType | None) -> NoReturn:
            signal.signal(number, signal.SIG_IGN)
            raise error

        signal.signal(error.signal_number, again)
        _thread.start_new_thread(_repeat, (error.signal_number,))
    else:
        sys.__unraisablehook__(lost)


def _repeat(number: int) -> None:
    """Send ourselves the signal, as soon as the main thread has gone on."""
    time.sleep(0.01)
    os.kill(os.getpid(), number)


def _guard(cause: str, exit_code: int, grace: float) -> None:
    """End the process where it has not ended by itself."""
    time.sleep(grace)
    os.write(2, f"abcjob: stopped by {cause}: the server rolls back what is left\n".encode())
    os._exit(exit_code)
