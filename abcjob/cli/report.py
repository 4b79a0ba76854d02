"""`abcjob report JOB`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from abcjob import jobs
from abcjob.cli.options import database, job_argument, options
from abcjob.cli.output import say

if TYPE_CHECKING:
    from datetime import date

    from abcjob.cli import Call


@click.command("report")
@job_argument
@options("date", "database", "reports", "templates", "deadline")
def COMMAND(call: Call, job: str, day: date | None) -> None:  # noqa: N802
    """Render the report again from what is loaded.

    It bears the date of the last published run, if no --date is given.
    """
    from abcjob.render.charts import ChartPainter

    with ChartPainter() as painter:
        found = call.settings()
        with database(found) as db:
            from abcjob.render.page import Pages
            from abcjob.run import Desk, render

            pages = Pages(found.templates, found.presentation)
            desk = Desk(found.reports, pages, painter, jobs.load_all())
            written = render(jobs.load(job), day, db, desk)
    say("\n".join(map(str, written)))
