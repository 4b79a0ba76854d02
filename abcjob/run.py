"""One run of a job: the stages, in order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from abcjob import __version__, faults, sqlfile
from abcjob import job as jobs
from abcjob.book import Book, Remark
from abcjob.database import ledger, schemas, views
from abcjob.errors import AbcjobError, NothingLoadedError, ReportError, doing, together
from abcjob.part import bring
from abcjob.render import files
from abcjob.stages import query, report, shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

    from abcjob.book import News
    from abcjob.database.connection import Connection
    from abcjob.database.ledger import Counts
    from abcjob.job import Frames, Job
    from abcjob.render.charts import ChartPainter
    from abcjob.render.page import Pages


_READABLE = "see that this user may read its schema and the schema abcjob"


@dataclass(frozen=True)
class Desk:
    """Where and how reports are written.

    Attributes:
        jobs: those whose reports lie in the folder, for its index.
    """

    folder: Path
    pages: Pages
    painter: ChartPainter
    jobs: tuple[Job, ...]


@dataclass(frozen=True)
class Outcome:
    """What a run did.

    Attributes:
        rows: where the rows of each part went, by input; a part that was refused has none.
        kpis: rows by KPI; empty for a dry run.
        reports: the files written.
        failure: why parts were refused, or why there is no report, though others are published;
            None where all went well.
    """

    rows: Mapping[str, Mapping[str, Counts]]
    kpis: Frames = field(default_factory=dict)
    reports: tuple[Path, ...] = ()
    failure: AbcjobError | None = None


def run(
    job: Job,
    parameters: Any,
    day: date,
    db: Connection,
    desk: Desk,
    *,
    wait: float,
    dry_run: bool,
    tell: Callable[[News], None],
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
        tell: is called before and after each step.

    Raises:
        AbcjobError: what readers see is as it was before, but for parts that had been published;
            the ledger says why.
    """
    parts = job.plan(parameters, day)
    if not dry_run:
        files.check_writable(desk.folder)
    with doing(f"preparing the database for {job.name}", "mend that, then run again"):
        ledger.lock(db, job, wait)
        schemas.ensure(db, job)
        run_id = ledger.start(db, job, day, __version__, jobs.described(parameters))
        if not dry_run:
            ledger.plan(db, run_id, [part.name for part in parts])
    book = Book(db, job, run_id, tell)
    with book.closed_on_failure(), doing(f"running {job.name}", "mend that, then run again"):
        if missing := views.admit(db, job):
            book.tell(Remark(jobs.WHOLE, missing))
        endings = {part.name: bring(part, parameters, book, is_dry=dry_run) for part in parts}
        faults.point("after all parts")
        schemas.drop_staging(db, job)
        outcome = Outcome({name: ending.rows for name, ending in endings.items() if ending.rows})
        refusals = [ending.error for ending in endings.values() if ending.error]
        if len(refusals) == len(parts):
            raise together(refusals)
        if not dry_run:
            outcome = _reported(outcome, day, book, desk)
        if failures := [*refusals, *filter(None, [outcome.failure])]:
            outcome = replace(outcome, failure=together(failures))
        faults.point("before the end")
        good: ledger.Outcome = "dry run" if dry_run else "published"
        ledger.end(db, run_id, "failed" if outcome.failure else good, _said(outcome.failure))
        return outcome


def render(job: Job, day: date | None, db: Connection, desk: Desk) -> tuple[Path, ...]:
    """Make the report of what is loaded again, and the index.

    Args:
        job: the job.
        day: the date that it bears; None: the last published run's.
        db: a connection.
        desk: where the report goes.

    Raises:
        NothingLoadedError: no run was published; or the last one was not, or was of another
            date, and the job's report is not to be made of other rows.
        AbcjobError: as `run`.
    """
    with doing(f"reading {job.name}", _READABLE):
        published, frames = _asked(job, (), day, db)
        if not job.reports_old_rows and (why := ledger.why_not_current(db, job)):
            raise NothingLoadedError(f"reporting on {job.name}: {why}")
        if not job.reports_old_rows and day not in {None, published.logical_date}:
            raise NothingLoadedError(
                f"reporting on {job.name}: the rows that are loaded are of "
                f"{published.logical_date}, expected {day}; run `abcjob run {job.name} "
                f"--date {day}` first"
            )
    written = _written(job, day or published.logical_date, frames, published, desk)
    _list(written, desk)
    return written


