"""The connection: what it returns, how it fails, and that what failed is not there."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
import pytest

from abcjob.database import schemas
from abcjob.database.connection import Connection, connect
from abcjob.database.url import parse
from abcjob.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from abcjob.database.url import DatabaseUrl


def test_numbers_come_back_exact(db: Connection) -> None:
    """`numeric` is Decimal, of its own scale where it has one; times are aware and UTC."""
    row = db.query(
        "select 19::numeric(12, 2) as price, 1::numeric / 3 as third, sum(1::bigint) as n, "
        "timestamptz '2021-01-01 01:00+01' as t, date '2021-02-03' as d, '{\"a\": 1}'::jsonb as j"
    )
    assert row.schema["price"] == pl.Decimal(12, 2)
    assert row.row(0) == (
        Decimal("19.00"),
        Decimal("0.3333333333333333"),
        Decimal(1),
        datetime(2021, 1, 1, tzinfo=UTC),
        date(2021, 2, 3),
        '{"a": 1}',
    )


def test_sessions_are_in_utc_whatever_the_server_is(db: Connection) -> None:
    """Everything in UTC: also a second session, and also where the database says otherwise."""
    db.script(
        "do $$ begin execute format('alter database %I set timezone to ''Asia/Tokyo''', "
        "current_database()); end $$"
    )
    with db.another() as second:
        zone = second.query("select current_setting('timezone') as zone")
    assert zone["zone"][0] == "UTC"


def test_a_transaction_happens_whole_or_not_at_all(db: Connection) -> None:
    """An error inside rolls back all that came before it."""
    db.execute("create table t (n integer)")
    with pytest.raises(ZeroDivisionError), db.transaction():
        db.execute("insert into t values (1)")
        raise ZeroDivisionError
    with db.transaction():
        db.execute("insert into t values (2)")
    assert db.query("select n from t")["n"].to_list() == [2]


def test_a_commit_of_what_the_server_rolled_back_is_an_error(db: Connection) -> None:
    """An error swallowed inside a transaction does not end in a commit that says all is well."""
    db.execute("create table t (n integer)")
    with pytest.raises(DatabaseError, match="given the transaction up"), db.transaction():
        db.execute("insert into t values (1)")
        with pytest.raises(DatabaseError):
            db.query("select 1 / 0")
    assert db.query("select n from t").is_empty()
    db.execute("insert into t values (3)")


def test_an_error_is_one_line_with_its_state(db: Connection) -> None:
    """The server's words, its code, no line break, no copy of the query."""
    with pytest.raises(DatabaseError, match=r"^division by zero \[SQLSTATE 22012\]$") as failed:
        db.query("select 1 / 0 as\nx")
    assert failed.value.sqlstate == "22012"


@pytest.mark.parametrize("wrong", ["'hunter', -1", "'hunter', null"])
def test_an_error_tells_no_row(db: Connection, wrong: str) -> None:
    """3.12: PostgreSQL adds the whole row to what it says of a check; errors are kept and shown."""
    db.script("create table anna (name text, age int not null check (age > 0))")
    with pytest.raises(DatabaseError, match=r"violates .*constraint.*\[SQLSTATE 235") as failed:
        db.execute(f"insert into anna values ({wrong})")
    assert "hunter" not in str(failed.value)


def test_an_error_in_the_last_row_is_not_missed(db: Connection) -> None:
    """Results are fetched to their end: the error of a late row is raised."""
    with pytest.raises(DatabaseError, match="division by zero"):
        db.query("select 1 / (100000 - n) from generate_series(1, 100000) as n")


def test_an_error_of_a_statement_with_rows_is_not_missed(db: Connection) -> None:
    """Also where nobody wants the rows."""
    with pytest.raises(DatabaseError, match="division by zero"):
        db.execute("select 1 / (n - 2) from generate_series(1, 5) as n")


def test_a_server_that_does_not_answer_is_not_waited_for_long() -> None:
    """A peer that takes the connection and stays silent ends in an error, within its time."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(DatabaseError, match="timeout"):
            connect(parse(f"postgresql://u@127.0.0.1:{silent.getsockname()[1]}/d"))


def test_an_error_while_appending_leaves_no_row(db: Connection) -> None:
    """The error of the rows' source comes through; none of its rows is there."""
    db.execute("create table t (n bigint)")
    batch = pa.record_batch({"n": pa.array(range(1_000), pa.int64())})

    def batches() -> Iterator[pa.RecordBatch]:
        yield batch
        raise ValueError("the source broke")

    with pytest.raises(DatabaseError, match="the source broke"):
        db.append("public", "t", pa.RecordBatchReader.from_batches(batch.schema, batches()))
    assert db.query("select count(*) as n from t")["n"][0] == 0


