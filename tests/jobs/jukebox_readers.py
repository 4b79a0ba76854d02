"""What readers of the job `jukebox` are shown, after a run that has to go well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abcjob import sqlfile
from abcjob.errors import DatabaseError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program

    from abcjob.database.connection import Connection

DATE = "2026-03-31"
ROLE = "jukebox_reader"
VIEWS = tuple(sqlfile.statements("jukebox", "views"))


def put(path: Path, *lines: bytes) -> None:
    """A file of lines."""
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def run(program: Program, tmp_path: Path, *lines: bytes, database: str | None = None) -> str:
    """A run over these lines that has to go well; all that it said."""
    put(tmp_path / "in.ndjson", *lines)
    environment = {"ABCJOB_DATABASE_URL": database} if database else {}
    ran = program(
        "run", "jukebox", "--input", "in.ndjson", "--date", DATE, "--verbose",
        environment=environment,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout + ran.stderr


class readers:  # noqa: N801 - reads as a word in a with statement
    """Within it, the connection is the readers'."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute(f"set role {ROLE}")

    def __exit__(self, *_: object) -> None:
        self._db.execute("reset role")


def refused(db: Connection, statement: str) -> bool:
    """Whether readers may not do this."""
    with readers(db):
        try:
            db.execute(statement)
        except DatabaseError as error:
            return "denied" in str(error) or "must be owner" in str(error)
    return False
