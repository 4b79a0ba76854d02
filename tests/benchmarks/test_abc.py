"""The job `abc` against what the same rows cost with nothing around them.

Each limit is a ratio to a reference of the same session: 0.8 of the target.
"""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fair import compare, seconds

from abcjob.database import schemas
from abcjob.job import WHOLE, Part
from abcjob.jobs.abc import JOB, generate
from abcjob.jobs.abc.parameters import Parameters
from abcjob.stages import query, stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Program
    from pytest_benchmark.fixture import BenchmarkFixture

    from abcjob.database.connection import Connection
    from abcjob.database.embedded import EmbeddedServer
    from abcjob.database.url import DatabaseUrl

PARAMETERS = Parameters(companies=100_000)  # 5.5 million sessions in twelve months
PART = Part(WHOLE)
MONTH = (1_609_459_200_000_000, 1_612_137_600_000_000)  # January 2021, in microseconds
BARE = "(session_id bigint not null, company_id integer not null, created_at timestamptz not null)"


@pytest.fixture
def psql(server: EmbeddedServer, url: DatabaseUrl) -> list[str]:
    """The command that runs one of psql's."""
    return [str(server.binaries.folder / "psql"), url.libpq, "-qXc"]


@pytest.fixture
def loaded(program: Program, db: Connection) -> Connection:
    """A connection to a database in which the job has run."""
    ran = program("run", "--companies", str(PARAMETERS.companies), "--quiet")
    assert ran.returncode == 0, ran.stderr
    return db


@pytest.fixture
def encoded(loaded: Connection, psql: list[str], open_folder: Path) -> Iterator[list[Path]]:
    """The sessions as COPY's binary format has them, in as many files as connections load."""
    assert loaded
    files = [open_folder / f"sessions{number}.bin" for number in range(stage.CONNECTIONS)]
    for number, file in enumerate(files):
        some = f"select * from abc.session where company_id / 32768 % {len(files)} = {number}"
        subprocess.run([*psql, f"\\copy ({some}) to {file} (format binary)"], check=True)
    yield files
    for file in files:
        file.unlink()


def test_generation(benchmark: BenchmarkFixture) -> None:
    """Sessions against NumPy drawing as many timestamps and repeating as many ids."""
    count = sum(frame.height for frame in generate.sessions(PARAMETERS))
    often = np.full(PARAMETERS.companies, count // PARAMETERS.companies)
    often[: count - often.sum()] += 1

    def ours() -> float:
        return seconds(lambda: [frame.height for frame in generate.sessions(PARAMETERS)])

    def reference() -> float:
        draws, ids = np.random.default_rng(0), np.arange(PARAMETERS.companies)
        return seconds(lambda: (draws.integers(*MONTH, count), np.repeat(ids, often)))

    compare(benchmark, ours, reference, target=0.5)


@pytest.mark.parametrize("connections", [1, stage.CONNECTIONS])
def test_generation_and_load(
    benchmark: BenchmarkFixture,
    db: Connection,
    encoded: list[Path],
    psql: list[str],
    connections: int,
) -> None:
    """Made and loaded, against COPY of the same rows from files that hold them encoded."""

    def ours() -> float:
        schemas.make_staging(db, JOB, PART)
        rows = JOB.read(PARAMETERS, PART)
        return seconds(lambda: stage.load(JOB, PART, rows, db, connections))

    def copied(file: Path) -> None:
        subprocess.run([*psql, f"\\copy public.bare from {file} (format binary)"], check=True)

    def reference() -> float:
        db.script(f"drop table if exists public.bare; create table public.bare {BARE}")
        with ThreadPoolExecutor(connections) as pool:
            return seconds(lambda: list(pool.map(copied, encoded)))

    compare(benchmark, ours, reference, target=0.6, rounds=3)
    schemas.drop_staging(db, JOB)


def test_whole_run(
    benchmark: BenchmarkFixture,
    program: Program,
    loaded: Connection,
    encoded: list[Path],
    psql: list[str],
) -> None:
    """From nothing to the report, against psql: copy, keys, and the derived table by SQL."""
    derived = (Path(__file__).parents[2] / "sql/abc/model/company_month.sql").read_text()
    steps = [
        *(f"\\copy session from {file} (format binary)" for file in encoded),
        f"create table company_month as {derived}",
        "alter table session add primary key (session_id)",
        "alter table session add foreign key (company_id) references company",
        "alter table company_month add primary key (company_id, period)",
        "alter table company_month add foreign key (company_id) references company",
    ]

    def ours() -> float:
        command = ("run", "--companies", str(PARAMETERS.companies), "--quiet")
        return seconds(lambda: program(*command).check_returncode())

    def reference() -> float:
        loaded.script(f"""
            drop schema if exists reference cascade;
            create schema reference;
            create table reference.session {BARE};
            create table reference.company (like abc.company including all);
            insert into reference.company table abc.company;
        """)
        within = "set search_path to reference"
        commands = [[*psql, within, "-c", step] for step in steps]
        return seconds(lambda: [subprocess.run(command, check=True) for command in commands])

    compare(benchmark, ours, reference, target=1 / 1.2, rounds=3)


@pytest.mark.parametrize("companies", [500, PARAMETERS.companies])
def test_stages(
    benchmark: BenchmarkFixture, program: Program, db: Connection, companies: int
) -> None:
    """What each step of a run takes, as the ledger has it: no reference, no limit."""
    benchmark.pedantic(  # type: ignore[no-untyped-call]
        lambda: program("run", "--companies", str(companies), "--quiet").check_returncode(),
        rounds=3,
    )
    found = db.query(
        "select step, percentile_cont(0.5) within group (order by seconds) as seconds "
        "from abcjob.run_step group by step"
    )
    benchmark.extra_info |= {step: round(taken, 3) for step, taken in found.iter_rows()}


def test_kpis(benchmark: BenchmarkFixture, loaded: Connection) -> None:
    """All KPI queries together, against counting the sessions."""

    def ours() -> float:
        with query.snapshot(JOB, loaded):
            return seconds(lambda: query.kpis(JOB, loaded, date(2021, 12, 31), {}))

    def reference() -> float:
        return seconds(lambda: loaded.query("select count(*) as n from abc.session"))

    compare(benchmark, ours, reference, target=1 / 0.5)
