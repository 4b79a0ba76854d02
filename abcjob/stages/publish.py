"""Let the staged tables take the place of those that readers see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abcjob import sqlfile
from abcjob.database import columns, partitions, schemas, views

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abcjob.database.connection import Connection
    from abcjob.job import Derived, Input, Job, Part

_SQL = sqlfile.statements("engine", "publish")


def replace(job: Job, part: Part, db: Connection, inputs: Sequence[Input]) -> None:
    """Put staged tables in the old ones' place, with the old ones' privileges.

    Of a table that is partitioned by part, it is the part's partition alone. To be called inside
    a transaction: readers see all of the old rows or all of the new.

    Args:
        job: the job, all of whose derived tables are staged.
        part: the part.
        db: a connection.
        inputs: those whose tables are staged, all of their rows; where none is, tables that can
            be kept up are left to `keep_up`.

    Raises:
        DatabaseError: a reader held a table for too long, or something that is not the job's
            depends on an old table.
    """
    schemas.limit_waiting(db)
    parted = {item.name: item for item in inputs if item.partition_by}
    whole = [item.name for item in inputs if not item.partition_by]
    whole += [derived.name for derived in job.derived if inputs or not derived.is_kept_up]
    seen = views.named(job) if whole else ()
    grants = [
        grant
        for table in (*whole, *(item.stored(part) for item in parted.values()), *seen)
        for grant in db.query(_SQL["privileges"], job.name, table)["statement"]
    ]
    # Autovacuum may be at work on them, and takes a second to give way: before readers wait.
    staged = [
        f"{job.staging}.{table}" for table in (*whole, *(i.stored(part) for i in parted.values()))
    ]
    if staged:
        db.execute(sqlfile.fill(_SQL["lock_staged"], tables=staged))
    if seen:
        views.drop(db, job, views.named(job))
    if whole:
        old = [f"{job.name}.{table}" for table in whole]
        db.execute(sqlfile.fill(_SQL["drop_old"], tables=old))
    for table in whole:
        db.execute(sqlfile.fill(_SQL["move_in"], table=f"{job.staging}.{table}", schema=job.name))
    for item in parted.values():
        partitions.move(db, item, part, job.staging, job.name)
    if seen:
        schemas.search(db, job.name)
        db.script(views.script(job))
    for grant in grants:
        db.execute(grant)


def keep_up(job: Job, db: Connection, *, has_corrections: bool) -> None:
    """Bring the tables that can be kept up to date, by the rows that were made for it.

    To be called inside a transaction, where the rows that they refer to are there.

    Args:
        job: the job.
        db: a connection.
        has_corrections: rows of the inputs may have taken the place of others. Where none has, a
            table that grows and has an input's key has new rows alone.

    Raises:
        DatabaseError: a reader held a table for too long.
    """
    schemas.limit_waiting(db)
    kept_up = [derived for derived in job.derived if derived.is_kept_up]
    for derived in reversed(kept_up):
        if derived.touched:
            db.execute(_filled("take_back", job, derived, db))
    keys = () if has_corrections else [item.key for item in job.inputs]
    for derived in kept_up:
        is_new = derived.grows and derived.key in keys
        db.execute(_filled("grow" if is_new else "renew", job, derived, db))


def _filled(name: str, job: Job, derived: Derived, db: Connection) -> str:
    """A statement about a table's published rows and its new ones."""
    return sqlfile.fill(
        _SQL[name],
        published=f"{job.name}.{derived.name}",
        added=f"{job.staging}.{derived.news}",
        keys=f"{job.staging}.{derived.touched_keys}",
        key=derived.key,
        column=derived.touched or "",
        columns=[column.name for column in columns.of(db, job.name, derived.name)],
    )
