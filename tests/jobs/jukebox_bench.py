"""The job jukebox run in this process, again and again, in a database of its own."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from jukebox_answers import KPIS, Asked
from jukebox_compare import answer
from jukebox_universe import Run

from abcjob import job as jobs_model
from abcjob import jobs
from abcjob import run as running
from abcjob.database.connection import connect
from abcjob.render.charts import ChartPainter
from abcjob.render.page import Pages
from abcjob.stages import query, report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import polars as pl

    from abcjob.database.connection import Connection
    from abcjob.database.embedded import EmbeddedServer
    from abcjob.job import Job

DAY = date(2026, 3, 31)


@dataclass
class Bench:
    """Where sequences are run.

    Attributes:
        known: files that were read, as they lay there.
        runs: how many there were.
    """

    job: Job
    db: Connection
    desk: running.Desk
    folder: Path
    known: set[bytes] = field(default_factory=set)
    runs: int = 0

    def clear(self) -> None:
        """Forget every run."""
        self.db.script(
            "drop schema if exists jukebox cascade; drop schema if exists abcjob cascade"
        )
        self.known.clear()

    def run(self, step: Run) -> None:
        """A run by the program itself; its counts add up."""
        self.runs += 1
        folder = self.folder / str(self.runs)
        folder.mkdir()
        for number, content in enumerate(step.contents):
            (folder / f"{number}.ndjson").write_bytes(content)
        self.take(folder, Asked(DAY))
        self._count(step)

    def take(self, source: Path, wanted: Asked) -> None:
        """A run over a file or a folder."""
        # Reports, which have tests of their own, would take most of the time.
        job = replace(self.job, kpis=(), kept=())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(report, "write", lambda *_: ())
            running.run(
                job,
                self.parameters(source, wanted),
                wanted.day,
                self.db,
                self.desk,
                wait=0,
                dry_run=False,
                tell=lambda _: None,
            )

    def parameters(self, source: Path, wanted: Asked) -> Any:
        """The job's parameters."""
        return self.job.parameters(
            input=(source,), product=wanted.product, all_plays=wanted.all_plays
        )

    def _count(self, step: Run) -> None:
        """Every line of a new file was read, and every row went somewhere."""
        new = [content for content in step.contents if content not in self.known]
        self.known.update(new)
        counts = self.db.query(
            "select read, retried, loaded, skipped, rejected, waiting from abcjob.run_input "
            "where run_id = (select max(run_id) from abcjob.run)"
        )
        for read, retried, loaded, skipped, rejected, waiting in counts.iter_rows():
            assert read + retried == loaded + skipped + rejected + waiting
        lines = {
            content: len(lines)
            for content, (lines, _) in zip(
                (Run((file,)).contents[0] for file in step.files), step.files, strict=True
            )
        }
        assert sum(counts["read"]) == sum(lines[content] for content in new)

    def asked(self, wanted: Asked) -> dict[str, pl.DataFrame]:
        """The KPIs, as readers would be told them."""
        described = jobs_model.described(self.parameters(self.folder, wanted))
        with query.snapshot(self.job, self.db):
            return query.kpis(self.job, self.db, wanted.day, described)

    def answers(self, wanted: Asked) -> dict[str, Any]:
        """Their rows."""
        found = self.asked(wanted)
        assert {name: tuple(frame.columns) for name, frame in found.items()} == KPIS
        return {name: answer(name, frame.iter_rows()) for name, frame in found.items()}


@contextmanager
def opened(server: EmbeddedServer, folder: Path) -> Iterator[Bench]:
    """A database of its own for all runs: making one takes longer than a run."""
    name = f"test_{uuid4().hex[:12]}"
    with connect(server.url) as db:
        db.execute(f"create database {name}")
    with connect(replace(server.url, database=name)) as db, ChartPainter() as painter:
        job = jobs.load("jukebox")
        desk = running.Desk(folder / "reports", Pages(), painter, (job,))
        yield Bench(job, db, desk, folder)
    with connect(server.url) as db:
        db.execute(f"drop database {name} with (force)")
