"""`abcjob kpi JOB [NAME ...]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from abcjob import jobs, settings
from abcjob.cli import output
from abcjob.cli.options import database, job_argument, options

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command("kpi")
@options("database_url", "format")
@job_argument
@click.argument("names", nargs=-1, metavar="[NAME ...]")
@click.pass_context
def COMMAND(  # noqa: N802 - the name by which a command is found
    ctx: click.Context,
    given: Mapping[str, Any],
    job: str,
    names: tuple[str, ...],
    form: output.Form,
) -> None:
    """Query what is loaded and print it; writes nothing.

    Without a NAME, every KPI of the job, in the order in which its report has them.
    """
    chosen = jobs.load(job)
    unknown = [name for name in names if name not in chosen.kpis]
    if unknown:
        ctx.fail(f"no such KPI {unknown[0]!r}, expected one of {', '.join(chosen.kpis)}")
    with database(settings.load(given)) as db:
        from abcjob.run import kpis

        found = kpis(chosen, names, db)
    output.print_kpis(chosen, found, form)
