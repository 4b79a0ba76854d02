"""The job `jukebox`, from files of events to tables and a report, as a user runs it."""

from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from jukebox_compare import in_any_order, quarantine, told
from jukebox_events import allocated, bought, customer, location, paid, played, published
from jukebox_oracle import COLUMNS
from jukebox_streams import BASE
from terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from conftest import Program
    from jukebox_oracle import Row

    from abcjob.database.connection import Connection
    from abcjob.database.url import DatabaseUrl

pytestmark = pytest.mark.in_process

DATE = "2026-03-31"
REPORT = "reports/jukebox_20260331"
# One device sold of two, one song played to its end by each agent's and one that was not.
STREAM = (
    *BASE,
    bought("b2", "2026-01-02T23:30:00-05:00", 200, 300, "PartyBox"),
    allocated("a1", "2026-01-10", 100, 900),
    allocated("a2", "2026-01-31T23:59:59.999999Z", 200, 500, agent=(8, "Ida"), name="PartyBox"),
    paid("p1", "2026-02-01T00:30:00+01:00", 1, "500.10", 200),
    paid("p2", "2026-02-15", 2, 30, None),
    played("m1", "2026-02-01"),
    played("m2", "2026-02-02", 200, is_completed=False),
    played("m3", "2026-02-03", 200),
)
ORPHAN = location("l9", "2026-01-01", 90, of=9)
WRONG = b'{"EventId":'


def put(path: Path, *lines: bytes, end: bytes = b"\n", start: bytes = b"") -> None:
    """A file of lines, packed where its name says so."""
    path.parent.mkdir(exist_ok=True)
    content = start + b"".join(line + end for line in lines)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def bare(*lines: bytes) -> list[bytes]:
    """The payloads alone."""
    return [json.dumps(json.loads(line)["Payload"]).encode() for line in lines]


def run(program: Program, *options: str) -> str:
    """A run that has to go well; what it said on stderr."""
    ran = program("run", "jukebox", "--date", DATE, *options)
    assert ran.returncode == 0, ran.stderr
    return ran.stderr


