"""Let the staged tables take the place of those that readers see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abcjob import sqlfile
from abcjob.database import schemas

if TYPE_CHECKING:
    from abcjob.database.connection import Connection
    from abcjob.job import Job

_SQL = sqlfile.statements("engine", "publish")


def replace(job: Job, db: Connection) -> None:
    """Put every staged table in the old one's place, with the old one's privileges.

    To be called inside a transaction: readers see all of the old tables or all of the new.

    Raises:
        DatabaseError: a reader held a table for too long, or something that is not the job's
            depends on an old table.
    """
    schemas.limit_waiting(db)
    grants = [
        grant
        for table in job.tables
        for grant in db.query(_SQL["privileges"], job.name, table)["statement"]
    ]
    db.execute(sqlfile.fill(_SQL["drop_old"], tables=schemas.qualified(job)))
    for table in job.tables:
        staged = f"{job.staging}.{table}"
        db.execute(sqlfile.fill(_SQL["move_in"], table=staged, schema=job.name))
    for grant in grants:
        db.execute(grant)
    schemas.drop_staging(db, job)
