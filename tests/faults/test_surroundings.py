"""Other clocks, places and thread counts, a full disk for the reports, a server that is shared."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from steps import companies
from terminal import FEW, one_line

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program

    from abcjob.database.connection import Connection
    from abcjob.database.url import DatabaseUrl

LEAP = ("run", "--companies", "60", "--months", "3", "--start", "2024-01", "--date", "2024-04-01")


def pages(folder: Path) -> dict[str, bytes]:
    """The report's files."""
    return {path.name: path.read_bytes() for path in (folder / "reports").iterdir()}


@pytest.mark.parametrize(
    "surroundings",
    [
        {"TZ": "Pacific/Kiritimati"},
        {"TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PGTZ": "Asia/Kathmandu"},
        {"POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "7"},
        {
            "POLARS_MAX_THREADS": "5",
            "PGDATESTYLE": "German",
            "PGOPTIONS": "-c intervalstyle=iso_8601",
        },
    ],
    ids=["east", "west", "ascii", "one-thread", "five-threads"],
)
def test_the_same_bytes_in_other_surroundings(
    program: Program,
    called: Program,
    tmp_path: Path,
    url: DatabaseUrl,
    db: Connection,
    surroundings: dict[str, str],
) -> None:
    """The date is an argument, and months end in UTC, in a leap year too, whatever clocks say."""
    asked = ("kpi", "abc", "--format", "json")
    assert called(*LEAP, "--quiet").returncode == 0
    expected, answers = pages(tmp_path), called(*asked).stdout
    db.execute(f"alter database \"{url.database}\" set timezone = 'America/Caracas'")
    db.execute(f"alter database \"{url.database}\" set datestyle = 'German'")
    for path in (tmp_path / "reports").iterdir():
        path.unlink()
    ran = program(*LEAP, "--quiet", environment=surroundings)
    assert ran.returncode == 0, ran.stderr
    assert pages(tmp_path) == expected
    assert program(*asked, environment=surroundings).stdout == answers
    by_session = db.query(
        "select to_char(created_at at time zone 'UTC', 'YYYY-MM') as month, count(*) as n "
        "from abc.session group by 1 order by 1"
    )
    by_model = db.query(
        "select to_char(period, 'YYYY-MM') as month, sum(sessions)::bigint as n "
        "from abc.company_month group by 1 order by 1"
    )
    assert by_session.rows() == by_model.rows()
    assert by_session["month"].to_list() == ["2024-01", "2024-02", "2024-03"]
    leap_day = (
        "select 1 from abc.session where (created_at at time zone 'UTC')::date = '2024-02-29'"
    )
    assert not db.query(leap_day).is_empty()


def test_a_report_that_finds_no_room_is_made_later(
    called: Program, tmp_path: Path, url: DatabaseUrl, db: Connection
) -> None:
    """Code 7; the rows are published, the old report is whole; `report` needs no loading."""
    assert called("run", *FEW, "--date", "2021-04-01", "--quiet").returncode == 0
    before = pages(tmp_path)
    command = '"$0" -m abcjob run --companies 77 --months 3 --date 2021-04-01 --quiet'
    ran = subprocess.run(
        ["sh", "-c", f"ulimit -f 8; exec {command}", sys.executable],  # blocks of 512 or 1024 bytes
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "ABCJOB_DATABASE_URL": url.libpq},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 7, ran.stderr
    assert "File too large" in one_line(ran.stderr)
    assert "`abcjob report abc`" in ran.stderr
    assert companies(db) == 77
    assert pages(tmp_path) == before
    assert called("report", "abc").returncode == 0
    found = pages(tmp_path)
    assert found.keys() == before.keys()
    assert found != before


def test_two_first_runs_share_an_embedded_server(tmp_path: Path, open_folder: Path) -> None:
    """One makes it, both use it, the last to end stops it."""
    environment = {"PATH": os.environ["PATH"], "ABCJOB_HOME": str(open_folder / "shared by two")}
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "abcjob", "run", *FEW, "--quiet", "--wait", "60"],
            cwd=tmp_path,
            env=environment,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        for _ in range(2)
    ]
    ended = [(run.communicate(timeout=120)[1], run.returncode) for run in both]
    assert [code for _, code in ended] == [0, 0], ended
    status = subprocess.run(
        [sys.executable, "-m", "abcjob", "db", "status"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert status.stdout.startswith("stopped")
