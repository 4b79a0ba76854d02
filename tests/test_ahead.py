"""Working ahead of who asks for it, and ending that."""

from __future__ import annotations

import inspect
import threading
from time import sleep
from typing import TYPE_CHECKING, Any

import pytest
from jukebox_events import played

from abcjob import faults
from abcjob.ahead import ahead
from abcjob.errors import DatabaseError
from abcjob.sources import lines
from abcjob.stages import stage
from abcjob.stages.quarantine import Quarantine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Program


def workers() -> list[str]:
    """The threads that work ahead."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("ahead")]


def test_items_come_in_their_order_and_errors_where_they_arise() -> None:
    """What was made before an error comes before it, and the error as it is."""

    def items() -> Iterator[int]:
        yield from range(5)
        raise ZeroDivisionError

    found: list[int] = []
    with pytest.raises(ZeroDivisionError):
        found.extend(ahead(items()))
    assert found == [0, 1, 2, 3, 4]
    assert not workers()


def test_who_closes_it_waits_for_what_is_being_made_alone() -> None:
    """Nothing is made after that, so that what it is made of may be closed too."""
    begun = threading.Event()
    made: list[int] = []

    def items() -> Iterator[int]:
        yield 0
        begun.set()
        while inspect.getgeneratorstate(found) != inspect.GEN_RUNNING:  # it is being closed
            sleep(0.01)
        sleep(0.5)
        made.append(1)
        yield 1
        made.append(2)
        yield 2

    found = ahead(items())
    assert next(found) == 0
    begun.wait()
    found.close()
    assert made == [1]
    assert not workers()


@pytest.mark.in_process
def test_nothing_is_read_any_more_when_the_quarantine_is_closed(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read ahead may be rejected: after an error in a load, too late would lose a session.

    The source is as many blocks and batches as one of millions of events.
    """
    closed: list[list[str]] = []
    leave = Quarantine.__exit__

    def seen(quarantine: Quarantine, *error: Any) -> None:
        closed.append(workers())
        leave(quarantine, *error)

    def fail(point: str) -> None:
        if point == "in load":
            raise DatabaseError("the load broke")

    (tmp_path / "in.ndjson").write_bytes(
        b"\n".join(played(f"m{n}", "2026-03-01") for n in range(3_000))
    )
    monkeypatch.setattr(Quarantine, "__exit__", seen)
    monkeypatch.setattr(lines, "BLOCK", 2_000)
    monkeypatch.setattr(lines, "TOGETHER", 100)
    monkeypatch.setattr(stage, "MAX_BATCH_ROWS", 100)
    monkeypatch.setattr(faults, "point", fail)
    assert "the load broke" in program("run", "jukebox", "--input", "in.ndjson").stderr
    assert closed == [[]]
