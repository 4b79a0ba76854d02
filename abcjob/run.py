"""One run of a job: the stages, in order."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from abcjob import __version__
from abcjob import job as jobs
from abcjob.database import ledger, schemas
from abcjob.errors import (
    AbcjobError,
    DatabaseError,
    InterruptedRunError,
    NothingLoadedError,
    ReportError,
    doing,
)
from abcjob.render import files
from abcjob.stages import check, model, publish, query, report, stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from abcjob.database.connection import Connection
    from abcjob.job import Frames, Job, Part
    from abcjob.render.charts import ChartPainter
    from abcjob.render.page import Pages


_READABLE = "see that this user may read its schema and the schema abcjob"


@dataclass(frozen=True)
class Step:
    """A step that ended well.

    Attributes:
        part: empty for a step of the whole run.
        rows: None where the step counts none.
    """

    part: str
    name: str
    rows: int | None
    seconds: float


@dataclass(frozen=True)
class Desk:
    """Where and how reports are written."""

    folder: Path
    pages: Pages
    painter: ChartPainter


@dataclass(frozen=True)
class Outcome:
    """What a run did.

    Attributes:
        loaded: rows by input, over all parts.
        kpis: rows by KPI; empty for a dry run.
        reports: the files written.
        failure: why there is no report, though the rows are published; None where all went well.
    """

    loaded: Mapping[str, int]
    kpis: Frames = field(default_factory=dict)
    reports: tuple[Path, ...] = ()
    failure: ReportError | None = None


def run(
    job: Job,
    parameters: Any,
    day: date,
    db: Connection,
    desk: Desk,
    *,
    wait: float,
    dry_run: bool,
    tell: Callable[[Step], None],
) -> Outcome:
    """Take a job's rows from their source to a dated report.

    Args:
        job: the job.
        parameters: of the class `job.parameters`.
        day: the logical date, which the report bears.
        db: a connection; it takes the job's lock, which it holds to its end.
        desk: where reports go.
        wait: seconds to wait for another run of the job to end.
        dry_run: stop before publishing.
        tell: is called after each step.

    Raises:
        AbcjobError: what readers see is as it was before, and the ledger says why.
    """
    if not dry_run:
        files.check_writable(desk.folder)
    with doing(f"preparing the database for {job.name}", "mend that, then run again"):
        ledger.lock(db, job, wait)
        schemas.ensure(db, job)
        run_id = ledger.start(db, job, day, __version__, jobs.described(parameters))
    book = _Book(db, job, run_id, tell)
    with book.closed_on_failure():
        loaded: dict[str, int] = {}
        for part in job.plan(parameters, day):
            for name, count in _load(job, part, parameters, book).items():
                loaded[name] = loaded.get(name, 0) + count
            if not dry_run:
                _publish(job, part, book)
        if dry_run:
            schemas.drop_staging(db, job)
            ledger.end(db, run_id, "dry run")
            return Outcome(loaded)
        outcome = _report(job, day, loaded, book, desk)
        ledger.end(db, run_id, "failed" if outcome.failure else "published", _said(outcome.failure))
        return outcome


def render(job: Job, day: date | None, db: Connection, desk: Desk) -> tuple[Path, ...]:
    """Make the report of what is loaded again.

    Args:
        job: the job.
        day: the date that it bears; None: the last published run's.
        db: a connection.
        desk: where the report goes.

    Raises:
        NothingLoadedError: no run was published.
        AbcjobError: as `run`.
    """
    with doing(f"reading {job.name}", _READABLE):
        published, frames = _asked(job, (), db)
    day = day or published.logical_date
    return report.write(job, day, frames, published, desk.pages, desk.painter, desk.folder)


def kpis(job: Job, names: tuple[str, ...], db: Connection) -> Frames:
    """The rows of the job's KPIs, or of those named.

    Raises:
        NothingLoadedError: no run was published.
        AbcjobError: as `run`.
    """
    with doing(f"reading {job.name}", _READABLE):
        return _asked(job, names, db)[1]


def _load(job: Job, part: Part, parameters: Any, book: _Book) -> Mapping[str, int]:
    """Bring a part as far as to be published: staged, modelled and checked."""
    db = book.db
    with book.step(part.name, "load") as count:
        schemas.make_staging(db, job)
        read, loaded = stage.load(job, job.read(parameters, part), db)
        count.rows = sum(loaded.values())
        ledger.rows(db, book.run_id, part.name, read, loaded)
    with book.step(part.name, "model"):
        model.build(job, db)
    with book.step(part.name, "check") as count:
        results = check.run(job, db)
        count.rows = len(results)
        ledger.checks(db, book.run_id, part.name, results)
        check.judge(job, results)
    return loaded


def _publish(job: Job, part: Part, book: _Book) -> None:
    with book.step(part.name, "publish"), book.db.transaction():
        publish.replace(job, book.db)
        ledger.publish(book.db, book.run_id)


def _report(job: Job, day: date, loaded: Mapping[str, int], book: _Book, desk: Desk) -> Outcome:
    """Ask the KPIs and render; a report that fails undoes nothing that is published."""
    with book.step("", "query") as count:
        published, frames = _asked(job, (), book.db)
        count.rows = sum(frame.height for frame in frames.values())
    try:
        with book.step("", "report"):
            written = report.write(
                job, day, frames, published, desk.pages, desk.painter, desk.folder
            )
    except ReportError as error:
        remedy = f"the rows are published: then `abcjob report {job.name}` makes it without loading"
        return Outcome(loaded, frames, failure=ReportError(f"{error}; {remedy}"))
    return Outcome(loaded, frames, written)


def _asked(job: Job, names: tuple[str, ...], db: Connection) -> tuple[ledger.Published, Frames]:
    """The run whose rows are published, and its KPIs, of one moment."""
    published = None
    if schemas.exists(db, job):
        with query.snapshot(job, db):
            published = ledger.last_published(db, job)
            frames = query.kpis(job, db, names)
    if published is None:
        raise NothingLoadedError(
            f"reading {job.name}: nothing is loaded yet; run `abcjob run {job.name}` first"
        )
    return published, frames


def _said(error: AbcjobError | None) -> str | None:
    return None if error is None else str(error)


@dataclass
class _Count:
    rows: int | None = None


@dataclass(frozen=True)
class _Book:
    """Keeps a run's ledger rows."""

    db: Connection
    job: Job
    run_id: int
    tell: Callable[[Step], None]

    @contextmanager
    def step(self, part: str, name: str) -> Iterator[_Count]:
        """Time a step; what ends well is entered and told."""
        count = _Count()
        begin = time.perf_counter()
        with doing(f"{self.job.name}, step {name}", "mend that, then run again"):
            yield count
        done = Step(part, name, count.rows, time.perf_counter() - begin)
        ledger.step(self.db, self.run_id, part, name, done.rows, done.seconds)
        self.tell(done)

    @contextmanager
    def closed_on_failure(self) -> Iterator[None]:
        """Enter why a run failed, where the database can still be told."""
        try:
            yield
        except BaseException as error:
            is_ours = isinstance(error, AbcjobError | InterruptedRunError)
            words = str(error) if is_ours else type(error).__name__
            with suppress(DatabaseError):
                ledger.end(self.db, self.run_id, "failed", words)
                schemas.drop_staging(self.db, self.job)
            raise
