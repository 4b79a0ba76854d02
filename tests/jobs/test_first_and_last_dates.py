"""The first and the last date that there are, of every job: each has its report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from terminal import FEW, one_line

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program

FIRST, LAST = "0001-01-01", "9999-12-31"
pytestmark = pytest.mark.in_process


def done(program: Program, *arguments: str) -> str:
    """What a command that ends well prints."""
    ran = program(*arguments)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize("job", ["abc", "ratings", "sales", "jukebox"])
@pytest.mark.parametrize("day", [FIRST, LAST])
def test_a_report_bears_the_first_date_and_the_last(
    program: Program, tmp_path: Path, job: str, day: str
) -> None:
    """Whatever is loaded, `run`, `report` and `kpi` end well, and the report is listed."""
    parameters: tuple[str, ...] = FEW
    if job != "abc":
        sampled = day if job == "ratings" else "2026-11-20"  # whose files are of a date
        few = ("--customers", "20", "--months", "2") if job == "jukebox" else ()
        done(program, "sample", job, "--out", "in", "--date", sampled, *few)
        parameters = ("--input", "in")
    done(program, "run", job, *parameters, "--date", day, "--quiet")
    first = {path.name: path.read_bytes() for path in (tmp_path / "reports").iterdir()}
    done(program, "report", job, "--date", day)
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "reports").iterdir()}
    assert json.loads(done(program, "kpi", job, "--format", "json"))
    listed = json.loads(done(program, "reports", "list", "--format", "json"))
    assert [(row["date"], row["job"]) for row in listed] == [(day, job)]
    assert set(first) == {path.rpartition("/")[2] for path in listed[0]["files"]} | {"index.html"}


@pytest.mark.parametrize(
    ("job", "day", "expected"),
    [
        ("sales", FIRST, "expected 1901-12-31 or later"),
        ("jukebox", FIRST, "expected no month before 1901-01"),
        ("jukebox", LAST, "expected 9999-12-30 or earlier"),
        ("sales", LAST, ""),
    ],
)
def test_a_sample_is_of_any_date_that_its_job_reads(
    program: Program, job: str, day: str, expected: str
) -> None:
    """It is loaded, none of its rows rejected for its date; or what is expected is said."""
    made = program("sample", job, "--out", "in", "--date", day, "--bad", "0")
    if expected:
        assert made.returncode == 2
        assert expected in one_line(made.stderr)
        return
    assert made.returncode == 0, made.stderr
    done(program, "run", job, "--input", "in", "--date", day, "--quiet")
    assert done(program, "quarantine", job, "--format", "csv").count("\n") <= 1


def test_months_of_any_year_are_written_alike(program: Program) -> None:
    """Four digits of a year, as they were given."""
    done(program, "run", "abc", *FEW, "--start", "0002-01", "--quiet")
    ran = program("kpi", "abc", "revenue", "--compare", "0001-01", "0002-01")
    assert ran.returncode == 2
    assert one_line(ran.stderr) == (
        "abcjob: comparing 0001-01 and 0002-01 of abc: revenue has no 0001-01, expected months "
        "from 0002-01 to 0002-03; correct --compare\n"
    )
    assert "0001-01 twice" in program("kpi", "abc", "--compare", "0001-01", "0001-01").stderr
