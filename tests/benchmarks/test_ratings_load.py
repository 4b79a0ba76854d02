"""What a day's files cost the job `ratings`, against what the server needs for their clean rows.

The target is half the rows a second of the reference. It is not reached: the floor guards what is.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from fair import compare, seconds

from abcjob.database.connection import connect

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program
    from pytest_benchmark.fixture import BenchmarkFixture

    from abcjob.database.embedded import EmbeddedServer
    from abcjob.database.url import DatabaseUrl

CUSTOMERS, ROWS = 2, 1_000_000
KEY = "alter table bare add primary key (customer_number, customer)"
COLUMNS = "customer_number, customer_rating, customer_rating_limit, customer_status"
BARE = """
drop table if exists bare;
create table bare (
    customer text not null default 'acme', customer_number integer not null,
    customer_rating integer not null, customer_rating_limit integer not null,
    customer_status varchar(25) not null
)
"""


def test_ratings_against_copy(
    benchmark: BenchmarkFixture,
    program: Program,
    tmp_path: Path,
    url: DatabaseUrl,
    server: EmbeddedServer,
) -> None:
    """Speed: rows a second against psql copying into bare tables, and the same keys added."""
    day = ("--date", "2025-05-13")
    size = ("--customers", str(CUSTOMERS), "--rows", str(ROWS), "--bad", "0.03")
    assert program("sample", "ratings", "--out", "in", *size, *day).returncode == 0
    clean = tmp_path / "clean.csv"

    def psql(command: str) -> None:
        subprocess.run([server.binaries.folder / "psql", url.libpq, "-qc", command], check=True)

    def job() -> float:
        with connect(url) as db:
            db.script("drop schema if exists ratings cascade; drop schema if exists abcjob cascade")
        command = ("run", "ratings", "--input", "in", "--metadata", "in/metadata.toml", *day)
        return seconds(lambda: program(*command, "--quiet").check_returncode())

    def reference() -> float:
        with connect(url) as db:
            taken = 0.0
            for _ in range(CUSTOMERS):
                db.script(BARE)
                taken += seconds(lambda: psql(f"\\copy bare ({COLUMNS}) from {clean} csv"))
                taken += seconds(lambda: db.execute(KEY))
            return taken

    job()
    psql(f"\\copy (select {COLUMNS} from ratings.customer_rating_acme) to {clean} csv")
    compare(benchmark, job, reference, target=0.5, floor=0.16, rounds=3)
