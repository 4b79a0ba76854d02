"""Against a server that is not the embedded one: by URL, over TCP, with a password."""

from __future__ import annotations

import json
import shutil
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from abcjob.database.connection import connect
from abcjob.database.embedded import EmbeddedServer
from abcjob.database.url import DatabaseUrl

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Program = Callable[..., subprocess.CompletedProcess[str]]

PASSWORD = "p@ss/w:rd% ä"  # noqa: S105 - every character that a URL has to escape


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
