"""Make the derived tables and add the keys, in the staging schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abcjob import sqlfile
from abcjob.database import columns, schemas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abcjob.database.connection import Connection
    from abcjob.job import Derived, Input, Job, Part

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
            rows += _derive(job, derived, db)
        derived_names = [derived.name for derived in job.derived]
        if tables := [*(item.name for item in inputs), *derived_names]:
            db.script(schemas.keys(job, tables))
            stored = [*(item.stored(part) for item in inputs), *derived_names]
            named = [f"{job.staging}.{table}" for table in stored]
            db.execute(sqlfile.fill(_SQL["gather_statistics"], tables=named))
    return rows


def _derive(job: Job, derived: Derived, db: Connection) -> int:
    """Fill a derived table; returns its rows."""
    names: dict[str, str | list[str] | sqlfile.Sql] = {
        "table": f"{job.staging}.{derived.name}",
        "apart": f"{job.staging}.rows of {derived.name}",  # no table's name has spaces
        "columns": [column.name for column in columns.of(db, job.staging, derived.name)],
        "select": sqlfile.Sql(sqlfile.load(job.name, "model", derived.name).sql),
    }
    if not derived.is_small:
        return db.execute(sqlfile.fill(_SQL["derive"], **names))
    db.execute(sqlfile.fill(_SQL["make_apart"], **names))
    rows = db.execute(sqlfile.fill(_SQL["copy"], **names))
    db.execute(sqlfile.fill(_SQL["drop_apart"], **names))
    return rows
