"""The run ledger, in the same database as the rows: what ran, and how it ended."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
import polars.selectors as cs

from abcjob import __version__, sqlfile
from abcjob.errors import DatabaseError, LockHeldError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from abcjob.database.connection import Connection
    from abcjob.job import Job, Part

_SQL = sqlfile.statements("engine", "ledger")
_POLL_SECONDS = 0.1
_KEY = "key"

Outcome = Literal["published", "dry run", "failed"]
PartOutcome = Literal["published", "unchanged", "refused", "missing"]


@dataclass(frozen=True)
class Counts:
    """Where the rows of an input went: read + retried = loaded + skipped + rejected + waiting.

    Attributes:
        read: those that the source gave, counted before anything was made of them.
        loaded: those of them in the table before it was published, counted by the server.
        skipped: blank lines, repeated rows, and rows whose key is known, which stay as they were.
        rejected: those in the quarantine, counted by the server.
        retried: rows that came to the source's: they waited, or were loaded and are taken back.
        waiting: rows that wait for what they refer to.
    """

    read: int
    loaded: int
    skipped: int = 0
    rejected: int = 0
    retried: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class CheckResult:
    """One check's result; it passed where `violations` is 0."""

    name: str
    severity: str
    violations: int


@dataclass(frozen=True)
class Published:
    """The run whose rows readers see.

    Attributes:
        logical_date: the date it was given.
        parameters: the job's, as on the command line.
        rows: where they went, by input, in the job's order.
        checks: by name.
        is_cleared: the tables were emptied since.
    """

    logical_date: date
    parameters: Mapping[str, str]
    rows: Mapping[str, Counts]
    checks: tuple[CheckResult, ...]
    is_cleared: bool = False


def lock(db: Connection, job: Job, wait: float) -> None:
    """Take the job's lock; the server gives it up when the connection ends, however that is.

    Args:
        db: the connection that is to hold it.
        job: the job.
        wait: for how many seconds to try.

    Raises:
        LockHeldError: another run held it all the while.
    """
    give_up = time.monotonic() + wait
    while not db.query(_SQL["lock"], job.name)["is_mine"][0]:
        if time.monotonic() >= give_up:
            raise LockHeldError(
                f"taking the lock of {job.name}: {_holder(db, job)} holds it, after {wait:g} s of "
                "waiting; run again when it has ended, or wait longer with --wait SECONDS"
            )
        time.sleep(_POLL_SECONDS)


def start(
    db: Connection, job: Job, logical_date: date, version: str, parameters: Mapping[str, str]
) -> int:
    """Enter a run and return its id; runs that were killed before are shown as such.

    To be called with the job's lock held: then no other run of the job can be alive.
    """
    db.execute(_SQL["bury"], job.name)
    text = json.dumps(dict(parameters))
    entered = db.query(_SQL["start"], job.name, logical_date, version, text)
    return int(entered["run_id"][0])


def step(
    db: Connection, run_id: int, part: str, name: str, rows: int | None, seconds: float
) -> None:
    """Enter what a step took."""
    db.execute(_SQL["step"], run_id, part, name, rows, seconds)


def rows(db: Connection, run_id: int, part: str, counts: Mapping[str, Counts]) -> None:
    """Enter where a part's rows went; a constraint refuses counts that do not add up."""
    items = [{"input": name} | asdict(count) for name, count in counts.items()]
    db.execute(_SQL["inputs"], run_id, part, json.dumps(items))


@dataclass(frozen=True)
class FoundSource:
    """A source as a run found it.

    Attributes:
        source: its name.
        input: the input that its rows are for.
        digest: SHA-256 of its content; where its name says of which kind its records are, of that
            and of the content's.
        address: SHA-256 of the address that it was fetched from; None for a file.
        etag: what the server calls its content, or nothing.
        last_modified: when the server says that it changed, or nothing.
    """

    source: str
    input: str
    digest: str
    address: str | None = None
    etag: str | None = None
    last_modified: str | None = None


def sources(db: Connection, run_id: int, part: str, found: Iterable[FoundSource]) -> None:
    """Enter what a part's rows come from."""
    db.execute(_SQL["sources"], run_id, part, json.dumps(list(map(asdict, found))))


def merged_sources(db: Connection, job: Job, part: Part) -> tuple[FoundSource, ...]:
    """The sources whose rows came to those that readers see of a part, the newest first.

    Those alone of which the part as it is now would read no more.
    """
    found = db.query(_SQL["merged_sources"], job.name, part.name, __version__, *part.reading)
    return tuple(FoundSource("", **row) for row in found.iter_rows(named=True))


def carry_sources(db: Connection, run_id: int, job: Job, part: str) -> None:
    """Enter that the rows which readers see of a part stay, with the sources they came from."""
    db.execute(_SQL["carry_sources"], run_id, job.name, part)


def header(db: Connection, run_id: int, part: str, digest: str, line: bytes) -> None:
    """Enter a source's first line, with which its rows can be written out again."""
    db.execute(_SQL["header"], run_id, part, digest, line)


