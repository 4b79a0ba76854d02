"""What tests stand on: a real PostgreSQL, a database for each test, the program itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import inside
import pytest
from hypothesis import settings

from abcjob import resources
from abcjob.database.connection import Connection, connect
from abcjob.database.embedded import EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from abcjob.database.url import DatabaseUrl

    Program = Callable[..., subprocess.CompletedProcess[str]]

settings.register_profile("abcjob", deadline=None)  # no test asserts a time
settings.load_profile("abcjob")

ROOT = Path(__file__).resolve().parent.parent
TOY = Path(__file__).resolve().parent / "toy"


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter: as root, PostgreSQL runs as another one."""
    folder = Path(tempfile.mkdtemp(prefix="abcjob-tests-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server(open_folder: Path) -> Iterator[EmbeddedServer]:
    """An embedded server, running for as long as the tests do."""
    found = EmbeddedServer(open_folder / "home")
    with found.used():
        yield found


@pytest.fixture(scope="session")
def owner(server: EmbeddedServer) -> Iterator[Connection]:
    """A connection to that server, by which databases are made and dropped."""
    with connect(server.url) as connection:
        yield connection


@contextmanager
def empty_database(server: EmbeddedServer, owner: Connection) -> Iterator[DatabaseUrl]:
    """An empty database, dropped at the end."""
    name = f"test_{uuid4().hex[:12]}"
    owner.execute(f"create database {name}")
    yield replace(server.url, database=name)
    owner.execute(f"drop database {name} with (force)")


@pytest.fixture
def url(server: EmbeddedServer, owner: Connection) -> Iterator[DatabaseUrl]:
    """An empty database, for one test."""
    with empty_database(server, owner) as found:
        yield found


@pytest.fixture
def db(url: DatabaseUrl) -> Iterator[Connection]:
    """A connection to an empty database."""
    with connect(url) as connection:
        yield connection


def environment_of(folder: Path, url: DatabaseUrl) -> dict[str, str]:
    """An environment in which nothing is set but a database."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "nobody"),
        "ABCJOB_DATABASE_URL": url.libpq,
    }


def program_in(folder: Path, url: DatabaseUrl) -> Program:
    """The program as users run it, in a folder, with nothing set but a database.

    A call takes its arguments, and as `environment` what is to be set besides.
    """

    def run(
        *arguments: str, environment: Mapping[str, str] | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "abcjob", *arguments],
            cwd=folder,
            env=environment_of(folder, url) | dict(environment or {}),
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )

    return run


@pytest.fixture(scope="session")
def warm_painter() -> Iterator[inside.WarmPainter]:
    """What draws the charts of all runs in this process."""
    found = inside.WarmPainter()
    yield found
    found.close()


def called_in(folder: Path, url: DatabaseUrl, painter: inside.WarmPainter) -> Program:
    """As `program_in`, called in this process: without the second that a process takes to start."""

    def run(
        *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        found = environment_of(folder, url) | dict(environment or {})
        return inside.call(arguments, folder, found, painter)

    return run


@pytest.fixture
def called(tmp_path: Path, url: DatabaseUrl, warm_painter: inside.WarmPainter) -> Program:
    """The program called in this process: for runs before and after the one that is looked at."""
    return called_in(tmp_path, url, warm_painter)


@pytest.fixture
def program(request: pytest.FixtureRequest, tmp_path: Path, url: DatabaseUrl) -> Program:
    """The program as users run it, in an empty folder and environment, on an empty database.

    Where a test or its module is marked `in_process` it is called in this process: for what it
    reads, loads, prints, writes and returns, which is the same there.
    """
    if request.node.get_closest_marker("in_process"):
        found: Program = request.getfixturevalue("called")
        return found
    return program_in(tmp_path, url)


@pytest.fixture
def toy_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program's SQL and templates with the toy job's among them, where they may be changed."""
    there = tmp_path / "resources"
    for kind in ("sql", "templates"):
        shutil.copytree(ROOT / kind, there / kind)
        shutil.copytree(TOY / kind, there / kind, dirs_exist_ok=True)
    monkeypatch.setattr(resources, "folder", lambda kind: there / kind)
    return there
