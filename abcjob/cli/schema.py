"""`abcjob schema create|drop JOB`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from abcjob import jobs, settings
from abcjob.cli.options import job_argument, locked, options

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.group("schema")
def COMMAND() -> None:  # noqa: N802
    """Create or drop a job's tables."""


@COMMAND.command("create")
@options("database_url", "wait")
@job_argument
def create(given: Mapping[str, Any], job: str) -> None:
    """Make the job's tables, empty. Safe to repeat."""
    chosen = jobs.load(job)
    with locked(settings.load(given), chosen) as db:
        from abcjob.database import schemas

        made = schemas.ensure(db, chosen)
    click.echo(f"schema {job}: {'made' if made else 'is there already'}", err=True)


@COMMAND.command("drop")
@options("database_url", "wait")
@job_argument
def drop(given: Mapping[str, Any], job: str) -> None:
    """Drop the job's tables with all they hold; the run ledger stays. Safe to repeat."""
    chosen = jobs.load(job)
    with locked(settings.load(given), chosen) as db:
        from abcjob.database import schemas

        dropped = schemas.drop(db, chosen)
    click.echo(f"schema {job}: {'dropped' if dropped else 'there is none'}", err=True)
