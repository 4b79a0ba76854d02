"""Ask the KPIs of what is published, all in one snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abcjob import sqlfile
from abcjob.database import schemas

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from abcjob.database.connection import Connection
    from abcjob.job import Job

_SQL = sqlfile.statements("engine", "query")


def kpis(job: Job, db: Connection, names: Sequence[str] = ()) -> dict[str, pl.DataFrame]:
    """The rows of the job's KPIs, or of those named, by name.

    Raises:
        DatabaseError: a query fails.
    """
    schemas.search(db, job.name)
    with db.transaction("repeatable read, read only"):
        db.execute(sqlfile.fill(_SQL["hold"], tables=schemas.qualified(job)))
        return {
            name: db.query(sqlfile.load(job.name, "kpi", name).sql) for name in names or job.kpis
        }
