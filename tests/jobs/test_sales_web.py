"""The job `sales` from the web, with servers that behave as servers do."""

from __future__ import annotations

import gzip
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from web import Handler, Web, in_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from subprocess import CompletedProcess

    from conftest import Program

    from abcjob.database.connection import Connection

pytestmark = pytest.mark.in_process

TABLES = {
    "/products": b"id,name,price,category\nP1,Lampe,10.00,Maison\n",
    "/stores": b"id,city,region,address\nS1,Lyon,Rh\xc3\xb4ne,1 rue\n",
    "/sales": b"id,product_id,store_id,sale_date,quantity,amount\n1,P1,S1,2026-01-01,1,10.00\n",
}
MORE = b"2,P1,S1,2026-01-02,2,20.00\n"


def giving(body: bytes, etag: str = "") -> Callable[[Handler], None]:
    """An answer that is not sent again to who has it."""

    def answer(request: Handler) -> None:
        if etag and request.headers["If-None-Match"] == etag:
            request.give(304)
        elif etag:
            request.give(200, body, ETag=etag)
        else:
            request.give(200, body)

    return answer


@pytest.fixture
def web() -> Iterator[Web]:
    """A server that has all three tables."""
    with closing(Web()) as server:
        for path, body in TABLES.items():
            server.answers[path] = giving(body, f'"{path}"')
        yield server


def run(program: Program, web: Web, *options: str) -> CompletedProcess[str]:
    """A run over the three; whatever proxy this machine has is not for it."""
    sources = [part for path in TABLES for part in (f"-{path.replace('/', '-')}", web.url + path)]
    day = ("--date", "2026-01-31")
    return program("run", "sales", *sources, *day, *options, environment={"NO_PROXY": "localhost"})


def loaded(db: Connection) -> int:
    """The sales that readers see."""
    return int(db.query("select count(*) as n from sales.sales")["n"][0])


def test_what_has_not_changed_is_not_fetched_again(
    program: Program, web: Web, db: Connection
) -> None:
    """By its ETag; what has changed is, and its new rows alone come in."""
    assert run(program, web).returncode == 0
    assert loaded(db) == 1
    again = run(program, web)
    assert again.returncode == 0
    assert "/sales is what is loaded already: skipped" in again.stderr
    assert [r.headers["If-None-Match"] for r in web.asked[3:]] == [f'"{p}"' for p in TABLES]
    web.answers["/sales"] = giving(TABLES["/sales"] + MORE, '"new"')
    third = run(program, web)
    assert "sales: 1 row added, 1 known already" in third.stderr
    assert loaded(db) == 2
    fourth = run(program, web, "--upsert")  # everything is looked at again
    assert fourth.returncode == 0, fourth.stderr
    assert [r.headers["If-None-Match"] for r in web.asked[-3:]] == [None] * 3


def test_what_waits_needs_no_new_file_of_its_own(
    program: Program, web: Web, db: Connection
) -> None:
    """A product that comes later lets the sale in, though the sales have not changed."""
    web.answers["/products"] = giving(b"id,name,price,category\n", '"none"')
    assert run(program, web).returncode == 0
    assert loaded(db) == 0
    web.answers["/products"] = giving(TABLES["/products"], '"one"')
    assert run(program, web).returncode == 0
    assert loaded(db) == 1


def test_a_server_that_comes_to_itself_is_waited_for(
    program: Program, web: Web, db: Connection
) -> None:
    """500, then 200: said, and done."""
    web.answers["/sales"] = in_turn(lambda r: r.give(500), giving(TABLES["/sales"]))
    ran = run(program, web)
    assert ran.returncode == 0, ran.stderr
    assert "got 500 Internal Server Error; again in" in ran.stderr
    assert loaded(db) == 1


def cut_off(request: Handler) -> None:
    """Promise more than is sent."""
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    request.wfile.write(TABLES["/sales"])
    request.close_connection = True


BAD: dict[str, tuple[Callable[[Handler], None], int, str]] = {
    "not there": (lambda r: r.give(404), 6, "got 404 Not Found"),
    "in a loop": (lambda r: r.give(302, Location="/sales"), 6, "more than 5 redirects"),
    "cut off": (cut_off, 6, "fetching"),
    "a page": (giving(b"<!doctype html><title>Sign in</title>"), 3, "/sales"),
    "no header of ours": (giving(b"a,b\n1,2\n"), 3, "lacks"),
    "broken gzip": (giving(gzip.compress(TABLES["/sales"])[:-9]), 3, "gzip"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_source_that_fails_loads_nothing(
    program: Program, web: Web, db: Connection, kind: str
) -> None:
    """Code 6, or 3 where the content is wrong; which one is said, the others are not loaded."""
    answer, code, words = BAD[kind]
    web.answers["/sales"] = answer
    ran = run(program, web, "--quiet")
    assert ran.returncode == code, ran.stderr
    assert words in ran.stderr
    assert "/sales" in ran.stderr
    assert db.query("select count(*) as n from sales.products")["n"][0] == 0


def test_rejected_rows_of_an_address_are_written_to_a_file(
    program: Program, web: Web, tmp_path: Path
) -> None:
    """Named after the address's last piece, in the folder and nowhere else."""
    web.answers["/sales"] = giving(TABLES["/sales"] + b"2,,,,,\n")
    assert run(program, web).returncode == 0
    assert program("quarantine", "sales", "--out", "mend").returncode == 0
    assert [path.name for path in (tmp_path / "mend").rglob("*")] == ["sales"]


@pytest.mark.parametrize("path", ["/..", "/...gz"])
def test_an_address_names_no_folder(program: Program, web: Web, tmp_path: Path, path: str) -> None:
    """Where its last piece leads upwards, the table's name serves."""
    web.answers["/"] = web.answers[path] = giving(TABLES["/sales"] + b"2,,,,,\n")
    ran = program("run", "sales", "--sales", web.url + path, "--quiet")
    assert ran.returncode == 0, ran.stderr
    assert program("quarantine", "sales", "--out", "mend").returncode == 0
    assert [found.name for found in (tmp_path / "mend").rglob("*")] == ["sales"]


def test_no_secret_of_an_address_is_told(program: Program, web: Web, db: Connection) -> None:
    """Neither a password nor a query: not on the terminal, not in the ledger, not in the report."""
    web.answers["/sales?key=hidden"] = giving(TABLES["/sales"])
    secret = web.url.replace("://", "://user:secret@") + "/sales?key=hidden"
    ran = program(
        "run", "sales", "--sales", secret, "--products", web.url + "/products", "--verbose",
        environment={"NO_PROXY": "localhost"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    told = program("runs", "--format", "json").stdout + program("kpi", "sales").stdout
    told += ran.stdout + ran.stderr
    told += db.query("select string_agg(q::text, ' ') as t from sales.quarantine q")["t"][0]
    assert "secret" not in told
    assert "hidden" not in told


@pytest.mark.parametrize(
    "address", ["http://user:1/2hidden@host/x", "https://user:12#hidden@host/x"]
)
def test_an_address_that_breaks_in_its_password_is_not_told(
    program: Program, db: Connection, address: str
) -> None:
    """A / or # in a password ends the host: nothing of such an address is repeated or kept."""
    ran = program("run", "sales", "--sales", address, "--verbose")
    assert ran.returncode == 6
    assert "its address is malformed" in ran.stderr
    told = ran.stderr + db.query("select string_agg(r::text, ' ') as t from abcjob.run r")["t"][0]
    assert "hidden" not in told
    assert "user" not in told
