"""Keep the rows that were rejected, as they came, and why."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple, Self

import polars as pl
import pyarrow as pa

from abcjob import sqlfile
from abcjob.database import columns
from abcjob.errors import DatabaseError
from abcjob.job import MAX_BATCH_ROWS, QUARANTINE
from abcjob.rejects import ERROR, FAILED, IS_TEXT, RAW, ROW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

    from abcjob.database.connection import Connection
    from abcjob.job import Job, Part, Source

_SQL = sqlfile.statements("engine", "quarantine")
_FIRST_PAGE = 16  # rows, which may be long: they tell how many of the others to fetch
_MOST_BYTES = 16 * 2**20  # of rows held or fetched together
_JSON = pl.Extension("arrow.json", pl.String)


class Quarantine:
    """Takes the rejected rows of a part, and sends them to the staging schema by the batch.

    To be used as a context; at its end all have been sent.
    """

    def __init__(
        self, job: Job, part: Part, run_id: int, digests: Mapping[Path, str], db: Connection
    ) -> None:
        self._digests = digests
        self._job = job
        self._labels = [pl.lit(run_id, pl.Int64).alias("run_id"), pl.lit(part.name).alias("part")]
        self._db = db
        self._closing = ExitStack()
        self._other: Connection | None = None
        self._held: list[pa.Table] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        with self._closing:
            if error is None:
                self._send(self._db)

    def take(self, source: Source, rows: pl.DataFrame, state: str = "rejected") -> None:
        """Take rows of a source, as `rejects.REJECTED` says; `_row` is its line's number.

        While the run's connection loads, full batches go by another.
        """
        told = rows.select(
            *self._labels,
            pl.lit(source.input).alias("input"),
            pl.lit(source.name).alias("source"),
            pl.lit(self._digests[source.path]).alias("digest"),
            pl.col(ROW).alias("line_number"),
            pl.col(RAW).alias("raw"),
            pl.col(IS_TEXT),
            pl.col(FAILED).ext.to(_JSON),
            pl.col(ERROR),
            pl.lit(state).alias("state"),
        )
        # In its older form a table is a copy, which keeps no block of the source in memory.
        self._held.append(told.to_arrow(compat_level=pl.CompatLevel.oldest()))
        rows_held = sum(table.num_rows for table in self._held)
        if rows_held >= MAX_BATCH_ROWS or sum(t.nbytes for t in self._held) >= _MOST_BYTES:
            try:
                self._other = self._other or self._closing.enter_context(self._db.another())
            except DatabaseError:  # the server grants us no more: they are held to the end
                return
            self._send(self._other)

    def _send(self, db: Connection) -> None:
        if not self._held:
            return
        arrow, self._held = pa.concat_tables(self._held), []
        columns.append(db, self._job.staging, QUARANTINE, arrow)


class Kept(NamedTuple):
    """How many rows of an input the staged quarantine holds."""

    rejected: int = 0
    waiting: int = 0


def kept(job: Job, db: Connection) -> dict[str, Kept]:
    """What the staged quarantine holds, by input; an input of which it holds nothing is absent."""
    staged = f"{job.staging}.{QUARANTINE}"
    found = db.query(sqlfile.fill(_SQL["count"], staged=staged))
    return {name: Kept(*counts) for name, *counts in found.iter_rows()}


def reasons(job: Job, db: Connection) -> str:
    """What most of the rows in the staged quarantine broke, with how many broke it."""
    staged = f"{job.staging}.{QUARANTINE}"
    found = db.query(sqlfile.fill(_SQL["most"], staged=staged))
    return ", ".join(f"{error} ({rows:,})" for error, rows in found.iter_rows())


def publish(job: Job, db: Connection) -> None:
    """Take the staged rows in, so that none stands twice.

    They take the place of what was known of the same sources; of a job whose rows are merged, a
    row of the same content is the same row, whatever file it comes in.
    """
    names = {"quarantine": f"{job.name}.{QUARANTINE}", "staged": f"{job.staging}.{QUARANTINE}"}
    if job.is_merged:
        db.execute(sqlfile.fill(_SQL["merge_in"], **names))
        return
    db.execute(sqlfile.fill(_SQL["forget"], **names))
    db.execute(sqlfile.fill(_SQL["take_in"], **names))


def let_go(
    job: Job, part: Part, run_id: int, read_whole: list[dict[str, str]], db: Connection
) -> None:
    """Take out the rows that wait no more, or are right now; to be called after `publish`.

    Args:
        job: the job.
        part: the part.
        run_id: the run.
        read_whole: input and digest of the sources whose lines were all read by this run.
        db: a connection.
    """
    sql = sqlfile.fill(_SQL["let_go"], quarantine=f"{job.name}.{QUARANTINE}")
    db.execute(sql, part.name, run_id, json.dumps(read_whole))


def listed(job: Job, db: Connection, part: str, limit: int) -> pl.DataFrame:
    """Rows that the runs rejected whose rows readers see, or that were the last to read a part.

    Args:
        job: the job.
        db: a connection.
        part: the part; empty for all.
        limit: how many rows at most.
    """
    sql = sqlfile.fill(_SQL["listed"], quarantine=f"{job.name}.{QUARANTINE}")
    return db.query(sql, job.name, part, limit)


class Origin(NamedTuple):
    """A file that rows of the quarantine came from.

    Attributes:
        digest: of its content: another file may have the same name.
        header: its first line; empty where it has none.
        rows: how many of its rows are there.
    """

    part: str
    input: str
    source: str
    digest: str
    header: bytes
    rows: int


def origins(job: Job, db: Connection, part: str, state: str = "") -> tuple[Origin, ...]:
    """The files that the same rows came from, or those in one state; by part and name."""
    sql = sqlfile.fill(_SQL["origins"], quarantine=f"{job.name}.{QUARANTINE}")
    return tuple(Origin(*row) for row in db.query(sql, job.name, part, state).iter_rows())


def original(job: Job, db: Connection, origin: Origin, state: str = "") -> Iterator[bytes]:
    """These lines of a file as they came, under its header, in pieces of a file.

    What says of which kind all of them are stands in no line.
    """
    sql = sqlfile.fill(_SQL["lines"], quarantine=f"{job.name}.{QUARANTINE}")
    of = (job.name, origin.part, origin.source, origin.digest)
    mixed = {item.name for item in job.inputs if item.is_mixed}
    if origin.header and origin.input not in mixed:
        yield origin.header + b"\n"
    line, rows = 0, _FIRST_PAGE
    while not (page := db.query(sql, *of, line, state, rows, origin.input)).is_empty():
        yield b"\n".join(page["raw"].to_list()) + b"\n"
        line = page["line_number"][-1]
        longest = page.select(pl.col("raw").bin.size().max()).item()
        rows = min(max(_MOST_BYTES // (longest + 1), 1), MAX_BATCH_ROWS)
