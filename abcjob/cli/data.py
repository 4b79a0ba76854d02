"""`abcjob data clear JOB`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from abcjob import jobs, settings
from abcjob.cli.options import job_argument, locked, options

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.group("data")
def COMMAND() -> None:  # noqa: N802
    """Empty a job's tables."""


@COMMAND.command("clear")
@options("database_url", "wait")
@job_argument
def clear(given: Mapping[str, Any], job: str) -> None:
    """Empty the job's tables, keep its schema. Safe to repeat."""
    chosen = jobs.load(job)
    with locked(settings.load(given), chosen) as db:
        from abcjob.database import schemas

        is_there = schemas.exists(db, chosen)
        if is_there:
            schemas.clear(db, chosen)
    click.echo(f"data of {job}: {'cleared' if is_there else 'there is no schema'}", err=True)
