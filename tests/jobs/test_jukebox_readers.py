"""Who may see what of the job `jukebox`: canaries in all that is personal; the readers' role."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from time import sleep
from typing import TYPE_CHECKING, Any

import pytest
from jukebox_events import allocated, bought, customer, location, paid, played, published
from jukebox_stream import BASE

from abcjob import jobs, sqlfile
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

DATE = "2026-03-31"
ROLE = "jukebox_reader"
VIEWS = tuple(sqlfile.statements("jukebox", "views"))
PERSONAL = {
    "Sale.CustomerRegistered": (
        "CustomerName", "LegalAddress", "CustomerPhoneNumber", "CustomerIdentityNumber",
    ),
    "Sale.LocationRegistered": ("Address", "ContactName", "ContactPhoneNumber"),
}  # fmt: skip
# Nothing else spells these: no second of the clock is the 73rd, no step of a run takes 162 s.
# Fewer digits, as those behind the point alone, stand in a duration of a run by chance.
LATITUDE, LONGITUDE = "73.481941", "162.917352"
DEGREES = ("73.4819", "162.9173", "7348194", "1629173")


@dataclass
class Birds:
    """Canaries, each of them one text.

    Attributes:
        names: all that were planted.
    """

    names: list[str] = field(default_factory=list)

    def planted(self, line: bytes, **changes: Any) -> bytes:
        """The event with one in each personal field, and with changes to its payload."""
        said = json.loads(line)
        for name in PERSONAL[said["EventType"]]:
            # Its first letter and its last two are what readers are shown of it.
            self.names.append(f"canary{len(self.names):03}{name}bird")
            said["Payload"][name] = f"X{self.names[-1]}99"
        if "Latitude" in said["Payload"]:
            said["Payload"] |= {"Latitude": LATITUDE, "Longitude": LONGITUDE}
        said["Payload"] |= changes
        return json.dumps(said).encode()

    def seen(self, *texts: str) -> list[str]:
        """Those that stand in one of the texts."""
        whole = "\n".join(texts)
        return [bird for bird in (*self.names, *DEGREES) if bird in whole]


def put(path: Path, *lines: bytes) -> None:
    """A file of lines."""
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def streams(birds: Birds) -> list[list[bytes]]:
    """What four runs read: right, wrong, waiting and beaten events; then more; then corrections.

    The second adds a few rows to many; the third has other content under a known EventId, on which
    nothing rests; the fourth another customer's, so that all is made anew.
    """
    many = [birds.planted(customer(f"many {n}", "2026-01-01", 1000 + n)) for n in range(3)]
    many += [customer(f"more {n}", "2026-01-01", 2000 + n) for n in range(300)]
    first = [
        *many,
        birds.planted(customer("c1", "2026-01-01")),
        birds.planted(location("l1", "2026-01-01")),
        *BASE[2:],
        allocated("a1", "2026-01-10"),
        paid("p1", "2026-01-12", 1, 900),
        played("m1", "2026-02-01"),
        birds.planted(customer("c2", "2026-01-02"), CustomerId="x"),
        birds.planted(location("l3", "2026-01-02"), ContactName=None),
        birds.planted(location("l4", "2026-01-02"), Longitude="west"),
        birds.planted(customer("c3", "2026-01-02"))[:-2],
        birds.planted(customer("c4", "soon")),
        birds.planted(location("waits", "2026-01-01", 30, of=9)),
        birds.planted(customer("c1", "2025-12-01")),
    ]
    second = [
        birds.planted(customer("c5", "2026-02-01", 5)),
        birds.planted(location("l5", "2026-02-01", 50, of=5)),
        birds.planted(location("waits too", "2026-02-01", 60, of=8)),
    ]
    third = [
        birds.planted(customer("c1", "2026-03-01", name="other")),
        birds.planted(location("l1", "2026-03-01")),
    ]
    fourth = [birds.planted(customer("many 0", "2026-03-01", 1999))]
    return [first, second, third, fourth]


def run(program: Program, tmp_path: Path, *lines: bytes, database: str | None = None) -> str:
    """A run over these lines that has to go well; all that it said."""
    put(tmp_path / "in.ndjson", *lines)
    environment = {"ABCJOB_DATABASE_URL": database} if database else {}
    ran = program(
        "run", "jukebox", "--input", "in.ndjson", "--date", DATE, "--verbose",
        environment=environment,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout + ran.stderr


COMMANDS = (
    *(("kpi", "jukebox", "--format", form) for form in ("table", "json", "csv")),
    ("report", "jukebox", "--verbose"),
    *(("runs", "jukebox", "--format", form) for form in ("table", "json", "csv")),
    ("doctor", "--verbose"),
    ("run", "jukebox", "--input", "in.ndjson", "--dry-run", "--verbose"),
)


def test_nothing_personal_gets_out(program: Program, tmp_path: Path, db: Connection) -> None:
    """3.12, 3.28: of canaries in every personal field none is where it may be read by others."""
    birds = Birds()
    for lines in streams(birds):
        said = run(program, tmp_path, *lines)
        asked = [program(*command) for command in COMMANDS]
        assert [ran.returncode for ran in asked] == [0] * len(asked)
        outputs = [text for ran in asked for text in (ran.stdout, ran.stderr)]
        pages = [path.read_text() for path in (tmp_path / "reports").iterdir() if path.is_file()]
        assert len(pages) >= 2
        assert birds.seen(said, *outputs, *pages) == []
        assert birds.seen(*rows_of(db, "abcjob")) == []
        with readers(db):
            shown = [row for view in VIEWS for row in rows(db, f"jukebox.{view}")]
        assert shown
        assert birds.seen(*shown) == []
    # Had they not been planted well, nothing could be seen anywhere.
    there = birds.seen(*rows_of(db, "jukebox"))
    contacts = {bird for bird in birds.names if "Contact" in bird}
    assert set(there) >= {"73.4819", "162.9173", *birds.names} - contacts


def rows(db: Connection, table: str) -> list[str]:
    """The rows of a table or view, as text; bytes as what they spell."""
    names = db.query(
        "select attname, atttypid = 'bytea'::regtype as is_raw from pg_attribute "
        "where attrelid = $1::regclass and attnum > 0 and not attisdropped",
        table,
    )
    told = ", ".join(
        f"encode({name}, 'escape')" if is_raw else name for name, is_raw in names.iter_rows()
    )
    found = db.query(f"select row({told})::text as row from {table}")
    return [str(row) for row in found["row"]]


def rows_of(db: Connection, schema: str) -> list[str]:
    """The rows of every table of a schema."""
    tables = db.query(
        "select oid::regclass::text as name from pg_class "
        "where relnamespace = $1::regnamespace and relkind in ('r', 'p')",
        schema,
    )["name"]
    assert not tables.is_empty()
    return [row for table in tables for row in rows(db, table)]


class readers:  # noqa: N801 - reads as a word in a with statement
    """Within it, the connection is the readers'."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute(f"set role {ROLE}")

    def __exit__(self, *_: object) -> None:
        self._db.execute("reset role")


