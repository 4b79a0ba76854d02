"""The job `jukebox` on streams worked out by hand: the oracle, and the program itself."""

from __future__ import annotations

import gzip
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from jukebox_answers import KPIS, kpis
from jukebox_bench import Bench, opened
from jukebox_compare import answer, in_any_order, is_beaten, quarantine, stored, told
from jukebox_events import customer, published
from jukebox_lines import Event, understood
from jukebox_oracle import BEATEN, COLUMNS, judged, tables
from jukebox_stream import BASE, USUAL
from jukebox_streams import STREAMS
from jukebox_wrong import FIELDS, LINES, MISSING, NO_OBJECTS, RIGHT, WRONG

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conftest import Program
    from jukebox_answers import Asked
    from jukebox_stream import Stream

    from abcjob.database.connection import Connection
    from abcjob.database.embedded import EmbeddedServer

pytestmark = pytest.mark.in_process

TOLD = 1_000  # bytes that tell a wrong line from the others


def asked_of(table: str) -> tuple[str, list[str]]:
    """The name of a table, and some of its columns."""
    name, _, columns = table.partition(": ")
    return name, columns.split(" ")


@pytest.mark.parametrize("name", STREAMS)
def test_the_oracle_reads_the_brief_so(name: str) -> None:
    """3.1 to 3.23: all lines together, whatever the runs, come to what was worked out by hand."""
    stream = STREAMS[name]
    lines = [line for lines in stream.runs for line in lines]
    for sent in (lines, lines[::-1], lines * 2):
        found = judged(sent)
        made = tables(found.accepted)
        for table, rows in stream.tables.items():
            of, columns = asked_of(table)
            places = [COLUMNS[of].index(column) for column in columns]
            there = [tuple(row[place] for place in places) for row in made[of]]
            assert (table, in_any_order(there)) == (table, in_any_order(rows))
        answers = kpis(made, stream.asked)
        for kpi, rows in stream.kpis.items():
            assert (kpi, answer(kpi, answers[kpi])) == (kpi, answer(kpi, rows))
        kept = {event.event_id: ("waiting", *told(why)) for event, why in found.waiting.items()}
        kept |= {event.event_id: ("rejected", *told(BEATEN)) for event in found.beaten}
        assert kept == stream.kept
        assert not found.wrong


