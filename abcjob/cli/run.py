"""`abcjob run [JOB]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from abcjob import jobs
from abcjob.cli import output
from abcjob.cli.options import database, options, today
from abcjob.cli.per_job import JobCommand, PerJob, with_parameters
from abcjob.job import WHOLE
from abcjob.job import options as parameters_of

if TYPE_CHECKING:
    from datetime import date

    from abcjob.book import Remark, Step
    from abcjob.cli import Call
    from abcjob.job import Job


_BULK = {"load", "settle", "model"}  # the steps that go through rows


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

    # The process that draws charts takes a while to warm up: first of all.
    with ChartPainter() as painter:
        found = call.settings()
        with database(found, job, quiet=call.quiet) as db:
            from abcjob.render.page import Pages
            from abcjob.run import Desk, run

            outcome = run(
                job,
                parameters,
                day or today(),
                db,
                Desk(found.reports, Pages(found.templates), painter, jobs.load_all()),
                wait=found.wait,
                dry_run=dry_run,
                tell=_silent if call.quiet else _tell,
            )
    if dry_run:
        output.print_counts(job, outcome.rows, form)
    else:
        output.print_kpis(job, outcome.kpis, form)
    if outcome.reports and not call.quiet:
        output.note(f"wrote {' and '.join(map(str, outcome.reports))}")
    if outcome.failure is not None:
        raise outcome.failure


def _tell(told: Step | Remark) -> None:
    """A line for each step and remark, on stderr."""
    from abcjob.book import Step

    if not isinstance(told, Step):
        output.note(told.text if told.part == WHOLE else f"{told.part}: {told.text}")
        return
    rows = "" if told.rows is None else f"{told.rows:,} rows"
    rate = f"{told.rows / told.seconds:,.0f}/s" if told.name in _BULK and told.rows else ""
    part = "" if told.part == WHOLE else f"  {told.part}"
    output.note(f"{told.name:<8} {rows:>18} {told.seconds:8.2f} s {rate:>14}{part}".rstrip())


def _silent(_: Step | Remark) -> None:
    return


COMMAND = _Jobs(
    "run",
    help="Get a job's rows, load them, print the KPIs, write the report.\n\n"
    f"JOB is {jobs.DEFAULT} where none is named. `abcjob run JOB --help` tells a job's options.",
    subcommand_metavar="[JOB] [OPTIONS]",
    options_metavar="",
)
