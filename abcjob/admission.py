"""The rows of a part's sources taken in: staged, judged and counted, or kept apart and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from abcjob.book import Remark
from abcjob.database import ledger
from abcjob.database.ledger import Counts
from abcjob.rules import ROW
from abcjob.sources import records
from abcjob.stages import merge, quarantine, settle, stage
from abcjob.stages.quarantine import Kept, Quarantine
from abcjob.stages.suspects import Suspects
from abcjob.stages.validate import Intake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from abcjob.arrivals import Arrivals
    from abcjob.book import Book
    from abcjob.job import Input, Part, Source
    from abcjob.stages.settle import Verdicts


@dataclass
class _Reading:
    """A source on its way, and what is added to its lines' numbers: no two rows share one."""

    intake: Intake
    before: int = 0

    @property
    def end(self) -> int:
        """The number of its last row, known when it is through; a header is line 1."""
        return self.before + self.intake.read + 1


@dataclass
class Admission:
    """A part's rows on their way into the staging schema.

    Attributes:
        is_settled: all rejected rows are known.
        is_added: the staged rows are few, and are to be added to those that readers see.
    """

    part: Part
    book: Book
    arrivals: Arrivals
    is_dry: bool
    is_settled: bool = False
    is_added: bool = False

    def rows(self) -> Mapping[str, Counts]:
        """Stage the rows that keep every rule, and see that enough are left.

        Raises:
            SourceError, DataError: a source cannot be read, or too little of it is left.
        """
        job, db, name = self.book.job, self.book.db, self.part.name
        readings = {item.name: self._readings(item) for item in job.inputs}
        suspects = {item.name: Suspects(item.key) for item in job.inputs if item.key}
        with self.book.step(name, "load") as count:
            with self._quarantine() as rejects:
                rows = {key: _frames(found, rejects.take) for key, found in readings.items()}
                watched = {key: seen.watch(rows[key]) for key, seen in suspects.items()}
                stage.load(job, self.part, rows | watched, db)
            count.rows = sum(r.intake.read for found in readings.values() for r in found)
            self._note(readings)
        with self.book.step(name, "settle") as count:
            counts = self._settled(readings, suspects)
            count.rows = sum(count.loaded for count in counts.values())
        known, reasons = ledger.loaded(db, job, name), quarantine.reasons(job, db)
        if not self.is_dry:
            reasons += f"; `abcjob quarantine {job.name}` lists them"
        settle.keep_limits(self.part, counts.values(), known, reasons)
        ledger.rows(db, self.book.run_id, name, counts)
        if job.is_merged:
            self.is_added = merge.is_small(job, db)
            if not self.is_added:
                merge.stay(job, db)
        return counts

    def _readings(self, item: Input) -> list[_Reading]:
        return [
            _Reading(Intake(item.rules(), source))
            for source in self.arrivals.fresh
            if item.rules and source.input == item.name
        ]

    def _quarantine(self) -> Quarantine:
        book = self.book
        return Quarantine(book.job, self.part, book.run_id, self.arrivals.digests, book.db)

    def _note(self, readings: Mapping[str, list[_Reading]]) -> None:
        """Enter the headers, and name the columns that nobody asked for."""
        for intake in (r.intake for found in readings.values() for r in found):
            source = intake.source
            if source.has_waited:
                continue
            if not self.is_dry:
                digest = self.arrivals.digests[source.path]
                ledger.header(self.book.db, self.book.run_id, self.part.name, digest, intake.header)
            if intake.ignored:
                said = f"columns of {source.name} are ignored: {', '.join(intake.ignored)}"
                self.book.tell(Remark(self.part.name, said))

    def _settled(
        self, readings: Mapping[str, list[_Reading]], suspects: Mapping[str, Suspects]
    ) -> Mapping[str, Counts]:
        """Judge the staged rows against each other and against what is known; count them all."""
        job, db = self.book.job, self.book.db
        stayed = settle.let_stay(job, self.part, db) if self.part.adds else {}
        settle.make_verdicts(job, db)
        verdicts = {
            item.name: self._judged(item, readings[item.name], suspects) for item in job.inputs
        }
        with self._quarantine() as rejects:
            for item in job.inputs:
                if verdicts[item.name].rejected or verdicts[item.name].waiting:
                    for reading in readings[item.name]:
                        self._reject(item, reading, rejects)
        self.is_settled = True
        loaded, kept = settle.count(job, self.part, db), quarantine.kept(job, db)
        for name, verdict in verdicts.items():
            if job.is_merged and readings[name]:
                self.book.tell(Remark(self.part.name, _told(name, loaded[name], verdict)))
        return {
            name: _counts(
                [reading.intake for reading in found],
                verdicts[name],
                kept.get(name, Kept()),
                loaded[name],
                stayed.get(name, 0),
            )
            for name, found in readings.items()
        }

    def _judged(
        self, item: Input, readings: list[_Reading], suspects: Mapping[str, Suspects]
    ) -> Verdicts:
        job, db, part = self.book.job, self.book.db, self.part
        if item.name in suspects:
            found = None if part.adds else suspects[item.name].found()
            waited = max((r.end for r in readings if r.intake.source.has_waited), default=0)
            settle.judge(job, item, part, db, found, waited)
        verdicts = settle.take_out(job, item, part, db)
        if item.is_merged:
            merge.judge_known(job, item, part, db)
            settle.take_out(job, item, part, db)
            merge.judge_orphans(job, item, db)
            verdicts = settle.take_out(job, item, part, db)
        return verdicts

    def _reject(self, item: Input, reading: _Reading, rejects: Quarantine) -> None:
        source = reading.intake.source
        told = settle.unfit(self.book.job, item, self.book.db, records.raw(source), reading.before)
        for state, rows in told:
            rejects.take(source, rows, state)


def _frames(
    readings: list[_Reading], reject: Callable[[Source, pl.DataFrame], None]
) -> Iterator[pl.DataFrame]:
    """The good rows of an input's sources, one source after the other."""
    end = 0
    for reading in readings:
        reading.before = end
        for frame in reading.intake.frames(reject):
            yield frame.with_columns(pl.col(ROW) + end) if end else frame
        end = reading.end


def _counts(
    intakes: list[Intake], verdicts: Verdicts, kept: Kept, loaded: int, stayed: int
) -> Counts:
    read, waited = (
        sum(intake.read for intake in intakes if intake.source.has_waited is has_waited)
        for has_waited in (False, True)
    )
    blank = sum(intake.blank for intake in intakes)
    return Counts(
        read, loaded, blank + verdicts.skipped, kept.rejected, waited + stayed, kept.waiting
    )


def _told(name: str, loaded: int, verdicts: Verdicts) -> str:
    """What came to the rows of an input that are merged."""
    more = {
        "known already": verdicts.known,
        "with other content than the known row of their key, ignored": verdicts.ignored,
        "waiting for what they refer to": verdicts.waiting,
    }
    said = [f"{loaded:,} rows added", *(f"{rows:,} {what}" for what, rows in more.items() if rows)]
    return f"{name}: {', '.join(said)}"
