"""Judge staged rows against each other: repeats, and rows that differ under one key."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from abcjob import rejects, sqlfile
from abcjob.database import columns, schemas
from abcjob.errors import DataError
from abcjob.rejects import IS_TEXT, REJECTED, ROW, Broken
from abcjob.sources.lines import Held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from abcjob.database.connection import Connection
    from abcjob.database.ledger import Counts
    from abcjob.job import Input, Job, Part

_SQL = sqlfile.statements("engine", "settle")
_ASKED_AHEAD = 1_000_000  # rows of which verdicts are asked together
_VERDICT = {ROW: pl.Int64, "verdict": pl.String, "rule": pl.String, "column_name": pl.String}
_STATES = {"reject": "rejected", "wait": "waiting"}


class Verdicts(NamedTuple):
    """How many rows of an input were judged so.

    Attributes:
        rejected: they differ under one key.
        skipped: rows alike, or known.
        waiting: they refer to what is not there yet.
        ignored: of those skipped, the ones with other content than a known row of their key.
        known: of those skipped, the ones that readers see already.
    """

    rejected: int
    skipped: int
    waiting: int
    ignored: int
    known: int = 0

    def with_known(self, rows: int) -> Verdicts:
        """The same, and so many rows that readers see already."""
        return self._replace(skipped=self.skipped + rows, known=rows)


def let_stay(job: Job, part: Part, db: Connection) -> dict[str, int]:
    """Put a part's rows that readers see among the staged ones, and say of each input how many."""
    stayed = {}
    for item in job.inputs:
        published, table = f"{job.name}.{item.stored(part)}", f"{job.staging}.{item.stored(part)}"
        stayed[item.name] = 0
        if _is_there(published, db):
            named = [column.name for column in columns.of(db, job.name, item.stored(part))]
            names = {"table": table, "published": published, "columns": named}
            db.execute(sqlfile.fill(_SQL["stay"], **names))
            counted = db.query(sqlfile.fill(_SQL["count_stayed"], table=table))
            stayed[item.name] = int(counted["rows"][0])
    return stayed


def make_verdicts(job: Job, db: Connection) -> None:
    """Make the table in which it is written down what becomes of rows not simply loaded."""
    db.execute(sqlfile.fill(_SQL["make_verdicts"], verdict=job.verdicts))


def judge(
    job: Job, item: Input, part: Part, db: Connection, suspects: pl.DataFrame | None, waited: int
) -> None:
    """Write down what becomes of each row of an input that shares its key with another.

    Args:
        job: the job.
        item: the input, which has a key.
        part: the part, whose rows are staged.
        db: a connection.
        suspects: the keys that may come twice; None: any may.
        waited: the rows with numbers up to this one have waited: where others come under their
            key with other content, those are judged alone, unless the latest row is loaded.
    """
    with db.transaction():
        _judge_repeats(job, item, part, db, suspects, waited)


def unfit(
    job: Job,
    item: Input,
    db: Connection,
    lines: Callable[[Callable[[int, int], pl.Series]], Iterable[pl.DataFrame]],
    before: int,
) -> Iterator[tuple[str, pl.DataFrame]]:
    """The rows of a source that were judged unfit, as they came, with the reasons.

    Args:
        job: the job.
        item: the input.
        db: a connection.
        lines: gives some of its rows as they came, in order, as `records.raw`.
        before: what was added to the rows' numbers.

    Yields:
        `rejected` or `waiting`, and rows of which that is true.
    """
    judged = _Judged(job, item, db, before)
    held = Held()
    for frame in lines(judged.rows_between):
        held.add(frame)
        if held.are_many:
            yield from judged.explained(held.let_go())
    if not held.is_empty:
        yield from judged.explained(held.let_go())


