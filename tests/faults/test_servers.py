"""A server that ends or has no patience, and runs that come all at once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from proxy import Proxy
from steps import STEPS, companies
from terminal import FEW, one_line

from abcjob.database.connection import connect
from abcjob.database.embedded import EmbeddedServer
from abcjob.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Program

    from abcjob.database.connection import Connection
    from abcjob.database.url import DatabaseUrl

DAY = ("--date", "2021-04-01")


@pytest.fixture(scope="module")
def own(open_folder: Path) -> Iterator[EmbeddedServer]:
    """A server of these tests' own, which they may kill; started."""
    server = EmbeddedServer(open_folder / "to be killed")  # with a space in its path
    server.start()
    yield server
    server.stop()
    shutil.rmtree(server.home)


def postmaster(server: EmbeddedServer) -> int:
    """The server's first process."""
    return int((server.home / "data" / "postmaster.pid").read_text().split("\n")[0])


def test_a_server_that_comes_late_is_waited_for(tmp_path: Path, own: EmbeddedServer) -> None:
    """Connecting is tried again, and that is said once; with --quiet it is not."""
    own.stop()
    command = [sys.executable, "-m", "abcjob", "run", *FEW, "--wait", "60"]
    quiet, usual = (
        subprocess.Popen(
            [*command, "--database", own.url.libpq, *more],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "ABCJOB_CONNECT": "60"},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        for more in (["--quiet"], [])
    )
    assert usual.stderr is not None
    assert "is tried again, for 60 s in all" in usual.stderr.readline()
    own.start()
    for running in (usual, quiet):
        said = running.communicate(timeout=120)[1]
        assert running.returncode == 0, said
        assert "is tried again" not in said


KILLED = [(step, "killed") for step in STEPS if step != "query"]


@pytest.mark.parametrize(
    ("step", "how"), [*KILLED, *((step, "restarted") for step in ("load", "model", "publish"))]
)
def test_a_server_that_ends_loses_nothing(
    program: Program, called: Program, own: EmbeddedServer, step: str, how: str
) -> None:
    """Code 4, one line; when it is back the old rows are there, and the retry succeeds."""
    assert called("run", *FEW, "--quiet", "--database", own.url.libpq).returncode == 0
    arguments = ("run", "--companies", "77", "--quiet", "--database")

    def end() -> None:
        if how == "killed":
            os.kill(postmaster(own), signal.SIGKILL)
        else:
            own.stop()
            own.start()

    with Proxy(own.url) as proxy:
        proxy.strike(STEPS[step], "cut before" if how == "killed" else "", end)
        ran = program(*arguments, proxy.url.libpq, environment={"ABCJOB_CONNECT": "1"})
        assert proxy.has_struck.is_set()
    assert ran.returncode == 4, ran.stderr
    one_line(ran.stderr)
    own.start()
    with connect(own.url) as db:
        assert companies(db) == 40
        again = called(*arguments, own.url.libpq)
        assert again.returncode == 0, again.stderr
        assert companies(db) == 77


def test_a_reader_who_does_not_end_stops_the_swap(
    program: Program, called: Program, url: DatabaseUrl, db: Connection
) -> None:
    """It waits for so long, in which others wait behind it, and then fails cleanly."""
    assert called("run", *FEW, "--quiet").returncode == 0
    with connect(url) as reader, reader.transaction():
        reader.query("select 1 from abc.company")
        ran = program("run", "--companies", "77", "--quiet")
        assert ran.returncode == 4
        assert "publish: canceling statement due to lock timeout" in one_line(ran.stderr)
        assert companies(db) == 40
        assert db.query("select 1 from pg_namespace where nspname like '%staging%'").is_empty()
    assert called("run", "--companies", "77", "--quiet").returncode == 0
    assert companies(db) == 77


def test_readers_do_not_wait_for_a_staged_table(
    called: Program, url: DatabaseUrl, db: Connection
) -> None:
    """Autovacuum may have one, and be slow to give it back: nobody's table is locked before."""
    assert called("run", *FEW, "--quiet").returncode == 0
    seen: list[int | str] = []
    with connect(url) as vacuum, connect(url) as reader, Proxy(url) as proxy:
        reader.execute("set lock_timeout = '100ms'")

        def read() -> None:
            try:
                seen.append(companies(reader))
            except DatabaseError as error:
                seen.append(str(error))
            vacuum.execute("rollback")

        def hold() -> None:
            vacuum.execute("begin")
            vacuum.execute("lock table abc_staging.session in share update exclusive mode")
            threading.Timer(1, read).start()

        proxy.strike((b"'lock_timeout', $1",), "", hold)
        ran = called("run", "--companies", "77", "--quiet", "--database", proxy.url.libpq)
    assert ran.returncode == 0, ran.stderr
    assert seen == [40]
    assert companies(db) == 77


