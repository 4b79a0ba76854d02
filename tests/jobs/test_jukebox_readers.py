"""The readers' role of `jukebox`: what it may see, whoever makes it, whatever a run does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import sleep
from typing import TYPE_CHECKING

import pytest
from jukebox_birds import Birds, streams
from jukebox_events import customer, played, published
from jukebox_readers import DATE, ROLE, VIEWS, put, readers, refused, run
from jukebox_stream import BASE

from abcjob import jobs
from abcjob.database import views
from abcjob.database.connection import connect
from abcjob.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conftest import Program

    from abcjob.database.connection import Connection
    from abcjob.database.url import DatabaseUrl

pytestmark = pytest.mark.in_process


def relations(db: Connection) -> list[tuple[str, str, str]]:
    """The schema, the name and the kind of all that has rows, but for the server's own."""
    return list(
        db.query(
            "select relnamespace::regnamespace::text as s, relname::text as n, relkind::text as k "
            "from pg_class where relkind in ('r', 'v', 'm', 'p', 'S') "
            "and relnamespace::regnamespace::text !~ '^(pg_|information_schema)' order by 1, 2"
        ).iter_rows()
    )


def check_the_role(db: Connection) -> None:
    """It may read the views of the job, and nothing else; nor write, nor make anything."""
    for schema, name, kind in relations(db):
        is_view = schema == "jukebox" and name in VIEWS
        assert schema != "jukebox" or (name, kind == "v") == (name, is_view)
        of = f"{schema}.{name}"
        if kind != "S":
            assert (of, refused(db, f"select * from {of} limit 1")) == (of, not is_view)
            assert refused(db, f"delete from {of}")
            assert refused(db, f"insert into {of} default values")
        column = db.query(
            # The last: in no view is it masked, which would be refused for that.
            "select attname from pg_attribute where attrelid = $1::regclass and not attisdropped "
            "order by attnum desc limit 1",
            of,
        )["attname"][0]
        assert refused(db, f"update {of} set {column} = {column}") or kind == "S"
    for statement in (
        "create table jukebox.mine (n int)",
        "create table public.mine (n int)",
        "create view jukebox.mine as select 1",
        "create schema mine",
        "create role mine",
        "drop view jukebox.readable_customers",
        "alter view jukebox.readable_customers rename to mine",
        f"grant select on jukebox.customers to {ROLE}",
        "truncate jukebox.customers",
    ):
        assert (statement, refused(db, statement)) == (statement, True)
    found = db.query(
        "select rolsuper or rolcreaterole or rolcreatedb or rolcanlogin or rolreplication "
        "or rolbypassrls as may_more from pg_roles where rolname = $1",
        ROLE,
    )
    assert found["may_more"].to_list() == [False]


def test_readers_read_the_views_alone(program: Program, tmp_path: Path, db: Connection) -> None:
    """3.28: after a first run, two that insert, and one that makes all tables anew."""
    made = set()
    for lines in streams(Birds()):
        run(program, tmp_path, *lines)
        check_the_role(db)
        made.add(db.query("select 'jukebox.customers'::regclass::oid as oid")["oid"][0])
    assert len(made) == 2  # the second and the third added rows to the first's tables
    run(program, tmp_path, customer("last", "2026-03-01", 77))
    with readers(db):
        found = db.query(
            "select name, legal_address, phone_number, identity_number "
            "from jukebox.readable_customers where id = 77"
        )
        assert found.rows() == [("A***", "***", "***01", "***")]


