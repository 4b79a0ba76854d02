"""What a small run and a look at the help cost, against importing what any such program imports.

The limits are ratios to that import in the same session: the targets, over 0.8.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_benchmark.fixture import BenchmarkFixture

IMPORTS = [sys.executable, "-c", "import polars, pyarrow, adbc_driver_postgresql.dbapi"]
PROGRAM = [sys.executable, "-m", "abcjob"]
ROUNDS = 9


@pytest.mark.parametrize(
    ("command", "target"),
    [
        # 500 companies over 12 months, the embedded server started and stopped in the run.
        (["run", "--quiet"], 3),
        (["--help"], 0.3),
    ],
    ids=["run", "help"],
)
def test_a_small_command(
    benchmark: BenchmarkFixture,
    tmp_path: Path,
    open_folder: Path,
    command: Sequence[str],
    target: float,
) -> None:
    """Speed: at most so many times the import, warm; the two in turn, by the median of pairs."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    environment["ABCJOB_HOME"] = str(open_folder / "benchmark")

    def timed(arguments: Sequence[str]) -> float:
        begin = time.perf_counter()
        subprocess.run(
            arguments, check=True, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL
        )
        return time.perf_counter() - begin

    timed([*PROGRAM, *command])  # warm: the cluster made, the files read once
    timed(IMPORTS)
    ratios: list[float] = []

    def pair() -> None:
        ratios.append(timed([*PROGRAM, *command]) / timed(IMPORTS))

    benchmark.pedantic(pair, rounds=ROUNDS)  # type: ignore[no-untyped-call]
    ratio = statistics.median(ratios)
    benchmark.extra_info["ratio to the import"] = round(ratio, 2)
    assert ratio <= target / 0.8, f"{ratio:.2f} times the import, expected {target} or less"
