"""What the job `jukebox` reads: files and folders, of envelopes and of bare events, and times."""

from __future__ import annotations

import gzip
import json
import os
from typing import TYPE_CHECKING

import pytest
from jukebox_calls import (
    STREAM,
    WRONG,
    asked,
    bare,
    counted,
    everything,
    expected,
    ids,
    kept,
    put,
    run,
)
from jukebox_events import customer, played, published
from terminal import one_line

from abcjob.sources import files

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program

    from abcjob.database.connection import Connection

pytestmark = pytest.mark.in_process


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


def test_a_file_that_changes_before_it_is_read_is_not_taken(
    program: Program, tmp_path: Path, db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the lines of one would be loaded, and those of the other taken for known ones."""
    put(tmp_path / "in.ndjson", customer("first", "2026-01-01"))
    hashed = files.digest

    def digest(path: Path) -> str:
        found = hashed(path)
        put(path, customer("other", "2026-01-02"))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(files, "digest", digest)
        ran = program("run", "jukebox", "--input", "in.ndjson", "--quiet")
    assert ran.returncode == 6
    assert "it changed while it was read; run again" in one_line(ran.stderr)
    assert ids(db) == []
    put(tmp_path / "in.ndjson", customer("first", "2026-01-01"))
    run(program, "--input", "in.ndjson")
    assert ids(db) == ["first"]


def test_a_pipe_is_no_file(program: Program, tmp_path: Path) -> None:
    """It can be read once, and is read more often: who opens it again would wait for ever."""
    os.mkfifo(tmp_path / "pipe")
    ran = program("run", "jukebox", "--input", "pipe", "--quiet")
    assert ran.returncode == 6
    assert "pipe: it is a pipe, expected a file" in one_line(ran.stderr)


def test_a_file_s_name_may_be_of_any_bytes(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """Bytes that are no UTF-8 are written out where the name is told, kept and asked for."""
    name = os.fsdecode(b"caf\xe9.ndjson")
    put(tmp_path / name, customer("c", "2026-01-01"), WRONG)
    said = run(program, "--input", name)
    assert ids(db) == ["c"]
    assert "1 rejected" in said
    assert "caf\\udce9.ndjson is what is loaded already" in run(program, "--input", name)
    assert "caf\\udce9.ndjson" in program("quarantine", "jukebox", "--format", "csv").stdout


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
