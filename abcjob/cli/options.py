"""The options that several commands share, and what they open."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from abcjob.cli.output import note
from abcjob.cli.signals import listen
from abcjob.errors import doing
from abcjob.jobs import JOBS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from abcjob.database.connection import Connection
    from abcjob.database.embedded import EmbeddedServer
    from abcjob.database.url import DatabaseUrl
    from abcjob.job import Job
    from abcjob.settings import Settings

    Command = Callable[..., None]


class Day(click.ParamType[date]):
    """A date written YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date; anything else is a usage error."""
        found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", value)
        try:
            return date(*map(int, found.groups() if found else ()))
        except (TypeError, ValueError):
            self.fail(f"got {value!r}, expected a date as YYYY-MM-DD", param, ctx)


class Month(click.ParamType[date]):
    """A month written YYYY-MM: its first day."""

    name = "YYYY-MM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date; anything else is a usage error."""
        found = re.fullmatch(r"([0-9]{4})-([0-9]{2})", value)
        try:
            return date(*map(int, (*found.groups(), 1) if found else ()))
        except (TypeError, ValueError):
            self.fail(f"got {value!r}, expected a month as YYYY-MM", param, ctx)


def _keep(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Put a setting where `Call.settings` finds it."""
    ctx.obj.given[parameter.name] = value


def _mark(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    """Set a mark of the call's."""
    setattr(ctx.obj, str(parameter.name), value)


_setting = partial(click.option, expose_value=False, callback=_keep)
_mark_option = partial(click.option, is_flag=True, expose_value=False, callback=_mark)

_OPTIONS = {
    "database": _setting(
        "--database",
        "database_url",
        metavar="URL",
        help="PostgreSQL server to use, or a database of the embedded one; without any, that.",
    ),
    "reports": _setting("--reports", metavar="DIR", help="Where reports go; by default, reports."),
    "templates": _setting(
        "--templates", metavar="DIR", help="Templates that override the program's."
    ),
    "wait": _setting(
        "--wait",
        type=float,
        metavar="SECONDS",
        help="How long to wait for another run of the job; by default, 10.",
    ),
    "deadline": _setting(
        "--deadline",
        type=float,
        metavar="SECONDS",
        help="End it after so long, whatever it waits for, with exit code 124.",
    ),
    "date": click.option(
        "--date", "day", type=Day(), metavar="YYYY-MM-DD", help="Date that the report bears."
    ),
    "format": click.option(
        "--format",
        "form",
        type=click.Choice(["table", "json", "csv"]),
        default="table",
        show_default=True,
        help="How the result is printed.",
    ),
    "verbose": _mark_option("--verbose", help="Tracebacks with errors."),
    "quiet": _mark_option("--quiet", help="No progress."),
}


def options(*names: str) -> Callable[[Command], Command]:
    """The options of those names, and `--verbose`; the command is handed the `Call` first."""

    def decorate(command: Command) -> Command:
        decorated: Command = click.pass_obj(command)
        for name in reversed((*names, "verbose")):
            decorated = _OPTIONS[name](decorated)
        return decorated

    return decorate


job_argument = click.argument("job", type=click.Choice(list(JOBS)), metavar="JOB")


def today() -> date:
    """The day it is, UTC."""
    return datetime.now(UTC).date()


def embedded(found: Settings) -> EmbeddedServer:
    """The embedded server that the settings name."""
    from abcjob.database.embedded import EmbeddedServer, default_home

    return EmbeddedServer((found.home or default_home()).absolute(), found.pg_bin)


@contextmanager
def database(
    found: Settings, job: Job | None = None, *, quiet: bool = False
) -> Iterator[Connection]:
    """A connection to the server that the settings name; the embedded one is started for it.

    Args:
        found: the settings. A name alone, not a URL, is a database of the embedded server's.
        job: whose own database is made where the settings name it and it is missing.
        quiet: do not say that connecting is tried again.

    Raises:
        SettingsError: a URL that is none.
        DatabaseError: the embedded server does not start, or the server cannot be reached.
    """
    from abcjob.database import url

    named = found.database_url
    if named is not None and not url.is_name(named):
        with _connected(url.parse(named), found, job, quiet=quiet) as db:
            yield db
    else:
        with embedded(found).used() as own:
            address = own if named is None else replace(own, database=named)
            with _connected(address, found, job, quiet=quiet) as db:
                yield db


def _connected(
    address: DatabaseUrl, found: Settings, job: Job | None, *, quiet: bool
) -> Connection:
    from abcjob.database.connection import connect, connect_or_make

    is_own = job is not None and job.database == address.database
    tell = (lambda _: None) if quiet else note
    connection = (connect_or_make if is_own else connect)(address, found.connect, tell)
    listen()
    return connection


@contextmanager
def locked(found: Settings, job: Job, *, makes: bool = False) -> Iterator[Connection]:
    """A connection that holds the job's lock: no run is under way.

    Args:
        found: the settings.
        job: the job.
        makes: as `database`, the job's own database where it is missing.

    Raises:
        LockHeldError: one is, and did not end while we waited.
    """
    with database(found, job if makes else None) as db:
        from abcjob.database import ledger

        with doing(f"changing the tables of {job.name}", "mend that, then repeat the command"):
            ledger.lock(db, job, found.wait)
            yield db
