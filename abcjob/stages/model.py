"""Make the derived tables and add the keys, in the staging schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abcjob import sqlfile
from abcjob.database import columns, schemas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abcjob.database.connection import Connection
    from abcjob.job import Input, Job, Part

_SQL = sqlfile.statements("engine", "stage")


def build(job: Job, part: Part, db: Connection, inputs: Sequence[Input]) -> int:
    """Fill each derived table by its select, in order, then add every key in bulk.

    Keys come last: checked once over a whole table they cost a fraction of what they cost
    row by row.

    Args:
        job: the job.
        part: the part.
        db: a connection.
        inputs: those whose tables are staged, all of their rows.

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
        derived_names = [derived.name for derived in job.derived]
        if tables := [*(item.name for item in inputs), *derived_names]:
            db.script(schemas.keys(job, tables))
            stored = [*(item.stored(part) for item in inputs), *derived_names]
            named = [f"{job.staging}.{table}" for table in stored]
            db.execute(sqlfile.fill(_SQL["gather_statistics"], tables=named))
    return rows
