"""Load a part's batches into the staging schema, over as many connections as help."""

from __future__ import annotations

import json
import operator
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
from polars import selectors as cs

from abcjob import faults, sqlfile
from abcjob.ahead import ahead
from abcjob.database import columns
from abcjob.errors import DatabaseError
from abcjob.job import MAX_BATCH_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from abcjob.database.connection import Connection
    from abcjob.job import Batches, Job, Part

_SQL = sqlfile.statements("engine", "stage")
_COPY_BYTES = 65_536  # of a batch: the socket's buffer holds two, so that we make one meanwhile
_COPY_ROWS = 1_024  # of a batch at least: wide rows come slowly, and each batch costs something
_JOINED: dict[str, Callable[[Any, Any], Any]] = {"min": min, "max": max, "bytes": operator.add}
CONNECTIONS = 2  # as many as the processors that the smallest machine has


def load(
    job: Job,
    part: Part,
    rows: Mapping[str, Batches],
    db: Connection,
    connections: int = CONNECTIONS,
) -> tuple[dict[str, int], dict[str, int]]:
    """Fill the staging tables of the job's inputs, and compare what arrived with what was sent.

    Args:
        job: the job, whose staging schema is there and empty.
        part: the part that the rows are.
        rows: batches by input, drawn a few before they are sent.
        db: the run's connection; it loads too, and others are opened when there is a batch for
            them.
        connections: how many load at the same time at most.

    Returns:
        By input: rows sent, counted as they went, and rows there, counted by the server.

    Raises:
        DatabaseError: a type that does not fit, rows that the server refused, or a difference
            between what was sent and what is there.
    """
    sent, there = {}, {}
    for item in job.inputs:
        table = item.stored(part)
        expected = columns.of(db, job.staging, table)
        with closing(_Feed(rows[item.name], expected, f"{job.name}.{table}")) as feed:
            _drain(feed, job.staging, table, db, connections)
        sent[item.name] = feed.rows
        there[item.name] = _compare(db, job, table, feed)
    return sent, there


class _Feed:
    """Batches that several connections draw from, counted and measured on their way."""

    def __init__(self, frames: Batches, expected: tuple[columns.Column, ...], table: str) -> None:
        self.rows = 0
        self.error: BaseException | None = None
        self.told: dict[str, None] = {}  # the columns of which there is an account
        self._extent: dict[str, Any] = {}
        self._batches = self._made_ahead(frames, expected, table)
        self._drawing = threading.Lock()

    def next(self) -> pa.RecordBatch | None:
        """The next batch; None after the last, and after an error in making one."""
        with self._drawing:
            try:
                return None if self.error else next(self._batches, None)
            except BaseException as error:  # noqa: BLE001
                # The driver would hand on its words alone: it is raised again when all have ended.
                self.error = error
                return None

    def close(self) -> None:
        """Let no connection draw any more; what is being made ahead has been made then."""
        with self._drawing:
            self._batches.close()

    @property
    def extent(self) -> Mapping[str, Any]:
        """What was sent, by column.

        Of texts their bytes in all, by `bytes_<column>`; of others the least and the greatest
        value, by `min_<column>` and `max_<column>`.
        """
        return self._extent

    def _made_ahead(
        self, frames: Batches, expected: tuple[columns.Column, ...], table: str
    ) -> Generator[pa.RecordBatch, None, None]:
        with closing(ahead(self._measured(frames, expected, table))) as made:
            for batches in made:
                for batch in batches:
                    yield batch
                    faults.point("in load")

    def _measured(
        self, frames: Batches, expected: tuple[columns.Column, ...], table: str
    ) -> Iterator[list[pa.RecordBatch]]:
        for frame in _gathered(frames):
            arrow = frame.to_arrow()
            columns.check(arrow.schema, expected, table)
            self.rows += frame.height
            self._widen(frame)
            yield arrow.to_batches(max_chunksize=_batch_rows(frame))

    def _widen(self, frame: pl.DataFrame) -> None:
        """Take a frame into the account of what was sent."""
        told = frame.select(pl.exclude(pl.Boolean))
        self.told |= dict.fromkeys(told.columns)
        texts = pl.col(pl.String)
        found = told.select(
            cs.exclude(cs.string()).min().name.prefix("min_"),
            cs.exclude(cs.string()).max().name.prefix("max_"),
            texts.str.len_bytes().cast(pl.Int64).sum().name.prefix("bytes_"),
        )
        for name, value in (found.row(0, named=True) if found.width else {}).items():
            known = self._extent.get(name)
            if known is None or value is None:
                self._extent[name] = known if value is None else value
            else:
                self._extent[name] = _JOINED[name.partition("_")[0]](known, value)


