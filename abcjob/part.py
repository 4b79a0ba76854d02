"""One part of a run: taken from its sources to what readers see, or refused as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from abcjob import faults
from abcjob.book import Remark
from abcjob.database import ledger, schemas
from abcjob.database.ledger import Counts
from abcjob.errors import AbcjobError, CommitUnknownError, DatabaseError, DataError, SourceError
from abcjob.sources import files, records
from abcjob.stages import check, model, publish, quarantine, settle, stage
from abcjob.stages.quarantine import Quarantine
from abcjob.stages.suspects import Suspects
from abcjob.stages.validate import Intake

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from abcjob.book import Book
    from abcjob.database.ledger import PartOutcome
    from abcjob.job import Part, Source

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
    is_settled: bool = False
    digests: Mapping[Path, str] = field(default_factory=dict)

    def made(self) -> Ending:
        """The part loaded, or found unchanged."""
        sources = self.part.sources() if self.part.sources else ()
        with files.unchanged(source.path for source in sources):
            if self.part.sources and (not sources or self._is_known(sources)):
                return self._left_alone(sources)
            schemas.make_staging(self.book.db, self.book.job, self.part)
            rows = self._taken_in(sources) if self.part.sources else self._made_by_the_job()
        self._derive_and_check()
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
            if self.is_settled and self.part.sources:
                quarantine.publish(self.book.job, db)
            ledger.part(db, self.book.run_id, self.part.name, outcome, str(error))

    def _left_alone(self, sources: tuple[Source, ...]) -> Ending:
        """Enter that what readers see is up to date."""
        if not self.is_dry:
            if not sources:
                self._carry_sources()
            ledger.part(self.book.db, self.book.run_id, self.part.name, "unchanged")
        if sources:
            names = ", ".join(source.path.name for source in sources)
            self.book.tell(Remark(self.part.name, f"{names} is what is loaded already: skipped"))
        return Ending()

    def _carry_sources(self) -> None:
        ledger.carry_sources(self.book.db, self.book.run_id, self.book.job, self.part.name)

    def _is_known(self, sources: tuple[Source, ...]) -> bool:
        """Whether these are the sources of what readers see; they are entered."""
        db = self.book.db
        self.digests = {source.path: files.digest(source.path) for source in sources}
        if not self.is_dry:
            found = [
                {
                    "source": source.path.name,
                    "input": source.input,
                    "digest": self.digests[source.path],
                }
                for source in sources
            ]
            ledger.sources(db, self.book.run_id, self.part.name, found)
        return ledger.digests(db, self.book.job, self.part.name) >= set(self.digests.values())

    def _made_by_the_job(self) -> Mapping[str, Counts]:
        """Stage the rows that the job makes."""
        job, db = self.book.job, self.book.db
        with self.book.step(self.part.name, "load") as count:
            rows = job.read(self.parameters, self.part)
            sent, there = stage.load(job, self.part, rows, db)
            counts = {name: Counts(sent[name], there[name]) for name in sent}
            count.rows = sum(there.values())
            ledger.rows(db, self.book.run_id, self.part.name, counts)
        return counts

    def _taken_in(self, sources: tuple[Source, ...]) -> Mapping[str, Counts]:
        """Stage the rows of sources that keep every rule, and see that enough are left."""
        job, db, name = self.book.job, self.book.db, self.part.name
        intakes = {
            item.name: Intake(item.rules(), source)
            for item in job.inputs
            for source in sources
            if item.rules and source.input == item.name
        }
        suspects = {item.name: Suspects(item.key) for item in job.inputs if item.key}
        with self.book.step(name, "load") as count:
            with self._quarantine() as rejects:
                rows = {key: intake.frames(rejects.take) for key, intake in intakes.items()}
                watched = {key: suspects[key].watch(rows[key]) for key in suspects}
                stage.load(job, self.part, rows | watched, db)
            count.rows = sum(intake.read for intake in intakes.values())
            self._note(intakes)
        with self.book.step(name, "settle") as count:
            counts = self._settled(intakes, suspects)
            count.rows = sum(count.loaded for count in counts.values())
        known, reasons = ledger.loaded(db, job, name), quarantine.reasons(job, db)
        if not self.is_dry:
            reasons += f"; `abcjob quarantine {job.name}` lists them"
        settle.keep_limits(self.part, counts.values(), known, reasons)
        ledger.rows(db, self.book.run_id, name, counts)
        return counts

    def _quarantine(self) -> Quarantine:
        book = self.book
        return Quarantine(book.job, self.part, book.run_id, self.digests, book.db)

    def _note(self, intakes: Mapping[str, Intake]) -> None:
        """Enter the headers, and name the columns that nobody asked for."""
        name, db = self.part.name, self.book.db
        for intake in intakes.values():
            file = intake.source.path.name
            if not self.is_dry:
                digest = self.digests[intake.source.path]
                ledger.header(db, self.book.run_id, name, digest, intake.header)
            if intake.ignored:
                said = f"columns of {file} are ignored: {', '.join(intake.ignored)}"
                self.book.tell(Remark(name, said))

    def _settled(
        self, intakes: Mapping[str, Intake], suspects: Mapping[str, Suspects]
    ) -> Mapping[str, Counts]:
        """Judge the staged rows against each other, and count where all went."""
        job, db = self.book.job, self.book.db
        stayed = settle.let_stay(job, self.part, db) if self.part.adds else {}
        found = {key: None if self.part.adds else seen.found() for key, seen in suspects.items()}
        settle.judge(job, self.part, db, found)
        verdicts = settle.take_out(job, self.part, db)
        with self._quarantine() as rejects:
            for item in job.inputs:
                if verdicts[item.name].rejected:
                    source = intakes[item.name].source
                    for rows in settle.rejected(job, item, db, records.raw(source)):
                        rejects.take(source, rows)
        self.is_settled = True
        loaded, rejected = settle.count(job, self.part, db), quarantine.rejected(job, db)
        return {
            name: Counts(
                intake.read,
                loaded[name],
                intake.blank + verdicts[name].skipped,
                rejected.get(name, 0),
                stayed.get(name, 0),
            )
            for name, intake in intakes.items()
        }

    def _derive_and_check(self) -> None:
        job, db, name = self.book.job, self.book.db, self.part.name
        with self.book.step(name, "model") as count:
            schemas.finish_staging(db, job, self.part)
            derived = model.build(job, self.part, db)
            count.rows = derived if job.derived else None
        with self.book.step(name, "check") as count:
            results = check.run(job, db)
            count.rows = len(results)
            ledger.checks(db, self.book.run_id, name, results)
            check.judge(job, results)

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
            publish.replace(job, self.part, db)
            if self.part.sources:
                quarantine.publish(job, db)
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