class _Judged:
    """The verdicts on a source's unfit rows, asked for as they go by."""

    def __init__(self, job: Job, item: Input, db: Connection, before: int) -> None:
        sql = sqlfile.fill(_SQL["unfit_between"], verdict=job.verdicts)
        self._between = partial(db.query, sql, item.name)
        self._before = before
        self._asked = 0  # up to which row they are known
        self._verdicts = pl.DataFrame(schema=_VERDICT)  # of rows that are not explained yet

    def rows_between(self, first: int, last: int) -> pl.Series:
        """The numbers of those from one row to another; who asks goes through all in order."""
        if last > self._asked:
            begin, self._asked = self._asked + 1, last + _ASKED_AHEAD
            found = self._between(begin + self._before, self._asked + self._before)
            found = found.with_columns(pl.col(ROW) - self._before)
            self._verdicts = pl.concat([self._verdicts, found])
        rows = self._verdicts[ROW]
        return rows.filter(rows.is_between(first, last)).unique().sort()

    def explained(self, lines: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
        """What `unfit` yields of the first rows that are not explained."""
        yield from _explained(lines, self._verdicts)
        self._verdicts = self._verdicts.filter(pl.col(ROW) > lines[ROW][-1])


def _explained(lines: pl.DataFrame, verdicts: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """What `unfit` yields of lines that all have a verdict."""
    for verdict, state in _STATES.items():
        of_state = verdicts.filter(pl.col("verdict") == verdict).join(lines, on=ROW, how="semi")
        if of_state.is_empty():
            continue
        by_rule = of_state.group_by("rule", "column_name")
        found = {
            Broken(*pair): pl.col(ROW).is_in(rows[ROW].implode())
            for pair, rows in sorted(by_rule, key=lambda told: str(told[0]))
        }
        told = lines.join(of_state.select(ROW).unique(), on=ROW, how="semi")
        told = told.with_columns(pl.lit(value=True).alias(IS_TEXT))
        yield state, rejects.explained(told, found).select(REJECTED)


def unseen_rows(job: Job, item: Input, db: Connection) -> pl.Series:
    """The numbers of the rows of an input that readers may not see as they are, in order."""
    sql = sqlfile.fill(_SQL["unseen_rows"], verdict=job.verdicts)
    return db.query(sql, item.name)[ROW]


def take_out(job: Job, item: Input, part: Part, db: Connection) -> Verdicts:
    """Take the rows that are not to be loaded out of an input's staged table.

    Returns:
        How many they are, those taken out before too.
    """
    counted = db.query(sqlfile.fill(_SQL["count_verdicts"], verdict=job.verdicts), item.name)
    found = Verdicts(*counted.row(0))
    if any(found):
        table = f"{job.staging}.{item.stored(part)}"
        db.execute(sqlfile.fill(_SQL["take_out"], table=table, verdict=job.verdicts), item.name)
    return found


class Staged(NamedTuple):
    """The rows in a staged table: those that readers do not see yet, and those that they do."""

    new_rows: int
    old_rows: int


def count(job: Job, item: Input, part: Part, db: Connection) -> Staged:
    """The rows in an input's staged table."""
    table = f"{job.staging}.{item.stored(part)}"
    return Staged(*db.query(sqlfile.fill(_SQL["count"], table=table)).row(0))


def replaced_rows(job: Job, part: Part, db: Connection) -> int:
    """How many rows readers see whose place the part's take; 0 where nobody asks for a share."""
    if part.adds or not part.limits.min_kept:
        return 0
    tables = [f"{job.name}.{item.stored(part)}" for item in job.inputs]
    counts = [sqlfile.fill(_SQL["count_published"], table=t) for t in tables if _is_there(t, db)]
    return sum(db.query(count)["rows"][0] for count in counts)


def keep_limits(part: Part, counts: Iterable[Counts], replaced: int, reasons: str) -> None:
    """Refuse a part that keeps too little of what it should bring.

    Args:
        part: the part, with its limits.
        counts: where its rows went, for each input.
        replaced: how many rows readers see now whose place they take.
        reasons: what most of the rejected rows broke, for the message.

    Raises:
        DataError: too many rows were rejected, or too few are left.
    """
    limits, counts = part.limits, tuple(counts)
    loaded, rejected = sum(c.loaded for c in counts), sum(c.rejected for c in counts)
    fit = loaded + rejected
    if fit == 0 and not limits.may_be_empty:
        wrong = f"got no row, expected some; get the file again, or give {limits.override}"
    elif limits.max_rejected is not None and rejected > limits.max_rejected * fit:
        wrong = (
            f"{rejected:,} of {fit:,} rows ({rejected / fit:.1%}) are rejected, expected "
            f"{limits.max_rejected:.1%} at most: {reasons}"
        )
    elif loaded < limits.min_kept * replaced:
        wrong = (
            f"{loaded:,} rows would replace {replaced:,}, expected {limits.min_kept:.0%} of "
            f"those or more; get the whole file, or give {limits.override}"
        )
    else:
        return
    raise DataError(f"taking in {part.name}: {wrong}; what was loaded before stays")


def _is_there(table: str, db: Connection) -> bool:
    """Whether readers have the table; a part's first rows make it."""
    found = db.query(_SQL["published"], sqlfile.fill("{table}", table=table))
    return bool(found["is_there"][0])


def _judge_repeats(
    job: Job, item: Input, part: Part, db: Connection, suspects: pl.DataFrame | None, waited: int
) -> None:
    if suspects is not None and suspects.is_empty():
        return
    table, suspect = item.stored(part), f"suspects of {item.name}"  # no part's table has spaces
    names: dict[str, str | Iterable[str]] = {
        "table": f"{job.staging}.{table}",
        "suspect": f"{job.staging}.{suspect}",
    }
    db.execute(sqlfile.fill(_SQL["make_suspects"], key=item.key, **names))
    if suspects is None:
        db.execute(_SQL["sort_rather_than_hash"])
        db.execute(sqlfile.fill(_SQL["suspect_repeated"], key=item.key, **names))
    else:
        columns.append(db, job.staging, suspect, suspects.to_arrow())
    named = [column.name for column in columns.of(db, job.staging, table)]
    filling = names | {
        "apart": f"{job.staging}.rows of {suspect}",
        "verdict": job.verdicts,
        "key": item.key,
        "columns": [name for name in named if name != ROW],
    }
    schemas.share_out(db)
    db.execute(sqlfile.fill(_SQL["set_suspected_apart"], **filling))
    if item.latest:
        judged = sqlfile.fill(_SQL["judge_by_time"], latest=item.latest, **filling)
        db.execute(judged, item.name, ", ".join(item.key))
    else:
        judged = sqlfile.fill(_SQL["judge_repeats"], **filling)
        db.execute(judged, item.name, ", ".join(item.key), waited)
