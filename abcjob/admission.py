"""The rows of a part's sources taken in: staged, judged and counted, or kept apart and why."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from abcjob.ahead import ahead
from abcjob.book import Progress, Remark
from abcjob.database import ledger, schemas
from abcjob.database.ledger import Counts
from abcjob.rejects import ROW
from abcjob.sources import files
from abcjob.sources.passages import Passages
from abcjob.stages import merge, quarantine, settle, stage, suspects
from abcjob.stages.parents import Parents
from abcjob.stages.quarantine import Kept, Quarantine
from abcjob.stages.settle import Staged
from abcjob.stages.suspects import Suspects
from abcjob.stages.validate import Intake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from abcjob.arrivals import Arrivals
    from abcjob.book import Book
    from abcjob.job import Batches, Input, Part, Source
    from abcjob.stages.settle import Verdicts


@dataclass
class _Reading:
    """A source on its way, and what is added to its lines' numbers: no two rows share one."""

    intake: Intake
    size: int  # bytes of the source
    before: int = 0

    @property
    def end(self) -> int:
        """The number of its last row, known when it is through; a header is line 1."""
        return self.before + self.intake.read + 1

    @property
    def passed(self) -> int:
        """How many of its lines were passed over, as they were read before."""
        return self.intake.passages.passed if self.intake.passages else 0


