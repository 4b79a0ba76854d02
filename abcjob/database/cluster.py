"""The embedded server's data: made once, whole or not at all, by a user who is not root.

As root, PostgreSQL refuses to run: an unprivileged user owns the data then and runs the server.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from abcjob import sqlfile
from abcjob.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from abcjob.database.binaries import Binaries

OWNER = "abcjob"  # the role that owns everything, and its database
_UNPRIVILEGED = ("postgres", "nobody")
_LOCALE = ("--encoding=UTF8", "--locale=C")
_BUILTIN_LOCALE = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")  # from 17 on
_FIRST_WITH_BUILTIN_LOCALE = 17

_CONFIGURATION = """
# Only through the socket, whose folder nobody else may enter.
listen_addresses = ''
timezone = 'UTC'
log_timezone = 'UTC'
# One machine, one server: nobody replicates from it.
wal_level = minimal
max_wal_senders = 0
# A large load in one go: else the server stops to write all of its pages out, several times.
max_wal_size = 4GB
checkpoint_timeout = 15min
shared_buffers = 256MB
# The log is written out beside a load: who loads waited for that a tenth of the time.
wal_writer_delay = 20ms
"""


def make(data: Path, programs: Binaries) -> None:
    """Make the data folder with its owner and database.

    Raises:
        DatabaseError: a program fails; there is no folder then.
    """
    fresh = data.with_name(f"{data.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)  # of an attempt that was cut short
    fresh.mkdir(mode=0o700)
    if os.geteuid() == 0:
        owner = _unprivileged()
        os.chown(fresh, owner.pw_uid, owner.pw_gid)
    has_builtin = programs.major() >= _FIRST_WITH_BUILTIN_LOCALE
    locale = (*_LOCALE, *(_BUILTIN_LOCALE if has_builtin else ()))
    options = ("-U", OWNER, "--auth=trust", *locale)
    _run([programs.folder / "initdb", "-D", fresh, *options], fresh)
    with (fresh / "postgresql.conf").open("a") as configuration:
        configuration.write(_CONFIGURATION)
    statement = sqlfile.fill(sqlfile.statements("engine", "cluster")["make_database"], name=OWNER)
    single = ("--single", "-D", fresh, "postgres")
    _run([programs.folder / "postgres", *single], fresh, f"{statement};\n")
    fresh.rename(data)


def as_owner(data: Path) -> dict[str, Any]:
    """How `subprocess` starts a program as the data's owner, with nothing of our environment."""
    common: dict[str, Any] = {"cwd": "/", "env": {"LC_ALL": "C", "TZ": "UTC"}}
    if os.geteuid() != 0:
        return common
    made_by = data.stat()
    return {**common, "user": made_by.st_uid, "group": made_by.st_gid, "extra_groups": []}


def _run(command: Sequence[str | Path], data: Path, text: str = "") -> None:
    try:
        done = subprocess.run(  # noqa: S603
            command, input=text, capture_output=True, text=True, check=False, **as_owner(data)
        )
        said = done.stderr.strip() if done.returncode else None
    except OSError as error:
        said = f"{error.strerror}: {error.filename}"
    if said is not None:
        last = (said or "it ended without a word").splitlines()[-1]
        raise DatabaseError(
            f"making the embedded server's data in {data.parent}: {last}; "
            "mend that, or name a server with --database"
        )


def _unprivileged() -> pwd.struct_passwd:
    for name in _UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise DatabaseError(
        f"making the embedded server's data: PostgreSQL does not run as root, and there is no user "
        f"{' or '.join(_UNPRIVILEGED)}; run as an ordinary user, or name a server with --database"
    )
