"""Making the derived tables."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

import pytest

from abcjob.database import schemas
from abcjob.database.connection import connect
from abcjob.errors import DatabaseError
from abcjob.job import WHOLE, Part
from abcjob.jobs.abc import JOB
from abcjob.jobs.abc.parameters import Parameters
from abcjob.stages import model, stage

if TYPE_CHECKING:
    from abcjob.database.connection import Connection
    from abcjob.database.url import DatabaseUrl

PART = Part(WHOLE)
# When whoever adds keys has added those that there are, and waits.
FAILS_LATE = """
create function abc_staging.fail() returns trigger language plpgsql as
$$ begin perform pg_sleep(1); raise exception 'failed late'; end $$;
create trigger fails before insert on abc_staging.{table} execute function abc_staging.fail()
"""


def bytes_logged(db: Connection) -> int:
    """How much the server has written to its log of changes, ever."""
    return int(db.query("select pg_current_wal_insert_lsn() - '0/0' as bytes")["bytes"][0])


def test_derived_rows_are_not_logged_one_by_one(db: Connection) -> None:
    """The embedded server has nobody who follows it: its log holds a page of a table once at most.

    It does for the checksum, when the page is read first; rows would come to as much besides.
    """
    schemas.make_staging(db, JOB, PART)
    stage.load(JOB, PART, JOB.read(Parameters(companies=20_000), PART), db)
    before = bytes_logged(db)
    rows = model.build(JOB, db, JOB.inputs)
    logged = bytes_logged(db) - before
    size = db.query("select pg_table_size('abc_staging.company_month') as bytes")["bytes"][0]
    assert rows > 100_000
    assert logged < 1.4 * size
    schemas.drop_staging(db, JOB)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (FAILS_LATE.format(table="size_month"), "failed late"),  # where tables are made
        ("drop table abc_staging.company_month", "company_month"),  # beside the inputs' keys
        ("delete from abc_staging.month", "company_month_period_fkey"),  # where keys are added
    ],
)
def test_what_fails_ends_what_is_done_beside_it(db: Connection, broken: str, said: str) -> None:
    """Whoever adds keys does not wait for a table that will not come; the first cause is told."""
    schemas.make_staging(db, JOB, PART)
    stage.load(JOB, PART, JOB.read(Parameters(companies=20), PART), db)
    db.script(broken)
    with pytest.raises(DatabaseError, match=said):
        model.build(JOB, db, JOB.inputs)
    assert db.query("select 1 as one")["one"][0] == 1
    schemas.drop_staging(db, JOB)


@pytest.mark.parametrize(
    ("held", "has"),
    [
        ("session", "pg_constraint where conrelid = {} and contype in ('p', 'f')) = 3"),
        ("month", "pg_index where indrelid = {}) = 1"),
    ],
    ids=["all, where others hold another", "an index, where they hold one that it refers to"],
)
def test_keys_wait_for_those_they_refer_to_alone(
    db: Connection, url: DatabaseUrl, held: str, has: str
) -> None:
    """Speed: a derived table gets its keys while another waits for its own.

    Those by which it refers to others, where that is none of them; its index in any case.
    """
    schemas.make_staging(db, JOB, PART)
    stage.load(JOB, PART, JOB.read(Parameters(companies=20), PART), db)
    table = "'abc_staging.company_month'::regclass"
    ask = f"select (select count(*) from {has.format(table)} as is_true"
    with connect(url) as other, ThreadPoolExecutor(1) as pool:
        with other.transaction():  # what is held is read, and gets no key but by an index
            other.execute(f"lock table abc_staging.{held} in share mode")
            building = pool.submit(model.build, JOB, db, JOB.inputs)
            for _ in range(200):
                found = other.query(ask)["is_true"][0]
                if found or wait([building], 0.1).done:
                    break
        assert building.result() > 20
    assert found
    schemas.drop_staging(db, JOB)


def test_tables_are_as_they_are_published(db: Connection) -> None:
    """Every table that is made has the keys and indexes of those that readers see, and no more."""
    schemas.ensure(db, JOB)
    schemas.make_staging(db, JOB, PART)
    stage.load(JOB, PART, JOB.read(Parameters(companies=20), PART), db)
    model.build(JOB, db, JOB.inputs)
    keys = """
        select conrelid::regclass::text as on_table, conname as name
        from pg_constraint where connamespace = to_regnamespace($1) and contype in ('p', 'f', 'u')
        union all
        select indrelid::regclass::text, indexrelid::regclass::text
        from pg_index inner join pg_class on pg_class.oid = indexrelid
        where relnamespace = to_regnamespace($1)
        order by 1, 2
    """
    found = {}
    for schema in ("abc", "abc_staging"):
        schemas.search(db, schema)
        found[schema] = db.query(keys, schema).rows()
    assert len(found["abc"]) > 10
    assert found["abc_staging"] == found["abc"]
    schemas.drop_staging(db, JOB)
