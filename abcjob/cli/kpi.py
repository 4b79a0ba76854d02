"""`abcjob kpi JOB [NAME ...]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from abcjob import jobs
from abcjob.cli import output
from abcjob.cli.options import Month, database, job_argument, options

if TYPE_CHECKING:
    from datetime import date

    from abcjob.cli import Call


@click.command("kpi")
@job_argument
@click.argument("names", nargs=-1, metavar="[NAME ...]")
@click.option(
    "--compare",
    type=Month(),
    nargs=2,
    metavar="YYYY-MM YYYY-MM",
    help="Compare two months: the second against the first, by KPIs that are told by month.",
)
@options("database", "format", "deadline")
def COMMAND(  # noqa: N802 - the name by which a command is found
    call: Call,
    job: str,
    names: tuple[str, ...],
    compare: tuple[date, date] | None,
    form: output.Form,
) -> None:
    """Query what is loaded and print it; writes nothing.

    Without a NAME, every KPI of the job, in the order in which its report has them.
    """
    if compare and compare[0] == compare[1]:
        raise click.UsageError(f"--compare got {str(compare[0])[:7]} twice, expected two months")
    chosen = jobs.load(job)
    unknown = [name for name in names if name not in chosen.kpis]
    if unknown:
        raise click.UsageError(
            f"no such KPI {unknown[0]!r}, expected one of {', '.join(chosen.kpis)}"
        )
    settings = call.settings()
    with database(settings) as db:
        from abcjob.run import kpis

        day, found = kpis(chosen, names, db)
    if compare:
        from abcjob.stages.compare import compared

        against = compared(chosen, found, *compare)
        output.print_compared(chosen, against, form, *compare, settings.locale)
    else:
        output.print_kpis(chosen, found, form, settings.locale, day)
