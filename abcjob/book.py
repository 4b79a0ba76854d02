"""A run's own account while it goes on: what each step took, and how the run ended."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from abcjob import faults
from abcjob.database import ledger, schemas
from abcjob.errors import AbcjobError, DatabaseError, InterruptedRunError, doing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from abcjob.database.connection import Connection
    from abcjob.job import Job


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
class Remark:
    """Something that people should know of a part, though nothing failed."""

    part: str
    text: str


@dataclass
class _Count:
    rows: int | None = None


@dataclass(frozen=True)
class Book:
    """Keeps a run's ledger rows."""

    db: Connection
    job: Job
    run_id: int
    tell: Callable[[Step | Remark], None]

    @contextmanager
    def step(self, part: str, name: str) -> Iterator[_Count]:
        """Time a step; what ends well is entered and told."""
        count = _Count()
        begin = time.perf_counter()
        faults.point(f"before {name}")
        with doing(f"{self.job.name}, step {name}", "mend that, then run again"):
            yield count
        done = Step(part, name, count.rows, time.perf_counter() - begin)
        faults.point(f"after {name}")
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
