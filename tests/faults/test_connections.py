"""A server that falls silent, and connections that are cut, at chosen moments of a run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from proxy import Proxy
from steps import STEPS, companies
from terminal import FEW, one_line

if TYPE_CHECKING:
    from conftest import Program

    from abcjob.database.connection import Connection
    from abcjob.database.url import DatabaseUrl


@pytest.mark.parametrize("step", STEPS)
def test_a_silent_server_ends_with_the_deadline(
    program: Program, called: Program, url: DatabaseUrl, db: Connection, step: str
) -> None:
    """Never hangs: code 124 within two seconds of the deadline, in whatever it was about."""
    assert called("run", *FEW, "--quiet").returncode == 0
    with Proxy(url) as proxy:
        proxy.strike(STEPS[step], "silence")
        begin = time.monotonic()
        ran = program(
            "run", "--companies", "77", "--quiet", "--deadline", "4", "--database", proxy.url.libpq
        )
        taken = time.monotonic() - begin
        assert proxy.has_struck.is_set()
    assert ran.returncode == 124, ran.stderr
    assert "stopped by the deadline of 4 s" in one_line(ran.stderr)
    assert taken < 4 + 2 + 1  # a bound against hanging; one second for the interpreter's start
    expected = 77 if step == "query" else 40
    assert companies(db) == expected


# The driver prepares a statement first; what does it is the message Execute.
COMMIT = (b"set schema", b"commit", b"E\0\0\0\x09\0\0\0\0\0")


def test_a_commit_whose_answer_is_lost_is_found_out(
    program: Program, called: Program, url: DatabaseUrl, db: Connection
) -> None:
    """The ledger knows that it happened: the run goes on to its report, and says so."""
    assert called("run", *FEW, "--quiet").returncode == 0
    with Proxy(url) as proxy:
        proxy.strike(COMMIT, "cut")
        ran = program("run", "--companies", "77", "--database", proxy.url.libpq)
        assert proxy.has_struck.is_set()
    assert ran.returncode == 0, ran.stderr
    assert "the connection was lost while it was published; the ledger says" in ran.stderr
    assert companies(db) == 77
    last = db.query("select outcome from abcjob.run order by run_id desc limit 1")
    assert last["outcome"][0] == "published"


def test_a_commit_that_never_arrived_is_found_out(
    program: Program, called: Program, url: DatabaseUrl, db: Connection
) -> None:
    """The ledger knows that it did not happen: code 4, the old rows stay, a retry succeeds."""
    assert called("run", *FEW, "--quiet").returncode == 0
    with Proxy(url) as proxy:
        proxy.strike(COMMIT, "cut before")
        ran = program("run", "--companies", "77", "--quiet", "--database", proxy.url.libpq)
        assert proxy.has_struck.is_set()
        assert ran.returncode == 4, ran.stderr
        assert "was not published" in one_line(ran.stderr)
        assert companies(db) == 40
        last = db.query("select outcome, error from abcjob.run order by run_id desc limit 1")
        assert last["outcome"][0] == "failed"
        again = called("run", "--companies", "77", "--quiet", "--database", proxy.url.libpq)
        assert again.returncode == 0, again.stderr
    assert companies(db) == 77


@pytest.mark.parametrize("step", [step for step in STEPS if step != "query"])
def test_a_cut_connection_leaves_the_old_rows(
    program: Program, called: Program, url: DatabaseUrl, db: Connection, step: str
) -> None:
    """Code 4, one line; nothing is left in the staging schema's place; the next run succeeds."""
    assert called("run", *FEW, "--quiet").returncode == 0
    with Proxy(url) as proxy:
        proxy.strike(STEPS[step], "cut before")
        ran = program("run", "--companies", "77", "--quiet", "--database", proxy.url.libpq)
        assert proxy.has_struck.is_set()
        assert ran.returncode == 4, ran.stderr
        said = one_line(ran.stderr)
        assert "abc" in said.split(":")[1]  # what was being done
        assert "server closed the connection unexpectedly; mend that, then run again" in said
        assert len(said) < 200
        assert companies(db) == 40
        again = called("run", "--companies", "77", "--quiet", "--database", proxy.url.libpq)
        assert again.returncode == 0, again.stderr
    assert companies(db) == 77
    assert db.query("select 1 from pg_namespace where nspname = 'abc_staging'").is_empty()
    ended = db.query("select outcome from abcjob.run order by run_id")["outcome"].to_list()
    assert ended.pop(0) == ended.pop() == "published"
    assert set(ended) <= {"failed", "killed"}
