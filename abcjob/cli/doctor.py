"""`abcjob doctor`."""

from __future__ import annotations

import os
import platform
import shutil
from importlib import metadata
from operator import attrgetter
from typing import TYPE_CHECKING

import click

from abcjob import __version__
from abcjob.cli.options import database, embedded, options
from abcjob.cli.output import say
from abcjob.errors import AbcjobError

if TYPE_CHECKING:
    from collections.abc import Callable

    from abcjob.cli import Call
    from abcjob.settings import Settings

_PACKAGES = ("polars", "pyarrow", "adbc-driver-postgresql", "jinja2", "vl-convert-python")
_ENOUGH_DISK = 2**30  # bytes: a default run takes 60 MB with its cluster


@click.command("doctor")
@options("database", "reports")
def COMMAND(call: Call) -> None:  # noqa: N802
    """Say what works here and what does not, with remedies.

    Ends with the exit code of the first thing that does not.
    """
    versions = ", ".join(f"{name} {_version(name)}" for name in _PACKAGES)
    say(f"ok    abcjob {__version__}, Python {platform.python_version()}, {versions}")
    found = call.settings()
    checks = (_database, _reports, _disk)
    codes = [_checked(check, found) for check in checks]
    for name, origin in found.origins.items():
        say(f"      {name} = {_shown(found, name)} ({origin})")
    raise click.exceptions.Exit(next(filter(None, codes), 0))


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing: run ./build.sh"


def _checked(check: Callable[[Settings], str], found: Settings) -> int:
    try:
        say(f"ok    {check(found)}")
    except AbcjobError as error:
        say(f"FAIL  {error}")
        return error.exit_code
    return 0


def _database(found: Settings) -> str:
    with database(found) as db:
        version = db.server_version()
    if not _is_embedded(found):
        return f"PostgreSQL {version} at {_shown(found, 'database_url')}"
    server = embedded(found)
    return f"PostgreSQL {version}, embedded, in {server.home}, programs of {server.binaries.origin}"


def _reports(found: Settings) -> str:
    from abcjob.render import files

    files.check_writable(found.reports)
    return f"reports can be written to {found.reports.absolute()}"


def _disk(found: Settings) -> str:
    if not _is_embedded(found):
        return "the embedded server is not in use"
    home = embedded(found).home
    there = next(folder for folder in (home, *home.parents) if os.path.isdir(folder))
    free = shutil.disk_usage(there).free
    said = f"{free / 2**30:.1f} GiB free for the embedded server at {there}"
    if free < _ENOUGH_DISK:
        raise AbcjobError(
            f"{said}, expected 1 or more; make room, or name a folder with ABCJOB_HOME"
        )
    return said


def _is_embedded(found: Settings) -> bool:
    from abcjob.database import url

    return found.database_url is None or url.is_name(found.database_url)


def _shown(found: Settings, name: str) -> str:
    value = attrgetter(name)(found)
    if name == "database_url" and not _is_embedded(found):
        from abcjob.database import url

        try:
            return str(url.parse(value))
        except AbcjobError:
            return "malformed"
    if isinstance(value, dict):
        return ", ".join(map(" ".join, value.items())) or "not set"
    return "not set" if value is None else str(value)
