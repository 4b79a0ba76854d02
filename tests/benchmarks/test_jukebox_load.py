"""What events cost the job `jukebox`, against what the server needs to keep them as they come.

A run that adds a hundredth is to take a tenth of the first; of these few events, what does not
grow with them is a good part of it.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from fair import compare, seconds

from abcjob.database.connection import connect

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program
    from pytest_benchmark.fixture import BenchmarkFixture

    from abcjob.database.embedded import EmbeddedServer
    from abcjob.database.url import DatabaseUrl

CUSTOMERS = 1_200  # some million events
DAY = ("--date", "2026-11-20")
BARE = """
drop schema if exists bare cascade;
create schema bare;
create table bare.event (
    event_id text primary key, type text, occurred_at timestamptz, payload jsonb
)
"""


def sample(program: Program) -> None:
    """Files of good events."""
    size = ("--customers", str(CUSTOMERS), "--bad", "0")
    assert program("sample", "jukebox", "--out", "in", *size, *DAY).returncode == 0


def run(program: Program, source: str) -> None:
    """The whole job, to its report."""
    program("run", "jukebox", "--input", source, "--quiet", *DAY).check_returncode()


def empty(url: DatabaseUrl) -> None:
    """A database in which the job has never run."""
    with connect(url) as db:
        db.script("drop schema if exists jukebox cascade; drop schema if exists abcjob cascade")


def test_events_against_copy(
    benchmark: BenchmarkFixture,
    program: Program,
    tmp_path: Path,
    url: DatabaseUrl,
    server: EmbeddedServer,
) -> None:
    """Speed: events a second against psql copying them, parted before, into one keyed table."""
    sample(program)
    with (tmp_path / "in/events.ndjson").open() as lines, (tmp_path / "parted").open("w") as parted:
        for line in lines:
            event = json.loads(line)
            payload = json.dumps(event["Payload"], ensure_ascii=False).replace("\\", "\\\\")
            when = event["Payload"]["OccurredAt"]
            parted.write(f"{event['EventId']}\t{event['EventType']}\t{when}\t{payload}\n")

    def job() -> float:
        empty(url)
        return seconds(lambda: run(program, "in"))

    def reference() -> float:
        with connect(url) as db:
            db.script(BARE)
        copy = f"\\copy bare.event from {tmp_path / 'parted'}"
        psql = [str(server.binaries.folder / "psql"), url.libpq, "-qc", copy]
        return seconds(lambda: subprocess.run(psql, check=True))

    compare(benchmark, job, reference, target=0.5, rounds=2)


def test_a_hundredth_more_events(
    benchmark: BenchmarkFixture, program: Program, tmp_path: Path, url: DatabaseUrl
) -> None:
    """Speed: a run that adds a hundredth of the events, against the run that loaded them."""
    sample(program)
    lines = (tmp_path / "in/events.ndjson").read_text().splitlines(keepends=True)
    numbers = iter(range(1_000))

    def again() -> float:
        number = next(numbers)
        more = [line.replace('"e-', f'"n{number}-', 1) for line in lines[number::100]]
        (tmp_path / "more.ndjson").write_text("".join(more))
        return seconds(lambda: run(program, "more.ndjson"))

    def first() -> float:
        empty(url)
        return seconds(lambda: run(program, "in"))

    first()
    # The target is meant for ten million, where 9 to 11 were measured, and 5 since the first run
    # takes half. Of a million, most of what a run that adds does would be done for none: 2.4 was
    # measured.
    compare(benchmark, again, first, target=10, floor=2, rounds=2)
