"""`abcjob runs [JOB]`."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from abcjob.cli import output
from abcjob.cli.options import database, options
from abcjob.jobs import JOBS

if TYPE_CHECKING:
    from abcjob.cli import Call

_SHOWN = ("run", "job", "date", "started", "seconds", "outcome", "rows")


@click.command("runs")
@click.argument("job", type=click.Choice(list(JOBS)), metavar="[JOB]", required=False)
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    metavar="RUNS",
    help="How many runs to show, the last ones.",
)
@options("database", "format", "deadline")
def COMMAND(call: Call, job: str | None, limit: int, form: output.Form) -> None:  # noqa: N802 - the name by which a command is found
    """Show what ran, and how it ended.

    The last run first; times in UTC. JSON has the parameters besides, and every part, source, step
    and check of each run.
    """
    with database(call.settings()) as db:
        from abcjob.database import ledger, schemas

        runs = ledger.runs(db, job or "", limit) if schemas.has_ledger(db) else []
    if form == "json":
        output.print_rows(list(map(_whole, runs)), (), form)
        return
    columns = (*_SHOWN, "error") if form == "csv" else _SHOWN
    lines = [_line(run) for run in runs]
    output.print_rows([{name: line[name] for name in columns} for line in lines], columns, form)
    if form == "table":
        for line in lines:
            if line["error"]:
                output.say(f"run {line['run']}: {line['error']}")


def _line(run: dict[str, Any]) -> dict[str, Any]:
    """A run in the words of the table."""
    seconds = run["seconds"]
    return {
        "run": run["run_id"],
        "job": run["job"],
        "date": run["logical_date"],
        "started": f"{run['started_at']:%Y-%m-%d %H:%M:%S}",
        "seconds": None if seconds is None else Decimal(f"{seconds:.1f}"),
        "outcome": run["outcome"],
        "rows": run["loaded"],
        "error": run["error"],
    }


def _whole(run: dict[str, Any]) -> dict[str, Any]:
    """A run with all that the ledger knows of it."""
    detail: dict[str, Any] = json.loads(run.pop("detail"))
    return {**run, "started_at": run["started_at"].isoformat(), **detail}
