"""Making the derived tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abcjob.database import schemas
from abcjob.job import WHOLE, Part
from abcjob.jobs.abc import JOB
from abcjob.jobs.abc.parameters import Parameters
from abcjob.stages import model, stage

if TYPE_CHECKING:
    from abcjob.database.connection import Connection

PART = Part(WHOLE)


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