def asked(program: Program, *names: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of KPIs."""
    told = program("kpi", "jukebox", *names, "--format", "json")
    assert told.returncode == 0, told.stderr
    found: dict[str, list[dict[str, Any]]] = json.loads(told.stdout)
    return found


def ids(db: Connection) -> list[str]:
    """The ids of the events that are accepted."""
    return db.query("select event_id from jukebox.event order by 1")["event_id"].to_list()


def expected(*lines: bytes) -> list[str]:
    """The ids of these events."""
    return sorted(json.loads(line)["EventId"] for line in lines)


def kept(db: Connection) -> list[tuple[bytes, str, tuple[str, ...]]]:
    """The quarantine: the line, the state, why."""
    return sorted((raw, state, told(why)) for raw, state, why in quarantine(db))


def counted(db: Connection) -> dict[str, int]:
    """Where the last run's lines went, but for where none did."""
    found = db.query(
        "select read, retried, loaded, skipped, rejected, waiting from abcjob.run_input "
        "where run_id = (select max(run_id) from abcjob.run_input)"
    ).row(0, named=True)
    return {where: rows for where, rows in found.items() if rows}


def everything(db: Connection) -> dict[str, list[Row]]:
    """Every row of every table, as a client of PostgreSQL sees it in UTC."""
    return {
        table: in_any_order(
            db.query(f"select {', '.join(columns)} from jukebox.{table}").iter_rows()
        )
        for table, columns in COLUMNS.items()
    }


def test_sources_are_files_and_folders(program: Program, tmp_path: Path, db: Connection) -> None:
    """Several of both, plain and packed, by any of three endings; each file is read once."""
    put(tmp_path / "one.data", *STREAM[:3])  # what is named is read, whatever its name
    put(tmp_path / "more" / "a.ndjson", *STREAM[3:6])
    put(tmp_path / "more" / "b.JSONL", WRONG)
    put(tmp_path / "more" / "b.jsonl.gz", *STREAM[6:8])
    put(tmp_path / "more" / "c.json", *STREAM[8:9])
    put(tmp_path / "more" / "notes.txt", WRONG)
    put(tmp_path / "more" / ".hidden.ndjson", WRONG)
    put(tmp_path / "more" / "deeper.ndjson" / "d.ndjson", WRONG)
    put(tmp_path / "last.ndjson.gz", *STREAM[9:])
    run(program, "--input", "one.data", "more", "--input", "last.ndjson.gz", "more/a.ndjson")
    assert ids(db) == expected(*STREAM)
    assert counted(db) == {"read": len(STREAM), "loaded": len(STREAM)}


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ((), 2, "--input SRC is missing"),
        (("--input",), 2, "requires an argument"),
        (("--input", "nowhere.ndjson"), 6, "nowhere.ndjson"),
        (("--input", "in.ndjson", "nowhere"), 6, "nowhere"),
        (("--input", "empty"), 6, "no file ends with .ndjson, .jsonl, .json"),
        (("--input", "in.ndjson", "--date-format", "tomorrow"), 2, "strftime"),
        (("--input", "in.ndjson", "--date-format", "%H:%M"), 2, "strftime"),
        (("--input", "in.ndjson", "--date-format", "%d.%m.%Y %Q"), 2, "strftime"),
        (("--input", "in.ndjson", "--date-format", "%F %H:%M %.f"), 2, "strftime"),
        (("--input", "in.ndjson", "--date-format", "%F %T %Z"), 2, "an offset as %z has it"),
        (("--input", "in.ndjson", "--date-format", "%F %T.%f"), 2, "a fraction as %.f has it"),
        (("--input", "torn.ndjson.gz"), 3, "torn.ndjson.gz"),
    ],
)
def test_what_cannot_be_read_is_told(
    program: Program,
    tmp_path: Path,
    db: Connection,
    options: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    """One line, the code of the contract, nothing loaded."""
    put(tmp_path / "in.ndjson", *STREAM)
    put(tmp_path / "empty" / "notes.txt", WRONG)
    (tmp_path / "torn.ndjson.gz").write_bytes(gzip.compress(b"\n".join(STREAM))[:-9])
    ran = program("run", "jukebox", "--quiet", *options)
    assert ran.returncode == code, ran.stderr
    assert words in one_line(ran.stderr)
    is_made = db.query("select to_regclass('jukebox.event') is not null as is_made")["is_made"][0]
    assert not is_made or ids(db) == []


def test_bare_events_are_told_by_the_start_of_a_file_s_name(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """`<type>.` and whatever follows; other files hold envelopes. Events come again: no new one."""
    customers = bare(customer("-", "2026-01-01"), customer("-", "2026-01-02", name="Ada King"))
    put(tmp_path / "in" / "Sale.CustomerRegistered.2026-01.eu.ndjson.gz", *customers)
    put(tmp_path / "in" / "Music.SongPublished.json", *bare(published("-", "2026-01-01")))
    put(tmp_path / "in" / "x.Music.SongPublished.ndjson", *bare(published("-", "2026-01-02")))
    run(program, "--input", "in")
    first = ids(db)
    assert len(first) == 3
    no_envelope = ("EventId:missing", "EventType:missing", "Payload.OccurredAt:missing")
    assert [why for *_, why in kept(db)] in ([no_envelope], [no_envelope[1:]])
    again = json.loads(customers[0])
    again["CustomerId"] = f"0{again['CustomerId']}"
    again["OccurredAt"] = "2026-01-01T01:00:00.000+01:00"
    shuffled = json.dumps(dict(reversed(again.items())), indent=None, separators=(", ", " : "))
    put(tmp_path / "Sale.CustomerRegistered.ndjson", shuffled.encode(), customers[1])
    said = run(program, "--input", "Sale.CustomerRegistered.ndjson")
    assert "event: 0 rows added, 2 known already" in said
    assert ids(db) == first


def test_a_file_renamed_after_its_type_is_read_again(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """Its lines were rejected under a name that does not say it; then they are loaded, and gone."""
    wrong = tmp_path / "payloads.ndjson"
    put(wrong, *bare(published("-", "2026-01-01"), published("-", "2026-01-02", 51)))
    run(program, "--input", wrong.name)
    assert (ids(db), len(kept(db))) == ([], 2)
    right = wrong.rename(tmp_path / "Music.SongPublished.payloads.ndjson")
    run(program, "--input", right.name)
    assert (len(ids(db)), kept(db)) == (2, [])
    assert "is what is loaded already: skipped" in run(program, "--input", right.name)


def test_files_of_equal_bytes_are_each_of_their_kind(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """A song listened to, and removed: both wait for the song, and each comes in as what it is."""
    payload = bare(played("-", "2026-01-02", None))
    for kind in ("Music.SongListened", "Music.SongRemoved"):
        put(tmp_path / "in" / f"{kind}.ndjson", *payload)
    run(program, "--input", "in")
    assert [state for _, state, _ in kept(db)] == ["waiting"] * 2
    put(tmp_path / "song.ndjson", published("s", "2026-01-01"))
    run(program, "--input", "song.ndjson")
    found = db.query("select event_type from jukebox.event order by 1")["event_type"].to_list()
    assert found == ["Music.SongListened", "Music.SongPublished", "Music.SongRemoved"]


def dated(*times: object) -> list[bytes]:
    """Customers registered then."""
    return [customer(f"c{n}", at, n) for n, at in enumerate(times)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("%d/%m/%Y %H:%M", "20/11/2026 08:30"),
        ("%Y%m%dT%H%M%S%z", "20261120T093000+0100"),
        ("%b %d, %Y %I:%M %p", "Nov 20, 2026 08:30 AM"),
        ("%s", 1795163400),
        ("%F %%Z %T%.f %:z", "2026-11-20 %Z 10:30:00.0 +02:00"),
    ],
)
def test_times_in_another_format(
    program: Program, tmp_path: Path, db: Connection, form: str, written: object
) -> None:
    """--date-format is read beside ISO 8601; without it such times are rejected."""
    put(tmp_path / "in.ndjson", *dated(written, "2026-11-20T08:30:00Z", "soon"))
    run(program, "--input", "in.ndjson")
    assert ids(db) == ["c1"]
    assert [why for *_, why in kept(db)] == [("Payload.OccurredAt:not_a_time",)] * 2
    run(program, "--input", "in.ndjson", "--date-format", form)
    times = db.query("select event_id, occurred_at::text as at from jukebox.event order by 1")
    assert times.rows() == [(one, "2026-11-20 08:30:00+00") for one in ("c0", "c1")]
    assert [json.loads(raw)["EventId"] for raw, *_ in kept(db)] == ["c2"]


def test_another_format_costs_nothing_twice(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """A file is read again for a new --date-format alone; without one, what is loaded stays so."""
    form = ("--date-format", "%d/%m/%Y %H:%M")
    put(tmp_path / "in.ndjson", *dated("20/11/2026 08:30", "soon"))
    run(program, "--input", "in.ndjson", *form)
    before = everything(db), kept(db)
    for options in (form, ()):
        said = run(program, "--input", "in.ndjson", *options)
        assert "in.ndjson is what is loaded already: skipped" in said
        assert (everything(db), kept(db)) == before


def test_a_day_in_another_format_is_its_first_moment(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """As a date in ISO 8601 is."""
    put(tmp_path / "in.ndjson", *dated("20.11.2026", "2026-11-20"))
    run(program, "--input", "in.ndjson", "--date-format", "%d.%m.%Y")
    times = db.query("select occurred_at::text as at from jukebox.event")["at"].to_list()
    assert times == ["2026-11-20 00:00:00+00"] * 2


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


@pytest.mark.parametrize(
    ("start", "end"),
    [(b"", b"\r\n"), (b"\xef\xbb\xbf", b"  \n   \r\n")],
    ids=["CR LF", "byte order mark and blank lines"],
)
def test_how_lines_end_does_not_matter(
    program: Program, tmp_path: Path, db: Connection, end: bytes, start: bytes
) -> None:
    """Nor whether the last one does, nor a byte order mark; blank lines are skipped."""
    put(tmp_path / "in.ndjson", *STREAM, start=start, end=end)
    with (tmp_path / "in.ndjson").open("ab") as file:
        file.write(customer("end", "2026-01-01"))
    run(program, "--input", "in.ndjson")
    assert ids(db) == expected(*STREAM, customer("end", "2026-01-01"))
    assert kept(db) == []
    loaded = len(STREAM) + 1
    blank = len(STREAM) if end.count(b"\n") > 1 else 0
    skipped = {"skipped": blank} if blank else {}
    assert counted(db) == {"read": loaded + blank, "loaded": loaded} | skipped


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf\n \r\n"], ids=["empty", "blank"])
def test_files_without_an_event(program: Program, tmp_path: Path, content: bytes) -> None:
    """They are no fault: all is 0 in a first run, and as it was in a second."""
    (tmp_path / "none.ndjson").write_bytes(content)
    run(program, "--input", "none.ndjson")
    assert asked(program, "total_sales") == {"total_sales": [{"sales": 0, "revenue": 0}]}
    assert [row["events"] for row in asked(program, "unlinked")["unlinked"]] == [0, 0]
    put(tmp_path / "in.ndjson", *STREAM)
    run(program, "--input", "in.ndjson")
    answers = asked(program)
    (tmp_path / "none.ndjson").write_bytes(content + b"\n")
    run(program, "--input", "none.ndjson")
    assert asked(program) == answers


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


def test_files_of_one_name_come_back_as_what_they_are(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """Written out to be mended, each in a folder of its own: their name says the type."""
    for day in ("1", "2"):
        lines = bare(played("-", f"2026-01-0{day}", None))
        wrong = [line.replace(b"true", b'"?"') for line in lines]
        put(tmp_path / day / "Music.SongListened.ndjson", *wrong)
    put(tmp_path / "song.ndjson", published("s", "2026-01-01"))
    run(program, "--input", "1", "2", "song.ndjson")
    assert program("quarantine", "jukebox", "--out", "mend").returncode == 0
    found = sorted((tmp_path / "mend").rglob("*.ndjson"))
    assert [path.name for path in found] == ["Music.SongListened.ndjson"] * 2
    for path in found:
        path.write_bytes(path.read_bytes().replace(b'"?"', b"true"))
    run(program, "--input", *(str(path.parent) for path in found))
    assert len(ids(db)) == 3


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
