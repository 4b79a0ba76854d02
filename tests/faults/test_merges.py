"""Kills of a run whose rows come to those that readers see: all of them are there, or none."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from killer import KILLS, Killer
from proxy import Proxy

from abcjob.database.connection import connect
from abcjob.errors import DatabaseError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program

    from abcjob.database.connection import Connection
    from abcjob.database.url import DatabaseUrl

RUN = ("run", "sales", "--input", "in", "--date", "2026-01-31", "--quiet")
POINTS = ["in load", "after load", "after settle", "before publish", "in publish", "after publish"]
PARENTS = {
    "products": ("id,name,price,category", [f"P{n},Lamp,1.00,Home" for n in range(3)]),
    "stores": ("id,city,region,address", ["S0,Lyon,Rhône,1 rue"]),
}
FEW, MANY = 3, 200  # new rows beside a hundred: they are inserted, or the tables are made anew


def put(folder: Path, sales: int, products: int) -> None:
    """Files of so many sales, every tenth of the last product, which may not be there."""
    (folder / "in").mkdir(exist_ok=True)
    rows = [f"{n},P{2 if n % 10 == 0 else n % 2},S0,2026-01-01,1,1.00" for n in range(sales)]
    rows.append("bad,P0,S0,never,1,1.00")
    tables = PARENTS | {"sales": ("id,product_id,store_id,sale_date,quantity,amount", rows)}
    for name, (header, lines) in tables.items():
        kept = lines[:products] if name == "products" else lines
        (folder / "in" / f"{name}.csv").write_text("\n".join([header, *kept, ""]))


def state(db: Connection) -> tuple[int, ...]:
    """Sales that readers see, rows rejected, rows that wait; of one moment."""
    found = db.query(
        "select (select count(*) from sales.sales) as loaded, "
        "(select count(*) from sales.quarantine where state = 'rejected') as rejected, "
        "(select count(*) from sales.quarantine where state = 'waiting') as waiting"
    )
    return tuple(found.row(0))


@pytest.mark.parametrize("more", [FEW, MANY])
@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_a_named_point(
    program: Program, called: Program, tmp_path: Path, db: Connection, point: str, more: int
) -> None:
    """Sales and quarantine change together, and the next run comes to the undisturbed one's end."""
    put(tmp_path, 100, products=2)
    assert called(*RUN).returncode == 0
    old = (90, 1, 10)
    assert state(db) == old
    put(tmp_path, 100 + more, products=3)
    new = (100 + more, 1, 0)
    ran = program(*RUN, environment={"ABCJOB_FAULT": point})
    assert ran.returncode == -signal.SIGKILL
    assert state(db) == (new if point == "after publish" else old)
    assert called(*RUN).returncode == 0
    assert state(db) == new
    assert db.query("select 1 from pg_namespace where nspname like '%staging%'").is_empty()
    keys = db.query(
        "select count(*) as n from pg_constraint where connamespace = 'sales'::regnamespace "
        "and contype in ('p', 'f')"
    )
    assert keys["n"][0] == 7  # with the quarantine's


def test_kills_at_random_moments(
    called: Program, tmp_path: Path, url: DatabaseUrl, db: Connection
) -> None:
    """A file that grows while runs are killed: what is there is what some run has brought whole."""
    put(tmp_path, 100, products=2)
    killer = Killer(tmp_path, url, RUN)
    known = 100
    for number in range(1, KILLS // 3 + 1):
        put(tmp_path, 100 + number * 40, products=2)
        killer.strike()
        loaded, rejected, waiting = state(db)
        assert rejected == 1
        assert loaded + waiting in {known, 100 + number * 40}
        assert waiting * 9 == loaded
        known = loaded + waiting
    put(tmp_path, 100 + KILLS * 40, products=3)
    assert called(*RUN).returncode == 0
    assert state(db) == (100 + KILLS * 40, 1, 0)


@pytest.mark.parametrize("more", [FEW, MANY])
def test_readers_do_not_wait_for_the_quarantine(
    called: Program, tmp_path: Path, url: DatabaseUrl, db: Connection, more: int
) -> None:
    """Many rejected rows take long to be taken in: no table is locked before they are."""
    put(tmp_path, 100, products=2)
    assert called(*RUN).returncode == 0
    put(tmp_path, 100 + more, products=3)
    seen: list[tuple[int, ...] | str] = []
    with connect(url) as reader, Proxy(url) as proxy:
        reader.execute("set lock_timeout = '1s'")

        def read() -> None:
            try:
                seen.append(state(reader))
            except DatabaseError as error:
                seen.append(str(error))

        proxy.strike((b'insert into "sales"."quarantine"',), "", read)
        assert called(*RUN, "--database", proxy.url.libpq).returncode == 0
    assert seen == [(90, 1, 10)]
    assert state(db) == (100 + more, 1, 0)
