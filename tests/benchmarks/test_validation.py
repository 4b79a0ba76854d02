"""What it costs to judge every line of a file, against parsing one that is known to be good."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
from fair import compare, seconds

from abcjob.job import Source
from abcjob.jobs.ratings import sample
from abcjob.jobs.ratings.parameters import SampleParameters
from abcjob.jobs.ratings.rating import CustomerRating
from abcjob.stages.validate import Intake

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_benchmark.fixture import BenchmarkFixture


def test_validation(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """A million lines, 3 of 100 wrong, into rows and reasons; Polars reads them unjudged.

    Nobody set a target: this one, and its floor, guard what is reached.
    """
    parameters = SampleParameters(customers=1, rows=1_000_000)
    sample.write(parameters, date(2025, 5, 13), tmp_path)
    [path] = tmp_path.glob("*.csv")
    source = Source("customer_rating", path, sample.DELIMITERS[0])

    def judged() -> None:
        rejected = 0

        def reject(_: Source, rows: pl.DataFrame) -> None:
            nonlocal rejected
            rejected += rows.height

        intake = Intake(CustomerRating, source)
        kept = sum(frame.height for frame in intake.frames(reject))
        assert kept + rejected + intake.blank == intake.read
        assert rejected > 10_000

    def parsed() -> None:
        frame = pl.read_csv(
            path,
            infer_schema=False,
            truncate_ragged_lines=True,
            quote_char=None,
            encoding="utf8-lossy",
        )
        assert frame.height > 1_000_000 - 1

    compare(benchmark, lambda: seconds(judged), lambda: seconds(parsed), target=0.4, floor=0.2)