def kpis(job: Job, names: tuple[str, ...], db: Connection) -> tuple[date, Frames]:
    """The date of the last published run, and the rows of the job's KPIs, or of those named.

    Raises:
        NothingLoadedError: no run was published.
        AbcjobError: as `run`.
    """
    with doing(f"reading {job.name}", _READABLE):
        published, frames = _asked(job, names, None, db)
        return published.logical_date, frames


def _reported(outcome: Outcome, day: date, book: Book, desk: Desk) -> Outcome:
    """Ask the KPIs and render; a report that fails undoes nothing that is published."""
    job = book.job
    remedy = f"then `abcjob report {job.name}` makes it without loading"
    with book.step("", "query", f"the rows are published: mend that, {remedy}") as count:
        published, frames = _asked_and_kept(job, day, book)
        count.rows = sum(frame.height for frame in frames.values())
    outcome = replace(outcome, kpis=frames)
    try:
        with book.step("", "report"):
            outcome = replace(outcome, reports=_written(job, day, frames, published, desk))
            _list(outcome.reports, desk)
    except ReportError as error:
        if outcome.reports:
            return replace(outcome, failure=error)
        return replace(outcome, failure=ReportError(f"{error}; the rows are published: {remedy}"))
    return outcome


def _written(
    job: Job, day: date, frames: Frames, published: ledger.Published, desk: Desk
) -> tuple[Path, ...]:
    return report.write(job, day, frames, published, desk.pages, desk.painter, desk.folder)


def _list(written: tuple[Path, ...], desk: Desk) -> None:
    """Write the index of all reports that lie beside the one that is written.

    Raises:
        ReportError: the index cannot be written; the report is there.
    """
    try:
        shelf.write_index(desk.folder, desk.jobs, desk.pages)
    except ReportError as error:
        there = ", ".join(map(str, written))
        raise ReportError(f"{error}; the report itself is written: {there}") from error


def _asked_and_kept(job: Job, day: date, book: Book) -> tuple[ledger.Published, Frames]:
    """As `_asked`; first those whose figures are kept: others compare these with earlier ones.

    What is published between the two is only ours: we hold the job's lock.
    """
    kept = _asked(job, job.kept, day, book.db)[1] if job.kept else {}
    for name, frame in kept.items():
        key = sqlfile.load(job.name, "kpi", name).header.get("key", frame.columns[0]).split(", ")
        ledger.keep(book.db, book.run_id, name, key, frame)
    others = tuple(name for name in job.kpis if name not in kept)
    published, frames = _asked(job, others, day, book.db)
    return published, {name: kept[name] if name in kept else frames[name] for name in job.kpis}


def _asked(
    job: Job, names: tuple[str, ...], day: date | None, db: Connection
) -> tuple[ledger.Published, Frames]:
    """The run whose rows are published, and its KPIs, of one moment."""
    published = None
    if schemas.exists(db, job):
        with query.snapshot(job, db):
            published = ledger.last_published(db, job)
            if published:
                asked = day or published.logical_date
                frames = query.kpis(job, db, asked, published.parameters, names)
    if published is None:
        raise NothingLoadedError(
            f"reading {job.name}: nothing is loaded yet; run `abcjob run {job.name}` first"
        )
    return published, frames


def _said(error: AbcjobError | None) -> str | None:
    return None if error is None else " ".join(str(error).split())
