"""What a run says while it goes on, on a real terminal: lines, and a bar for a long step."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest
from terminal import FEW, Terminal, seen

from abcjob import jobs
from abcjob.database.connection import connect
from abcjob.job import Source
from abcjob.jobs.abc import generate
from abcjob.jobs.abc.parameters import Parameters
from abcjob.jobs.sales.records import Product
from abcjob.sources import records

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from abcjob.database.url import DatabaseUrl
    from abcjob.jobs.abc.parameters import SessionRule

    Program = Callable[..., subprocess.CompletedProcess[str]]

BAR = "━"
_ROWS = 1_600_000  # of a file that is many of the blocks that are read ahead
# Steps as a run tells them: one at once over, one that takes `{seconds}`.
STEPS = """
import sys, time
from pathlib import Path
from abcjob.book import Begun, Count, Progress, Remark, Step
from abcjob.cli import progress
from abcjob.errors import InterruptedRunError
with progress.told(is_quiet={is_quiet}) as tell:
    tell(Begun("all", "lock", Count()))
    tell(Step("all", "lock", None, 0.01))
    tell(Begun("all", "load", Count(so_far=lambda: Progress({rows}, {share}))))
    time.sleep({seconds})
    {then}
    tell(Step("all", "load", 4_000_000, 2.0))
Path("ended").touch()
"""
LINES = [
    "lock                            0.01 s",
    "load         4,000,000 rows     2.00 s    2,000,000/s",
]


def steps(
    rows: int = 1_000_000,
    share: float | None = 0.25,
    seconds: float = 4.0,  # what draws the bar is imported first, by a busy machine too
    then: str = "",
    *,
    is_quiet: bool = False,
) -> tuple[str, ...]:
    """The program that tells these steps."""
    code = STEPS.format(rows=rows, share=share, seconds=seconds, then=then, is_quiet=is_quiet)
    return sys.executable, "-c", code


def drawn(output: str) -> list[str]:
    """The bars that were drawn, without colours."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", output)
    return [line for line in re.split(r"[\r\n]|\x1b\[2K", plain) if BAR in line]


def test_a_long_step_has_a_bar_and_leaves_a_line(tmp_path: Path) -> None:
    """Share, time left, rows and rate; drawn after a second, and gone with the step."""
    with Terminal(steps(), {}, tmp_path) as terminal:
        assert terminal.to_the_end()[0] == 0
    lines = drawn(terminal.output)
    assert lines, terminal.output
    for line in lines:
        found = re.fullmatch(
            rf"load     {BAR}+[╸╺ ]?{BAR}*   25%  0:(\d\d) left  1,000,000 rows  ([\d,]+)/s", line
        )
        assert found, line
        rate = int(found[2].replace(",", ""))
        seconds = 1_000_000 / rate
        assert seconds >= 1
        assert int(found[1]) == pytest.approx(3 * seconds, abs=0.6)
    assert seen(terminal.output) == [*LINES, ""]
    assert "\x1b[?25l" not in terminal.output, "the cursor stays in sight, whatever kills us"


def test_a_short_step_has_none(tmp_path: Path) -> None:
    """A line for each step, and nothing else at all."""
    with Terminal(steps(seconds=0.5), {}, tmp_path) as terminal:
        assert terminal.to_the_end()[0] == 0
    assert terminal.output.replace("\r\n", "\n") == "\n".join([*LINES, ""])


def test_no_bar_without_a_terminal(tmp_path: Path) -> None:
    """Piped, quiet or dumb: plain lines, or none."""
    script = steps(seconds=1.5)
    piped = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert piped.stderr == "\n".join([*LINES, ""])
    with Terminal(steps(seconds=1.5, is_quiet=True), {}, tmp_path) as quiet:
        assert quiet.to_the_end()[0] == 0
    assert quiet.output == ""
    with Terminal(script, {"TERM": "dumb"}, tmp_path) as dumb:
        assert dumb.to_the_end()[0] == 0
    assert dumb.output.replace("\r\n", "\n") == piped.stderr


def test_a_bar_fits_its_window(tmp_path: Path) -> None:
    """Narrow from the start, narrower later: the least important goes, and no line breaks."""
    with Terminal(steps(seconds=3), {"NO_COLOR": "1"}, tmp_path, columns=50) as terminal:
        terminal.wait_for(lambda output: BAR in output)
        before = len(terminal.output)
        terminal.resize(22)
        assert terminal.to_the_end()[0] == 0
    wide, narrow = drawn(terminal.output[:before]), drawn(terminal.output[before:])
    assert {len(line) for line in wide} == {49}
    assert "left" in wide[-1]
    assert "rows" not in wide[-1]
    assert max(map(len, narrow[1:])) <= 21  # the first may be on its way
    assert "load" in narrow[-1]
    assert seen(terminal.output) == [*LINES, ""]
    assert not re.search(r"\x1b\[[0-9;]*m", terminal.output), "NO_COLOR"


