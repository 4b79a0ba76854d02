"""What is personal of the job `jukebox`: canaries in every such field, looked for everywhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from jukebox_birds import PERSONAL, Birds, streams
from jukebox_events import bought, customer, location
from jukebox_readers import DATE, VIEWS, readers, refused, run

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program

    from abcjob.database.connection import Connection

pytestmark = pytest.mark.in_process

COMMANDS = (
    *(("kpi", "jukebox", "--format", form) for form in ("table", "json", "csv")),
    ("report", "jukebox", "--verbose"),
    *(("runs", "jukebox", "--format", form) for form in ("table", "json", "csv")),
    ("doctor", "--verbose"),
    ("run", "jukebox", "--input", "in.ndjson", "--dry-run", "--verbose"),
)


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
