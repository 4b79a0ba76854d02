"""Make the derived tables and add the keys, in the staging schema."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from abcjob import sqlfile
from abcjob.database import columns, lanes, schemas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from abcjob.database.connection import Connection
    from abcjob.database.lanes import Task
    from abcjob.job import Derived, Input, Job

_SQL = sqlfile.statements("engine", "stage")


def build(job: Job, db: Connection, inputs: Sequence[Input]) -> int:
    """Fill each derived table by its select, in order; add every key in bulk.

    Keys come after the rows: checked once over a whole table they cost a fraction of what they
    cost row by row. Nobody waits for a lock who holds one that another asks for: each statement
    is a transaction, or fills one table that nobody else has to do with yet. A run that fails here
    leaves nothing but its staging schema.

    Args:
        job: the job.
        db: a connection.
        inputs: those whose tables are staged, all of their rows; where none is, tables that can
            be kept up are left to `grow` and `touch`.

    Returns:
        The rows derived.

    Raises:
        DatabaseError: a select fails, or rows break a key.
    """
    schemas.search(db, job.staging)
    derived = [table for table in job.derived if inputs or not table.is_kept_up]
    tasks, needs = _tasks(job, [item.name for item in inputs], derived)
    return sum(lanes.each(db, tasks, lambda session: schemas.search(session, job.staging), needs))


def _tasks(
    job: Job, inputs: Sequence[str], derived: Sequence[Derived]
) -> tuple[list[Task[int]], dict[Task[int], list[Task[int]]]]:
    """What is to be done, most urgent first, and what of it each task needs.

    A table is made when those before it are there and the inputs have their own keys, as its
    select may find rows by them; where it does not, at once. It gets its own keys when it is
    there, and those by which it refers to others when they have all of theirs.
    """
    make = {table.name: partial(_make, job, table) for table in derived}
    tables = (*inputs, *make)
    keys = {name: schemas.keys(job, name) for name in tables}
    own = {name: partial(_add_keys, keys[name].own) for name in tables}
    refer = {name: partial(_add_keys, keys[name].references) for name in tables}
    gather = {name: partial(_gather, job, name) for name in inputs}
    needs: dict[Task[int], list[Task[int]]] = {own[name]: [gather[name]] for name in inputs}
    for place, table in enumerate(derived):
        needs[own[table.name]] = [make[table.name]]
        if not table.reads_all:
            before = [make[other.name] for other in derived[:place]]
            needs[make[table.name]] = [*(own[name] for name in inputs), *before]
    for place, name in enumerate(tables):
        referred = [other for other in tables[:place] if other in schemas.referred(job, name)]
        needs[refer[name]] = [own[name], *(refer[other] for other in referred)]
    whole = [table.name for table in derived if table.reads_all]  # as large as the inputs
    others = [name for name in make if name not in whole]
    of_whole = [task[name] for task in (make, own) for name in whole]
    of_inputs = [task[name] for name in inputs for task in (gather, own, refer)]
    of_others = [task[name] for task in (make, own) for name in others]
    return [*of_whole, *of_inputs, *of_others, *(refer[name] for name in make)], needs


def _make(job: Job, derived: Derived, db: Connection) -> int:
    """Fill a derived table that is empty, and gather its statistics; returns its rows.

    Where `wal_level` is minimal, as at the embedded server, rows are not logged that come into a
    table emptied in the same transaction: they are on the disk when it ends, in half of the time.
    """
    with db.transaction():
        db.execute(sqlfile.fill(_SQL["empty"], table=f"{job.staging}.{derived.name}"))
        rows = _derive(job, derived, db)
    _gather(job, derived.name, db)
    return rows


def _gather(job: Job, table: str, db: Connection) -> int:
    """Gather a filled table's statistics, for those who read it; returns no rows: 0."""
    db.execute(sqlfile.fill(_SQL["gather_statistics"], table=f"{job.staging}.{table}"))
    return 0


def _add_keys(statements: Iterable[str], db: Connection) -> int:
    """Add keys to a table, or those of them that these statements add; returns no rows: 0."""
    for statement in statements:
        db.execute(statement)
    return 0


def grow(job: Job, db: Connection) -> int:
    """Make the new rows of tables that grow, where the staged rows are the new ones alone.

    Returns:
        How many they are.

    Raises:
        DatabaseError: a select fails.
    """
    schemas.search(db, job.staging)
    with db.transaction():
        return sum(_derive(job, table, db) for table in job.derived if table.grows)


def touch(job: Job, db: Connection) -> int:
    """Let tables that are kept up be seen as they will be; of those that are touched, make rows.

    To be called after `grow`, where under the name of an input all of its rows are seen, and the
    new ones as `added_<input>`.

    Returns:
        How many rows were made.

    Raises:
        DatabaseError: a select fails.
    """
    schemas.search(db, job.staging)
    rows = 0
    with db.transaction():
        for table in job.derived:
            if table.grows:
                _see(job, table, db, "see_grown")
        for table in job.derived:
            if table.touched:
                rows += _touch(job, table, db)
                _see(job, table, db, "see_touched")
    return rows


def _touch(job: Job, derived: Derived, db: Connection) -> int:
    keys = f"{job.staging}.{derived.touched_keys}"
    touched = sqlfile.fill(
        sqlfile.load(job.name, "touched", derived.name).sql,
        published=lambda table: sqlfile.quoted(f"{job.name}.{table}"),
    )
    db.execute(sqlfile.fill(_SQL["find_touched"], keys=keys, select=sqlfile.Sql(touched)))
    _gather(job, derived.touched_keys, db)
    return _derive(
        job, derived, db, lambda name, column: sqlfile.fill(_SQL[name], column=column, keys=keys)
    )


def _see(job: Job, derived: Derived, db: Connection, statement: str) -> None:
    """Put the new rows apart, and all of the table's under its name."""
    names: dict[str, str | Sequence[str]] = {
        "table": f"{job.staging}.{derived.name}",
        "news": derived.news,
        "added": f"{job.staging}.{derived.news}",
        "published": f"{job.name}.{derived.name}",
        "keys": f"{job.staging}.{derived.touched_keys}",
        "key": derived.key,
        "column": derived.touched or "",
        "columns": _columns(job, derived, db),
    }
    db.execute(sqlfile.fill(_SQL["set_news_apart"], **names))
    _gather(job, derived.news, db)
    db.execute(sqlfile.fill(_SQL[statement], **names))


def _derive(
    job: Job,
    derived: Derived,
    db: Connection,
    condition: Callable[[str, str], str] = lambda *_: "true",
) -> int:
    """Fill a derived table; returns its rows."""
    names: dict[str, str | Sequence[str] | sqlfile.Sql] = {
        "table": f"{job.staging}.{derived.name}",
        "apart": f"{job.staging}.rows of {derived.name}",  # no table's name has spaces
        "columns": _columns(job, derived, db),
        "select": sqlfile.Sql(sqlfile.model(job.name, derived.name, condition).sql),
    }
    if not derived.is_small:
        return db.execute(sqlfile.fill(_SQL["derive"], **names))
    db.execute(sqlfile.fill(_SQL["make_apart"], **names))
    rows = db.execute(sqlfile.fill(_SQL["copy"], **names))
    db.execute(sqlfile.fill(_SQL["drop_apart"], **names))
    return rows


def _columns(job: Job, derived: Derived, db: Connection) -> list[str]:
    return [column.name for column in columns.of(db, job.staging, derived.name)]