def checks(db: Connection, run_id: int, part: str, results: tuple[CheckResult, ...]) -> None:
    """Enter the results of a part's checks."""
    items = [asdict(result) for result in results]
    db.execute(_SQL["checks"], run_id, part, json.dumps(items))


def plan(db: Connection, run_id: int, parts: Iterable[str]) -> None:
    """Enter the parts that a run is to have."""
    db.execute(_SQL["plan"], run_id, json.dumps(list(parts)))


def part(
    db: Connection, run_id: int, name: str, outcome: PartOutcome, error: str | None = None
) -> None:
    """Enter how a part ended.

    What readers see of it from now on is the run's, where it is published: to be called inside
    that transaction then.
    """
    db.execute(_SQL["part"], run_id, name, outcome, error)
    if error is None:
        db.execute(_SQL["publish"], run_id)


def part_outcome(db: Connection, run_id: int, name: str) -> str:
    """How a part ended; `planned` where it has not."""
    return str(db.query(_SQL["outcome_of_part"], run_id, name)["outcome"][0])


def digests(db: Connection, job: Job, part: str) -> frozenset[str]:
    """Of the sources that the rows which readers see of a part came from."""
    return frozenset(db.query(_SQL["digests_of"], job.name, part)["digest"])


def known_blocks(db: Connection, job: Job, item: str) -> frozenset[bytes]:
    """SHA-256 of the lines of an input that published runs have read, by the block."""
    return frozenset(db.query(_SQL["known_blocks"], job.name, item)["digest"])


def forget_blocks(db: Connection, job: Job, item: str) -> None:
    """Take away those of an input; to be called inside the publishing transaction."""
    db.execute(_SQL["forget_blocks"], job.name, item)


def know_blocks(db: Connection, job: Job, item: str, run_id: int, digests: list[str]) -> None:
    """Enter, in hexadecimal, such blocks; to be called inside the publishing transaction."""
    db.execute(_SQL["know_blocks"], job.name, item, run_id, json.dumps(digests))


def keep(db: Connection, run_id: int, kpi: str, key: Iterable[str], frame: pl.DataFrame) -> None:
    """Keep a KPI's figures, by the columns that tell its rows apart; only numbers are kept."""
    names = tuple(key)
    told = pl.concat_str(pl.col(names).cast(pl.String).fill_null(""), separator=" / ")
    figures = frame.select(
        told.alias(_KEY), (cs.numeric() - cs.by_name(*names)).cast(pl.String)
    ).unpivot(index=_KEY, variable_name="measure")
    db.execute(_SQL["figures"], run_id, kpi, json.dumps(figures.to_dicts()))


def end(db: Connection, run_id: int, outcome: Outcome, error: str | None = None) -> None:
    """Enter how the run ended."""
    db.execute(_SQL["end"], run_id, outcome, error)


def last_published(db: Connection, job: Job) -> Published | None:
    """The run whose rows readers see, or None where there never was one."""
    found = db.query(_SQL["last_published"], job.name)
    if found.is_empty():
        return None
    run = found.row(0, named=True)
    counts = {
        name: Counts(**row)
        for row in db.query(_SQL["inputs_of"], job.name).iter_rows(named=True)
        for name in [row.pop("input")]
    }
    return Published(
        run["logical_date"],
        json.loads(run["parameters"]),
        {item.name: counts[item.name] for item in job.inputs if item.name in counts},
        tuple(
            CheckResult(**row)
            for row in db.query(_SQL["checks_of"], job.name).iter_rows(named=True)
        ),
        run["is_cleared"],
    )


def runs(db: Connection, job: str, limit: int) -> list[dict[str, Any]]:
    """The last runs of a job, or of all where it is empty, the last one first.

    Each with `run_id`, `job`, `logical_date`, `started_at`, `seconds`, `outcome`, `loaded`,
    `error`, and with `detail`: its parameters, parts, sources, inputs, steps and checks, as JSON.
    """
    return db.query(_SQL["runs"], job, limit).to_dicts()


def why_not_current(db: Connection, job: Job) -> str | None:
    """Why the last run published nothing, or not all that it was to; None where it did.

    With what to do next.
    """
    found = db.query(_SQL["is_current"], job.name)
    if found.is_empty() or found["is_current"][0]:
        return None
    run = found.row(0, named=True)
    if run["has_not_ended"] and run["is_locked"]:
        return f"its last run has not ended; run `abcjob report {job.name}` when it has"
    if run["has_not_ended"]:
        return f"its last run was killed; run `abcjob run {job.name}` first"
    return f"its last run failed ({run['error']}); mend that and run `abcjob run {job.name}` first"


def _holder(db: Connection, job: Job) -> str:
    try:
        found = db.query(_SQL["holder"], job.name)
    except DatabaseError:  # the first run of all may be making the ledger
        return "another run"
    if found.is_empty():
        return "another command"
    run = found.row(0, named=True)
    return f"run {run['run_id']}, started {run['started_at']:%Y-%m-%d %H:%M:%S} UTC,"
