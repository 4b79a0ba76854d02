"""The embedded server: started when needed, gone after, whoever runs it and whatever happened."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from abcjob.database import binaries
from abcjob.database.connection import connect
from abcjob.database.embedded import EmbeddedServer
from abcjob.errors import DatabaseError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from abcjob.database.url import DatabaseUrl

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def server(open_folder: Path, request: pytest.FixtureRequest) -> Iterator[EmbeddedServer]:
    """A server of the test's own, in a folder whose name has a space."""
    found = EmbeddedServer(open_folder / f"home of {request.node.name}"[:60])
    yield found
    found.stop()
    shutil.rmtree(found.home, ignore_errors=True)


def works(url: DatabaseUrl) -> bool:
    """Whether a server answers there."""
    with connect(url) as db:
        return bool(db.query("select current_user = 'abcjob' as is_owner")["is_owner"][0])


def pid(server: EmbeddedServer) -> int:
    """The server's process."""
    return int((server.home / "data" / "postmaster.pid").read_text().split()[0])


def test_it_runs_while_it_is_used_and_not_after(server: EmbeddedServer) -> None:
    """Started for its first user, stopped after its last."""
    with server.used() as url:
        with server.used():
            pass
        assert works(url)
        process = pid(server)
    assert not server.is_running()
    assert not Path(f"/proc/{process}/cwd").exists()


def test_it_stays_until_stopped_when_it_was_started(server: EmbeddedServer) -> None:
    """`db start` lets it run, whoever uses it in between; `db stop` ends it. Safe to repeat."""
    for _ in range(2):
        server.start()
    with server.used():
        pass
    assert server.is_running()
    for _ in range(2):
        server.stop()
    assert not server.is_running()


def test_it_is_not_stopped_under_a_run(server: EmbeddedServer) -> None:
    """`db stop` says that a run is using it."""
    with server.used() as url:
        with pytest.raises(DatabaseError, match="a run is using it"):
            server.stop()
        assert works(url)


