"""`abcjob db start|stop|status|url|psql`."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import click

from abcjob.cli.options import embedded, options
from abcjob.cli.output import note, say

if TYPE_CHECKING:
    from pathlib import Path

    from abcjob.cli import Call


@click.group("db")
def COMMAND() -> None:  # noqa: N802
    """Start, stop or open the embedded server.

    A run starts it when it needs it, and stops it after; `start` lets it run until `stop`.
    """


@COMMAND.command("start")
@options()
def start(call: Call) -> None:
    """Start the server and let it run. Safe to repeat."""
    server = embedded(call.settings())
    server.start()
    note(f"running in {server.home}; `abcjob db stop` stops it")


@COMMAND.command("stop")
@options()
def stop(call: Call) -> None:
    """Stop the server. Safe to repeat."""
    embedded(call.settings()).stop()
    note("stopped")


@COMMAND.command("status")
@options()
def status(call: Call) -> None:
    """Say whether the server is running, where, and which PostgreSQL it is."""
    server = embedded(call.settings())
    say("running" if server.is_running() else "stopped")
    say(f"data: {server.home}")
    say(f"log: {server.log}")
    say(f"PostgreSQL {server.binaries.version()} from {server.binaries.origin}")


@COMMAND.command("url")
@options()
def url(call: Call) -> None:
    """Print a URL with which psql connects as the owner; starts the server if need be."""
    server = embedded(call.settings())
    was_running = server.is_running()
    server.start()  # also where a run has it running: the URL is to outlive the run
    if not was_running:
        note("started the embedded server; `abcjob db stop` stops it")
    say(server.url.libpq)


@COMMAND.command("psql", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def psql(call: Call, arguments: tuple[str, ...]) -> None:
    """Open psql as the owner; ARGUMENTS are psql's own."""
    server = embedded(call.settings())
    with server.used() as address:
        command: list[str | Path] = [server.binaries.folder / "psql", address.libpq, *arguments]
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for psql, which stops a query
        ended = subprocess.run(command, check=False)  # noqa: S603
    sys.exit(ended.returncode)
