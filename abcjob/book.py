"""A run's own account while it goes on: what each step took, and how the run ended."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

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


class Progress(NamedTuple):
    """How far a step has come.

    Attributes:
        rows: those it has gone through.
        share: of all it has to do, from 0 to 1; None where nobody knows.
    """

    rows: int = 0
    share: float | None = None


@dataclass
class Count:
    """What a step does.

    Attributes:
        rows: how many it did, once it is done; None where it counts none.
        so_far: says how far it has come. It is asked now and then, from another thread.
    """

    rows: int | None = None
    so_far: Callable[[], Progress] = Progress


@dataclass(frozen=True)
class Begun:
    """A step that begins.

    Attributes:
        part: empty for a step of the whole run.
        count: what it does, while it goes on.
    """

    part: str
    name: str
    count: Count


News = Begun | Step | Remark


@dataclass(frozen=True)
class Book:
    """Keeps a run's ledger rows."""

    db: Connection
    job: Job
    run_id: int
    tell: Callable[[News], None]

    @contextmanager
    def step(
        self, part: str, name: str, remedy: str = "mend that, then run again"
    ) -> Iterator[Count]:
        """Time a step; that it begins is told, what ends well is entered and told."""
        count = Count()
        begin = time.perf_counter()
        self.tell(Begun(part, name, count))
        faults.point(f"before {name}")
        with doing(f"{self.job.name}, step {name}", remedy):
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
