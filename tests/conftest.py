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

import pytest

from abcjob import resources
from abcjob.database.connection import Connection, connect
from abcjob.database.embedded import EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from abcjob.database.url import DatabaseUrl

    Program = Callable[..., subprocess.CompletedProcess[str]]

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


@contextmanager
def empty_database(server: EmbeddedServer) -> Iterator[DatabaseUrl]:
    """An empty database, dropped at the end."""
    name = f"test_{uuid4().hex[:12]}"
    with connect(server.url) as db:
        db.execute(f"create database {name}")
        yield replace(server.url, database=name)
        db.execute(f"drop database {name} with (force)")


@pytest.fixture
def url(server: EmbeddedServer) -> Iterator[DatabaseUrl]:
    """An empty database, for one test."""
    with empty_database(server) as found:
        yield found


@pytest.fixture
def db(url: DatabaseUrl) -> Iterator[Connection]:
    """A connection to an empty database."""
    with connect(url) as connection:
        yield connection


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
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(folder / "nobody"),
                "ABCJOB_DATABASE_URL": url.libpq,
                **(environment or {}),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )

    return run


@pytest.fixture
def program(tmp_path: Path, url: DatabaseUrl) -> Program:
    """The program as users run it, in an empty folder and environment, on an empty database."""
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
