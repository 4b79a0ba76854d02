"""The job `jukebox`, from files of events to tables and a report, as a user runs it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from jukebox_calls import (
    DATE,
    ORPHAN,
    STREAM,
    WRONG,
    asked,
    counted,
    everything,
    expected,
    ids,
    kept,
    put,
    run,
)
from jukebox_events import customer, played

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from conftest import Program

    from abcjob.database.connection import Connection
    from abcjob.database.url import DatabaseUrl

pytestmark = pytest.mark.in_process

REPORT = f"reports/jukebox_{DATE.replace('-', '')}"


def test_what_the_report_looks_at_is_an_option(program: Program, tmp_path: Path) -> None:
    """3.7, 3.19: --product is compared with the others; --all-plays counts all."""
    put(tmp_path / "in.ndjson", *STREAM)
    run(program, "--input", "in.ndjson")
    usual = asked(program)
    assert [row["product"] for row in usual["product_sales"]] == ["MusicMaker3000", "PartyBox"]
    assert [(row["agent"], row["songs_played"]) for row in usual["agent_ranking"]] == [
        ("Grace", 1),
        ("Ida", 1),
    ]
    run(program, "--input", "in.ndjson", "--product", "PartyBox", "--all-plays")
    found = asked(program)
    assert found["product_sales"] == [
        {"month": "2026-01", "product": "PartyBox", "sales": 1, "share": 1}
    ]
    assert [(row["agent"], row["songs_played"]) for row in found["agent_ranking"]] == [
        ("Ida", 2),
        ("Grace", 1),
    ]
    assert "PartyBox" in (tmp_path / f"{REPORT}.md").read_text()


def test_a_second_run_says_that_it_adds_nothing(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """3.10: neither the same file nor the same events in another; then what is new alone."""
    put(tmp_path / "in.ndjson", *STREAM, ORPHAN)
    assert "event: 13 rows added, 1 waiting" in run(program, "--input", "in.ndjson")
    rows = everything(db)
    assert "in.ndjson is what is loaded already: skipped" in run(program, "--input", "in.ndjson")
    put(tmp_path / "copy.ndjson", *STREAM[::-1])
    said = run(program, "--input", "copy.ndjson")
    assert "event: 0 rows added, 13 known already, 1 waiting" in said
    assert everything(db) == rows
    put(tmp_path / "more.ndjson", *STREAM, customer("c9", "2026-01-01", 9))
    said = run(program, "--input", "more.ndjson")
    assert "event: 2 rows added, 13 known already" in said
    assert ids(db) == expected(*STREAM, ORPHAN, customer("c9", "2026-01-01", 9))
    assert kept(db) == []


def test_wrong_lines_alone(program: Program, tmp_path: Path, db: Connection) -> None:
    """A file in which nothing is right is reported on, and takes nothing away."""
    put(tmp_path / "wrong.ndjson", WRONG, b"[]", WRONG)
    run(program, "--input", "wrong.ndjson")
    assert (ids(db), len(kept(db))) == ([], 2)
    assert counted(db) == {"read": 3, "rejected": 3}
    assert "Rejected, as they break a rule: 3" in (tmp_path / f"{REPORT}.md").read_text()
    put(tmp_path / "in.ndjson", *STREAM)
    run(program, "--input", "in.ndjson")
    put(tmp_path / "wrong.ndjson", WRONG)
    run(program, "--input", "wrong.ndjson")
    assert ids(db) == expected(*STREAM)


def test_unknown_keys_are_named_once(program: Program, tmp_path: Path) -> None:
    """By where they stand, however many events have them; they change nothing."""
    lines = []
    for line in STREAM * 20:
        said = json.loads(line)
        said["Version"] = 2
        said["Payload"]["Colour"] = {"Of": "the box"}
        lines.append(json.dumps(said).encode())
    put(tmp_path / "in.ndjson", *lines)
    said = run(program, "--input", "in.ndjson")
    [told] = [line for line in said.splitlines() if "ignored" in line]
    assert "in.ndjson" in told
    for key in ("Version", "Colour"):
        assert told.count(key) == 1
    assert "13 rows added" in said


def test_a_correction_does_not_hide_what_was_rejected(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """All that is loaded is judged again with it, but did not come: of 4 lines 2 are wrong."""
    put(tmp_path / "in.ndjson", *STREAM)
    run(program, "--input", "in.ndjson")
    later = customer("c1", "2026-02-02", name="Ada King")
    put(tmp_path / "later.ndjson", later, customer("c7", "2026-02-02", 7), WRONG, WRONG + b"1")
    said = run(program, "--input", "later.ndjson")
    assert counted(db) == {"read": 4, "retried": 1, "loaded": 2, "rejected": 3}
    assert "2 of 5 rows loaded" in said
    page = (tmp_path / f"{REPORT}.html").read_text()
    assert "To be watched: 3 events were rejected (60.0% of those that came)" in page
    assert '4 <a href="#rows">rows in</a> and 1 retried, 2 were loaded and 3 rejected' in page
    assert "Those retried had waited, or were loaded and are taken back." in page


SETTINGS = ("timezone = 'Asia/Tokyo'", "datestyle = 'German'", "bytea_output = 'escape'",
            "intervalstyle = 'iso_8601'", "extra_float_digits = 0")  # fmt: skip


def test_a_database_s_settings_do_not_matter(
    program: Program, tmp_path: Path, url: DatabaseUrl, db: Connection
) -> None:
    """Days and months are UTC, and rows the same, wherever the database believes to be."""
    put(tmp_path / "in.ndjson", *STREAM, ORPHAN, WRONG)
    found = []
    for settings in ((), SETTINGS):
        for setting in settings:
            db.execute(f"alter database {url.database} set {setting}")
        run(program, "--input", "in.ndjson")
        pages = [(tmp_path / f"{REPORT}.{kind}").read_bytes() for kind in ("html", "md")]
        found.append((everything(db), kept(db), asked(program), pages))
        assert program("data", "clear", "jukebox").returncode == 0
        assert ids(db) == []
    assert found[0] == found[1]


def test_a_dry_run_changes_nothing_that_is_loaded(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """3.25: an event with other content, one that waits and wrong ones among what it reads."""
    put(tmp_path / "in.ndjson", *STREAM, ORPHAN)
    run(program, "--input", "in.ndjson")
    before = everything(db), kept(db), asked(program)
    put(tmp_path / "new.ndjson", customer("c1", "2026-02-02", 9), played("m9", DATE, 999), WRONG)
    dry = program("run", "jukebox", "--input", "new.ndjson", "--dry-run", "--format", "json")
    assert dry.returncode == 0, dry.stderr
    [counts] = json.loads(dry.stdout)
    assert counts["read"] + counts["retried"] == sum(
        counts[where] for where in ("loaded", "skipped", "rejected", "waiting")
    )
    assert (everything(db), kept(db), asked(program)) == before
    assert "event: 2 rows added, 5 waiting" in run(program, "--input", "new.ndjson")


def reports(tmp_path: Path) -> dict[str, bytes]:
    """The files that were written."""
    return {path.name: path.read_bytes() for path in (tmp_path / "reports").iterdir()}


def test_the_same_data_and_date_give_the_same_bytes(program: Program, tmp_path: Path) -> None:
    """Loaded, found loaded, rendered again, and loaded once more from the start."""
    put(tmp_path / "in.ndjson", *STREAM, ORPHAN, WRONG)
    run(program, "--input", "in.ndjson")
    first = reports(tmp_path)
    assert set(first) >= {"jukebox_20260331.html", "jukebox_20260331.md"}
    run(program, "--input", "in.ndjson")
    assert reports(tmp_path) == first
    assert program("report", "jukebox").returncode == 0
    assert reports(tmp_path) == first
    for command in (("data", "clear"), ("schema", "drop")):
        assert program(*command, "jukebox").returncode == 0
        run(program, "--input", "in.ndjson")
        assert reports(tmp_path) == first


def test_old_reports_stay(program: Program, tmp_path: Path) -> None:
    """Each date has its own; days after a report's date are not told of by day or month."""
    put(tmp_path / "in.ndjson", *STREAM)
    run(program, "--input", "in.ndjson", "--date", "2026-01-31")
    assert [row["month"] for row in asked(program, "agent_ranking")["agent_ranking"]] == []
    old = reports(tmp_path)
    run(program, "--input", "in.ndjson")
    new = reports(tmp_path)
    changed = {name for name in old if old[name] != new[name]}
    assert changed <= {"index.html"}
    assert {"jukebox_20260131.html", "jukebox_20260331.html"} <= set(new)


