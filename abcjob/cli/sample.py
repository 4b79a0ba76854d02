"""`abcjob sample JOB --out DIR`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from abcjob.cli import output
from abcjob.cli.options import options, today
from abcjob.cli.per_job import PerJob, with_parameters
from abcjob.job import options as parameters_of

if TYPE_CHECKING:
    from datetime import date

    from abcjob.cli import Call
    from abcjob.job import Job, Sample


class _Samples(PerJob):
    def make(self, job: Job) -> click.Command | None:
        """The command that makes a sample for `job`."""
        return _command(job, job.sample) if job.sample else None


def _command(job: Job, made: Sample) -> click.Command:
    own = parameters_of(made.parameters)

    @click.option(
        "--out",
        type=click.Path(path_type=Path, file_okay=False),
        required=True,
        metavar="DIR",
        help="Where the files go; none that is there is replaced.",
    )
    @options("date", "format", "quiet")
    def sample(call: Call, out: Path, day: date | None, form: output.Form, **values: Any) -> None:
        told = made.write(made.parameters(**values), day or today(), out)
        output.print_rows(told.to_dicts(), told.columns, form)
        if not call.quiet:
            output.note(f"wrote a sample to {out}, with what is wrong in it as told")

    command: Any = sample
    text = f"Write input files to try the job {job.name} with, and say what is wrong in them."
    return click.command(job.name, help=text)(with_parameters(own, command))


COMMAND = _Samples(
    "sample",
    help="Write input files to try a job with.",
    subcommand_metavar="JOB --out DIR [OPTIONS]",
    options_metavar="",
)
