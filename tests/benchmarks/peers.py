"""What other tools need for the same: rows a second, of sessions made beforehand unless said."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import psycopg
import sqlalchemy
from fair import seconds

from abcjob.database import schemas
from abcjob.job import WHOLE, Part
from abcjob.jobs.abc import JOB, generate
from abcjob.stages import stage

if TYPE_CHECKING:
    import polars as pl

    from abcjob.database.connection import Connection
    from abcjob.database.url import DatabaseUrl
    from abcjob.jobs.abc.parameters import Parameters

TABLE = """
drop table if exists public.peer;
create table public.peer (
    session_id bigint not null, company_id integer not null, created_at timestamptz not null
)
"""
DUCKDB = """
create table session as
select
    i as session_id,
    (i / 55)::integer as company_id,
    timestamp '2021-01-01' + to_microseconds((random() * 31536000000000)::bigint) as created_at
from range({rows}) as sessions (i)
"""


def loading(
    parameters: Parameters, rows: pl.DataFrame, url: DatabaseUrl, db: Connection
) -> dict[str, float]:
    """Rows a second by what loads them: ours makes them as well."""
    count = rows.height

    def ours() -> None:
        stage.load(JOB, Part(WHOLE), JOB.read(parameters, Part(WHOLE)), db)

    def pandas() -> None:
        engine = sqlalchemy.create_engine(
            "postgresql+psycopg://", creator=lambda: psycopg.connect(url.libpq)
        )
        frame.to_sql(
            "peer",
            engine,
            schema="public",
            if_exists="append",
            index=False,
            method="multi",
            chunksize=20_000,  # PostgreSQL takes 65,535 parameters at most
        )
        engine.dispose()

    def row_by_row() -> None:
        with (
            psycopg.connect(url.libpq) as connection,
            connection.cursor() as cursor,
            cursor.copy("copy public.peer from stdin") as copy,
        ):
            for row in tuples:
                copy.write_row(row)

    schemas.make_staging(db, JOB, Part(WHOLE))
    found = {"abcjob, rows made on the way": count / seconds(ours)}
    schemas.drop_staging(db, JOB)
    tuples = rows.rows()
    frame = pd.DataFrame(tuples, columns=rows.columns)
    for name, work in (
        ("psycopg, `copy` row by row", row_by_row),
        ('pandas, `to_sql(method="multi")`', pandas),
    ):
        db.script(TABLE)
        found[name] = count / seconds(work)
        assert db.query("select count(*) as n from public.peer")["n"][0] == count
    db.script("drop table public.peer")
    return found


def making(parameters: Parameters) -> dict[str, float]:
    """Rows a second by what makes them, in memory."""
    count = 0

    def ours() -> None:
        nonlocal count
        count = sum(frame.height for frame in generate.sessions(parameters))

    found = {"abcjob": 1 / seconds(ours)}
    with duckdb.connect() as memory:
        taken = seconds(lambda: memory.execute(DUCKDB.format(rows=count)))
    return {"abcjob": found["abcjob"] * count, "DuckDB, `range` and `random()`": count / taken}


def pgbench(url: DatabaseUrl) -> dict[str, float]:
    """Rows a second that pgbench makes and loads, of 97 bytes; none where it is not installed."""
    if not (program := shutil.which("pgbench")):
        return {}
    scale = 10  # a million accounts
    subprocess.run([program, "-i", "-I", "dt", url.libpq], check=True, capture_output=True)
    made = subprocess.run(
        [program, "-i", "-I", "g", "-s", str(scale), url.libpq],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    [taken] = re.findall(r"client-side generate ([0-9.]+) s", made.stderr)
    subprocess.run([program, "-i", "-I", "d", url.libpq], check=True, capture_output=True)
    return {"pgbench, its initialisation": scale * 100_000 / float(taken)}
