"""Let the staged tables take the place of those that readers see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abcjob import sqlfile
from abcjob.database import partitions, schemas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abcjob.database.connection import Connection
    from abcjob.job import Input, Job, Part

_SQL = sqlfile.statements("engine", "publish")


def replace(job: Job, part: Part, db: Connection, inputs: Sequence[Input]) -> None:
    """Put staged tables in the old ones' place, with the old ones' privileges.

    Of a table that is partitioned by part, it is the part's partition alone. To be called inside
    a transaction: readers see all of the old rows or all of the new.

    Args:
        job: the job, all of whose derived tables are staged.
        part: the part.
        db: a connection.
        inputs: those whose tables are staged, all of their rows.

    Raises:
        DatabaseError: a reader held a table for too long, or something that is not the job's
            depends on an old table.
    """
    schemas.limit_waiting(db)
    parted = {item.name: item for item in inputs if item.partition_by}
    whole = [item.name for item in inputs if not item.partition_by]
    whole += [derived.name for derived in job.derived]
    grants = [
        grant
        for table in (*whole, *(item.stored(part) for item in parted.values()))
        for grant in db.query(_SQL["privileges"], job.name, table)["statement"]
    ]
    if whole:
        old = [f"{job.name}.{table}" for table in whole]
        db.execute(sqlfile.fill(_SQL["drop_old"], tables=old))
    for table in whole:
        staged = f"{job.staging}.{table}"
        db.execute(sqlfile.fill(_SQL["move_in"], table=staged, schema=job.name))
    for item in parted.values():
        partitions.move(db, item, part, job.staging, job.name)
    for grant in grants:
        db.execute(grant)
