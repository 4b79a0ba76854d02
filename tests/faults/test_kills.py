"""Kill -9, at every named point and at random moments: all of a run, or nothing, and no debris."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from terminal import FEW

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program

    from abcjob.database.connection import Connection
    from abcjob.database.url import DatabaseUrl

DAY = ("--date", "2021-04-01")
NEW = ("--companies", "77", "--months", "3")
KILLS = int(os.environ.get("ABCJOB_TEST_KILLS", "60"))  # a soak gives more

STEPS = ("load", "model", "check", "publish", "query", "report")
BEFORE = ["in load", *(f"{when} {step}" for step in STEPS[:3] for when in ("before", "after"))]
BEFORE += ["before publish", "in publish"]
AFTER = ["after publish", "after all parts", "before query", "after query", "before report"]
AFTER += ["before the report's .html", "before the report's .md", "after report", "before the end"]


def tables(db: Connection) -> list[int]:
    """How many rows readers see in each table, of one moment."""
    found = db.query(
        "select (select count(*) from abc.company) as company, "
        "(select count(*) from abc.session) as session, "
        "(select count(*) from abc.company_month) as company_month"
    )
    return list(found.row(0))


def reports(folder: Path) -> dict[str, bytes]:
    """Every file in the reports folder, hidden ones too."""
    return {path.name: path.read_bytes() for path in (folder / "reports").iterdir()}


@pytest.fixture
def states(
    program: Program, tmp_path: Path, db: Connection
) -> tuple[dict[str, object], dict[str, object]]:
    """Tables and reports of a run undisturbed, and those of the run before it, which stand now."""
    found: list[dict[str, object]] = []
    for size in (NEW, FEW):
        assert program("run", *size, *DAY, "--quiet").returncode == 0
        found.append({"tables": tables(db), **reports(tmp_path)})
    return found[1], found[0]


def mended(
    program: Program, tmp_path: Path, db: Connection, old: dict[str, object], new: dict[str, object]
) -> None:
    """What a kill left is of the old run or of the new one, and the next run needs no help."""
    assert tables(db) in (old["tables"], new["tables"])
    for name, content in reports(tmp_path).items():
        assert content in (old.get(name), new.get(name)), name
    assert program("run", *NEW, *DAY, "--quiet").returncode == 0
    assert {"tables": tables(db), **reports(tmp_path)} == new
    assert db.query("select 1 from pg_namespace where nspname like '%staging%'").is_empty()
    outcomes = db.query("select outcome from abcjob.run order by run_id")["outcome"].to_list()
    assert set(outcomes[:-1]) <= {"published", "killed"}
    assert outcomes[-1] == "published"


@pytest.mark.parametrize("point", [*BEFORE, *AFTER])
def test_a_kill_at_a_named_point(
    program: Program,
    tmp_path: Path,
    db: Connection,
    states: tuple[dict[str, object], dict[str, object]],
    point: str,
) -> None:
    """The old rows until the swap is committed, the new ones from then on."""
    old, new = states
    ran = program("run", *NEW, *DAY, "--quiet", environment={"ABCJOB_FAULT": point})
    assert ran.returncode == -signal.SIGKILL
    assert tables(db) == (old if point in BEFORE else new)["tables"]
    mended(program, tmp_path, db, old, new)


def test_kills_at_random_moments(
    program: Program,
    tmp_path: Path,
    url: DatabaseUrl,
    db: Connection,
    states: tuple[dict[str, object], dict[str, object]],
) -> None:
    """However often, whenever: each run is whole or has not been; together they leave one state."""
    old, new = states
    draws = random.Random(0)  # noqa: S311 - moments, no secrets
    for _ in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-m", "abcjob", "run", *NEW, *DAY, "--quiet"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "ABCJOB_DATABASE_URL": url.libpq},
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        ) as running:
            time.sleep(draws.uniform(0.3, 1.5))
            running.kill()
        assert tables(db) in (old["tables"], new["tables"])
        for name, content in reports(tmp_path).items():
            assert content in (old.get(name), new.get(name)), name
    mended(program, tmp_path, db, old, new)
