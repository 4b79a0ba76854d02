"""A server whose disk is full."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from contextlib import contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING

import pytest
from proxy import Proxy
from steps import STEPS, companies
from terminal import FEW, one_line

from abcjob.database.connection import connect
from abcjob.database.embedded import EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Program

_PIECE = 65_536  # bytes
SIZE = "select pg_database_size(current_database()) as n"


@pytest.fixture
def own(open_folder: Path) -> Iterator[EmbeddedServer]:
    """A server of the test's own; started."""
    server = EmbeddedServer(open_folder / "to be filled")
    server.start()
    yield server
    server.stop()
    shutil.rmtree(server.home)


def test_a_full_disk_leaves_the_old_rows(
    program: Program, called: Program, own: EmbeddedServer
) -> None:
    """Code 4, the space given back, and when there is room again the retry succeeds.

    The server is forbidden to make any file larger than 20 MB, which it takes for a full disk.
    """
    arguments = ("--quiet", "--database", own.url.libpq)
    assert called("run", *FEW, *arguments).returncode == 0
    size = "select pg_database_size(current_database()) as n"
    with connect(own.url) as db:
        before = db.query(size)["n"][0]
    own.stop()
    free = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000_000, free[1]))
    try:
        own.start()  # it inherits the limit
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, free)
    ran = program("run", "--companies", "12000", *arguments)
    own.stop()
    own.start()
    assert ran.returncode == 4, ran.stderr
    assert "File too large" in one_line(ran.stderr)
    with connect(own.url) as db:
        assert companies(db) == 40
        assert db.query(size)["n"][0] < before + 5_000_000
        assert called("run", "--companies", "12000", *arguments).returncode == 0
        assert companies(db) == 12_000


@contextmanager
def mounted(disk: Path, size: str) -> Iterator[Path]:
    """A disk of some size."""
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("to mount a small disk needs the right to")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture(scope="module")
def small(open_folder: Path) -> Iterator[EmbeddedServer]:
    """A server on a disk of 200 MB; started."""
    with mounted(open_folder / "small", "200m") as disk:
        server = EmbeddedServer(disk / "home")
        server.start()
        yield server
        server.stop()


def test_a_disk_without_room_for_the_server(program: Program, open_folder: Path) -> None:
    """Code 4 and one line, whether its programs or its data find none."""
    with mounted(open_folder / "smaller", "10m") as disk:
        ran = program("db", "start", environment={"ABCJOB_HOME": str(disk / "home")})
    assert ran.returncode == 4, ran.stderr
    assert "No space left on device" in one_line(ran.stderr)
    assert "name another folder with ABCJOB_HOME" in ran.stderr


@pytest.mark.parametrize("step", STEPS)
def test_a_disk_that_is_full_from_a_step_on(
    program: Program, called: Program, small: EmbeddedServer, step: str
) -> None:
    """Code 4 and the old rows, or none were needed; with room again the retry succeeds.

    Where the server has no room for its own log it ends, as PostgreSQL does, and starts again.
    """
    assert called("run", *FEW, "--quiet", "--database", small.url.libpq).returncode == 0
    ballast = small.home.parent / "ballast"

    def fill() -> None:
        with ballast.open("wb") as file, suppress(OSError):  # when there is no more room
            for piece in count():  # of which the server may take some meanwhile
                os.posix_fallocate(file.fileno(), piece * _PIECE, _PIECE)

    with Proxy(small.url) as proxy:
        proxy.strike(STEPS[step], "", fill)
        arguments = ("run", "--companies", "300", "--quiet", "--database")
        ran = program(*arguments, proxy.url.libpq, environment={"ABCJOB_CONNECT": "1"})
        assert proxy.has_struck.is_set(), ran.stderr
    ballast.unlink()
    small.start()
    assert ran.returncode in {0, 4}, ran.stderr
    assert ran.returncode == 4 or step in {"publish", "query", "ledger"}
    if ran.returncode:
        one_line(ran.stderr)
    with connect(small.url) as db:
        assert companies(db) == (300 if step == "query" or not ran.returncode else 40)
        before = db.query(SIZE)["n"][0]
        again = called(*arguments, small.url.libpq)
        assert again.returncode == 0, again.stderr
        assert companies(db) == 300
        assert db.query(SIZE)["n"][0] < before + 10_000_000
