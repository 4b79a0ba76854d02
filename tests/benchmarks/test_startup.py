"""What a small run and a look at the help cost, against importing what any such program imports.

The limits are ratios to that import in the same session: the targets, over 0.8.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from fair import compare, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_benchmark.fixture import BenchmarkFixture

IMPORTS = [sys.executable, "-c", "import polars, pyarrow, adbc_driver_postgresql.dbapi"]
PROGRAM = [sys.executable, "-m", "abcjob"]


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
        return seconds(
            lambda: subprocess.run(
                arguments, check=True, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL
            )
        )

    compare(
        benchmark,
        lambda: timed([*PROGRAM, *command]),
        lambda: timed(IMPORTS),
        target=1 / target,
        rounds=9,
    )
