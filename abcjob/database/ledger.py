"""The run ledger, in the same database as the rows: what ran, and how it ended."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from abcjob import sqlfile
from abcjob.errors import DatabaseError, LockHeldError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from abcjob.database.connection import Connection
    from abcjob.job import Job

_SQL = sqlfile.statements("engine", "ledger")
_POLL_SECONDS = 0.1

Outcome = Literal["published", "dry run", "failed"]


@dataclass(frozen=True)
class CheckResult:
    """One check's result; it passed where `violations` is 0."""

    name: str
    severity: str
    violations: int


@dataclass(frozen=True)
class Published:
    """The run whose rows readers see.

    Attributes:
        logical_date: the date it was given.
        parameters: the job's, as on the command line.
        read, loaded: rows by input, in the job's order.
        checks: by name.
        is_cleared: the tables were emptied since.
    """

    logical_date: date
    parameters: Mapping[str, str]
    read: Mapping[str, int]
    loaded: Mapping[str, int]
    checks: tuple[CheckResult, ...]
    is_cleared: bool = False


def lock(db: Connection, job: Job, wait: float) -> None:
    """Take the job's lock; the server gives it up when the connection ends, however that is.

    Args:
        db: the connection that is to hold it.
        job: the job.
        wait: for how many seconds to try.

    Raises:
        LockHeldError: another run held it all the while.
    """
    give_up = time.monotonic() + wait
    while not db.query(_SQL["lock"], job.name)["is_mine"][0]:
        if time.monotonic() >= give_up:
            raise LockHeldError(
                f"taking the lock of {job.name}: {_holder(db, job)} holds it, after {wait:g} s of "
                "waiting; run again when it has ended, or wait longer with --wait SECONDS"
            )
        time.sleep(_POLL_SECONDS)


def start(
    db: Connection, job: Job, logical_date: date, version: str, parameters: Mapping[str, str]
) -> int:
    """Enter a run and return its id; runs that were killed before are shown as such.

    To be called with the job's lock held: then no other run of the job can be alive.
    """
    db.execute(_SQL["bury"], job.name)
    text = json.dumps(dict(parameters))
    entered = db.query(_SQL["start"], job.name, logical_date, version, text)
    return int(entered["run_id"][0])


def step(
    db: Connection, run_id: int, part: str, name: str, rows: int | None, seconds: float
) -> None:
    """Enter what a step took."""
    db.execute(_SQL["step"], run_id, part, name, rows, seconds)


def rows(
    db: Connection, run_id: int, part: str, read: Mapping[str, int], loaded: Mapping[str, int]
) -> None:
    """Enter where a part's rows went; a constraint refuses counts that do not add up."""
    items = [{"input": name, "read": n, "loaded": loaded[name]} for name, n in read.items()]
    db.execute(_SQL["inputs"], run_id, part, json.dumps(items))


def checks(db: Connection, run_id: int, part: str, results: tuple[CheckResult, ...]) -> None:
    """Enter the results of a part's checks."""
    items = [asdict(result) for result in results]
    db.execute(_SQL["checks"], run_id, part, json.dumps(items))


def publish(db: Connection, run_id: int) -> None:
    """Enter that the run's rows are what readers see; inside the publishing transaction."""
    db.execute(_SQL["publish"], run_id)


def end(db: Connection, run_id: int, outcome: Outcome, error: str | None = None) -> None:
    """Enter how the run ended."""
    db.execute(_SQL["end"], run_id, outcome, error)


def last_published(db: Connection, job: Job) -> Published | None:
    """The run whose rows readers see, or None where there never was one."""
    found = db.query(_SQL["last_published"], job.name)
    if found.is_empty():
        return None
    run = found.row(0, named=True)
    rows = {row[0]: row[1:] for row in db.query(_SQL["inputs_of"], run["run_id"]).iter_rows()}
    ordered = [(item.name, *rows[item.name]) for item in job.inputs if item.name in rows]
    return Published(
        run["logical_date"],
        json.loads(run["parameters"]),
        {name: read for name, read, _ in ordered},
        {name: loaded for name, _, loaded in ordered},
        tuple(
            CheckResult(**row)
            for row in db.query(_SQL["checks_of"], run["run_id"]).iter_rows(named=True)
        ),
        run["is_cleared"],
    )


def _holder(db: Connection, job: Job) -> str:
    try:
        found = db.query(_SQL["holder"], job.name)
    except DatabaseError:  # the first run of all may be making the ledger
        return "another run"
    if found.is_empty():
        return "another command"
    run = found.row(0, named=True)
    return f"run {run['run_id']}, started {run['started_at']:%Y-%m-%d %H:%M:%S} UTC,"