def test_every_table_but_the_quarantine_has_its_view(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """3.28: what is not personal, consumers can read: each column of each table, but for those."""
    run(program, tmp_path, *BASE)
    tables = {name for schema, name, kind in relations(db) if schema == "jukebox" and kind == "r"}
    assert {f"readable_{name}" for name in tables - {"quarantine"}} == set(VIEWS)
    columns = db.query(
        "select table_name as t, column_name as c from information_schema.columns "
        "where table_schema = 'jukebox'"
    )
    by_table: dict[str, set[str]] = {}
    for table, column in columns.iter_rows():
        by_table.setdefault(table, set()).add(column)
    hidden = {
        table: by_table[table] - by_table[f"readable_{table}"] for table in tables - {"quarantine"}
    }
    assert {table: names for table, names in hidden.items() if names} == {
        "event": {
            "name", "address", "phone_number", "identity_number", "latitude", "longitude",
        },
        "customers": {"event_id"},
        "locations": {"address", "event_id"},
    }  # fmt: skip


def grants(db: Connection) -> set[tuple[str, str, str]]:
    """Who may do what on the views, but for their owner and the job's readers."""
    found = db.query(
        "select relname::text as view, grantee::regrole::text as who, privilege_type as what "
        "from pg_class cross join aclexplode(relacl) as acl "
        "where relnamespace = 'jukebox'::regnamespace and relkind = 'v' "
        "and grantee <> relowner and grantee::regrole::text <> $1",
        ROLE,
    )
    return set(found.iter_rows())


@pytest.fixture
def anna(db: Connection) -> Iterator[str]:
    """A role that may log in, and nothing else."""
    name = f"anna_{db.query('select current_database()::text as n')['n'][0]}"
    db.execute(f"create role {name} login")
    yield name
    db.execute(f"drop owned by {name}")
    db.execute(f"drop role {name}")


def test_grants_of_others_on_the_views_are_kept(
    program: Program, tmp_path: Path, db: Connection, anna: str
) -> None:
    """Whatever a run does to the tables; what was taken from the readers is given back."""
    parts = streams(Birds())
    run(program, tmp_path, *parts[0])
    db.execute(f"grant select on jukebox.readable_sales to {anna} with grant option")
    db.execute(f"grant select, update on jukebox.readable_songs to {anna}")
    given = grants(db)
    assert len(given) == 3
    for lines in parts[1:]:
        db.execute(f"revoke select on jukebox.readable_sales from {ROLE}")
        run(program, tmp_path, *lines)
        assert grants(db) == given
        check_the_role(db)


@pytest.fixture
def no_role(db: Connection) -> Iterator[None]:
    """The readers' role is not there; other databases keep it, under another name meanwhile."""
    is_there = not db.query("select 1 as n from pg_roles where rolname = $1", ROLE).is_empty()
    if is_there:
        db.execute(f"alter role {ROLE} rename to {ROLE}_of_others")
    yield
    db.execute(f"drop owned by {ROLE}")
    db.execute(f"drop role {ROLE}")
    if is_there:
        db.execute(f"alter role {ROLE}_of_others rename to {ROLE}")


def as_role(url: DatabaseUrl, role: str) -> str:
    """The same database as that role sees it."""
    return replace(url, options=(*url.options, ("options", f"-c role={role}"))).libpq


def test_a_user_who_may_make_no_role_is_told(
    program: Program, tmp_path: Path, url: DatabaseUrl, db: Connection, no_role: None, anna: str
) -> None:
    """3.28: the run goes well and gives the SQL; once somebody has run it, readers are let in."""
    assert no_role is None
    db.execute(f"grant create on database {url.database} to {anna}")
    mine = as_role(url, anna)
    parts = streams(Birds())
    for lines in parts[:2]:
        said = run(program, tmp_path, *lines, database=mine)
        assert f"the role {ROLE} is missing" in said
        assert f'`create role "{ROLE}"`' in said
    owner = db.query(
        "select relowner::regrole::text as o from pg_class "
        "where oid = 'jukebox.customers'::regclass"
    )["o"][0]
    assert owner == anna
    statement = said.partition("have `")[2].partition("`")[0]
    db.execute(statement)
    said = run(program, tmp_path, *parts[2], database=mine)
    assert ROLE not in said
    check_the_role(db)
    with readers(db):
        assert db.query("select count(*) as n from jukebox.readable_customers")["n"][0] > 0


def test_a_dry_run_and_a_run_that_is_refused_leave_readers_their_views(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """What they could read before, they can read after it."""
    run(program, tmp_path, *BASE)
    put(tmp_path / "in.ndjson", customer("c9", "2026-01-01", 9))
    for options, code in ((("--dry-run",), 0), (("--input", "nowhere"), 6)):
        ran = program("run", "jukebox", "--input", "in.ndjson", *options)
        assert ran.returncode == code, ran.stderr
        check_the_role(db)


def test_a_member_of_the_role_reads_by_its_own_login(
    program: Program, tmp_path: Path, url: DatabaseUrl, db: Connection, anna: str
) -> None:
    """3.28: `grant jukebox_reader to somebody` is all that there is to do."""
    run(program, tmp_path, *BASE, played("m1", "2026-01-03", None), published("s2", DATE, 51))
    db.execute(f"grant {ROLE} to {anna}")
    with connect(replace(url, user=anna)) as hers:
        counts: Mapping[str, int] = {
            view: hers.query(f"select count(*) as n from jukebox.{view}")["n"][0] for view in VIEWS
        }
        with pytest.raises(DatabaseError, match="denied"):
            hers.query("select * from jukebox.customers")
    assert counts["readable_songs"] == 2
    assert counts["readable_songs_played"] == 1
    assert counts["readable_locations"] == 2


def test_two_runs_may_make_the_role_at_once(
    program: Program, tmp_path: Path, url: DatabaseUrl, db: Connection, no_role: None
) -> None:
    """3.28: it belongs to the whole server: one that waited for another's finds it made."""
    assert no_role is None
    run(program, tmp_path, *BASE)
    db.execute(f"drop owned by {ROLE}")
    db.execute(f"drop role {ROLE}")
    with connect(url) as other, ThreadPoolExecutor(1) as threads:
        with other.transaction():
            other.execute(f"create role {ROLE}")
            admitted = threads.submit(views.admit, db, jobs.load("jukebox"))
            waits = (
                "select 1 as n from pg_stat_activity "
                "where datname = current_database() and wait_event_type = 'Lock'"
            )
            while other.query(waits).is_empty():
                assert not admitted.done()
                sleep(0.01)
        assert admitted.result() is None
    check_the_role(db)
