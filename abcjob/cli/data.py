"""`abcjob data clear JOB`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from abcjob import jobs
from abcjob.cli.options import job_argument, locked, options
from abcjob.cli.output import note

if TYPE_CHECKING:
    from abcjob.cli import Call


@click.group("data")
def COMMAND() -> None:  # noqa: N802
    """Empty a job's tables."""


@COMMAND.command("clear")
@job_argument
@options("database", "wait", "deadline")
def clear(call: Call, job: str) -> None:
    """Empty the job's tables, keep its schema. Safe to repeat."""
    chosen = jobs.load(job)
    with locked(call.settings(), chosen) as db:
        from abcjob.database import schemas

        is_there = schemas.exists(db, chosen)
        if is_there:
            schemas.clear(db, chosen)
    note(f"data of {job}: {'cleared' if is_there else 'there is no schema'}")
