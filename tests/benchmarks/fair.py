"""Two ways of doing the same, timed in turn: what a machine is busy with besides meets both."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_benchmark.fixture import BenchmarkFixture

_ALLOWANCE = 0.8  # of a target: below it a benchmark fails


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def compare(
    benchmark: BenchmarkFixture,
    ours: Callable[[], float],
    reference: Callable[[], float],
    *,
    target: float,
    floor: float | None = None,
    rounds: int = 5,
) -> None:
    """Fail where ours is slower, against the reference, than it may be; by the median of pairs.

    Args:
        benchmark: pytest's.
        ours: does what is measured; returns its seconds.
        reference: likewise.
        target: the reference's seconds over ours, as the issue asks for.
        floor: below which it fails; None: 0.8 of the target.
        rounds: pairs; one more comes before, so that all is warm.
    """
    ours(), reference()
    pairs: list[tuple[float, float]] = []
    benchmark.pedantic(lambda: pairs.append((ours(), reference())), rounds=rounds)  # type: ignore[no-untyped-call]
    ratio = statistics.median(theirs / own for own, theirs in pairs)
    floor = floor or _ALLOWANCE * target
    own, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    benchmark.extra_info |= {
        "seconds": round(own, 3),
        "reference's seconds": round(theirs, 3),
        "ratio": round(ratio, 3),
        "target": round(target, 3),
        "floor": round(floor, 3),
    }
    assert ratio >= floor, f"{ratio:.3f} times as fast as the reference, expected {floor:.3f}"
