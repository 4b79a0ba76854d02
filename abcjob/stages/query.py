"""Ask the KPIs of what is published, all in one snapshot."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from abcjob import sqlfile
from abcjob.database import schemas

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    import polars as pl

    from abcjob.database.connection import Connection
    from abcjob.job import Job

_SQL = sqlfile.statements("engine", "query")


@contextmanager
def snapshot(job: Job, db: Connection) -> Iterator[None]:
    """Inside, everything is seen as it was at one moment, whoever publishes meanwhile.

    Raises:
        DatabaseError: there are no such tables, or they cannot be read.
    """
    schemas.search(db, job.name)
    with db.transaction("repeatable read, read only"):
        db.execute(sqlfile.fill(_SQL["hold"], tables=schemas.qualified(job)))
        yield


def kpis(
    job: Job,
    db: Connection,
    day: date,
    parameters: Mapping[str, str],
    names: Sequence[str] = (),
) -> dict[str, pl.DataFrame]:
    """The rows of the job's KPIs, or of those named, by name; to be called inside a snapshot.

    Their SQL finds `day`, the date they are asked for, in the setting `abcjob.date`, and each
    parameter of the job in one of its name.

    Raises:
        DatabaseError: a query fails.
    """
    db.execute(_SQL["set"], json.dumps({**parameters, "date": day.isoformat()}))
    return {name: db.query(sqlfile.load(job.name, "kpi", name).sql) for name in names or job.kpis}