def test_a_step_of_unknown_length_says_how_long_it_took(tmp_path: Path) -> None:
    """Neither a share nor a time left that nobody knows; remarks stand above the bar."""
    then = 'tell(Remark("all", "by the way")); time.sleep(0.5)'
    script = steps(rows=0, share=None, then=then)
    with Terminal(script, {}, tmp_path) as terminal:
        assert terminal.to_the_end()[0] == 0
    lines = [re.sub(rf"[{BAR}╸╺]+", "", line) for line in drawn(terminal.output)]
    assert lines
    assert all(re.fullmatch(r"load {7}0:0\d", line) for line in lines), lines
    assert seen(terminal.output) == [LINES[0], "by the way", LINES[1], ""]


def test_an_interrupted_step_leaves_no_bar(tmp_path: Path) -> None:
    """What stops a run is said on a clean line."""
    then = 'raise SystemExit("stopped")'
    with Terminal(steps(then=then), {}, tmp_path) as terminal:
        assert terminal.to_the_end()[0] == 1
    assert drawn(terminal.output)
    assert seen(terminal.output) == [LINES[0], "stopped", ""]


def test_a_terminal_that_goes_away_stops_nothing(tmp_path: Path) -> None:
    """A run under nohup goes on when its window is closed, in the middle of a bar."""
    with Terminal(steps(), {}, tmp_path) as terminal:
        terminal.wait_for(lambda output: BAR in output)
        terminal.hang_up()
        assert terminal.to_the_end()[0] == 0
    assert (tmp_path / "ended").exists()


def test_a_step_that_waits_for_the_server_has_a_bar(
    called: Program, url: DatabaseUrl, tmp_path: Path
) -> None:
    """The whole program: somebody reads the tables that are to be replaced, for a while."""
    assert called("run", *FEW, "--quiet").returncode == 0
    command = (sys.executable, "-m", "abcjob", "run", *FEW)
    with (
        connect(url) as reader,
        Terminal(command, {"ABCJOB_DATABASE_URL": url.libpq}, tmp_path) as terminal,
    ):
        with reader.transaction():
            reader.query("select count(*) from abc.session")
            terminal.wait_for(
                lambda output: any(line.startswith("publish ") for line in drawn(output))
            )
        code, stdout = terminal.to_the_end()
    assert code == 0
    names = [line[:9].rstrip() for line in seen(terminal.output) if line]
    expected = ["load", "model", "check", "publish", "query", "report", "done", "report", ""]
    assert names == expected
    assert BAR not in stdout


@pytest.mark.parametrize("rule", ["signed", "uniform"])
def test_the_job_knows_about_how_many_rows_it_makes(rule: SessionRule) -> None:
    """1.11 to 1.14: what is expected in the mean, against what is drawn."""
    parameters = Parameters(companies=20_000, months=9, start=date(2021, 1, 1), session_rule=rule)
    made = sum(frame.height for frame in generate.sessions(parameters)) + 20_000 + 9 + 2
    assert jobs.load("abc").expects(parameters) == pytest.approx(made, rel=0.01)


def _file(kind: str, folder: Path) -> Path:
    """Products enough for several blocks."""
    frame = pl.select(id=pl.int_range(_ROWS)).select(
        "id",
        name=pl.format("Puzzle de la savane {}", "id"),
        price=pl.lit("12.50"),
        category=pl.lit("Puzzle"),
    )
    path = folder / f"products.{kind}"
    if kind == "parquet":
        frame.write_parquet(path, row_group_size=50_000)
    else:
        text = frame.write_csv().encode()
        path.write_bytes(gzip.compress(text, 1) if kind == "gz" else text)
    return path


@pytest.mark.parametrize("kind", ["csv", "gz", "parquet"])
def test_a_file_says_how_far_it_is_read(kind: str, tmp_path: Path) -> None:
    """From the first lines to the last, in step with the lines read."""
    with records.opened(Source("products", _file(kind, tmp_path), None), Product) as found:
        told = [(found.share, found.read / _ROWS) for _ in found.frames()]
    shares = [share for share, _ in told]
    assert 0 < shares[0] < 0.6
    assert shares == sorted(shares)
    assert told[-1] == (1.0, 1.0)
    assert all(share == pytest.approx(read, abs=0.5) for share, read in told)
