"""`abcjob quarantine JOB`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from abcjob import jobs
from abcjob.cli import output
from abcjob.cli.options import database, job_argument, options
from abcjob.errors import NothingLoadedError
from abcjob.outside import visible

if TYPE_CHECKING:
    from abcjob.cli import Call
    from abcjob.database.connection import Connection
    from abcjob.job import Job
    from abcjob.stages.quarantine import Origin

_SHOWN = ("part", "line_number", "state", "error")


@click.command("quarantine")
@job_argument
@click.option("--part", default="", metavar="NAME", help="Of one part alone, such as a customer.")
@click.option(
    "--limit",
    type=click.IntRange(0),
    default=100,
    show_default=True,
    metavar="ROWS",
    help="How many rows to list.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write all of them to files of this folder, as they came.",
)
@options("database", "format", "deadline")
def COMMAND(  # noqa: N802 - the name by which a command is found
    call: Call, job: str, part: str, limit: int, out: Path | None, form: output.Form
) -> None:
    """List rejected and waiting rows and why, or write them out.

    They are those of the files that are loaded, and of files refused last. JSON and CSV have each
    row as it came, and its rules.
    """
    chosen = jobs.load(job)
    if not chosen.has_quarantine:
        raise click.UsageError(f"the job {job} takes in no rows that could be rejected")
    with database(call.settings()) as db:
        from abcjob.database import schemas

        if not schemas.exists(db, chosen):
            raise NothingLoadedError(
                f"reading {job}: nothing is loaded yet; run `abcjob run {job}` first"
            )
        if out is None:
            _list(chosen, db, part, limit, form)
        else:
            _write(chosen, db, part, out)


def _list(job: Job, db: Connection, part: str, limit: int, form: output.Form) -> None:
    from abcjob.stages import quarantine

    found = quarantine.listed(job, db, part, limit)
    if found.is_empty() and limit:
        _say_that_there_are_none(job, part)
    shown = found.select(_SHOWN) if form == "table" else found
    rows = shown.to_dicts()
    if form == "json":
        rows = [row | {"failed_rules": json.loads(row["failed_rules"])} for row in rows]
    output.print_rows(rows, shown.columns, form)
    total = sum(origin.rows for origin in quarantine.origins(job, db, part))
    if total > found.height:
        output.note(f"{found.height:,} of {total:,} rows; --limit lists more, --out writes all")


def _write(job: Job, db: Connection, part: str, folder: Path) -> None:
    from abcjob.render import files
    from abcjob.stages import quarantine

    origins = quarantine.origins(job, db, part)
    if not origins:
        _say_that_there_are_none(job, part)
    names = [_named(origin) for origin in origins]
    paths = [
        # A file may have been refused that has the name of the one that is loaded; and one may be
        # for two tables. Their name stays: it may say what is in them.
        folder / ("" if names.count(name) == 1 else f"{o.digest[:8]}-{o.part}-{o.input}") / name
        for o, name in zip(origins, names, strict=True)
    ]
    files.create({p: quarantine.original(job, db, o) for p, o in zip(paths, origins, strict=True)})
    for path, origin in zip(paths, origins, strict=True):
        output.say(visible(f"{path}: {origin.rows:,} rows"))


def _named(origin: Origin) -> str:
    """A name for a file, and for nothing above it: of an address, the last piece."""
    name = origin.source.rpartition("/")[2].removesuffix(".gz")
    return origin.input if name in {"", ".", ".."} else name


def _say_that_there_are_none(job: Job, part: str) -> None:
    of = f"part {part} of {job.name}" if part else job.name
    output.note(
        f"no rejected or waiting rows of {of}; `abcjob kpi {job.name}` tells what is loaded"
    )