@dataclass
class Admission:
    """A part's rows on their way into the staging schema.

    Attributes:
        is_settled: all rejected rows are known.
        is_added: the staged rows are few, and are to be added to those that readers see.
        has_corrections: some may take the place of rows that readers see.
    """

    part: Part
    parameters: Any
    book: Book
    arrivals: Arrivals
    is_dry: bool
    is_settled: bool = False
    is_added: bool = False
    has_corrections: bool = False
    _readings: Mapping[str, list[_Reading]] = field(default_factory=dict)
    _suspects: Mapping[str, Suspects] = field(default_factory=dict)
    _parents: Mapping[str, Parents] = field(default_factory=dict)
    _there: Mapping[str, int] = field(default_factory=dict)  # rows that were loaded, by input
    _came: dict[str, int] = field(default_factory=dict)  # published rows among the staged ones
    _whole: set[str] = field(default_factory=set)  # inputs all of whose published rows came
    _disputed: set[str] = field(default_factory=set)  # inputs that reject rows of a known key

    def rows(self) -> Mapping[str, Counts]:
        """Stage the rows that keep every rule, and see that enough are left.

        Raises:
            SourceError, DataError: a source cannot be read, or too little of it is left.
        """
        job, db, name = self.book.job, self.book.db, self.part.name
        with self.book.step(name, "load") as count:
            count.so_far = self._so_far
            self._load(may_pass_over=not self.part.corrects)
            count.rows = sum(reading.intake.read for reading in self._all())
            self._note()
        with self.book.step(name, "settle") as count:
            verdicts = self._judged()
            if self._has_passed_over_too_much(verdicts):
                schemas.make_staging(db, job, self.part)
                self._load(may_pass_over=False)
                verdicts = self._judged()
            counts = self._settled(verdicts)
            count.rows = sum(count.loaded for count in counts.values())
        reasons = quarantine.reasons(job, db)
        if not self.is_dry:
            reasons += f"; `abcjob quarantine {job.name}` lists them"
        replaced = settle.replaced_rows(job, self.part, db)
        settle.keep_limits(self.part, counts.values(), replaced, reasons)
        ledger.rows(db, self.book.run_id, name, counts)
        if job.is_merged:
            loaded = sum(count.loaded for count in counts.values())
            self.is_added = not self._whole and merge.is_small(job, loaded, db)
            if not self.is_added:
                merge.stay(job, [item for item in job.inputs if item.name not in self._whole], db)
        return counts

    @property
    def read_whole(self) -> list[dict[str, str]]:
        """Input and digest of the sources of which no line was passed over.

        Also of the same bytes under a name that says nothing: what was wrong of them is read now.
        """
        sources = [r.intake.source for r in self._all() if not r.passed]
        return [
            {"input": source.input, "digest": digests[source.path]}
            for source in sources
            if not source.has_waited
            for digests in (self.arrivals.digests, self.arrivals.contents)
        ]

    def remember(self) -> None:
        """Enter which lines need not be read again; to be called where the rows are published.

        Those alone whose rows readers see as they are: only then does whatever comes under a key
        of theirs differ from a known row, and is found out. Corrections may take the place of rows
        in any of the lines entered before, which therefore are read again.
        """
        job, db = self.book.job, self.book.db
        for item in job.inputs:
            if self.has_corrections and self._readings[item.name]:
                ledger.forget_blocks(db, job, item.name)
            unseen = settle.unseen_rows(job, item, db)
            digests = [
                passage.digest.hex()
                for reading in self._readings[item.name]
                if reading.intake.passages
                for passage in reading.intake.passages.without(unseen - reading.before)
            ]
            ledger.know_blocks(db, job, item.name, self.book.run_id, digests)

    def _load(self, *, may_pass_over: bool) -> None:
        """Stage what keeps every rule about one row; of lines that were read before, nothing."""
        job = self.book.job
        self._readings = {
            item.name: self._begun(item, may_pass_over=may_pass_over) for item in job.inputs
        }
        words = suspects.filter_words(sum(reading.size for reading in self._all()))
        self._suspects = {
            item.name: Suspects(item.key, words, number)
            for number, item in enumerate(job.inputs)
            if item.key
        }
        self._parents = {item.name: Parents(item.refers_by) for item in job.inputs}
        # What is read ahead is rejected too: that has to end before the quarantine is closed.
        with self._quarantine() as rejects, ExitStack() as stack:
            read = {
                name: stack.enter_context(closing(ahead(_frames(found, rejects.take))))
                for name, found in self._readings.items()
            }
            rows: dict[str, Batches] = {
                name: self._parents[name].watch(frames) for name, frames in read.items()
            }
            rows |= {name: seen.watch(rows[name]) for name, seen in self._suspects.items()}
            _, self._there = stage.load(job, self.part, rows, self.book.db)

    def _begun(self, item: Input, *, may_pass_over: bool) -> list[_Reading]:
        if item.rules is None:
            return []
        sources = [source for source in self.arrivals.fresh if source.input == item.name]
        known: frozenset[bytes] = frozenset()
        if item.is_merged and may_pass_over and sources:
            known = ledger.known_blocks(self.book.db, self.book.job, item.name)
        seed = " ".join([str(self.book.job.schema_version), item.name, *self.part.reading])
        return [
            _Reading(
                Intake(
                    item.rules(self.parameters),
                    source,
                    Passages(known, f"{seed} {source.variant}")
                    if item.is_merged and not source.has_waited
                    else None,
                ),
                files.size(source.path),
            )
            for source in sources
        ]

    def _so_far(self) -> Progress:
        """How far the sources are read: of all their bytes."""
        readings = tuple(self._all())
        told = [reading.intake.so_far for reading in readings]
        size = sum(reading.size for reading in readings)
        done = sum(r.size * share for r, (_, share) in zip(readings, told, strict=True))
        return Progress(sum(rows for rows, _ in told), done / size if size else None)

    def _all(self) -> Iterator[_Reading]:
        for readings in self._readings.values():
            yield from readings

    def _has_passed_over_too_much(self, verdicts: Mapping[str, Verdicts]) -> bool:
        """Whether a row differs from the known one of its key, which may stand beside it.

        If it does, in lines that were passed over, both are to be rejected.
        """
        return any(
            (verdicts[name].ignored or name in self._disputed)
            and any(reading.passed for reading in readings)
            for name, readings in self._readings.items()
        )

    def _quarantine(self) -> Quarantine:
        book = self.book
        return Quarantine(book.job, self.part, book.run_id, self.arrivals.digests, book.db)

    def _note(self) -> None:
        """Enter the headers, and name the columns that nobody asked for."""
        for intake in (reading.intake for reading in self._all()):
            source = intake.source
            if source.has_waited:
                continue
            if not self.is_dry:
                digest = self.arrivals.digests[source.path]
                ledger.header(self.book.db, self.book.run_id, self.part.name, digest, intake.header)
            if intake.ignored:
                said = f"columns of {source.name} are ignored: {', '.join(intake.ignored)}"
                self.book.tell(Remark(self.part.name, said))

    def _judged(self) -> Mapping[str, Verdicts]:
        """Judge the staged rows against each other and against what is known."""
        job, db, part = self.book.job, self.book.db, self.part
        self._came = settle.let_stay(job, part, db) if part.adds else {}
        self._whole = set(self._came)
        settle.make_verdicts(job, db)
        verdicts = {item.name: self._judged_one(item) for item in job.inputs}
        self._suspects = {}  # their filters, of up to 128 MiB, are of no more use
        return verdicts

    def _settled(self, verdicts: Mapping[str, Verdicts]) -> Mapping[str, Counts]:
        """Keep the rows that were judged unfit, and count where all went."""
        job, db = self.book.job, self.book.db
        with self._quarantine() as rejects:
            for item in job.inputs:
                if verdicts[item.name].rejected or verdicts[item.name].waiting:
                    for reading in self._readings[item.name]:
                        self._reject(item, reading, rejects)
        self.is_settled = True
        loaded = {item.name: self._staged(item, verdicts[item.name]) for item in job.inputs}
        kept = quarantine.kept(job, db)
        for name, verdict in verdicts.items():
            if job.is_merged and self._readings[name]:
                passed = sum(reading.passed for reading in self._readings[name])
                rejected = kept.get(name, Kept()).rejected
                said = _told(name, loaded[name].new_rows, verdict, passed, rejected)
                self.book.tell(Remark(self.part.name, said))
        return {
            name: _counts(
                found,
                verdicts[name],
                kept.get(name, Kept()),
                loaded[name].new_rows,
                self._came.get(name, 0) - loaded[name].old_rows,
            )
            for name, found in self._readings.items()
        }

    def _staged(self, item: Input, verdicts: Verdicts) -> Staged:
        """The rows that are staged: as they were loaded, where none was taken out or put beside."""
        if any(verdicts) or item.name in self._came:
            return settle.count(self.book.job, item, self.part, self.book.db)
        return Staged(self._there[item.name], old_rows=0)

    def _judged_one(self, item: Input) -> Verdicts:
        """Judge an input's rows, step by step: each judges what those before it left.

        A row is known by its place in the table, which holds until its table is written anew.
        """
        readings = self._readings[item.name]
        waited = max((r.end for r in readings if r.intake.source.has_waited), default=0)
        if item.name in self._suspects:
            self._judge_each_other(item, waited)
        verdicts = settle.take_out(self.book.job, item, self.part, self.book.db)
        return self._judged_by_known(item, waited) if item.is_merged else verdicts

    def _judge_each_other(self, item: Input, waited: int) -> None:
        """Judge staged rows that share a key."""
        job, db, part = self.book.job, self.book.db, self.part
        found = None if part.adds else self._suspects[item.name].found()
        settle.judge(job, item, part, db, found, waited)
        has_passed = any(reading.passed for reading in self._readings[item.name])
        if has_passed and not item.latest and merge.has_rejected_known(job, item, db):
            self._disputed.add(item.name)

    def _judged_by_known(self, item: Input, waited: int) -> Verdicts:
        """Judge staged rows by those that readers see: of their key, and that they refer to."""
        job, db, part = self.book.job, self.book.db, self.part
        known, has_others = merge.take_known(job, item, db)
        if has_others:
            merge.judge_known(job, item, part, db, waited)
            settle.take_out(job, item, part, db)
            if item.latest:
                self._judge_again(item)
        parents_of = self._parents_of(item)
        merge.judge_orphans(job, item, db, parents_of)
        merge.judge_by_rule(job, item, db, parents_of, is_alone=item.name in self._whole)
        verdicts = self._taken_out(item).with_known(known)
        if has_others and (part.corrects or merge.has_known_keys(job, item, db, waited)):
            self.has_corrections = True
        return verdicts

    def _parents_of(self, item: Input) -> Callable[[str], pl.Series | None]:
        """What staged rows refer to by a column: as it went by, unless published ones came too."""
        return self._parents[item.name].of if item.name not in self._whole else lambda _: None

    def _judge_again(self, item: Input) -> None:
        """Where staged rows take the place of published ones, let these be judged with them."""
        job, db = self.book.job, self.book.db
        if not merge.has_known_keys(job, item, db):
            return
        self.has_corrections = True
        is_whole = merge.has_upset(job, item, db)
        merge.judge_again(job, item, db, is_whole=is_whole)
        self._came[item.name] = settle.count(job, item, self.part, db).old_rows
        if is_whole:
            self._whole.add(item.name)
        self._taken_out(item)

    def _taken_out(self, item: Input) -> Verdicts:
        """As `settle.take_out`; published rows among them go to the quarantine."""
        job, db = self.book.job, self.book.db
        if item.name in self._came:
            merge.restate(job, item, self.part, self.book.run_id, db)
        return settle.take_out(job, item, self.part, db)

    def _reject(self, item: Input, reading: _Reading, rejects: Quarantine) -> None:
        intake = reading.intake
        told = settle.unfit(self.book.job, item, self.book.db, intake.raw, reading.before)
        for state, rows in told:
            rejects.take(intake.source, rows, state)


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
    readings: list[_Reading], verdicts: Verdicts, kept: Kept, loaded: int, taken_back: int
) -> Counts:
    waited = sum(r.intake.read for r in readings if r.intake.source.has_waited)
    read = sum(r.intake.read for r in readings) - waited
    skipped = sum(reading.intake.blank + reading.passed for reading in readings)
    return Counts(
        read,
        loaded,
        skipped + verdicts.skipped,
        kept.rejected,
        waited + taken_back,
        kept.waiting,
    )


def _told(name: str, loaded: int, verdicts: Verdicts, passed: int, rejected: int) -> str:
    """What became of the rows of an input that are merged."""
    more = {
        "read before": passed,
        "known already": verdicts.known,
        "with other content than the known row of their key, ignored": verdicts.ignored,
        "waiting for what they refer to": verdicts.waiting,
        "rejected": rejected,
    }
    said = [
        f"{loaded:,} row{'' if loaded == 1 else 's'} added",
        *(f"{rows:,} {what}" for what, rows in more.items() if rows),
    ]
    return f"{name}: {', '.join(said)}"
