"""One part of a run: taken from its sources to what readers see, or refused as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from abcjob import arrivals, faults
from abcjob.book import Progress, Remark
from abcjob.database import ledger, schemas
from abcjob.database.ledger import Counts
from abcjob.errors import AbcjobError, CommitUnknownError, DatabaseError, DataError, SourceError
from abcjob.stages import check, merge, model, publish, quarantine, stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

    from abcjob.admission import Admission
    from abcjob.arrivals import Arrivals
    from abcjob.book import Book
    from abcjob.database.ledger import PartOutcome
    from abcjob.job import Batches, Input, Part

_PATIENCE = 30.0  # seconds for the server to be back, and for the lost session to end


@dataclass(frozen=True)
class Ending:
    """How a part ended.

    Attributes:
        rows: where its rows went, by input; empty where it was refused, or unchanged.
        error: why it was refused; None where what readers see is as its sources say.
    """

    rows: Mapping[str, Counts] = field(default_factory=dict)
    error: AbcjobError | None = None


def bring(part: Part, parameters: Any, book: Book, *, is_dry: bool) -> Ending:
    """Bring a part to where readers see it; if it is refused, what they saw before stays.

    Args:
        part: the part.
        parameters: of the job.
        book: the run's.
        is_dry: stop before publishing.

    Raises:
        AbcjobError: what ends the whole run.
    """
    attempt = _Attempt(part, parameters, book, is_dry)
    try:
        return attempt.made()
    except (DataError, SourceError) as error:
        attempt.refuse(error)
        return Ending(error=error)


@dataclass
class _Attempt:
    part: Part
    parameters: Any
    book: Book
    is_dry: bool
    admission: Admission | None = None

    def made(self) -> Ending:
        """The part loaded, or found unchanged."""
        part, book = self.part, self.book
        if part.sources is None:
            schemas.make_staging(book.db, book.job, part)
            rows = self._made_by_the_job()
        else:
            from abcjob.admission import Admission  # rows from outside alone need its rules

            with arrivals.at_hand(part, book, is_dry=self.is_dry) as arrived:
                self._tell_known(arrived)
                if not arrived.fresh:
                    return self._left_alone(arrived)
                schemas.make_staging(book.db, book.job, part)
                self.admission = Admission(part, self.parameters, book, arrived, self.is_dry)
                rows = self.admission.rows()
        self._derive_and_check(rows)
        if not self.is_dry:
            self._publish()
        return Ending(rows)

    def refuse(self, error: DataError | SourceError) -> None:
        """Enter why; the rows that were rejected are kept, where all are known."""
        if self.is_dry:
            return
        db = self.book.db
        outcome: PartOutcome = "missing" if isinstance(error, SourceError) else "refused"
        with db.transaction():
            # Merged rows come again with their sources, and those that wait are to wait on.
            if self.admission and self.admission.is_settled and not self.book.job.is_merged:
                quarantine.publish(self.book.job, db)
            ledger.part(db, self.book.run_id, self.part.name, outcome, str(error))

    @property
    def _replaced(self) -> tuple[Input, ...]:
        """The inputs whose tables are staged whole, and take the old ones' place."""
        is_added = self.admission is not None and self.admission.is_added
        return () if is_added else self.book.job.inputs

    @property
    def _has_corrections(self) -> bool:
        """Whether rows may take the place of some that readers see."""
        return self.admission is not None and self.admission.has_corrections

    def _tell_known(self, arrived: Arrivals) -> None:
        if arrived.known:
            names = ", ".join(arrived.known)
            self.book.tell(Remark(self.part.name, f"{names} is what is loaded already: skipped"))

    def _left_alone(self, arrived: Arrivals) -> Ending:
        """Enter that what readers see is up to date."""
        if not self.is_dry:
            if not arrived.known:
                self._carry_sources()
            ledger.part(self.book.db, self.book.run_id, self.part.name, "unchanged")
        return Ending()

    def _carry_sources(self) -> None:
        ledger.carry_sources(self.book.db, self.book.run_id, self.book.job, self.part.name)

    def _made_by_the_job(self) -> Mapping[str, Counts]:
        """Stage the rows that the job makes."""
        job, db = self.book.job, self.book.db
        with self.book.step(self.part.name, "load") as count:
            made = _Made(job.expects(self.parameters))
            count.so_far = made.so_far
            rows = made.watch(job.read(self.parameters, self.part))
            sent, there = stage.load(job, self.part, rows, db)
            counts = {name: Counts(sent[name], there[name]) for name in sent}
            count.rows = sum(there.values())
            ledger.rows(db, self.book.run_id, self.part.name, counts)
        return counts

    def _derive_and_check(self, rows: Mapping[str, Counts]) -> None:
        job, db, name = self.book.job, self.book.db, self.part.name
        with self.book.step(name, "model") as count:
            schemas.finish_staging(db, job, self.part)
            derived = self._kept_up() if not self._replaced else 0
            derived += model.build(job, db, self._replaced)
            count.rows = derived if job.derived else None
        with self.book.step(name, "check") as count:
            results = check.run(job, {name: counts.loaded for name, counts in rows.items()}, db)
            count.rows = len(results)
            ledger.checks(db, self.book.run_id, name, results)
            check.judge(job, results)

    def _kept_up(self) -> int:
        """Bring the tables up to date that need not be made anew; returns the rows made for it."""
        job, db = self.book.job, self.book.db
        rows = model.grow(job, db)
        merge.set_apart(job, db, has_corrections=self._has_corrections)
        return rows + model.touch(job, db)

    def _publish(self) -> None:
        with self.book.step(self.part.name, "publish"):
            try:
                self._swap()
            except CommitUnknownError as error:
                self._find_out(error)

    def _swap(self) -> None:
        job, db, name = self.book.job, self.book.db, self.part.name
        with db.transaction():
            if self.part.adds:
                self._carry_sources()
            # What takes long comes before the tables are locked, for which readers wait.
            if self.part.sources:
                quarantine.publish(job, db)
            if job.is_merged and self.admission:
                quarantine.let_go(job, self.part, self.book.run_id, self.admission.read_whole, db)
                self.admission.remember()
            if not self._replaced:
                merge.add(job, db, has_corrections=self._has_corrections)
                publish.keep_up(job, db, has_corrections=self._has_corrections)
            publish.replace(job, self.part, db, self._replaced)
            schemas.drop_staging(db, job)
            ledger.part(db, self.book.run_id, name, "published")
            faults.point("in publish")

    def _find_out(self, lost: CommitUnknownError) -> None:
        """Ask the ledger whether what readers see was swapped; it was entered together with it.

        With the lock, the lost session is known to have ended: nothing can happen after we look.
        """
        job, db, name = self.book.job, self.book.db, self.part.name
        db.reconnect(_PATIENCE)
        ledger.lock(db, job, _PATIENCE)
        if ledger.part_outcome(db, self.book.run_id, name) != "published":
            raise DatabaseError(f"{lost}; {name} was not published") from lost
        told = "the connection was lost while it was published; the ledger says that it was"
        self.book.tell(Remark(name, told))


@dataclass
class _Made:
    """Rows that the job makes, counted on their way.

    Attributes:
        expected: about how many there will be; 0 where nobody knows.
    """

    expected: int
    rows: int = 0

    def so_far(self) -> Progress:
        """How far it has come; not quite to the end, before it is there."""
        share = min(self.rows / self.expected, 0.99) if self.expected else None
        return Progress(self.rows, share)

    def watch(self, batches: Mapping[str, Batches]) -> Mapping[str, Batches]:
        """The same batches, by input."""
        return {name: self._watched(frames) for name, frames in batches.items()}

    def _watched(self, frames: Batches) -> Iterator[pl.DataFrame]:
        for frame in frames:
            self.rows += frame.height
            yield frame
