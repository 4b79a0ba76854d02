"""The schemas that the program makes: each job's, its staging schema, and the ledger's.

SQL files name their tables without a schema; `search_path` says where they are meant, so that
the same DDL, models and checks serve the staging schema and the one that readers see.
"""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from itertools import chain, count, takewhile
from typing import TYPE_CHECKING, NamedTuple

from abcjob import sqlfile
from abcjob.database import partitions, views
from abcjob.errors import DatabaseError, SchemaVersionError
from abcjob.job import QUARANTINE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from abcjob.database.connection import Connection
    from abcjob.job import Job, Part

LEDGER = "abcjob"
LEDGER_VERSION = 4
_LOCK_TIMEOUT = "10s"
_REFERENCE = re.compile(r"\breferences (\w+)")
_SQL = sqlfile.statements("engine", "schemas")
_QUARANTINE = sqlfile.statements("engine", "quarantine")


def search(db: Connection, schema: str) -> None:
    """From here on, names without a schema are those of `schema`."""
    db.execute(_SQL["search"], f'"{schema}"')


def ensure(db: Connection, job: Job) -> bool:
    """Make the ledger's and the job's schema where they are missing. Safe to repeat.

    Returns:
        Whether the job's schema was made.

    Raises:
        SchemaVersionError: one of them is there, but not in this program's version.
    """
    with _serialised(db):
        if LEDGER not in _versions(db):
            _make(db, LEDGER, LEDGER_VERSION, sqlfile.load("ledger").sql)
        if exists(db, job):
            _mend_views(db, job)
            return False
        _make(db, job.name, job.schema_version, *_scripts(job))
        return True


def has_ledger(db: Connection) -> bool:
    """Whether the ledger is there.

    Raises:
        SchemaVersionError: it is there in another version.
    """
    return LEDGER in _usable_versions(db)


def exists(db: Connection, job: Job) -> bool:
    """Whether the job's schema is there, in this program's version.

    Raises:
        SchemaVersionError: it, or the ledger, is there in another version, or in part.
    """
    versions = _usable_versions(db)
    if job.name not in versions:
        return False
    if (found := versions[job.name]) != job.schema_version:
        aside = _aside(db, {job.name: found})
        raise SchemaVersionError(
            f"opening the schema {job.name}: found version {found}, expected {job.schema_version}; "
            f"drop it by `abcjob schema drop {job.name}`, or keep it aside by `{aside}` in psql, "
            "then run again"
        )
    expected_tables = {table.partition(".")[2] for table in qualified(job)}
    if missing := expected_tables - set(_tables_of(db, job)):
        raise SchemaVersionError(
            f"opening the schema {job.name}: {', '.join(sorted(missing))} of its tables "
            f"are missing; run `abcjob schema drop {job.name}`, then run again"
        )
    return True


def _usable_versions(db: Connection) -> dict[str, int]:
    """As `_versions`, where the ledger is missing or this program's.

    Raises:
        SchemaVersionError: it is there in another version.
    """
    versions = _versions(db)
    if (found := versions.get(LEDGER, LEDGER_VERSION)) != LEDGER_VERSION:
        raise SchemaVersionError(
            f"opening the schema {LEDGER}: found version {found}, expected {LEDGER_VERSION}; "
            f"keep what is there aside by `{_aside(db, versions)}` in psql, then run again"
        )
    return versions


def _aside(db: Connection, versions: Mapping[str, int]) -> str:
    """The statements that keep what other versions made, out of this one's way.

    Under names that are free: something may have been kept aside before.
    """
    taken = set(db.query(_SQL["names"])["name"])
    return "; ".join(
        sqlfile.fill(_SQL["rename"], schema=name, aside=_free(f"{name}_{version}", taken))
        for name, version in versions.items()
    )


def _free(name: str, taken: AbstractSet[str]) -> str:
    return next(free for n in count(1) if (free := name if n == 1 else f"{name}_{n}") not in taken)


def drop(db: Connection, job: Job) -> bool:
    """Drop the job's schemas, of whatever version; the ledger keeps what it knows. Safe to repeat.

    Returns:
        Whether there was anything to drop.

    Raises:
        SchemaVersionError: the schema is not one that this program made.
        DatabaseError: something outside of it depends on it, or a reader held a table too long.
    """
    with _serialised(db):
        if job.name not in _versions(db):
            _refuse_others(db, job.name)
            return False
        with db.transaction():
            limit_waiting(db)
            drop_staging(db, job)
            views.drop(db, job, views.there(db, job))
            if tables := [f"{job.name}.{table}" for table in _tables_of(db, job)]:
                db.execute(sqlfile.fill(_SQL["drop_tables"], tables=tables))
            db.execute(sqlfile.fill(_SQL["drop"], schema=job.name))
            db.execute(_SQL["forget_version"], job.name)
        return True


def clear(db: Connection, job: Job) -> None:
    """Empty the job's tables, at once. Safe to repeat.

    Raises:
        DatabaseError: a reader held a table too long.
    """
    with db.transaction():
        limit_waiting(db)
        db.execute(sqlfile.fill(_SQL["empty_tables"], tables=qualified(job)))
        db.execute(_SQL["record_clearing"], job.name)


