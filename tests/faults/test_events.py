"""Runs of events that are killed, cut off or doubled: all of what they bring is there, or none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from conftest import called_in
from jukebox_compare import in_any_order, stored
from jukebox_events import allocated, bought, customer, location, paid, played, published, removed
from jukebox_oracle import COLUMNS, judged, tables
from killer import KILLS, Killer
from proxy import Proxy

from abcjob import jobs
from abcjob.database.connection import connect

if TYPE_CHECKING:
    from pathlib import Path

    from inside import WarmPainter

    from abcjob.database.connection import Connection
    from abcjob.database.embedded import EmbeddedServer
    from abcjob.database.url import DatabaseUrl

    State = dict[str, list[str]]  # rows as text, by table; those without rows are left out

RUN = ("run", "jukebox", "--date", "2026-03-31", "--quiet", "--input")
POINTS = ("in load", "after settle", "after model", "in publish", "after publish")
TABLES = jobs.load("jukebox").tables
D1, D2, D3 = "2026-01-01", "2026-02-01", "2026-03-01"

KNOWN = [
    *(customer(f"c{n}", D1, n) for n in range(8)),
    *(location(f"l{n}", D1, n, n) for n in range(8)),
    *(bought(f"b{n}", D1, n) for n in range(8)),
    *(allocated(f"a{n}", D2, n, 100, to=n, agent=(n % 3, f"Agent {n % 3}")) for n in range(8)),
    *(published(f"s{n}", D1, n, album=f"Album {n % 4}") for n in range(16)),
    *(paid(f"p{n}", D2, n, 50, n % 8, by=n % 8) for n in range(24)),
    *(played(f"m{n}", D2, n % 8, song=n % 16) for n in range(128)),
    played("orphan", D3, 8, song=16),
    b"{",
]
MORE = [
    published("s16", D3, 16, artist="Their Echo"),
    bought("b8", D3, 8),
    paid("p24", D3, 24, 50, 1),
    paid("p25", D3, 0, 75, 2),  # a payment told anew, of another device
    removed("r0", D3, 0),
    played("lost", D3, 9, song=0),
    b"[",
]
OTHER = [customer("c7", D3, 70), *MORE]  # then location 7, what it holds, and its plays wait
# A run of events is killed as any other is; what it does besides is most of what is looked at.
KILLED = [
    *(("a first run", point) for point in POINTS[:4:3]),
    *(("inserting", point) for point in POINTS),
    *(("undoing", point) for point in POINTS[1::2]),
]
SITUATIONS = {"a first run": ([], KNOWN), "inserting": (KNOWN, MORE), "undoing": (KNOWN, OTHER)}


def state(db: Connection) -> State:
    """What readers see, and what is kept of other lines; of one moment."""
    if db.query("select 1 from pg_namespace where nspname = 'jukebox'").is_empty():
        return {}
    asked = [
        f"select '{table}' as name, row(one.*)::text as row from jukebox.{table} as one"
        for table in TABLES
    ]
    asked.append(
        "select 'quarantine', row(raw, state, failed_rules, content)::text from jukebox.quarantine"
    )
    found: State = {}
    for name, row in db.query(" union all ".join(asked) + " order by 1, 2").iter_rows():
        found.setdefault(name, []).append(row)
    return found


@dataclass
class Bench:
    """A folder, and databases of one server in which runs are made; they go with the server."""

    server: EmbeddedServer
    folder: Path
    painter: WarmPainter

    def database(self, template: str = "template1") -> DatabaseUrl:
        """A new database, as the template is."""
        name = f"test_{uuid4().hex[:12]}"
        with connect(self.server.url) as db:
            db.execute(f"create database {name} template {template}")
        return replace(self.server.url, database=name)

    def begun(self, url: DatabaseUrl, *sources: str, **environment: str) -> subprocess.Popen[str]:
        """A run of these files of the folder."""
        return subprocess.Popen(
            [sys.executable, "-m", "abcjob", *RUN, *sources],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "ABCJOB_DATABASE_URL": url.libpq, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def is_done(self, url: DatabaseUrl, source: str) -> bool:
        """A run that nothing disturbs, in this process: whether it went well, without a word."""
        ran = called_in(self.folder, url, self.painter)(*RUN, source)
        return (ran.returncode, ran.stderr) == (0, "")

    def run(self, url: DatabaseUrl, source: str, **environment: str) -> tuple[int, str]:
        """How a run ended, and what it said."""
        running = self.begun(url, source, **environment)
        _, said = running.communicate(timeout=120)
        return running.returncode, said

    def reports(self) -> list[bytes]:
        """What the last report says."""
        return [path.read_bytes() for path in sorted((self.folder / "reports").iterdir())]


@dataclass(frozen=True)
class Situation:
    """What a run is disturbed in.

    Attributes:
        old: what readers see before it.
        template: the database where they do.
        new: what they see after it.
        reports: what an undisturbed run tells.
    """

    old: State
    template: str
    new: State
    reports: list[bytes]


@pytest.fixture(scope="module")
def bench(
    server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory, warm_painter: WarmPainter
) -> Bench:
    """A place for all tests."""
    return Bench(server, tmp_path_factory.mktemp("events"), warm_painter)


@pytest.fixture(scope="module")
def situations(bench: Bench) -> dict[str, Situation]:
    """What comes of undisturbed runs."""
    found = {}
    for name, (known, more) in SITUATIONS.items():
        (bench.folder / "known").write_bytes(b"\n".join(known))
        (bench.folder / name).write_bytes(b"\n".join(more))
        before = bench.database()
        if known:
            assert bench.is_done(before, "known")
        old = seen(before)
        after = bench.database(str(before.database))
        assert bench.is_done(after, name)
        found[name] = Situation(old, str(before.database), seen(after), bench.reports())
        assert found[name].new != old
    return found


def seen(url: DatabaseUrl) -> State:
    """As `state`, when no run is there any more."""
    with connect(url) as db:
        while not db.query(
            "select 1 from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid() "
            "and backend_type = 'client backend'"
        ).is_empty():
            time.sleep(0.01)
        return state(db)


def comes_to(bench: Bench, url: DatabaseUrl, name: str, situation: Situation) -> None:
    """The next run needs no help, and leaves nothing behind."""
    assert bench.is_done(url, name)
    assert seen(url) == situation.new
    assert bench.reports() == situation.reports
    with connect(url) as db:
        assert db.query("select 1 from pg_namespace where nspname like '%staging%'").is_empty()
        outcomes = db.query("select outcome from abcjob.run order by run_id")["outcome"]
    assert outcomes[-1] == "published"
    assert "running" not in outcomes


@pytest.mark.parametrize(("name", "point"), KILLED)
def test_a_kill_at_a_named_point(
    bench: Bench, situations: dict[str, Situation], name: str, point: str
) -> None:
    """Every table and the quarantine change together, and the next run comes to the same end."""
    situation = situations[name]
    url = bench.database(situation.template)
    assert bench.run(url, name, ABCJOB_FAULT=point)[0] == -signal.SIGKILL
    assert seen(url) == (situation.new if point == "after publish" else situation.old)
    comes_to(bench, url, name, situation)


# What a client sends, one after the other, until the step has begun.
STEPS = {
    "settle": (b'insert into "jukebox_staging"."verdict"',),
    "model": (b'create view "jukebox_staging"."sales"',),
    "publish": (b'insert into "jukebox"."event"', b'insert into "jukebox"."sales"'),
}
# The driver prepares a statement first; what does it is the message Execute.
COMMIT = (*STEPS["publish"], b"commit", b"E\0\0\0\x09\0\0\0\0\0")


@pytest.mark.parametrize("step", STEPS)
def test_a_cut_connection_leaves_the_old_rows(
    bench: Bench, situations: dict[str, Situation], step: str
) -> None:
    """Code 4, one line, and the next run succeeds."""
    situation = situations["inserting"]
    url = bench.database(situation.template)
    with Proxy(url) as proxy:
        proxy.strike(STEPS[step], "cut before")
        code, said = bench.run(proxy.url, "inserting")
        assert proxy.has_struck.is_set()
    assert (code, said.count("\n")) == (4, 1), said
    assert seen(url) == situation.old
    comes_to(bench, url, "inserting", situation)


@pytest.mark.parametrize("how", ["cut", "cut before"])
def test_a_commit_whose_answer_is_lost_is_found_out(
    bench: Bench, situations: dict[str, Situation], how: str
) -> None:
    """The ledger, which changes with the tables, knows whether it happened."""
    situation = situations["inserting"]
    url = bench.database(situation.template)
    with Proxy(url) as proxy:
        proxy.strike(COMMIT, how)
        code, _ = bench.run(proxy.url, "inserting")
        assert proxy.has_struck.is_set()
    assert (code, seen(url)) == ((0, situation.new) if how == "cut" else (4, situation.old))
    comes_to(bench, url, "inserting", situation)


def loaded(db: Connection) -> dict[str, Any]:
    """The rows of every table."""
    return {table: stored(db, table, columns) for table, columns in COLUMNS.items()}


def expected(lines: list[bytes]) -> dict[str, Any]:
    """What they should be, by the oracle."""
    made = tables(judged(lines).accepted)
    return {table: in_any_order(made[table]) for table in COLUMNS}


def test_two_runs_at_once(bench: Bench) -> None:
    """One waits for the other, whichever comes first; what waits in one comes in by the other."""
    url = bench.database()
    for name, lines in (("even", KNOWN[::2]), ("odd", KNOWN[1::2])):
        (bench.folder / name).write_bytes(b"\n".join(lines))
    both = [bench.begun(url, name, "--wait", "60") for name in ("even", "odd")]
    said = [running.communicate(timeout=120)[1] for running in both]
    assert [running.returncode for running in both] == [0, 0], said
    with connect(url) as db:
        assert loaded(db) == expected(KNOWN)
        assert db.query("select outcome from abcjob.run")["outcome"].to_list() == ["published"] * 2


def more(number: int) -> list[bytes]:
    """Plays, and a customer who becomes another one, and then is the first one again."""
    day = f"2026-03-{number % 28 + 1:02}T00:{number // 28 % 60:02}"
    return [
        customer("c7", day, 70 if number % 2 else 7),
        paid(f"q{number}", day, 100 + number, 5, number % 8),
        *(played(f"m{number} {n}", D3, n % 8, song=n) for n in range(16)),
    ]


def test_kills_at_random_moments(bench: Bench) -> None:
    """A folder that grows while runs are killed: what is there is what some run brought whole."""
    url = bench.database()
    (bench.folder / "in").mkdir()
    (bench.folder / "in" / "0.ndjson").write_bytes(b"\n".join(KNOWN))
    killer = Killer(bench.folder, url, (*RUN, "in"))
    sent, known = KNOWN, expected(KNOWN)
    for number in range(1, max(KILLS // 10, 2) + 1):
        (bench.folder / "in" / f"{number}.ndjson").write_bytes(b"\n".join(more(number)))
        sent = sent + more(number)
        killer.strike()
        seen(url)
        with connect(url) as db:
            found = loaded(db)
        assert found in (known, expected(sent))
        known = found
    assert bench.is_done(url, "in")
    with connect(url) as db:
        assert loaded(db) == expected(sent)
