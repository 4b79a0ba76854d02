"""A job's views of its tables, and the role that may read them alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from abcjob import sqlfile
from abcjob.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Collection

    from abcjob.database.connection import Connection
    from abcjob.job import Job

_SQL = sqlfile.statements("engine", "views")
_MADE_MEANWHILE = frozenset({"42710", "23505"})  # such a role is there; or has just come


def named(job: Job) -> tuple[str, ...]:
    """The views of a job; empty where it has none."""
    has_any = sqlfile.is_there(job.name, "views")
    return tuple(sqlfile.statements(job.name, "views")) if has_any else ()


def script(job: Job, there: Collection[str] = ()) -> str:
    """What makes them, but for those that are there; `search_path` tells where."""
    missing = (name for name in named(job) if name not in there)
    return ";\n".join(sqlfile.statements(job.name, "views")[name] for name in missing)


def there(db: Connection, job: Job) -> list[str]:
    """The views in the job's schema; also such as others made there."""
    return db.query(_SQL["views_of"], job.name)["name"].to_list()


def drop(db: Connection, job: Job, names: Collection[str]) -> None:
    """Drop those of them that are there."""
    if found := [f"{job.name}.{name}" for name in there(db, job) if name in names]:
        db.execute(sqlfile.fill(_SQL["drop_views"], views=found))


def admit(db: Connection, job: Job) -> str | None:
    """Let the job's reader read its views, and make the role where it is missing.

    Safe to repeat.

    Returns:
        Where this user may not make it, what is to be told about that.
    """
    if job.reader is None:
        return None
    role, names = job.reader, named(job)
    found = db.query(_SQL["find_role"], role).row(0, named=True)
    make = sqlfile.fill(_SQL["make_role"], role=role)
    if not found["is_there"]:
        if not found["may_be_made"]:
            missing = f"the role {role} is missing, and this user may not make it"
            return f"{missing}; have `{make}` executed"
        _make_role(db, make)
    with db.transaction():
        if not db.query(_SQL["may_read"], role, job.name, json.dumps(names))["is_true"][0]:
            views = [f"{job.name}.{name}" for name in names]
            db.execute(sqlfile.fill(_SQL["let_in"], schema=job.name, role=role))
            db.execute(sqlfile.fill(_SQL["let_read"], views=views, role=role))
    return None


def _make_role(db: Connection, make: str) -> None:
    """Make a role, unless a run in another database of the server makes it at the same time."""
    try:
        db.execute(make)
    except DatabaseError as error:
        if error.sqlstate not in _MADE_MEANWHILE:
            raise