def limit_waiting(db: Connection) -> None:
    """In this transaction, wait for readers no longer than they may make others wait.

    Who comes to read after us waits behind us.
    """
    db.execute(_SQL["limit_waiting"], _LOCK_TIMEOUT)


def share_out(db: Connection) -> None:
    """In this transaction, let several processes find the rows of which a table is made."""
    db.execute(_SQL["share_out"])


def make_staging(db: Connection, job: Job, part: Part) -> None:
    """Make the staging schema anew for a part: the job's tables, without keys.

    Tables for rows from outside have a column `_row` besides, and are left alone by autovacuum,
    until `finish_staging`.
    """
    with db.transaction():
        drop_staging(db, job)
        db.execute(sqlfile.fill(_SQL["make"], schema=job.staging))
        search(db, job.staging)
        if job.has_quarantine:
            staged, kept = f"{job.staging}.{QUARANTINE}", f"{job.name}.{QUARANTINE}"
            db.script(sqlfile.fill(_QUARANTINE["make_staged"], staged=staged, quarantine=kept))
        db.script(sqlfile.load(job.name, "schema").sql)
        for item in job.inputs:
            if item.partition_by:
                partitions.make(db, job.staging, item, part)
            if item.rules:
                table = f"{job.staging}.{item.stored(part)}"
                db.execute(sqlfile.fill(_SQL["await_rows"], table=table))


class Keys(NamedTuple):
    """The statements that add the keys of a table, in their order.

    Attributes:
        own: those before the first that refers to another table.
        references: that one, and those after it.
    """

    own: list[str]
    references: list[str]


def keys(job: Job, table: str) -> Keys:
    """What adds the keys of a table."""
    found = sqlfile.parted(sqlfile.statements(job.name, "keys")[table])
    own = list(takewhile(lambda statement: not _REFERENCE.search(statement), found))
    return Keys(own, found[len(own) :])


def referred(job: Job, table: str) -> set[str]:
    """The tables to which its keys refer."""
    return set(_REFERENCE.findall(sqlfile.statements(job.name, "keys")[table]))


def indexes(job: Job, table: str) -> list[str]:
    """The statements among `keys` that make an index to find rows by, and say nothing of any."""
    return [key for key in chain(*keys(job, table)) if key.startswith("create index")]


def finish_staging(db: Connection, job: Job, part: Part) -> None:
    """Give the staged tables their last shape: no `_row`, and every partition in its table.

    Autovacuum looks after them again.
    """
    with db.transaction():
        for item in job.inputs:
            if item.rules:
                table = f"{job.staging}.{item.stored(part)}"
                db.execute(sqlfile.fill(_SQL["have_rows"], table=table))
            if item.partition_by:
                partitions.attach(db, job.staging, item, part)


def drop_staging(db: Connection, job: Job) -> None:
    """Drop the staging schema and what a killed run may have left there."""
    db.execute(sqlfile.fill(_SQL["drop_staging"], schema=job.staging))


def qualified(job: Job) -> list[str]:
    """The job's tables with their schema, as `sqlfile.fill` takes them; the quarantine's too."""
    tables = [*job.tables, QUARANTINE] if job.has_quarantine else job.tables
    return [f"{job.name}.{table}" for table in tables]


def _make(db: Connection, schema: str, version: int, *scripts: str) -> None:
    _refuse_others(db, schema)
    with db.transaction():
        db.execute(sqlfile.fill(_SQL["make"], schema=schema))
        search(db, schema)
        for script in scripts:
            db.script(script)
        db.execute(_SQL["record_version"], schema, version)


def _mend_views(db: Connection, job: Job) -> None:
    """Make the job's views that somebody dropped."""
    if missing := views.script(job, views.there(db, job)):
        with db.transaction():
            search(db, job.name)
            db.script(missing)


def _scripts(job: Job) -> list[str]:
    """What makes the job's schema."""
    own = [sqlfile.load(job.name, "schema").sql]
    own += [key for table in job.tables for key in chain(*keys(job, table))]
    own += filter(None, [views.script(job)])
    if not job.has_quarantine:
        return own
    identity = "tell_by_content" if job.is_merged else "tell_by_line"
    return [_QUARANTINE["make"], _QUARANTINE[identity], *own]


def _refuse_others(db: Connection, schema: str) -> None:
    if not db.query(_SQL["is_there"], schema).is_empty():
        raise SchemaVersionError(
            f"opening the schema {schema}: there is one already that this program did not make; "
            "name another database, or rename that schema"
        )


def _tables_of(db: Connection, job: Job) -> list[str]:
    """The tables that there are in the job's schema."""
    return db.query(_SQL["tables_of"], job.name)["name"].to_list()


def _versions(db: Connection) -> dict[str, int]:
    """The version of each schema that the program made, by name."""
    if not db.query(_SQL["is_versioned"])["known"][0]:
        return {}
    return dict(db.query(_SQL["versions"]).iter_rows())


@contextmanager
def _serialised(db: Connection) -> Iterator[None]:
    """One maker of schemas at a time: two first runs may start together."""
    db.execute(_SQL["lock_maker"])
    try:
        yield
    except BaseException:
        # A lost connection has unlocked it, and the first error is the one that tells why.
        with suppress(DatabaseError):
            db.execute(_SQL["unlock_maker"])
        raise
    db.execute(_SQL["unlock_maker"])
