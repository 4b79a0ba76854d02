"""`abcjob schema create|drop JOB`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from abcjob import jobs
from abcjob.cli.options import job_argument, locked, options
from abcjob.cli.output import note

if TYPE_CHECKING:
    from abcjob.cli import Call


@click.group("schema")
def COMMAND() -> None:  # noqa: N802
    """Create or drop a job's tables."""


@COMMAND.command("create")
@job_argument
@options("database", "wait", "deadline")
def create(call: Call, job: str) -> None:
    """Make the job's tables, empty. Safe to repeat."""
    chosen = jobs.load(job)
    with locked(call.settings(), chosen, makes=True) as db:
        from abcjob.database import schemas

        made = schemas.ensure(db, chosen)
    note(f"schema {job}: {'made' if made else 'is there already'}")


@COMMAND.command("drop")
@job_argument
@options("database", "wait", "deadline")
def drop(call: Call, job: str) -> None:
    """Drop the job's tables with all they hold; the run ledger stays. Safe to repeat."""
    chosen = jobs.load(job)
    with locked(call.settings(), chosen) as db:
        from abcjob.database import schemas

        dropped = schemas.drop(db, chosen)
    note(f"schema {job}: {'dropped' if dropped else 'there is none'}")
