"""What a run says of itself when it is over."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from terminal import FEW, Terminal

from abcjob import jobs
from abcjob.cli import summary
from abcjob.database.ledger import Counts
from abcjob.run import Outcome

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from abcjob.database.url import DatabaseUrl

    Program = Callable[..., subprocess.CompletedProcess[str]]

REPORTS = (Path("reports/sales_20261120.md"), Path("reports/sales_20261120.html"))


@pytest.mark.parametrize(
    ("rows", "reports", "is_dry", "said"),
    [
        (
            {"all": {"products": Counts(10, 10), "sales": Counts(1_000, 950, 20, 29, 2, 3)}},
            REPORTS,
            False,
            [
                "done     960 of 1,012 rows loaded in 2.3 s",
                "         20 skipped, 29 rejected, 3 waiting",
                "         `abcjob quarantine sales` lists what was kept back, and why",
                "report   reports/sales_20261120.html",
                "         reports/sales_20261120.md",
            ],
        ),
        (
            {"a": {"x": Counts(2, 2)}, "b": {"x": Counts(3, 3)}},
            (),
            False,
            ["done     5 rows loaded in 2.3 s"],
        ),
        (
            {"all": {"x": Counts(5, 0, 5)}},
            (),
            False,
            ["done     0 of 5 rows loaded in 2.3 s", "         5 skipped"],
        ),
        (
            {},
            REPORTS[:1],
            False,
            ["done     nothing new in 2.3 s", "report   reports/sales_20261120.md"],
        ),
        (
            {"all": {"x": Counts(9, 8, 0, 1)}},
            (),
            True,
            [
                "dry run  8 of 9 rows loaded in 2.3 s",
                "         1 rejected",
                "         nothing was published",
            ],
        ),
    ],
)
def test_a_summary_tells_where_rows_went_and_reports_are(
    capsys: pytest.CaptureFixture[str],
    rows: dict[str, dict[str, Counts]],
    reports: tuple[Path, ...],
    is_dry: bool,
    said: list[str],
) -> None:
    """Short, the page before the Markdown; what is nothing is not told."""
    summary.tell(jobs.load("sales"), Outcome(rows, reports=reports), 2.345, is_dry=is_dry)
    assert capsys.readouterr().err.splitlines() == said


def test_a_run_ends_with_its_summary(
    program: Program, called: Program, url: DatabaseUrl, tmp_path: Path
) -> None:
    """On stderr, behind the steps; labels are bold on a terminal alone, and `--quiet` has none."""
    ran = program("run", *FEW, "--date", "2026-11-21")
    rows = called("kpi", "abc", "usage", "--format", "csv").stdout.splitlines()
    sessions = sum(int(row.split(",")[2]) for row in rows[1:] if ",all," in row)
    done, *reports = ran.stderr.splitlines()[-3:]
    assert re.fullmatch(rf"done     {2 + 3 + 40 + sessions:,} rows loaded in \d+\.\d s", done)
    assert reports == ["report   reports/kpi_20261121.html", "         reports/kpi_20261121.md"]
    command = (sys.executable, "-m", "abcjob", "run", *FEW)
    address = {"ABCJOB_DATABASE_URL": url.libpq}
    with Terminal(command, address, tmp_path) as terminal:
        assert terminal.to_the_end()[0] == 0
    assert "\x1b[1mdone\x1b[0m     " in terminal.output
    with Terminal(command, {**address, "NO_COLOR": "1"}, tmp_path) as plain:
        assert plain.to_the_end()[0] == 0
    assert "\x1b" not in plain.output
    assert program("run", *FEW, "--quiet").stderr == ""


def test_tables_are_as_wide_as_the_terminal(
    called: Program, url: DatabaseUrl, tmp_path: Path
) -> None:
    """No line is longer than the window, be it narrow; a wide one has what belongs together."""
    called("run", *FEW, "--quiet")
    command = (sys.executable, "-m", "abcjob", "kpi", "abc")
    heights = []
    for columns in (40, 60, 80, 120):
        with Terminal(
            command, {"ABCJOB_DATABASE_URL": url.libpq}, tmp_path, columns=columns, is_piped=False
        ) as terminal:
            assert terminal.to_the_end()[0] == 0
        assert "\x1b[1mHow often" in terminal.output
        shown = re.sub(r"\x1b\[[0-9;]*m", "", terminal.output).splitlines()
        assert max(map(len, shown)) <= columns
        heights.append(len(shown))
    assert heights == sorted(heights, reverse=True)
    assert heights[0] > heights[-1]