def test_a_user_who_was_killed_does_not_keep_it(server: EmbeddedServer) -> None:
    """The kernel drops a killed user's lock: the next user is the last, and stops the server."""
    code = (
        "import pathlib, sys, time\n"
        "from abcjob.database.embedded import EmbeddedServer\n"
        "with EmbeddedServer(pathlib.Path(sys.argv[1])).used():\n"
        "    print('using', flush=True)\n"
        "    time.sleep(600)\n"
    )
    user = subprocess.Popen(
        [sys.executable, "-c", code, server.home], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    with user:
        assert user.stdout is not None
        assert user.stdout.readline() == "using\n"
        user.kill()
    assert server.is_running()
    with server.used() as url:
        assert works(url)
    assert not server.is_running()


def test_it_survives_its_own_kill(server: EmbeddedServer) -> None:
    """After kill -9 the next start recovers what was committed."""
    with server.used() as url:
        with connect(url) as db:
            db.execute("create table kept as select 1 as n")
        os.kill(pid(server), signal.SIGKILL)
        while server.is_running():
            time.sleep(0.01)
    with server.used() as url, connect(url) as db:
        assert db.query("select n from kept")["n"].to_list() == [1]


@pytest.mark.parametrize("text", ["", "123", f"{os.getpid()}\n/somewhere\n1\n5432\n\n\n\nready\n"])
def test_a_stale_pid_file_is_no_server(server: EmbeddedServer, text: str) -> None:
    """A pid file cut short, or one that names some living process, does not count as a server."""
    with server.used():
        pass
    (server.home / "data" / "postmaster.pid").write_text(text)
    assert not server.is_running()
    with server.used() as url:
        assert works(url)


def test_a_long_path_has_its_socket_elsewhere(open_folder: Path) -> None:
    """A socket's path is limited to some hundred bytes; the data's is not."""
    server = EmbeddedServer(open_folder / ("long" * 50) / "home")
    with server.used() as url:
        assert works(url)
        socket = Path(dict(url.options)["host"])
        assert not socket.is_relative_to(server.home)
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert not socket.exists()


def test_nobody_else_may_enter(server: EmbeddedServer) -> None:
    """No port is open; socket and data are the server's user's alone."""
    with server.used() as url, connect(url) as db:
        assert db.query("select current_setting('listen_addresses') as a")["a"][0] == ""
        for folder in (server.home / "data", Path(dict(url.options)["host"])):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_nothing_outside_its_folder_changes_mode(server: EmbeddedServer) -> None:
    """As root too: no permission is changed outside its own folder."""
    parents = list(server.home.parents)
    before = [path.stat().st_mode for path in parents]
    with server.used():
        pass
    assert [path.stat().st_mode for path in parents] == before


def _python_of_all() -> str:
    """A Python of this version that every user may run: root's own may lie in root's home."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for found in (sys.executable, f"/usr/bin/{version}"):
        closed = [p for p in Path(found).resolve().parents if not p.stat().st_mode & 0o001]
        if Path(found).exists() and not closed:
            return found
    pytest.skip(f"every {version} here lies where other users may not look")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_can_run_it(open_folder: Path) -> None:
    """Not as root: the server runs as the user who started it, who alone may enter."""
    home = open_folder / "of nobody"
    home.mkdir()
    shutil.chown(home, "nobody")
    code = (
        "import pathlib, sys\n"
        "from abcjob.database.embedded import EmbeddedServer\n"
        "from abcjob.database.connection import connect\n"
        "server = EmbeddedServer(pathlib.Path(sys.argv[1]) / 'home')\n"
        "with server.used() as url, connect(url) as db:\n"
        "    print(db.query('select 41 + 1 as n')['n'][0])\n"
    )
    ran = subprocess.run(
        [_python_of_all(), "-c", code, home],
        user="nobody",
        cwd=ROOT,
        env={"HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout == "42\n", ran.stderr
    assert stat.S_IMODE((home / "home").stat().st_mode) == 0o700
    assert (home / "home" / "data").owner() == "nobody"


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None, reason="root with setpriv can try it"
)
def test_root_without_the_capability_to_trace_knows_its_server(server: EmbeddedServer) -> None:
    """In a container root may not look into another user's process: it is found all the same."""
    code = (
        "import pathlib, sys\n"
        "from abcjob.database.embedded import EmbeddedServer\n"
        "server = EmbeddedServer(pathlib.Path(sys.argv[1]))\n"
        "with server.used():\n"
        "    assert server.is_running()\n"
        "assert not server.is_running()\n"
    )
    command = ["setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"]
    for _ in range(2):
        subprocess.run([*command, sys.executable, "-c", code, server.home], check=True, cwd=ROOT)


def test_the_environment_of_other_servers_does_not_matter(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PGPORT and its like are for somebody else's server."""
    monkeypatch.setenv("PGPORT", "5433")
    monkeypatch.setenv("PGUSER", "anna")
    with server.used() as url:
        assert works(url)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as another user")
def test_root_is_told_of_a_folder_that_its_server_may_not_enter(open_folder: Path) -> None:
    """As root the server runs as another user; a closed folder on the way is named."""
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    for home in (closed, closed / "home"):
        with pytest.raises(DatabaseError, match=f"may not enter {closed}; .*ABCJOB_HOME"):
            EmbeddedServer(home).start()


def test_data_of_another_major_version_are_not_touched(server: EmbeddedServer) -> None:
    """The versions of data and programs are named, and what to do."""
    with server.used():
        pass
    (server.home / "data" / "PG_VERSION").write_text("17\n")
    with pytest.raises(DatabaseError, match=r"are PostgreSQL 17's, the programs 18's; name the"):
        server.start()
    (server.home / "data" / "PG_VERSION").write_text("18\n")


@pytest.mark.parametrize("name", ["data.new", "server.log"])
def test_what_is_in_the_way_is_named(server: EmbeddedServer, name: str) -> None:
    """What the system refuses is the database's trouble, code 4, and no fault of the program."""
    there = server.home / name
    server.home.mkdir()
    if name == "server.log":
        there.mkdir()
    else:
        there.write_text("")
    for use in (server.start, server.used().__enter__):
        with pytest.raises(DatabaseError, match=f"/{name}; mend that, or .* ABCJOB_HOME"):
            use()
    there.rmdir() if name == "server.log" else there.unlink()
    server.start()


def test_a_server_that_does_not_start_says_why(server: EmbeddedServer) -> None:
    """The last word of its log stands in the message, and where the log is."""
    with server.used():
        pass
    with (server.home / "data" / "postgresql.conf").open("a") as configuration:
        configuration.write("shared_buffers = 'nonsense'\n")
    with pytest.raises(DatabaseError, match=r"FATAL: .*; see .*server.log"):
        server.start()


def test_a_folder_that_may_not_be_looked_at_is_not_without_a_server(tmp_path: Path) -> None:
    """Nothing is said to be stopped there; where there is no folder, nothing has to be."""
    EmbeddedServer(tmp_path / "nowhere").stop()
    with pytest.raises(DatabaseError, match=r"File name too long; .*ABCJOB_HOME"):
        EmbeddedServer(tmp_path / ("x" * 300)).stop()


def test_programs_are_where_they_are_said_to_be(tmp_path: Path) -> None:
    """A setting comes first, and a wrong one is said; without one the wheel's are found."""
    for wrong in (tmp_path, tmp_path / ("x" * 300)):
        with pytest.raises(SettingsError, match="ABCJOB_PG_BIN"):
            binaries.find(wrong)
    found = binaries.find(None)
    assert binaries.find(found.folder).origin == "ABCJOB_PG_BIN"
    assert found.version().startswith("18.")


def test_a_client_without_a_server_hides_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the system's versions the newest is taken that has a server."""
    for program in ("9/bin/postgres", "16/bin/postgres", "18/bin/psql"):
        path = tmp_path / program
        path.parent.mkdir(parents=True)
        path.touch()
    monkeypatch.setattr(binaries, "_WHEEL", "no_such_wheel")
    monkeypatch.setattr(binaries, "_SYSTEM", (f"{tmp_path}/*/bin",))
    assert binaries.find(None) == binaries.Binaries(tmp_path / "16" / "bin", "the system")


@pytest.mark.parametrize(("said", "major"), [("18.4", 18), ("19beta1", 19), ("9.6.24", 9)])
def test_a_version_may_be_one_to_come(tmp_path: Path, said: str, major: int) -> None:
    """What is tried before it is released calls itself a beta."""
    program = tmp_path / "postgres"
    program.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {said}'\n")
    program.chmod(0o755)
    assert binaries.Binaries(tmp_path, "").major() == major
