"""Make the derived tables and add the keys, in the staging schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abcjob import sqlfile
from abcjob.database import columns, schemas

if TYPE_CHECKING:
    from abcjob.database.connection import Connection
    from abcjob.job import Job, Part

_SQL = sqlfile.statements("engine", "stage")


def build(job: Job, part: Part, db: Connection) -> int:
    """Fill each derived table by its select, in order, then add every key in bulk.

    Keys come last: checked once over a whole table they cost a fraction of what they cost
    row by row.

    Returns:
        The rows derived.

    Raises:
        DatabaseError: a select fails, or rows break a key.
    """
    schemas.search(db, job.staging)
    rows = 0
    with db.transaction():
        for derived in job.derived:
            table = f"{job.staging}.{derived.name}"
            names = [column.name for column in columns.of(db, job.staging, derived.name)]
            select = sqlfile.Sql(sqlfile.load(job.name, "model", derived.name).sql)
            rows += db.execute(
                sqlfile.fill(_SQL["derive"], table=table, columns=names, select=select)
            )
        db.script(sqlfile.load(job.name, "keys").sql)
        stored = [item.stored(part) for item in job.inputs]
        tables = [f"{job.staging}.{t}" for t in (*stored, *(d.name for d in job.derived))]
        db.execute(sqlfile.fill(_SQL["gather_statistics"], tables=tables))
    return rows
