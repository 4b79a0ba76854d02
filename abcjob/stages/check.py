"""Run a job's data checks over the staged tables, before anyone sees them."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from abcjob import sqlfile
from abcjob.database import lanes, schemas
from abcjob.database.ledger import CheckResult
from abcjob.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from abcjob.database.connection import Connection
    from abcjob.job import Job

_SQL = sqlfile.statements("engine", "check")


def run(job: Job, loaded: Mapping[str, int], db: Connection) -> tuple[CheckResult, ...]:
    """Count the violations that each file of `sql/<job>/checks` returns.

    Args:
        job: the job.
        loaded: how many rows of each input this run has loaded; a check finds them in
            `loaded (input, rows)`.
        db: a connection, outside of a transaction.
    """
    schemas.search(db, job.staging)
    files, told = sqlfile.load_all(job.name, "checks"), json.dumps(loaded)
    counted = lanes.each(
        db,
        [partial(_count, file.sql, told) for file in files],
        lambda session: schemas.search(session, job.staging),
    )
    return tuple(
        CheckResult(file.name, file.require("severity"), violations)
        for file, violations in zip(files, counted, strict=True)
    )


def judge(job: Job, results: tuple[CheckResult, ...]) -> None:
    """Stop where a check of severity error found anything.

    Raises:
        DataError: with the names of the checks that failed, and how many rows broke each.
    """
    failed = [r for r in results if r.violations and r.severity == "error"]
    if failed:
        found = ", ".join(f"{r.name} ({r.violations} rows)" for r in failed)
        raise DataError(
            f"checking {job.name}: {found} failed; nothing was published; "
            f"what each demands stands in sql/{job.name}/checks"
        )


def _count(violations: str, loaded: str, db: Connection) -> int:
    sql = sqlfile.fill(_SQL["count_violations"], violations=sqlfile.Sql(violations))
    counted = db.query(sql, loaded)
    return int(counted["violations"][0])