def test_a_password_in_an_error_is_hidden() -> None:
    """A failure to connect names the server, not the password, and says what to do."""
    address = parse("postgresql://anna:topsecret@127.0.0.1:1/shop")
    with pytest.raises(DatabaseError) as failed:
        connect(address)
    assert "topsecret" not in str(failed.value)
    assert "postgresql://anna:***@127.0.0.1:1/shop" in str(failed.value)
    assert re.fullmatch(
        r"connecting to \S+: connection to server at .* failed: Connection refused; "
        r"start the server, or correct --database",
        str(failed.value),
    )


def test_connecting_is_tried_again_for_as_long_as_was_said() -> None:
    """A server that is not there yet is tried again; not for ever."""
    begin = time.monotonic()
    with pytest.raises(DatabaseError):
        connect(parse("postgresql://u@127.0.0.1:1/d"), patience=0.8)
    assert 0.3 < time.monotonic() - begin < 10


@pytest.mark.parametrize("hanging_up_after", [None, 2.0], ids=["silent", "silent at last"])
def test_the_time_for_all_tries_is_that_which_was_said(hanging_up_after: float | None) -> None:
    """Each try with a server that takes the connection and says nothing has what is left of it."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def hang_up(seconds: float) -> None:
            peer, _ = server.accept()
            with peer:
                time.sleep(seconds)

        if hanging_up_after:
            threading.Thread(target=hang_up, args=(hanging_up_after,), daemon=True).start()
        begin = time.monotonic()
        with pytest.raises(DatabaseError, match="timeout"):
            connect(parse(f"postgresql://u@127.0.0.1:{server.getsockname()[1]}/d"), patience=4)
        assert 3.5 < time.monotonic() - begin < 5.9


def test_a_user_whose_only_connection_is_in_use_waits_for_it(
    db: Connection, url: DatabaseUrl
) -> None:
    """It is given back: the driver itself has one for a moment, before the one that it keeps."""
    db.script("drop role if exists loner; create role loner login connection limit 1")
    loner = replace(url, user="loner")
    threading.Timer(1, connect(loner, patience=60).close).start()
    with connect(loner, patience=60) as second:
        assert second.query("select current_user::text as name")["name"][0] == "loner"
    db.script("drop role loner")


def test_a_vacuum_gives_way_soon(db: Connection, url: DatabaseUrl) -> None:
    """A run waits a tenth of a second for one; who may not say so is served all the same."""
    ask = "select current_setting('deadlock_timeout') as patience"
    assert db.query(ask)["patience"][0] == "100ms"
    db.script("drop role if exists visitor; create role visitor login")
    with connect(replace(url, user="visitor")) as other:
        assert other.query(ask)["patience"][0] == "1s"
    db.script("drop role visitor")


def test_what_cannot_pass_is_not_tried_again(url: DatabaseUrl) -> None:
    """A database that does not exist will not in ten seconds either."""
    begin = time.monotonic()
    with pytest.raises(DatabaseError, match="does not exist"):
        connect(replace(url, database="nowhere"), patience=60)
    assert time.monotonic() - begin < 30


def test_another_session_is_opened_while_this_one_is_busy(db: Connection) -> None:
    """Speed: else what loads on several connections would load on one after the other."""
    sleeping = threading.Thread(target=db.execute, args=("select pg_sleep(2)",))
    sleeping.start()
    with db.another() as other:
        assert other.query("select 1 as one")["one"][0] == 1
        assert sleeping.is_alive()
    sleeping.join()


def test_what_a_killed_client_asked_for_ends(db: Connection, url: DatabaseUrl) -> None:
    """Its locks are free soon, and not when its statement would have ended by itself."""
    code = f"""
from abcjob.database.connection import connect
from abcjob.database.url import parse
connect(parse({url.libpq!r})).execute("select 'to be lost', pg_sleep(120)")
"""
    asked = (
        "select count(*) as n from pg_stat_activity "
        "where query like '%to be lost%' and pid <> pg_backend_pid()"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as client:
        wait_until(lambda: db.query(asked)["n"][0] == 1)
        client.kill()
    wait_until(lambda: db.query(asked)["n"][0] == 0)


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait; half a minute is too long for anything here."""
    for _ in range(300):
        if is_so():
            return
        time.sleep(0.1)
    pytest.fail("it never came to that")


def test_what_ended_the_maker_of_schemas_is_what_is_told(db: Connection, url: DatabaseUrl) -> None:
    """Not that its lock could not be given back: that went with the session."""
    with connect(url) as maker, pytest.raises(DatabaseError, match="administrator command"):
        session = int(maker.query("select pg_backend_pid() as pid")["pid"][0])
        with schemas._serialised(maker):  # noqa: SLF001
            db.query("select pg_terminate_backend($1::int)::text as gone", session)
            maker.query("select 1")
