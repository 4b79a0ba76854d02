"""`abcjob run [JOB]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from abcjob import jobs
from abcjob.cli import output
from abcjob.cli.options import database, options, today
from abcjob.job import options as parameters_of

if TYPE_CHECKING:
    from datetime import date

    from abcjob.cli import Call
    from abcjob.job import Job, Option
    from abcjob.run import Step


class _Value(click.ParamType[Any]):
    """A job's parameter, read by the job's own parser."""

    def __init__(self, option: Option) -> None:
        self.name = option.metavar
        self._parse = option.parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value; what cannot be parsed is a usage error that says what was expected."""
        try:
            return self._parse(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(f"got {value!r}, expected {error}", param, ctx)


class _Jobs(click.Group):
    """A subcommand for each job, with the job's parameters as options; without one, the default."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default job in front of options that follow on no job."""
        asks_help = bool(args) and args[0] in ctx.help_option_names
        if not asks_help and (not args or args[0].startswith("-")):
            args = [jobs.DEFAULT, *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The jobs."""
        return list(jobs.JOBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command that runs a job."""
        if cmd_name not in jobs.JOBS:
            ctx.fail(f"no such job {cmd_name!r}, expected one of {', '.join(jobs.JOBS)}")
        return _command(jobs.load(cmd_name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list in help."""
        with formatter.section("Jobs"):
            formatter.write_dl(list(jobs.JOBS.items()))


def _command(job: Job) -> click.Command:
    """The command that runs `job`."""
    own = parameters_of(job.parameters)

    @click.option("--dry-run", is_flag=True, help="Stop before publishing; print the counts.")
    @options("date", "database", "reports", "templates", "wait", "format", "quiet")
    def run(call: Call, **values: Any) -> None:
        mine = {name: values.pop(name) for name in own}
        _run(call, job, job.parameters(**mine), **values)

    command: Any = run
    for name, (option, default) in reversed(own.items()):
        command = click.option(
            f"--{name.replace('_', '-')}",
            type=_Value(option),
            default=option.show(default),
            metavar=option.metavar,
            show_default=True,
            help=f"{option.help[:1].upper()}{option.help[1:]}.",
        )(command)
    return click.command(job.name, help=f"{jobs.JOBS[job.name]}.")(command)


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
        with database(found) as db:
            from abcjob.render.page import Pages
            from abcjob.run import Desk, run

            outcome = run(
                job,
                parameters,
                day or today(),
                db,
                Desk(found.reports, Pages(found.templates), painter),
                wait=found.wait,
                dry_run=dry_run,
                tell=_silent if call.quiet else _tell,
            )
    if dry_run:
        output.print_counts(outcome.loaded, form)
        return
    output.print_kpis(job, outcome.kpis, form)
    if outcome.failure is not None:
        raise outcome.failure
    if not call.quiet:
        output.note(f"wrote {' and '.join(map(str, outcome.reports))}")


def _tell(step: Step) -> None:
    """A line for each step, on stderr."""
    rows = "" if step.rows is None else f"{step.rows:,} rows"
    rate = f"{step.rows / step.seconds:,.0f}/s" if step.name == "load" and step.rows else ""
    output.note(f"{step.name:<8} {rows:>18} {step.seconds:8.2f} s {rate:>14}".rstrip())


def _silent(_: Step) -> None:
    return


COMMAND = _Jobs(
    "run",
    help="Get a job's rows, load them, print the KPIs, write the report.\n\n"
    f"JOB is {jobs.DEFAULT} where none is named. `abcjob run JOB --help` tells a job's options.",
    subcommand_metavar="[JOB] [OPTIONS]",
    options_metavar="",
)
