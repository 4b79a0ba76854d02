"""The embedded server: PostgreSQL's own programs, a data folder, started when needed.

Who uses the server holds a shared lock on `users.lock`, which the kernel drops however the
holder ends; the last one to leave stops the server, unless `keep` says to let it run. Starting
and stopping exclude each other by `server.lock`. A pid is believed only when its process was
started for the data folder, since a stale file may name any living process.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from abcjob.database import binaries, cluster
from abcjob.database.url import DatabaseUrl
from abcjob.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from abcjob.database.binaries import Binaries

_SOCKET = ".s.PGSQL.5432"
_SOCKET_PATH_LIMIT = 103  # bytes: 107 on Linux, 103 on macOS
_START_SECONDS = 300  # crash recovery can take minutes
_STOP_SECONDS = 120


def default_home() -> Path:
    """Where the server's data lie when no setting says so.

    Raises:
        DatabaseError: the user has no home.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/abcjob")
    try:
        return Path.home() / ".local/share/abcjob"
    except RuntimeError as error:
        raise DatabaseError(
            "looking for the embedded server's folder: this user has no home; "
            "name a folder with ABCJOB_HOME, or a server with --database"
        ) from error


@dataclass(frozen=True)
class EmbeddedServer:
    """The server of one data folder.

    Attributes:
        home: holds the data, the socket, the log and the locks.
        programs: a folder with PostgreSQL's programs, or None to look for them.
    """

    home: Path
    programs: Path | None = None

    @property
    def url(self) -> DatabaseUrl:
        """How its owner connects, without a password."""
        # With its port: PGPORT in the environment may be another server's.
        options = (("host", str(self._socket_folder)), ("port", "5432"))
        return DatabaseUrl(cluster.OWNER, "", "", cluster.OWNER, options)

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.home / "server.log"

    @cached_property
    def binaries(self) -> Binaries:
        """The programs that run it.

        Raises:
            SettingsError, DatabaseError: as `binaries.find`.
        """
        return binaries.find(self.programs)

    def is_running(self) -> bool:
        """Whether the server of this data folder is up and takes connections."""
        return self._pid() is not None and self._status() == "ready"

    @contextmanager
    def used(self) -> Iterator[DatabaseUrl]:
        """The server, started if need be, and stopped after by the last who used it.

        Raises:
            DatabaseError: it does not start; the message has the last line of its log.
        """
        self._make_home()
        with _opened(self.home / "users.lock") as users:
            try:
                with self._changing():
                    fcntl.flock(users, fcntl.LOCK_SH)
                    if not self.is_running():
                        self._keep.unlink(missing_ok=True)  # of before a crash
                    self._start()
                yield self.url
            finally:
                with self._changing():
                    fcntl.flock(users, fcntl.LOCK_UN)
                    if not self._keep.exists() and _is_free(users):
                        self._stop()

    def start(self) -> None:
        """Start the server and let it run until `stop`. Safe to repeat.

        Raises:
            DatabaseError: as `used`.
        """
        self._make_home()
        with self._changing():
            self._start()
            self._keep.touch()

    def stop(self) -> None:
        """Stop the server. Safe to repeat.

        Raises:
            DatabaseError: a run is using it.
        """
        # `_pid` says where it may not look.
        if self._pid() is None and not os.path.isdir(self.home):
            return
        with _opened(self.home / "users.lock") as users, self._changing():
            if not _is_free(users):
                raise DatabaseError(
                    f"stopping the embedded server in {self.home}: a run is using it; "
                    "stop it when the run has ended"
                )
            self._keep.unlink(missing_ok=True)
            self._stop()

    @property
    def _data(self) -> Path:
        return self.home / "data"

    @property
    def _keep(self) -> Path:
        return self.home / "keep"

    @property
    def _socket_folder(self) -> Path:
        """In the home, or in the folder for temporary files where that path is too long."""
        folder = self.home / "socket"
        if len(os.fsencode(folder / _SOCKET)) <= _SOCKET_PATH_LIMIT:
            return folder
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path("/tmp") / f"abcjob-{name}"  # noqa: S108 - made 0700, and its owner is checked

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with _opened(self.home / "server.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                yield
            except OSError as error:
                raise DatabaseError(
                    f"using the embedded server in {self.home}: {_refusal(error)}; mend that, or "
                    "name another folder with ABCJOB_HOME, or a server with --database"
                ) from error

    def _make_home(self) -> None:
        try:
            # Root's server runs as another user, who has to pass through.
            mode = 0o755 if os.geteuid() == 0 else 0o700
            if not self.home.is_dir():
                self.home.parent.mkdir(parents=True, exist_ok=True)
                self.home.mkdir(exist_ok=True)
                self.home.chmod(mode)
        except OSError as error:
            raise DatabaseError(
                f"making the embedded server's folder {self.home}: {error.strerror}; "
                "name another with ABCJOB_HOME, or a server with --database"
            ) from error

    def _start(self) -> None:
        if self._pid() is not None:
            self._await_ready(None)
            return
        programs = self._ready_programs()
        self._make_socket_folder()
        # Of no living server of ours, but perhaps with the number of some living process.
        for stale in (f"{_SOCKET}.lock", _SOCKET):
            (self._socket_folder / stale).unlink(missing_ok=True)
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        with self.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603
                [programs.folder / "postgres", "-D", self._data, "-k", f'"{self._socket_folder}"'],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C at the terminal is not for the server
                **cluster.as_owner(self._data),
            )
        try:
            self._await_ready(process)
        except BaseException:
            process.terminate()
            process.wait()
            self._remove_socket_folder()
            raise
        process.returncode = 0  # it may outlive us: nothing is to wait for it

    def _await_ready(self, process: subprocess.Popen[bytes] | None) -> None:
        give_up = time.monotonic() + _START_SECONDS
        while self._status() != "ready":
            ended = process.poll() is not None if process else self._pid() is None
            if ended or time.monotonic() > give_up:
                raise self._not_started()
            time.sleep(0.002)

    def _stop(self) -> None:
        pid = self._pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGINT)  # fast shutdown: roll back, write out, end
        give_up = time.monotonic() + _STOP_SECONDS
        while _is_server_of(pid, self._data):  # its pid file goes a moment before it does
            if time.monotonic() > give_up:
                raise DatabaseError(
                    f"stopping the embedded server in {self.home}: process {pid} is still there "
                    f"after {_STOP_SECONDS} s; see {self.log}"
                )
            time.sleep(0.002)
        _await_end(pid)
        self._remove_socket_folder()

    def _ready_programs(self) -> Binaries:
        """The programs, with a cluster made by them or by their like in the data folder."""
        programs = self.binaries
        if os.geteuid() == 0:
            self._check_reach()
            programs = binaries.copied(programs, self.home)
        if not self._version_file.is_file():
            cluster.make(self._data, programs)
        return programs

    @property
    def _version_file(self) -> Path:
        return self._data / "PG_VERSION"

    def _check_reach(self) -> None:
        folders = (self.home, *self.home.parents)
        closed = [folder for folder in folders if not folder.stat().st_mode & 0o001]
        if closed:
            raise DatabaseError(
                f"starting the embedded server: as root it runs as another user, who may not enter "
                f"{closed[-1]}; name a folder open to all with ABCJOB_HOME"
            )

    def _make_socket_folder(self) -> None:
        folder = self._socket_folder
        owner = self._data.stat()
        folder.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(folder, owner.st_uid, owner.st_gid, follow_symlinks=False)
        found = folder.lstat()
        if folder.is_symlink() or found.st_uid != owner.st_uid or found.st_mode & 0o077:
            raise DatabaseError(
                f"starting the embedded server: {folder} is not a folder of the server's user "
                "alone; remove it"
            )

    def _remove_socket_folder(self) -> None:
        """Leave nothing in the folder for temporary files."""
        if not self._socket_folder.is_relative_to(self.home):
            with suppress(OSError):  # not empty, or gone: then it is not for us to remove
                self._socket_folder.rmdir()

    def _pid(self) -> int | None:
        """The living server's process, or None."""
        lines = self._pid_file()
        if not lines or not lines[0].strip().isdigit():
            return None
        pid = int(lines[0])
        return pid if _is_server_of(pid, self._data) else None

    def _status(self) -> str:
        lines = self._pid_file()
        status_line = 7
        return lines[status_line].strip() if len(lines) > status_line else ""

    def _pid_file(self) -> list[str]:
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise DatabaseError(
                f"looking at the embedded server in {self.home}: {error.strerror}; it is another "
                "user's: name another folder with ABCJOB_HOME, or a server with --database"
            ) from error

    def _not_started(self) -> DatabaseError:
        found, major = self._version_file.read_text().strip(), self.binaries.major()
        if found != f"{major}":
            return DatabaseError(
                f"starting the embedded server: the data in {self._data} are PostgreSQL {found}'s, "
                f"the programs {major}'s; name the old programs with ABCJOB_PG_BIN, "
                "or another folder with ABCJOB_HOME"
            )
        return DatabaseError(
            f"starting the embedded server in {self.home}: "
            f"{self._last_words() or 'it ended without a word'}; see {self.log}"
        )

    def _last_words(self) -> str:
        """The log's last line that tells of trouble, or its last line."""
        try:
            lines = self.log.read_text(errors="replace").strip().splitlines()[-20:]
        except OSError:
            return ""
        fatal = [line for line in lines if "FATAL" in line or "PANIC" in line]
        return (fatal or lines or [""])[-1]


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise DatabaseError(
            f"using the embedded server: {path}: {error.strerror}; "
            "name another folder with ABCJOB_HOME, or a server with --database"
        ) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _refusal(error: OSError) -> str:
    """What the system said; of many files, of the first."""
    if isinstance(error, shutil.Error):
        return str(error.args[0][0][2])
    return f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror)


def _is_free(lock: int) -> bool:
    """Whether nobody holds the lock; takes it for a moment."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(lock, fcntl.LOCK_UN)
    return True


def _is_server_of(pid: int, data: Path) -> bool:
    """Whether `pid` is a living PostgreSQL server of that data folder, by its command line.

    Not by the folder that it works in: of another user's process even root may not see that in a
    container, where it lacks the capability to trace.
    """
    if Path("/proc/self/cmdline").exists():
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
        return b"\0-D\0" + os.fsencode(data) + b"\0" in command
    shown = subprocess.run(  # noqa: S603 - where there is no /proc
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return f" -D {data} " in shown.stdout


def _await_end(pid: int) -> None:
    """Wait until a process that is ending is gone; not for ever: somebody may forget to reap it."""
    give_up = time.monotonic() + 2
    while time.monotonic() < give_up:
        with suppress(ChildProcessError):  # it need not be our child
            os.waitpid(pid, os.WNOHANG)
        try:
            os.kill(pid, 0)
        except OSError:
            return
        time.sleep(0.002)
