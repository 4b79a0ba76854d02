"""A stream of events, the program run on it, and what there is after."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

from jukebox_compare import in_any_order, quarantine, told
from jukebox_events import allocated, bought, location, paid, played
from jukebox_oracle import COLUMNS
from jukebox_stream import BASE

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program
    from jukebox_oracle import Row

    from abcjob.database.connection import Connection

DATE = "2026-03-31"
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