def test_what_was_emptied_is_loaded_again(program: Program, tmp_path: Path, db: Connection) -> None:
    """`data clear` takes what is known and what waits with it; the report then tells of nothing."""
    put(tmp_path / "in.ndjson", *STREAM, ORPHAN)
    run(program, "--input", "in.ndjson")
    before = everything(db), kept(db), asked(program)
    assert program("data", "clear", "jukebox").returncode == 0
    assert (ids(db), kept(db)) == ([], [])
    ran = program("report", "jukebox")
    assert ran.returncode == 0, ran.stderr
    page = (tmp_path / f"{REPORT}.md").read_text()
    assert "| Sales | 0 |" in re.sub(" +", " ", page)
    assert "not loaded" not in page
    assert asked(program, "total_sales") == {"total_sales": [{"sales": 0, "revenue": 0}]}
    run(program, "--input", "in.ndjson")
    assert (everything(db), kept(db), asked(program)) == before


def test_the_schema_is_made_anew(program: Program, tmp_path: Path, db: Connection) -> None:
    """Dropped and made, twice each, views and all; then nothing is loaded, and all can be."""
    put(tmp_path / "in.ndjson", *STREAM)
    run(program, "--input", "in.ndjson")
    before = everything(db)
    for command in ("drop", "drop", "create", "create"):
        ran = program("schema", command, "jukebox")
        assert ran.returncode == 0, ran.stderr
        made = "select count(*) as n from pg_class where relnamespace = to_regnamespace('jukebox')"
        assert (db.query(made)["n"][0] > 0) == (command == "create")
    assert program("kpi", "jukebox").returncode == 3
    run(program, "--input", "in.ndjson")
    assert everything(db) == before


def columns_of(names: Iterable[str]) -> set[str]:
    """What is known of a person, by the words of a column's name."""
    return {name for name in names if "contact" in name or "customer_name" in name}


def test_no_contact_is_kept_and_no_name_says_twice_what_it_is(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """3.13, 3.14: whom to call at a location is required, and then not stored."""
    put(tmp_path / "in.ndjson", *STREAM)
    run(program, "--input", "in.ndjson")
    found = db.query(
        "select table_name, column_name from information_schema.columns "
        "where table_schema = 'jukebox'"
    )
    assert columns_of(found["column_name"]) == set()
    for table in ("customers", "locations", "agents", "devices", "songs", "artists", "albums"):
        of_it = found.filter(found["table_name"] == table)["column_name"].to_list()
        assert "id" in of_it
        assert not [name for name in of_it if name.startswith(f"{table[:-1]}_")]
