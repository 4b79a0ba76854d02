"""`abcjob run [JOB]`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from abcjob import jobs
from abcjob.cli import output, progress, summary
from abcjob.cli.options import database, options, today
from abcjob.cli.per_job import JobCommand, PerJob, with_parameters
from abcjob.job import options as parameters_of

if TYPE_CHECKING:
    from datetime import date

    from abcjob.cli import Call
    from abcjob.job import Job


class _Jobs(PerJob):
    default = jobs.DEFAULT

    def make(self, job: Job) -> click.Command:
        """The command that runs `job`."""
        return _command(job)


def _command(job: Job) -> click.Command:
    """The command that runs `job`."""
    own = parameters_of(job.parameters)

    @click.option("--dry-run", is_flag=True, help="Stop before publishing; print the counts.")
    @options("date", "database", "reports", "templates", "wait", "deadline", "format", "quiet")
    def run(call: Call, **values: Any) -> None:
        mine = {name: values.pop(name) for name in own}
        _run(call, job, job.parameters(**mine), **values)

    command: Any = run
    made = click.command(job.name, JobCommand, help=f"{jobs.JOBS[job.name]}.")
    return made(with_parameters(own, command))


def _run(
    call: Call,
    job: Job,
    parameters: Any,
    *,
    day: date | None,
    form: output.Form,
    dry_run: bool,
) -> None:
    from abcjob.render.charts import ChartPainter

    begin = time.perf_counter()
    day = day or today()
    # The process that draws charts takes a while to warm up: first of all.
    with ChartPainter() as painter:
        found = call.settings()
        with database(found, job, quiet=call.quiet) as db:
            from abcjob.render.page import Pages
            from abcjob.run import Desk, run

            pages = Pages(found.templates, found.presentation)
            with progress.told(is_quiet=call.quiet) as tell:
                outcome = run(
                    job,
                    parameters,
                    day,
                    db,
                    Desk(found.reports, pages, painter, jobs.load_all()),
                    wait=found.wait,
                    dry_run=dry_run,
                    tell=tell,
                )
    if dry_run:
        output.print_counts(job, outcome.rows, form)
    else:
        output.print_kpis(job, outcome.kpis, form, found.locale, day, is_excerpt=True)
    if not call.quiet:
        summary.tell(job, outcome, time.perf_counter() - begin, is_dry=dry_run)
    if outcome.failure is not None:
        raise outcome.failure


COMMAND = _Jobs(
    "run",
    help="Get a job's rows, load them, print the KPIs, write the report.\n\n"
    f"JOB is {jobs.DEFAULT} where none is named. `abcjob run JOB --help` tells a job's options.",
    subcommand_metavar="[JOB] [OPTIONS]",
    options_metavar="",
)
