"""The steps of a run of the job `abc`, as they are seen on the way to the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from abcjob.database.connection import Connection

# What a client sends, one after the other, until the step has begun.
STEPS = {
    "lock": (b"pg_try_advisory_lock",),
    "stage": (b"create schema",),
    "stage, its commit": (b"create schema", b"commit"),
    "load": (b"FROM STDIN",),
    "model": (b'insert into "abc_staging"."company_month"',),
    "keys": (b"primary key",),
    "ledger": (b"primary key", b"insert into abcjob.run_step"),
    "publish": (b"set schema",),
    "query": (b"set schema", b"jsonb_each_text"),
}


def companies(db: Connection) -> int:
    """How many companies readers see."""
    return int(db.query("select count(*) as n from abc.company")["n"][0])
