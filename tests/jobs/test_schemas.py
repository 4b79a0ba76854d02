"""Every schema: its version is raised with its tables, and it says what it holds."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from abcjob import jobs
from abcjob.database import schemas
from abcjob.job import WHOLE, Part

if TYPE_CHECKING:
    from abcjob.database.connection import Connection

# By schema: its version, and the fingerprint of its tables and keys in that version.
KNOWN = {
    "abcjob": (schemas.LEDGER_VERSION, 4, "962fd1a9e7ca7484"),
    "abc": (jobs.load("abc").schema_version, 2, "2c1f4f3d8c4b851a"),
    "ratings": (jobs.load("ratings").schema_version, 4, "f79fb13ad0104f32"),
    "sales": (jobs.load("sales").schema_version, 1, "cd721196a9566ca6"),
    "jukebox": (jobs.load("jukebox").schema_version, 4, "adc11e3c7ad9cdd7"),
}


def test_every_job_is_told() -> None:
    """A new job stands below."""
    assert set(KNOWN) == {schemas.LEDGER, *jobs.JOBS}


@pytest.mark.parametrize("schema", KNOWN)
def test_a_schema_s_version_is_raised_with_its_tables(db: Connection, schema: str) -> None:
    """A change of tables or keys without a new version would meet old tables unnoticed."""
    for name in jobs.JOBS:
        schemas.ensure(db, jobs.load(name))
    made = db.query(
        "select string_agg(table_name || column_name || data_type || is_nullable, ',' "
        "order by table_name, ordinal_position) as columns, "
        "(select string_agg(conrelid::regclass || pg_get_constraintdef(oid), ',' "
        "order by conrelid::regclass::text, pg_get_constraintdef(oid)) from pg_constraint "
        "where connamespace = to_regnamespace($1) and contype <> 'n') as keys "
        "from information_schema.columns where table_schema = $1",
        schema,
    )
    shape = hashlib.sha256("".join(map(str, made.row(0))).encode()).hexdigest()[:16]
    version, *known = KNOWN[schema]
    assert [version, shape] == known


@pytest.mark.parametrize("schema", KNOWN)
def test_every_column_says_what_it_serves(db: Connection, schema: str) -> None:
    """0.7: the data dictionary is in the database, a comment on every table, view and column."""
    for name in jobs.JOBS:
        schemas.ensure(db, jobs.load(name))
    silent = db.query(
        "select class.relname || coalesce('.' || attribute.attname, '') as name "
        "from pg_class as class left join pg_attribute as attribute "
        "on attribute.attrelid = class.oid and attribute.attnum > 0 "
        "where class.relnamespace = to_regnamespace($1) and class.relkind in ('r', 'p', 'v') "
        "and not class.relispartition and (obj_description(class.oid) is null "
        "or col_description(class.oid, attribute.attnum) is null)",
        schema,
    )
    assert silent["name"].to_list() == []


def test_the_server_learns_nothing_of_rows_that_are_on_their_way(db: Connection) -> None:
    """Speed: statistics of the first of many rows would mislead what judges them all.

    Those that readers see are looked after as any table.
    """
    job = jobs.load("jukebox")
    schemas.ensure(db, job)
    options = "select reloptions::text as told from pg_class where oid = to_regclass($1)"
    schemas.make_staging(db, job, Part(WHOLE))
    awaited = db.query(options, "jukebox_staging.event")["told"][0]
    schemas.finish_staging(db, job, Part(WHOLE))
    there = db.query(options, "jukebox_staging.event")["told"][0]
    schemas.drop_staging(db, job)
    assert (awaited, there) == ("{autovacuum_enabled=false}", None)