@pytest.fixture(scope="module")
def bench(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """For all streams."""
    with opened(server, tmp_path_factory.mktemp("runs")) as made:
        yield made


@pytest.mark.parametrize("name", STREAMS)
def test_the_program_does_so(name: str, bench: Bench, tmp_path: Path) -> None:
    """3.1 to 3.23: the same streams through the program, run by run."""
    stream = STREAMS[name]
    bench.clear()
    for number, lines in enumerate(stream.runs):
        path = tmp_path / f"{number}.ndjson"
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        bench.take(path, stream.asked)
    asked = bench.asked(stream.asked)
    compare(stream, {name: frame.to_dicts() for name, frame in asked.items()}, bench.db)


def run(program: Program, source: str, asked: Asked = USUAL) -> Mapping[str, list[dict[str, Any]]]:
    """A run that has to go well; the rows of its KPIs."""
    more = ["--all-plays"] if asked.all_plays else []
    ran = program(
        "run", "jukebox", "--input", source, "--date", str(asked.day), "--product", asked.product,
        "--format", "json", "--quiet", *more,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return printed(ran.stdout)


def printed(stdout: str) -> Mapping[str, list[dict[str, Any]]]:
    """The rows of KPIs, printed as JSON, digit for digit."""
    found: Mapping[str, list[dict[str, Any]]] = json.loads(stdout, parse_float=Decimal)
    return found


def compare(stream: Stream, answers: Mapping[str, list[dict[str, Any]]], db: Connection) -> None:
    """What the program came to is what was worked out by hand."""
    for table, rows in stream.tables.items():
        name, columns = asked_of(table)
        assert (table, stored(db, name, columns)) == (table, in_any_order(rows))
    assert list(answers) == list(KPIS)
    for kpi, rows in stream.kpis.items():
        assert all(tuple(row) == KPIS[kpi] for row in answers[kpi])
        there = (tuple(row.values()) for row in answers[kpi])
        assert (kpi, answer(kpi, there)) == (kpi, answer(kpi, rows))
    kept = {json.loads(raw)["EventId"]: (state, *told(why)) for raw, state, why in quarantine(db)}
    assert kept == stream.kept


def test_the_oracle_tells_wrong_lines() -> None:
    """3.22, 3.26: every rule that a line breaks, with its field."""
    assert len({line[:TOLD] for line in WRONG}) == len(WRONG)
    for line, why in WRONG.items():
        found = understood(line)
        assert isinstance(found, frozenset), line[:200]
        assert (line[:200], set(found)) == (line[:200], why)


def test_the_oracle_takes_what_is_just_right() -> None:
    """Fields at the edge of what they may be are loaded, coordinates to six places."""
    events = [understood(line) for line in RIGHT]
    places = []
    for event in events:
        assert isinstance(event, Event), event
        if event.latitude is not None:
            places.append((event.latitude, event.longitude))
    assert places == [
        (-90, 180),
        (Decimal("1.123457"), Decimal("-0.000001")),  # half away from zero
    ]


KINDS = {"missing": MISSING, "fields": FIELDS, "lines": LINES, "no objects": NO_OBJECTS}


@pytest.mark.parametrize("kind", KINDS)
def test_wrong_lines_are_kept_with_all_reasons(
    kind: str, program: Program, tmp_path: Path, db: Connection
) -> None:
    """3.22, 3.26: as they came, once however often they come, and none costs another."""
    lines = [*BASE, *KINDS[kind], *RIGHT]
    for name, sent in (("a", lines), ("b", [*lines[::-1], *lines])):
        (tmp_path / f"{name}.ndjson").write_bytes(b"\n".join(sent) + b"\n")
        run(program, f"{name}.ndjson")
        found = [(raw[:TOLD], state, set(why)) for raw, state, why in quarantine(db)]
        assert sorted(found, key=repr) == sorted(
            ((raw[:TOLD], "rejected", why) for raw, why in KINDS[kind].items()), key=repr
        )
        right = judged([*BASE, *RIGHT])
        assert len(right.accepted) == len(BASE) + len(RIGHT)
        assert stored(db, "event", COLUMNS["event"]) == in_any_order(right.accepted)


@pytest.mark.parametrize("first", [b"no JSON at all", b"[1]", b"", b"{", b"\xff\xfe"])
def test_a_wrong_first_line_costs_no_other(
    first: bytes, program: Program, tmp_path: Path, db: Connection
) -> None:
    """Every input is NDJSON, whatever stands in its first line."""
    (tmp_path / "in.ndjson").write_bytes(b"\n".join([first, *BASE]) + b"\n")
    run(program, "in.ndjson")
    assert db.query("select count(*) as n from jukebox.event")["n"][0] == len(BASE)
    assert [raw for raw, *_ in quarantine(db)] == ([first] if first else [])


def test_bare_events_are_named_by_their_files(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """Files named after a type hold payloads; their ids are hashes: again, they change nothing."""
    payloads = [json.dumps(json.loads(line)["Payload"]).encode() for line in BASE]
    folder = tmp_path / "in"
    folder.mkdir()
    songs = gzip.compress(payloads[4] + b"\n")
    (folder / "Music.SongPublished.ndjson.gz").write_bytes(songs)
    (folder / "Sale.LocationRegistered.ndjson").write_bytes(b"\n".join(payloads[1:3]) + b"\n")
    (folder / "more.ndjson").write_bytes(BASE[3] + b"\n")
    customers = folder / "Sale.CustomerRegistered.ndjson"
    later = json.loads(customer("x", "2026-01-02", name="Ada King"))["Payload"]
    wrong = {**later, "CustomerId": "x"}
    for lines in ([], [json.dumps(later)], [json.dumps(later), json.dumps(wrong)]):
        customers.write_bytes(b"\n".join([payloads[0], *map(str.encode, lines)]) + b"\n")
        run(program, "in")
    ids = db.query("select event_id from jukebox.event order by event_type")["event_id"].to_list()
    assert len(ids) == len(BASE) + 1
    assert sum(re.fullmatch("[0-9a-f]{64}", one) is not None for one in ids) == len(ids) - 1
    names = db.query("select id, name from jukebox.customers").iter_rows()
    assert list(names) == [(1, "Ada King")]
    assert db.query("select count(*) as n from jukebox.locations")["n"][0] == 2
    assert [{rule for rule, _ in why} for *_, why in quarantine(db)] == [{"not_an_integer"}]


def test_a_tie_under_one_event_id_ends_alike(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """3.10: one EventId, one moment, two contents: the same one wins in any order."""
    pair = [customer("c1", "2026-01-01", name=name) for name in ("Ada", "Bea")]
    ended = []
    for files in ([pair], [pair[::-1]], [pair[:1], pair[1:]], [pair[1:], pair[:1]]):
        for number, lines in enumerate(files):
            (tmp_path / f"{number}.ndjson").write_bytes(b"\n".join(lines) + b"\n")
            run(program, f"{number}.ndjson")
        won = db.query("select name from jukebox.customers")["name"].to_list()
        lost = [(json.loads(raw)["Payload"]["CustomerName"], w) for raw, _, w in quarantine(db)]
        assert [is_beaten(why) for _, why in lost] == [True]
        assert sorted([*won, *(name for name, _ in lost)]) == ["Ada", "Bea"]
        ended.append(won)
        assert program("data", "clear", "jukebox").returncode == 0
    assert ended == [ended[0]] * 4


def test_kpis_are_asked_of_what_is_loaded(program: Program, tmp_path: Path) -> None:
    """`abcjob kpi` tells the same as the run did, with its date and options."""
    stream = STREAMS["another product"]
    (tmp_path / "in.ndjson").write_bytes(b"\n".join(stream.runs[0]) + b"\n")
    answers = run(program, "in.ndjson", stream.asked)
    asked = program("kpi", "jukebox", "--format", "json")
    assert asked.returncode == 0, asked.stderr
    assert printed(asked.stdout) == answers
    one = program("kpi", "jukebox", "product_sales", "--format", "json")
    assert printed(one.stdout) == {"product_sales": answers["product_sales"]}


def test_a_dry_run_counts_and_leaves_nothing(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """3.25: where events would go is printed, and none is there after it."""
    wrong = next(iter(FIELDS))
    lines = [*BASE, wrong, BASE[0], customer("c1", "2025-01-01"), published("s1", "2026-01-01")]
    (tmp_path / "in.ndjson").write_bytes(b"\n".join(lines) + b"\n")
    dry = program(
        "run", "jukebox", "--input", "in.ndjson", "--dry-run", "--quiet", "--format", "json"
    )
    assert dry.returncode == 0, dry.stderr
    counts = {row.pop("table"): row for row in json.loads(dry.stdout)}["event"]
    del counts["part"]
    assert counts == {
        "read": 9, "loaded": 5, "skipped": 2, "rejected": 2, "retried": 0, "waiting": 0,
    }  # fmt: skip
    made = db.query("select to_regclass('jukebox.event') is not null as is_there")["is_there"][0]
    assert not made or db.query("select count(*) as n from jukebox.event")["n"][0] == 0
    assert not (tmp_path / "reports").exists()


def test_keys_and_checks_hold(program: Program, tmp_path: Path, db: Connection) -> None:
    """3.8, 3.22, 3.23: relationships are the database's own, and checks leave results of each run.

    They are there still after events have been added to many.
    """
    wanted = {
        ("locations", "customers"), ("allocations", "devices"), ("allocations", "locations"),
        ("allocations", "agents"), ("payments", "devices"), ("payments", "customers"),
        ("albums", "artists"), ("songs", "albums"), ("songs_played", "songs"),
        ("songs_played", "devices"), ("sales", "allocations"),
    }  # fmt: skip
    more = [customer(f"more {n}", "2026-01-01", 1000 + n) for n in range(300)]
    for number, lines in enumerate([[*BASE, *more], [customer("one more", "2026-01-01", 5)]]):
        (tmp_path / f"{number}.ndjson").write_bytes(b"\n".join(lines) + b"\n")
        run(program, f"{number}.ndjson")
        keys = db.query(
            "select conrelid::regclass::text as child, confrelid::regclass::text as parent "
            "from pg_constraint where connamespace = 'jukebox'::regnamespace and contype = 'f'"
        )
        found = {tuple(name.removeprefix("jukebox.") for name in row) for row in keys.iter_rows()}
        assert found >= wanted
        of_key = db.query(
            "select conrelid::regclass::text as t from pg_constraint "
            "where connamespace = 'jukebox'::regnamespace and contype = 'p'"
        )
        assert {name.removeprefix("jukebox.") for name in of_key["t"]} >= set(COLUMNS)
        results = db.query(
            "select violations from abcjob.check_result "
            "where run_id = (select max(run_id) from abcjob.run)"
        )
        assert results.height > 0
        assert not any(results["violations"])