def refused(db: Connection, statement: str) -> bool:
    """Whether readers may not do this."""
    with readers(db):
        try:
            db.execute(statement)
        except DatabaseError as error:
            return "denied" in str(error) or "must be owner" in str(error)
    return False


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


def test_what_is_short_is_masked_whole(program: Program, tmp_path: Path, db: Connection) -> None:
    """3.12: of a name of two letters one would tell half, of a number of five two too much."""
    short = json.loads(customer("c1", "2026-01-01", name="Bo"))
    short["Payload"]["CustomerPhoneNumber"] = "12345"
    run(program, tmp_path, json.dumps(short).encode(), location("l1", "2026-01-01"))
    with readers(db):
        found = db.query("select name, phone_number from jukebox.readable_customers")
        assert found.rows() == [("***", "***")]
        place = db.query(
            "select latitude::text as a, longitude::text as b from jukebox.readable_locations"
        )
        assert place.rows() == [("48.9", "-2.4")]


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


def test_no_guess_of_what_is_personal_can_be_verified(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """3.12: the id of an event that came without one is a hash of its content, all of it."""
    inbox = tmp_path / "bare"
    inbox.mkdir()
    for line in (
        customer("c1", "2026-01-01"),
        location("l1", "2026-01-01"),
        bought("b1", "2026-01-02"),
    ):
        said = json.loads(line)
        (inbox / f"{said['EventType']}.ndjson").write_bytes(json.dumps(said["Payload"]).encode())
    result = program("run", "jukebox", "--input", inbox, "--date", DATE)
    assert result.returncode == 0, result.stderr
    ids = dict(db.query("select event_type, event_id from jukebox.event").iter_rows())
    hidden = {ids[kind] for kind in PERSONAL}
    assert [len(found) for found in ids.values()] == [64] * 3
    with readers(db):
        shown = [str(db.query(f"select * from jukebox.{view}").rows()) for view in VIEWS]
    assert not [found for found in hidden if any(found in rows for rows in shown)]
    assert any(ids["Logistic.DevicePurchased"] in rows for rows in shown)


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


def test_the_quarantine_is_for_operators(program: Program, tmp_path: Path, db: Connection) -> None:
    """It has rows as they came, personal data too: no reader's; in a table it tells why alone."""
    birds = Birds()
    run(program, tmp_path, birds.planted(customer("c2", "2026-01-02"), CustomerId="x"))
    listed = {
        form: program("quarantine", "jukebox", "--format", form).stdout
        for form in ("table", "json", "csv")
    }
    assert "rejected  Payload.CustomerId: not an integer" in listed["table"]
    assert birds.seen(listed["table"]) == []
    assert len(birds.seen(listed["json"])) == len(birds.seen(listed["csv"])) == 4
    assert refused(db, "select raw from jukebox.quarantine")


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
