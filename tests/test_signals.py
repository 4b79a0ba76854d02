"""A signal ends a run in order, whenever it comes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from terminal import FEW, one_line

from abcjob.cli.signals import GRACE
from abcjob.database.connection import connect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from abcjob.database.url import DatabaseUrl

    Program = Callable[..., subprocess.CompletedProcess[str]]

# Seconds within which a signal ends a command, whatever it is in the middle of: 5 are promised,
# which a machine with other work cannot keep; who ignores it stays for a minute.
PROMISED = 20

LISTENING = """
import signal, sys, time
from abcjob.cli.signals import listen
signal.signal(signal.SIGHUP, signal.Handlers[sys.argv[1]])
listen()

def stay():
    "A signal that comes in the moment in which a sleep begins is heard when it ends."
    for _ in range(600):
        time.sleep(0.1)
"""
# What a signal can run into in the depths of an import, once in some hundred times.
SWALLOWING = """
words = ["listening"]
while True:
    try:
        while words:
            print(words.pop(), flush=True)
        stay()
    except BaseException:
        pass
"""
UNHEARD = """
class Ending:
    def __del__(self):
        print("listening", flush=True)
        stay()
ending = Ending()
del ending
stay()
"""


def last_words(running: subprocess.Popen[str]) -> str:
    """What a program that was told to end says on stderr; killed, and a failure, if it is late."""
    try:
        return running.communicate(timeout=PROMISED)[1]
    except subprocess.TimeoutExpired:
        running.kill()
        raise


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("after", ["load", "model"])
def test_a_signal_ends_a_run_in_order(
    called: Program, url: DatabaseUrl, tmp_path: Path, number: signal.Signals, after: str
) -> None:
    """Exit code 143 or 130 within seconds, also while the server is busy; the old rows stay."""
    called("run", *FEW, "--quiet")
    environment = {"PATH": os.environ["PATH"], "ABCJOB_DATABASE_URL": url.libpq}
    doing = {"load": "copy%session%", "model": "insert into%company_month%"}[after]
    busy = (
        "select 1 from pg_stat_activity where datname = current_database() and state = 'active' "
        f"and pid <> pg_backend_pid() and query ilike '{doing}'"
    )
    with (
        connect(url) as db,
        subprocess.Popen(
            [sys.executable, "-m", "abcjob", "run", "--companies", "150000", "--quiet"],
            cwd=tmp_path,
            env=environment,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        ) as running,
    ):
        while db.query(busy).is_empty():
            assert running.poll() is None
            time.sleep(0.01)
        running.send_signal(number)
        said = last_words(running)
        assert running.returncode == 128 + number
        assert f"stopped by {number.name}" in one_line(said)
        assert db.query("select count(*) as n from abc.company")["n"][0] == 40
        assert db.query("select 1 from pg_namespace where nspname = 'abc_staging'").is_empty()
        last = db.query("select outcome, error from abcjob.run order by run_id desc limit 1")
        assert last["outcome"][0] == "failed"
        assert number.name in last["error"][0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_is_obeyed_at_any_moment(
    called: Program, url: DatabaseUrl, tmp_path: Path, number: signal.Signals
) -> None:
    """From the first import to the last line printed: the signal's exit code, or a whole run."""
    called("run", *FEW, "--quiet")
    for step in range(1, 11):
        with subprocess.Popen(
            [sys.executable, "-m", "abcjob", "run", "--quiet"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "ABCJOB_DATABASE_URL": url.libpq},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        ) as running:
            time.sleep(0.08 * step)
            with suppress(ProcessLookupError):
                os.killpg(running.pid, number)  # to all of them, as a terminal does
            said = last_words(running)
            # Killed outright before Python has come to our first line, or after our last.
            assert running.returncode in {0, 128 + number, -number}, said
            if running.returncode == 128 + number:
                assert f"stopped by {number.name}" in one_line(said)


SWALLOWED = """
import os, signal
from abcjob import cli

class Panic(BaseException): "As of a library in another language."

def strike(*_, **__):
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    except BaseException as error:
        raise KIND("cannot load module more than once per process") from error

cli.program.main = strike
cli.main([])
"""


@pytest.mark.parametrize("kind", ["ImportError", "Panic"])
def test_a_signal_is_told_whatever_is_made_of_it(kind: str) -> None:
    """What it strikes, such as an import, may raise an error of its own in its place."""
    command = [sys.executable, "-c", SWALLOWED.replace("KIND", kind)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 128 + signal.SIGTERM, ran.stderr
    assert "stopped by SIGTERM" in one_line(ran.stderr)


LEFT_BEHIND = """
import os, signal, threading, time
from abcjob import cli

def strike(*_, **__):
    threading.Thread(target=time.sleep, args=(60,)).start()
    os.kill(os.getpid(), signal.SIGTERM)

cli.program.main = strike
cli.main([])
"""


def test_a_thread_left_behind_is_not_waited_for() -> None:
    """One that a signal struck in its start is known to nobody who would end it."""
    command = [sys.executable, "-c", LEFT_BEHIND]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 128 + signal.SIGTERM, ran.stderr
    assert "stopped by SIGTERM" in one_line(ran.stderr)


def listening(then: str, hangup: str = "SIG_DFL") -> subprocess.Popen[str]:
    """A program that listens, then does so; `hangup` is how it finds SIGHUP handled."""
    running = subprocess.Popen(
        [sys.executable, "-c", LISTENING + then, hangup],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout
    assert running.stdout.readline() == "listening\n"
    return running


def test_what_cannot_end_in_order_is_ended() -> None:
    """A program that a signal left hanging ends too, with the signal's exit code and one line."""
    hanging = [
        (listening(SWALLOWING), number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    ]
    for running, number in hanging:
        running.send_signal(number)
    for running, number in hanging:
        with running:
            assert f"abcjob: stopped by {number.name}" in one_line(last_words(running))
            assert running.returncode == 128 + number


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_what_strikes_where_nothing_can_be_raised_is_raised_after(number: signal.Signals) -> None:
    """A signal that comes while an object ends is neither lost nor told of as ignored."""
    with listening(UNHEARD) as running:
        running.send_signal(number)
        said = last_words(running)
        assert "Exception ignored" not in said
        assert said.splitlines()[-1].startswith("abcjob.errors.InterruptedRunError: stopped by")


def test_a_closed_terminal_is_nothing_to_nohup() -> None:
    """Where SIGHUP was ignored from the start, it stays so; the other signals are heard."""
    with listening(SWALLOWING, "SIG_IGN") as running:
        running.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(GRACE + 1)
        running.send_signal(signal.SIGTERM)
        last_words(running)
        assert running.returncode == 128 + signal.SIGTERM
