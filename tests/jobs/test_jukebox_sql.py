"""The SQL of the job jukebox alone: its models, what waits, what is made anew, its KPIs."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jukebox_answers import KPIS, Asked, kpis
from jukebox_compare import answer, in_any_order
from jukebox_events import (
    allocated,
    bought,
    customer,
    location,
    paid,
    played,
    published,
    removed,
)
from jukebox_lines import understood
from jukebox_oracle import COLUMNS, judged, surrogate, tables
from jukebox_tables import (
    MODELS,
    asked,
    build,
    filled,
    make,
    modelled,
    put,
    read,
    stored,
    touched,
    waiting,
)
from jukebox_universe import asked as asks
from jukebox_universe import events

from abcjob import sqlfile
from abcjob.errors import DatabaseError

if TYPE_CHECKING:
    from abcjob.database.connection import Connection

DAY = date(2026, 3, 31)
KNOWN = (customer("0c", "2026-01-01"), location("0l", "2026-01-01"), bought("0b", "2026-01-01"))
drawn = settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def db(db: Connection) -> Connection:
    """A connection to a database with the job's tables, empty."""
    make(db)
    db.script("create schema known")
    for table in ("customers", "locations", "devices", "songs"):
        db.script(f"create table known.{table} (id bigint)")
    return db


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def sold(db: Connection) -> list[tuple[Any, ...]]:
    """The sales: of which allocation's event, what was received, when they were sold."""
    return db.query(
        "select event_id, received, sold_at from sales "
        "inner join allocations on allocations.id = sales.allocation_id order by event_id"
    ).rows()


@drawn
@given(lines=events(), asked_for=asks())
def test_the_sql_says_what_an_independent_count_says(
    db: Connection, lines: list[bytes], asked_for: Asked
) -> None:
    """3.1 to 3.23: what waits, every table and every KPI, of events by chance."""
    found = judged(lines)
    db.execute("truncate known.customers, known.locations, known.devices, known.songs")
    put(db, found.accepted | set(found.waiting))
    assert waiting(db, "known") == {
        (event.event_id, *reason) for event, reasons in found.waiting.items() for reason in reasons
    }
    put(db, found.accepted)
    assert waiting(db, "known") == set()
    build(db)
    made = tables(found.accepted)
    for table in MODELS:
        assert (table, stored(db, table)) == (table, in_any_order(made[table]))
    for name, rows in kpis(made, asked_for).items():
        told = asked(db, name, asked_for).rows()
        assert (name, answer(name, told)) == (name, answer(name, rows))
    for check in sqlfile.load_all("jukebox", "checks"):
        if check.require("severity") == "error":
            assert db.query(check.sql).is_empty(), check.name


@drawn
@given(lines=events(), chance=st.randoms(use_true_random=False))
def test_what_is_made_anew_is_all_that_changes(
    db: Connection, lines: list[bytes], chance: Any
) -> None:
    """3.10: the rows of touched keys, with the others as they were, are those of all events."""
    accepted = sorted(judged(lines).accepted)
    chance.shuffle(accepted)
    added = [event for event in accepted[::3] if event.event_type != "Sale.CustomerRegistered"]
    before = judged_again(set(accepted) - set(added))
    added = [event for event in accepted if event not in before]
    for name in ("added_event", "replaced_event"):  # nothing is told anew
        db.script(f"drop table if exists {name}; create table {name} (like event)")
    put(db, before)
    build(db)
    old = {table: db.query(f"select * from {table}") for table in MODELS}
    columns = "insert into added_event select * from event where event_id in "
    keys = {}
    put(db, accepted)
    db.execute(f"{columns} (select jsonb_array_elements_text($1::text::jsonb))",
               json.dumps([event.event_id for event in added]))  # fmt: skip
    kept_up = [table for table in MODELS if table not in {"artists", "albums", "songs_played"}]
    for table in kept_up:
        keys[table] = touched(db, table)
        db.script(f"drop table if exists touched_{table}; alter table touched rename to "
                  f"touched_{table}")  # fmt: skip
    build(db)
    for table in kept_up:
        news = modelled(db, table, f"touched_{table}").select(COLUMNS[table]).rows()
        column = {"allocations": "device_id", "agent_days": "begins_at", "sales": "device_id"}
        place = COLUMNS[table].index(column.get(table, "id"))
        rows = old[table].select(COLUMNS[table]).rows()
        kept = [row for row in rows if row[place] not in keys[table]]
        assert (table, in_any_order({*kept, *news})) == (table, stored(db, table))