def test_a_limit_that_a_user_has_for_locks_is_not_ours(
    called: Program, url: DatabaseUrl, db: Connection
) -> None:
    """One session of a run may wait for the other for as long as that takes."""
    db.execute(f'alter database "{url.database}" set lock_timeout = 20')
    ran = called("run", "--companies", "20000", "--quiet")
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("limit", [2, 10, 40, 160])
def test_a_statement_that_takes_too_long_ends_the_run(
    program: Program, called: Program, url: DatabaseUrl, db: Connection, limit: int
) -> None:
    """Whichever statement meets the server's limit: code 4 and the old rows, or a whole run."""
    assert called("run", *FEW, "--quiet").returncode == 0
    db.execute(f'alter database "{url.database}" set statement_timeout = {limit}')
    ran = program("run", "--companies", "20000", "--quiet")
    assert ran.returncode in {0, 4}
    if ran.returncode:
        assert "statement timeout" in one_line(ran.stderr)
    assert companies(db) == (40 if ran.returncode else 20_000)
    assert ran.returncode == 4 or limit > 10
    db.execute(f'alter database "{url.database}" reset statement_timeout')
    assert called("run", "--companies", "20000", "--quiet").returncode == 0
    assert companies(db) == 20_000


# By step: what is seen of it on the way, and what another session holds then, so that it waits.
HELD = {
    "stage": ("create schema", "pg_namespace in share mode"),
    "load": ("FROM STDIN", "abc_staging.session, abc_staging.company, abc_staging.plan"),
    "model": ('truncate "abc_staging"."company_month"', "abc_staging.company_month"),
    "keys": ("primary key", "abc_staging.company in share mode"),
    "ledger": ("insert into abcjob.run_step", "abcjob.run_step"),
    "check": ("as violations", "abc_staging.session, abc_staging.company"),
    "publish": ("'lock_timeout', $1", "abc.company in share mode"),
    "query": ("repeatable read", "abc.company"),
}


@pytest.mark.parametrize("step", HELD)
def test_a_step_that_stands_still_meets_the_statement_timeout(
    program: Program, called: Program, url: DatabaseUrl, db: Connection, step: str
) -> None:
    """In each step: code 4, one line, the old rows whole, or the new ones if they are published."""
    assert called("run", *FEW, "--quiet").returncode == 0
    seen, tables = HELD[step]
    db.execute(f'alter database "{url.database}" set statement_timeout = 1500')
    with connect(url) as other, Proxy(url) as proxy:

        def hold() -> None:
            other.execute("begin")
            other.execute(f"lock table {tables}")

        proxy.strike((seen.encode(),), "", hold)
        ran = program("run", "--companies", "77", "--quiet", "--database", proxy.url.libpq)
        assert proxy.has_struck.is_set()
        other.execute("rollback")
    assert ran.returncode == 4, ran.stderr
    assert "statement timeout" in one_line(ran.stderr)
    assert companies(db) == (77 if step == "query" else 40)
    db.execute(f'alter database "{url.database}" reset statement_timeout')
    assert called("run", "--companies", "77", "--quiet").returncode == 0
    assert companies(db) == 77
    assert db.query("select 1 from pg_namespace where nspname like '%staging%'").is_empty()


def contents(db: Connection) -> list[str]:
    """A checksum of each table that readers see."""
    return [
        db.query(
            f"select md5(string_agg(t::text, ',' order by t::text)) as sum from abc.{table} t"
        )["sum"][0]
        for table in ("plan", "company", "session", "company_month")
    ]


def test_a_rerun_doubles_nothing(called: Program, tmp_path: Path, db: Connection) -> None:
    """Three runs of one date: the same rows, and the same bytes in the reports."""
    found = []
    for _ in range(3):
        assert called("run", *FEW, *DAY, "--quiet").returncode == 0
        pages = {path.name: path.read_bytes() for path in (tmp_path / "reports").iterdir()}
        found.append((contents(db), pages))
    assert found[0] == found[1] == found[2]


def test_twenty_runs_at_once_leave_one_set_of_tables(
    called: Program, tmp_path: Path, url: DatabaseUrl, db: Connection
) -> None:
    """They wait for each other, or give up with code 5; nobody sees a mixture."""
    assert called("run", *FEW, *DAY, "--quiet").returncode == 0
    alone = contents(db)
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "abcjob", "run", *FEW, *DAY, "--quiet", "--wait", wait],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "ABCJOB_DATABASE_URL": url.libpq},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        for wait in ["100"] * 10 + ["0"] * 10
    ]
    ended = [(run.communicate(timeout=200)[1], run.returncode) for run in running]
    assert {code for _, code in ended[:10]} == {0}
    assert {code for _, code in ended[10:]} <= {0, 5}
    for said, code in ended:
        if code:
            assert "holds it, after 0 s of waiting" in one_line(said)
    assert contents(db) == alone
    published = db.query("select count(*) as n from abcjob.run where outcome = 'published'")
    assert published["n"][0] == 1 + sum(code == 0 for _, code in ended)
