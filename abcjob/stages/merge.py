"""Let staged rows come to those that readers see, by key: known rows, orphans, and the joining."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abcjob import sqlfile
from abcjob.database import columns, schemas

if TYPE_CHECKING:
    from abcjob.database.connection import Connection
    from abcjob.job import Input, Job, Part

_SQL = sqlfile.statements("engine", "merge")
_PRICE = 16


def judge_known(job: Job, item: Input, part: Part, db: Connection, waited: int) -> None:
    """Write down which staged rows of an input need not be taken in: their key is published.

    Where the part corrects, those of other content do; so do rows with numbers up to `waited`.
    """
    told = (item.name, _named(item), part.corrects, waited)
    db.execute(_filled("judge_known", job, item, db), *told)


def has_rejected_known(job: Job, item: Input, db: Connection) -> bool:
    """Whether rows of an input that differ under one key, still staged, have a published one's."""
    found = db.query(_filled("has_rejected_known", job, item, db), item.name)
    return bool(found["is_true"][0])


def has_corrections(job: Job, item: Input, db: Connection, waited: int) -> bool:
    """Whether staged rows that have waited, with numbers up to this one, have a published key."""
    return waited > 0 and bool(
        db.query(_filled("has_corrections", job, item, db), waited)["is_true"][0]
    )


def judge_orphans(job: Job, item: Input, db: Connection) -> bool:
    """Write down which staged rows of an input refer to what is neither published nor staged.

    Returns:
        Whether there are any.
    """
    inputs = {other.name: other for other in job.inputs}
    has_any = False
    for reference in item.references:
        names = {
            "table": f"{job.staging}.{item.name}",
            "column": reference.column,
            "parent": f"{job.name}.{reference.input}",
            "staged_parent": f"{job.staging}.{reference.input}",
            "key": inputs[reference.input].key,
            "verdict": job.verdicts,
        }
        if db.query(sqlfile.fill(_SQL["has_orphans"], **names))["is_true"][0]:
            has_any = True
            told = (item.name, reference.rule, reference.column)
            db.execute(sqlfile.fill(_SQL["judge_orphans"], **names), *told)
    return has_any


def is_small(job: Job, staged: int, db: Connection) -> bool:
    """Whether the staged rows are so few beside those that readers see that they are inserted.

    A row inserted where there are keys was seen to cost some sixteen times what it costs in bulk,
    with the keys added afterwards; for which all rows, old ones too, have to be staged.
    """
    counted = [db.query(_filled("count", job, item, db))["rows"][0] for item in job.inputs]
    return bool(_PRICE * staged <= sum(counted))


def stay(job: Job, db: Connection) -> None:
    """Put the rows that readers see among the staged ones, but for those that are corrected."""
    for item in job.inputs:
        db.execute(_filled("stay", job, item, db))


def set_apart(job: Job, db: Connection, *, has_corrections: bool) -> None:
    """Let what is staged under a table's name be what readers are to see, all of it.

    The staged rows themselves are kept apart until they are added; with corrections, some may take
    the place of published ones.
    """
    seen = "see_corrected" if has_corrections else "see_together"
    with db.transaction():
        for item in job.inputs:
            db.execute(_filled("set_apart", job, item, db))
            db.execute(_filled(seen, job, item, db))


def add(job: Job, db: Connection) -> None:
    """Add the staged rows to those that readers see; to be called inside a transaction.

    Raises:
        DatabaseError: a reader held a table for too long.
    """
    schemas.limit_waiting(db)
    for item in job.inputs:
        db.execute(_filled("add", job, item, db))


def _filled(name: str, job: Job, item: Input, db: Connection) -> str:
    """A statement about an input's staged and published rows."""
    named = [column.name for column in columns.of(db, job.name, item.name)]
    return sqlfile.fill(
        _SQL[name],
        table=f"{job.staging}.{item.name}",
        published=f"{job.name}.{item.name}",
        added=f"{job.staging}.{_added(item)}",
        apart=_added(item),
        columns=named,
        key=item.key,
        verdict=job.verdicts,
    )


def _added(item: Input) -> str:
    """What the staged rows are called when all rows have the table's name: no table has spaces."""
    return f"added to {item.name}"


def _named(item: Input) -> str:
    return ", ".join(item.key)