def judged_again(events: Any) -> set[Any]:
    """Those of some accepted events that are accepted without the others."""
    known: set[tuple[str, int]] = set()
    makes = {
        "Sale.CustomerRegistered": "customer_id", "Sale.LocationRegistered": "location_id",
        "Sale.DeviceAllocated": "device_id", "Logistic.DevicePurchased": "device_id",
        "Music.SongPublished": "song_id",
    }  # fmt: skip
    accepted: set[Any] = set()
    while True:
        ready = {
            event
            for event in events - accepted
            if all(
                getattr(event, column) is None
                or (column, getattr(event, column)) in known
                or makes.get(event.event_type) == column
                for column in ("customer_id", "location_id", "device_id", "song_id")
            )
        }
        if not ready:
            return accepted
        accepted |= ready
        known |= {
            (makes[event.event_type], getattr(event, makes[event.event_type]))
            for event in ready
            if event.event_type in makes
        }


SALES: dict[str, tuple[list[bytes], list[tuple[str, Decimal, str]]]] = {
    "instalments": (
        [allocated("a", "2026-01-10", price=100), paid("p1", "2026-01-11", 1, 60),
         paid("p2", "2026-02-11T08:00:00Z", 2, 40)],
        [("a", Decimal(100), "2026-02-11 08:00")],
    ),
    "not paid to the end": (
        [allocated("a", "2026-01-10", price=100), paid("p1", "2026-01-11", 1, "99.99")], [],
    ),
    "one exact payment": (
        [allocated("a", "2026-01-10", price="99.99"), paid("p1", "2026-01-11", 1, "99.99")],
        [("a", Decimal("99.99"), "2026-01-11")],
    ),
    "overpaid, and paid on": (
        [allocated("a", "2026-01-10", price=100), paid("p1", "2026-01-11", 1, 150),
         paid("p2", "2026-01-12", 2, 5)],
        [("a", Decimal(155), "2026-01-11")],
    ),
    "paid before it was allocated": (
        [allocated("a", "2026-01-10", price=100), paid("p1", "2026-01-01", 1, 100)],
        [("a", Decimal(100), "2026-01-10")],
    ),
    "reallocated: the second is not paid": (
        [allocated("a", "2026-01-10", price=100), allocated("b", "2026-02-10", price=100),
         paid("p1", "2026-02-09T23:59:59.999999Z", 1, 100), paid("p2", "2026-02-10", 2, 50)],
        [("a", Decimal(100), "2026-02-09 23:59:59.999999")],
    ),
    "reallocated: what comes at that moment is for the second": (
        [allocated("a", "2026-01-10", price=100), allocated("b", "2026-02-10", price=100),
         paid("p1", "2026-02-10", 1, 100)],
        [("b", Decimal(100), "2026-02-10")],
    ),
    "two at one moment: the greater EventId is in force": (
        [allocated("b", "2026-01-10", price=100), allocated("a", "2026-01-10", price=100),
         paid("p1", "2026-01-10", 1, 100), paid("p2", "2026-01-09", 2, 100)],
        [("a", Decimal(100), "2026-01-10"), ("b", Decimal(100), "2026-01-10")],
    ),
    "two devices of one customer": (
        [allocated("a", "2026-01-10", price=100), allocated("b", "2026-01-10", 200, 100),
         paid("p1", "2026-01-11", 1, 100, by=1), paid("p2", "2026-01-11", 2, 50, 200, by=1)],
        [("a", Decimal(100), "2026-01-11")],
    ),
    "for nothing": (
        [allocated("a", "2026-01-10", price=0)], [("a", Decimal(0), "2026-01-10")],
    ),
    "a payment told anew, for another device": (
        [allocated("a", "2026-01-10", price=100), allocated("b", "2026-01-10", 200, 100),
         paid("p1", "2026-01-11", 1, 100), paid("p2", "2026-01-12", 1, 100, 200)],
        [("b", Decimal(100), "2026-01-12")],
    ),
    "a payment without device is for none": (
        [allocated("a", "2026-01-10", price=100), paid("p1", "2026-01-11", 1, 100, None, by=1)],
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SALES)
def test_a_sale_is_an_allocation_that_is_paid(db: Connection, case: str) -> None:
    """3.20: its date is the later of the allocation and the payment that reached its price."""
    lines, expected = SALES[case]
    filled(db, [*KNOWN, *lines])
    assert sold(db) == [(event, received, at(when)) for event, received, when in expected]


def test_line_feeds_make_no_two_albums_one(db: Connection) -> None:
    """3.11: an album's key is of the artist's and its own name, whatever stands in either."""
    filled(db, [published("s", "2026-01-01", 1, artist="A", album="B\nC"),
                published("t", "2026-01-01", 2, artist="A\nB", album="C")])  # fmt: skip
    found = db.query("select id, artist_id, name from albums order by name").rows()
    assert found[0] == (surrogate("A\nB\nC"), surrogate("A"), "B\nC")
    assert found[1][1:] == (surrogate("A\nB"), "C")
    of = "select songs.id, albums.name from songs inner join albums on songs.album_id = albums.id"
    assert sorted(db.query(of).rows()) == [(1, "B\nC"), (2, "C")]


def test_one_chain_of_unknown_things_waits_whole(db: Connection) -> None:
    """3.10: what waits makes nothing known: a location, an allocation to it, a payment for it."""
    lines = [
        location("l", "2026-01-01", 10, of=1), allocated("a", "2026-01-01", 100, to=10),
        paid("p", "2026-01-01", 1, 5, 100, by=1), played("m", "2026-01-01", 100, song=50),
        removed("r", "2026-01-01", 50),
    ]  # fmt: skip
    put(db, read(lines))
    assert waiting(db, "known") == {
        ("l", "unknown_customer", "customer_id"), ("a", "unknown_location", "location_id"),
        ("p", "unknown_device", "device_id"), ("p", "unknown_customer", "customer_id"),
        ("m", "unknown_device", "device_id"), ("m", "unknown_song", "song_id"),
        ("r", "unknown_song", "song_id"),
    }  # fmt: skip
    db.script("insert into known.songs values (50); insert into known.customers values (1)")
    assert waiting(db, "known") == set()


@drawn
@given(lines=events())
def test_a_restated_event_reads_the_same(db: Connection, lines: list[bytes]) -> None:
    """3.14: an event written anew is the same event, but for a location's contact."""
    found = judged(lines)
    before = found.accepted | set(found.waiting)
    put(db, before)
    sql = sqlfile.fill(sqlfile.load("jukebox", "restate", "event").sql, staged="event")
    told = db.query(f"select event_id, raw from ({sql}) as restated")
    assert {understood(raw) for raw in told["raw"]} == before
    assert all(json.loads(raw)["EventId"] == key for key, raw in told.iter_rows())


def test_contacts_are_not_restated(db: Connection) -> None:
    """3.14: a location's contact is told as a hyphen; text stays as it is, quotes and all."""
    put(db, read([location("l\\\"'\n", "2026-01-01", address='"Ä"\t\u2028\U0001f3b5')]))
    sql = sqlfile.fill(sqlfile.load("jukebox", "restate", "event").sql, staged="event")
    [raw] = db.query(sql)["raw"]
    assert b"\n" not in raw
    said = json.loads(raw)
    assert said["EventId"] == "l\\\"'\n"
    assert said["Payload"] == {
        "LocationId": 10, "CustomerId": 1, "Latitude": 48.856614, "Longitude": -2.352222,
        "Address": '"Ä"\t\u2028\U0001f3b5', "ContactName": "-", "ContactPhoneNumber": "-",
        "OccurredAt": "2026-01-01T00:00:00.000000Z",
    }  # fmt: skip


def test_views_hide_what_is_personal(db: Connection) -> None:
    """3.12, 3.28: a mask tells neither the text nor its length; places are about."""
    filled(db, [*KNOWN, customer("d", "2026-01-02", 2, "Bo")])
    masked = "id, name, legal_address, phone_number, identity_number"
    assert db.query(f"select {masked} from readable_customers order by id").rows() == [
        (1, "A***", "***", "***01", "***"),
        (2, "***", "***", "***01", "***"),
    ]
    about = "select id, customer_id, latitude, longitude from readable_locations"
    assert db.query(about).rows() == [(10, 1, Decimal("48.9"), Decimal("-2.4"))]
    assert "address" not in db.query("select * from readable_locations").columns
    seen = "".join(
        db.query(f"select view::text from readable_{table} as view").write_csv()
        for table in ("event", *MODELS)
    )
    for personal in ("Ada", "Byron", "Old Road", "555", "AB-123", "Quay", "48.85", "2.35"):
        assert personal not in seen
    assert "MusicMaker3000" in seen


def test_keys_are_enforced(db: Connection) -> None:
    """3.8, 3.22: a row is of what is known, stands once, and no payment is negative."""
    filled(db, [*KNOWN, allocated("a", "2026-01-10", price=100), paid("p", "2026-01-11", 1, 100),
                published("s", "2026-01-01"), played("m", "2026-01-12")])  # fmt: skip
    for statement, constraint in (
        ("update locations set customer_id = 9", "locations_customer_id_fkey"),
        ("update allocations set device_id = 9", "allocations_device_id_fkey"),
        ("update allocations set location_id = 9", "allocations_location_id_fkey"),
        ("update allocations set agent_id = 9", "allocations_agent_id_fkey"),
        ("update payments set device_id = 9", "payments_device_id_fkey"),
        ("update payments set customer_id = 9", "payments_customer_id_fkey"),
        ("update payments set amount = -0.01", "payments_amount_check"),
        ("update albums set artist_id = 9", "albums_artist_id_fkey"),
        ("update songs set album_id = 9", "songs_album_id_fkey"),
        ("update songs_played set song_id = 9", "songs_played_song_id_fkey"),
        ("update songs_played set device_id = 9", "songs_played_device_id_fkey"),
        ("update sales set allocation_id = 9", "sales_allocation_id_fkey"),
        ("update sales set price = 101", "sales_check"),
        ("insert into artists select id + 1, name from artists", "artists_name_key"),
    ):
        with pytest.raises(DatabaseError, match=constraint):
            db.execute(statement)


VIOLATIONS = {
    "allocations_follow_on_one_another": "update allocations set ends_at = now()",
    "devices_have_a_cost": "update devices set purchase_cost = null",
    "devices_have_a_price": "update devices set purchase_cost = null, sale_price = null",
    "every_allocation_has_its_row": "delete from sales; delete from allocations",
    "locations_have_their_customer": "alter table locations drop constraint "
    "locations_customer_id_fkey; delete from customers",
    "paid_devices_are_sold": "delete from sales",
    "payments_are_not_negative": "alter table payments drop constraint payments_amount_check; "
    "update payments set amount = -1",
    "sales_are_paid": "update sales set sold_at = '2026-01-09'",
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_check_finds_what_it_forbids(db: Connection, name: str) -> None:
    """3.22: each check passes on right rows, and returns the one that is wrong."""
    filled(db, [*KNOWN, allocated("a", "2026-01-10", price=100), paid("p", "2026-01-11", 1, 100),
                published("s", "2026-01-01"), played("m", "2026-01-12")])  # fmt: skip
    assert {file.name for file in sqlfile.load_all("jukebox", "checks")} == set(VIOLATIONS)
    check = sqlfile.load("jukebox", "checks", name)
    assert db.query(check.sql).is_empty()
    db.script(VIOLATIONS[name])
    assert db.query(check.sql).height == 1


def test_kpis_of_nothing_are_there(db: Connection) -> None:
    """3.1, 3.16: where nothing is loaded, totals are 0 and lists are empty."""
    found = {name: asked(db, name, Asked(DAY)).rows() for name in KPIS}
    assert found["total_sales"] == [(0, 0)]
    assert found["unlinked"] == [("payments", 0, 0), ("plays", 0, None)]
    assert [name for name, rows in found.items() if not rows] == [
        "agent_ranking", "cash_received", "cash_spent", "expected_cash", "product_sales",
    ]  # fmt: skip


def test_months_and_days_are_those_of_utc(db: Connection) -> None:
    """3.2, 3.3: wherever the reader is, also where clocks are changed between."""
    filled(db, [*KNOWN, published("s", "2026-01-01"), allocated("a", "2026-01-10", price=100),
                played("m", "2026-02-28T23:30:00Z"), played("n", "2026-03-31T23:59:59.999999Z"),
                played("o", "2026-04-01"), paid("p", "2026-03-31T23:00:00Z", 1, 100)])  # fmt: skip
    for zone in ("UTC", "Europe/Paris", "America/New_York", "Pacific/Kiritimati"):
        db.execute("select set_config('timezone', $1, false)", zone)
        assert asked(db, "agent_ranking", Asked(DAY)).rows() == [
            ("2026-02", 7, "Grace", 1, 1), ("2026-03", 7, "Grace", 1, 1),
        ]  # fmt: skip
        assert asked(db, "cash_received", Asked(DAY)).rows() == [
            (DAY, Decimal(100), Decimal("6.67"))
        ]
        assert asked(db, "product_sales", Asked(DAY)).rows() == [
            ("2026-03", "MusicMaker3000", 1, Decimal(1))
        ]
