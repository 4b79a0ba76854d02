"""`abcjob reports list|open|prune`."""

from __future__ import annotations

import textwrap
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from abcjob import jobs
from abcjob.cli import output
from abcjob.cli.options import options
from abcjob.cli.output import note, say
from abcjob.errors import NothingLoadedError, ReportError, SettingsError
from abcjob.outside import visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from abcjob.cli import Call
    from abcjob.stages.shelf import Report

_BRIEF = 80  # characters of a headline in the table: three lines of it in a terminal's width
_SHOWN = ("date", "job", "file", "headline")

_job = click.argument("job", type=click.Choice(list(jobs.JOBS)), metavar="[JOB]", required=False)


@click.group("reports")
def COMMAND() -> None:  # noqa: N802
    """List the reports, open one, or delete old ones.

    They are those of the folder, whatever the database holds.
    """


@COMMAND.command("list")
@_job
@options("reports", "format")
def list_(call: Call, job: str | None, form: output.Form) -> None:
    """List the reports, newest first, each with what it comes to.

    JSON has each one's figures and files besides.
    """
    folder = call.settings().reports
    found = _reports(folder, job)
    rows = list(map(_line, found))
    if form == "table":
        from abcjob.render.tables import Heading, Table

        headings = tuple(Heading("", name, is_number=False) for name in _SHOWN)
        for row in rows:
            row["headline"] = textwrap.shorten(row["headline"], _BRIEF, placeholder=" …")
        cells = tuple(tuple(row[name] for name in _SHOWN) for row in rows)
        output.print_table(f"Reports in {visible(str(folder))}", Table(headings, cells))
    elif form == "csv":
        output.print_rows([{name: row[name] for name in _SHOWN} for row in rows], _SHOWN, form)
    else:
        output.print_rows(rows, (), form)


@COMMAND.command("open")
@_job
@options("reports", "date")
def open_(call: Call, job: str | None, day: date | None) -> None:
    """Open the newest report in a browser, or that of a date, and print where it is."""
    import webbrowser

    folder = call.settings().reports
    found = _reports(folder, job)
    chosen = next((report for report in found if day in {None, report.day}), None)
    if chosen is None:
        asked = f"{f' of {job}' if job else ''}{f' of {day}' if day else ''}"
        there = f"the newest is of {found[0].day}" if found else "there is none at all"
        raise NothingLoadedError(
            f"opening the report{asked}: {folder} has none, {there}; `abcjob reports list` tells "
            f"which there are, `abcjob run {job or jobs.DEFAULT}` makes one"
        )
    page = chosen.files[0]
    if chosen.problem:
        raise NothingLoadedError(
            f"opening the report {page}: {chosen.problem}, expected a page; delete it, then "
            f"`abcjob report {chosen.job.name} --date {chosen.day}` makes it again"
        )
    say(visible(str(page)))
    if not webbrowser.open(page.absolute().as_uri()):
        note("found no browser here to open it in; BROWSER may name one")


@COMMAND.command("prune")
@_job
@click.option(
    "--keep",
    type=click.IntRange(1),
    required=True,
    metavar="N",
    help="How many reports of each job stay, the newest.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be deleted; delete nothing.")
@options("reports", "templates")
def prune(call: Call, job: str | None, keep: int, dry_run: bool) -> None:
    """Delete all but the newest reports of each job, and write the index anew.

    With a report go its Markdown and its CSV; every file that is deleted is printed. What is no
    report of a job by its name, or no file but a link or a pipe, is never touched.
    """
    from abcjob.render.page import Pages
    from abcjob.stages import shelf

    found = call.settings()
    pages = Pages(found.templates, found.presentation)
    old = shelf.surplus(_reports(found.reports, job), keep)
    if dry_run:
        _tell("would delete", old, [path for report in old for path in report.files])
        return
    gone: list[Path] = []
    with ExitStack() as after:  # also where one cannot be deleted
        after.callback(_tell, "deleted", old, gone)
        after.callback(shelf.write_index, found.reports, jobs.load_all(), pages)
        gone.extend(shelf.remove(old))


def _tell(what: str, old: Sequence[Report], paths: Sequence[Path]) -> None:
    """Print the paths, and how many they are."""
    if paths:
        say("\n".join(visible(str(path)) for path in paths))
    of = [report for report in old if set(report.files) & set(paths)]
    note(f"{what} {_counted(paths, 'file')} of {_counted(of, 'report')}")


def _counted(things: Sequence[object], name: str) -> str:
    return f"{len(things):,} {name}{'' if len(things) == 1 else 's'}"


def _reports(folder: Path, job: str | None) -> tuple[Report, ...]:
    """The reports in the folder, of one job or of all.

    Raises:
        SettingsError: there is no such folder.
        ReportError: it cannot be read.
    """
    from abcjob.stages import shelf

    try:
        return shelf.reports(folder, (jobs.load(job),) if job else jobs.load_all())
    except ReportError as error:
        if not isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
            raise
        raise SettingsError(
            f"looking for reports: {folder} is no folder; correct --reports, or make a report "
            f"with `abcjob run {job or jobs.DEFAULT}`"
        ) from error


def _line(report: Report) -> dict[str, Any]:
    """A report in the words of the list."""
    told = report.headline.sentence
    return {
        "date": str(report.day),
        "job": report.job.name,
        "file": str(report.files[0]),
        "headline": f"cannot be read: {report.problem}" if report.problem else told,
        "title": report.headline.title,
        "figures": dict(report.headline.figures),
        "files": list(map(str, report.files)),
    }