def _batch_rows(frame: pl.DataFrame) -> int:
    """How many of its rows are sent at once.

    In COPY's binary format four bytes stand before each value, and two before each row.
    """
    size = frame.estimated_size() / max(frame.height, 1) + 4 * frame.width + 2
    return max(int(_COPY_BYTES / size), _COPY_ROWS)


def _gathered(frames: Batches) -> Iterator[pl.DataFrame]:
    """The same rows in frames of `MAX_BATCH_ROWS` at least, but for the last, in one piece each.

    Rows that have other columns are in frames of their own.
    """
    held: dict[tuple[str, ...], list[pl.DataFrame]] = {}
    for frame in frames:
        small = held.setdefault(tuple(frame.columns), [])
        small.append(frame)
        if sum(piece.height for piece in small) >= MAX_BATCH_ROWS:
            yield pl.concat(small).rechunk()
            small.clear()
    for small in held.values():
        if small:
            yield pl.concat(small).rechunk()


def _drain(feed: _Feed, schema: str, table: str, db: Connection, connections: int) -> None:
    """Load until the feed is empty; the first error of any connection ends all."""
    unsent: list[pa.RecordBatch] = []

    def fill(number: int) -> None:
        first = feed.next()
        if first is None:
            return
        try:
            connection = nullcontext(db) if number == 0 else db.another()
        except DatabaseError:  # the server grants us no more: then it is done with fewer
            unsent.append(first)
            return
        with connection as mine:
            _append(mine, schema, table, first, feed)

    with ThreadPoolExecutor(connections, f"load-{table}") as pool:
        loading = [pool.submit(fill, number) for number in range(connections)]
        try:
            for done in as_completed(loading):
                done.result()
        except BaseException:
            feed.close()
            raise
    for batch in unsent:
        _append(db, schema, table, batch, feed)
    if feed.error is not None:
        raise feed.error


def _append(
    connection: Connection, schema: str, table: str, first: pa.RecordBatch, feed: _Feed
) -> None:
    """Load a batch and those that follow; each time that other columns come, by another COPY."""
    following: pa.RecordBatch | None = first

    def batches(schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        nonlocal following
        while following is not None and following.schema == schema:
            yield following
            following = feed.next()

    while following is not None:
        schema_sent = following.schema
        reader = pa.RecordBatchReader.from_batches(schema_sent, batches(schema_sent))
        connection.append(schema, table, reader)


def _compare(db: Connection, job: Job, table: str, feed: _Feed) -> int:
    """Count and extent of what is there against what was sent; returns the count."""
    columns_sent = json.dumps(list(feed.told))
    ask = db.query(_SQL["ask_extent"], job.staging, table, columns_sent)["query"][0]
    there = db.query(ask).row(0, named=True)
    count = int(there.pop("rows"))
    differences = [f"rows: sent {feed.rows}, there {count}"] if count != feed.rows else []
    differences += [
        f"{name}: sent {sent}, there {there[name]}"
        for name, sent in feed.extent.items()
        if sent != there[name]
    ]
    if differences:
        raise DatabaseError(
            f"loading {job.name}.{table}: what arrived differs from what was sent "
            f"({'; '.join(differences)}); nothing was published; report this as a fault"
        )
    return count
