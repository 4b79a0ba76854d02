"""The job `sales`, from sources to tables, as a user runs it."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import polars as pl
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from conftest import Program

    from abcjob.database.connection import Connection
    from abcjob.database.url import DatabaseUrl

pytestmark = pytest.mark.in_process

HEADERS = {
    "products": "id,name,price,category",
    "stores": "id,city,region,address",
    "sales": "id,product_id,store_id,sale_date,quantity,amount",
}
PRODUCTS = ("P1,Lampe,10.00,Maison", "P2,Chaise,25.50,Maison")
STORES = ("S1,Lyon,Auvergne-Rhône-Alpes,1 rue Nationale",)
SALES = ("1,P1,S1,2026-01-01,2,20.00", "2,P2,S1,2026-01-02,1,25.50")


def put(folder: Path, **tables: Sequence[str]) -> None:
    """CSV files of these lines, in a folder that the job is to read."""
    (folder / "in").mkdir(exist_ok=True)
    for table, lines in tables.items():
        text = "\n".join([HEADERS[table], *lines, ""])
        (folder / "in" / f"{table}.csv").write_text(text)


def run(program: Program, *options: str) -> str:
    """A run over the folder that has to go well; what it said on stderr."""
    ran = program("run", "sales", "--input", "in", "--date", "2026-01-31", *options)
    assert ran.returncode == 0, ran.stderr
    return ran.stderr


def ids(db: Connection, table: str = "sales") -> list[str]:
    """The ids that readers see."""
    return db.query(f"select id from sales.{table} order by id")["id"].to_list()


def kept(db: Connection) -> list[tuple[str, str, str, str]]:
    """The quarantine: table, line, state and reasons."""
    found = db.query(
        "select input, convert_from(raw, 'UTF8') as line, state, "
        "(select string_agg(coalesce(r.\"column\" || ':', '') || r.rule, ' ' order by r.rule) "
        'from jsonb_to_recordset(failed_rules) as r (rule text, "column" text)) as rules '
        "from sales.quarantine order by input, line"
    )
    return list(found.iter_rows())


def counts(db: Connection) -> dict[str, dict[str, int]]:
    """Where the last run's rows went, by table."""
    found = db.query(
        "select input, read, retried, loaded, skipped, rejected, waiting from abcjob.run_input "
        "where run_id = (select max(run_id) from abcjob.run_input)"
    )
    return {row.pop("input"): row for row in found.iter_rows(named=True)}


def went(read: int = 0, **where: int) -> dict[str, int]:
    """Counts in which what is not named is nothing."""
    nothing = dict.fromkeys(("retried", "loaded", "skipped", "rejected", "waiting"), 0)
    return {"read": read} | nothing | where


def test_new_rows_are_added_and_known_ones_are_not(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """2.8: a second import adds none and says so; a third adds what is new alone."""
    put(tmp_path, products=PRODUCTS, stores=STORES, sales=SALES)
    assert "sales: 2 rows added" in run(program)
    assert ids(db) == ["1", "2"]
    assert "is what is loaded already: skipped" in run(program)
    put(tmp_path, sales=[*SALES, "3,P1,S1,2026-01-03,1,10.00"])
    said = run(program)
    assert "sales: 1 row added, 2 known already" in said
    assert ids(db) == ["1", "2", "3"]
    assert counts(db)["sales"] == went(3, loaded=1, skipped=2)


def test_the_types_are_those_of_the_brief(program: Program, tmp_path: Path, db: Connection) -> None:
    """2.4, 2.10: money is numeric, dates are dates however written, keys are enforced."""
    put(
        tmp_path,
        products=["P1,Lampe,1234.5,Maison", 'P2,Chaise,"1234,50",Maison'],
        stores=STORES,
        sales=["a,P1,S1,31/12/2025,1,1234.5", "b,P2,S1,2025-12-31T00:00:00Z,1,1234.50"],
    )
    run(program)
    assert db.query("select price::text as p from sales.products")["p"].to_list() == ["1234.50"] * 2
    days = db.query("select sale_date::text as d from sales.sales")["d"].to_list()
    assert days == ["2025-12-31"] * 2
    keys = db.query(
        "select pg_get_constraintdef(oid) as key from pg_constraint "
        "where connamespace = 'sales'::regnamespace and contype in ('p', 'f') order by 1"
    )["key"].to_list()
    assert [key for key in keys if "products(" in key or "stores(" in key] == [
        "FOREIGN KEY (product_id) REFERENCES sales.products(id)",
        "FOREIGN KEY (store_id) REFERENCES sales.stores(id)",
    ]


BAD = {
    "3,P1,S1,2026-02-30,1,10.00": "sale_date:not_a_date",
    "4,P1,S1,soon,1,10.00": "sale_date:not_a_date",
    "5,P1,S1,2026-01-01,0,10.00": "quantity:not_positive",
    "6,P1,S1,2026-01-01,-2,10.00": "quantity:not_positive",
    ",P1,S1,2026-01-01,1,10.00": "id:missing",
    "7,,S1,,1,10.00": "product_id:missing sale_date:missing",
    "8,P1,S1,2026-01-01,1,ten": "amount:not_a_number",
    "9,P1,S1,2026-01-01": "wrong_number_of_fields",
}


def test_bad_rows_are_kept_once_with_all_reasons(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """However often the same row comes again, in whatever file; none costs another."""
    put(
        tmp_path, products=[*PRODUCTS, "P3,Table,-1.00,Maison"], stores=STORES, sales=[*SALES, *BAD]
    )
    said = run(program)
    assert "products: 2 rows added, 1 rejected" in said
    assert "sales: 2 rows added, 8 rejected" in said
    expected = [("products", "P3,Table,-1.00,Maison", "rejected", "price:negative")]
    expected += [("sales", line, "rejected", rules) for line, rules in sorted(BAD.items())]
    assert kept(db) == expected
    assert counts(db)["sales"] == went(10, loaded=2, rejected=8)
    put(tmp_path, sales=[*BAD, *SALES, "20,P1,S1,2026-01-01,1,10.00"])
    run(program)
    assert kept(db) == expected
    assert ids(db) == ["1", "2", "20"]


def test_one_id_with_different_contents(program: Program, tmp_path: Path, db: Connection) -> None:
    """In one file: all of its rows are rejected; when the file is put right, the row comes in."""
    twice = ["3,P1,S1,2026-01-01,1,10.00", "3,P1,S1,2026-01-01,2,20.00"]
    put(tmp_path, products=PRODUCTS, stores=STORES, sales=[*SALES, *twice, SALES[0]])
    run(program)
    assert ids(db) == ["1", "2"]
    assert kept(db) == [
        ("sales", line, "rejected", "id:repeated_with_other_content") for line in twice
    ]
    assert counts(db)["sales"] == went(5, loaded=2, skipped=1, rejected=2)
    put(tmp_path, sales=[*SALES, twice[1]])
    run(program)
    assert ids(db) == ["1", "2", "3"]


def test_corrections_are_ignored_unless_asked_for(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """2.8: known ids stay as they are; --upsert takes the new content over, parents' too."""
    put(tmp_path, products=PRODUCTS, stores=STORES, sales=SALES)
    run(program)
    put(
        tmp_path,
        products=["P1,Lampe,99.00,Maison", PRODUCTS[1]],
        sales=["1,P1,S1,2026-01-01,3,30.00", SALES[1], "3,P2,S1,2026-01-05,1,25.50"],
    )
    said = run(program)
    assert "sales: 1 row added, 1 known already, 1 with other content" in said
    amounts = "select amount::text as a from sales.sales order by id"
    assert db.query(amounts)["a"].to_list() == ["20.00", "25.50", "25.50"]
    run(program, "--upsert")
    assert db.query(amounts)["a"].to_list() == ["30.00", "25.50", "25.50"]
    assert db.query("select price::text as p from sales.products order by id")["p"][0] == "99.00"
    assert counts(db)["sales"] == went(3, loaded=1, skipped=2)


def test_orphans_wait_until_their_parent_has_come(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """They stand in the quarantine, with all that is missing, and leave it when they are loaded."""
    orphans = ["3,P9,S1,2026-01-03,1,5.00", "4,P9,S9,2026-01-03,1,5.00"]
    put(tmp_path, products=PRODUCTS, stores=STORES, sales=[*SALES, *orphans])
    run(program)
    assert kept(db) == [
        ("sales", orphans[0], "waiting", "product_id:unknown_product"),
        ("sales", orphans[1], "waiting", "product_id:unknown_product store_id:unknown_store"),
    ]
    assert counts(db)["sales"] == went(4, loaded=2, waiting=2)
    put(tmp_path, products=[*PRODUCTS, "P9,Vase,5.00,Maison"])
    run(program)  # the sales' file is the same
    assert ids(db) == ["1", "2", "3"]
    assert kept(db) == [("sales", orphans[1], "waiting", "store_id:unknown_store")]
    assert counts(db)["sales"] == went(0, retried=2, loaded=1, waiting=1)
    ran = program("run", "sales", "--stores", "in/stores.csv", "--date", "2026-01-31", "--quiet")
    assert ran.returncode == 0
    put(tmp_path, stores=[*STORES, "S9,Brest,Bretagne,2 rue du Port"])
    run(program)
    assert ids(db) == ["1", "2", "3", "4"]
    assert kept(db) == []


def test_a_waiting_row_yields_to_a_newer_one(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """Who mends the reference in the file is not told that one id has two contents."""
    put(tmp_path, products=PRODUCTS, stores=STORES, sales=["1,P9,S1,2026-01-03,1,5.00"])
    run(program)
    put(tmp_path, sales=["1,P1,S1,2026-01-03,1,5.00"])
    run(program)
    assert ids(db) == ["1"]
    assert kept(db) == []
    assert counts(db)["sales"] == went(1, retried=1, loaded=1, skipped=1)


def test_a_correction_that_waits_is_made_when_it_can_be(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """Brought by --upsert with a product that is not there yet: it comes in with the product."""
    put(tmp_path, products=PRODUCTS, stores=STORES, sales=SALES)
    run(program)
    put(tmp_path, sales=["1,P9,S1,2026-01-01,1,7.00"])
    run(program, "--upsert")
    assert [row[2:] for row in kept(db)] == [("waiting", "product_id:unknown_product")]
    put(tmp_path, products=[*PRODUCTS, "P9,Vase,7.00,Maison"])
    run(program)
    assert kept(db) == []
    found = db.query("select product_id, amount::text as a from sales.sales order by id")
    assert list(found.iter_rows()) == [("P9", "7.00"), ("P2", "25.50")]
    assert db.query("select sum(revenue)::text as r from sales.store_day")["r"][0] == "32.50"


def test_rejected_rows_are_written_out_by_table(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """One file named for two tables: the rejected rows of each, once."""
    (tmp_path / "both.csv").write_text("id,name,price,category,city,region,address\n1,,,,,,\n")
    ran = program("run", "sales", "--products", "both.csv", "--stores", "both.csv", "--quiet")
    assert ran.returncode == 0, ran.stderr
    assert len(kept(db)) == 2
    assert program("quarantine", "sales", "--out", "mend").returncode == 0
    files = sorted(path.read_text() for path in (tmp_path / "mend").glob("*/both.csv"))
    assert files == ["id,name,price,category,city,region,address\n1,,,,,,\n"] * 2


def test_no_room_for_what_waits_is_told(
    program: Program, tmp_path: Path, url: DatabaseUrl, db: Connection
) -> None:
    """A temporary folder that cannot be written in: code 6, what to do, nothing lost."""
    put(tmp_path, products=PRODUCTS, stores=STORES, sales=["3,P9,S1,2026-01-03,1,5.00"])
    run(program)
    put(tmp_path, products=[*PRODUCTS, "P9,Vase,5.00,Maison"])
    command = f"ulimit -f 0; exec {sys.executable} -m abcjob run sales --input in --quiet"
    ran = subprocess.run(
        ["bash", "-c", command + " --dry-run"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "ABCJOB_DATABASE_URL": url.libpq},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 6, ran.stderr
    assert "make room there" in ran.stderr
    assert len(kept(db)) == 1


def test_the_same_orphan_again_stands_once(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """In a new file beside it: it is one row that waits."""
    orphan = "3,P9,S1,2026-01-03,1,5.00"
    put(tmp_path, products=PRODUCTS, stores=STORES, sales=[orphan])
    run(program)
    put(tmp_path, sales=[orphan, SALES[0]])
    run(program)
    assert [row[1:3] for row in kept(db)] == [(orphan, "waiting")]
    assert ids(db) == ["1"]
    assert counts(db)["sales"] == went(2, retried=1, loaded=1, skipped=1, waiting=1)


def test_a_wrong_amount_is_a_warning(program: Program, tmp_path: Path, db: Connection) -> None:
    """An amount a cent and more off price x quantity is loaded, and counted."""
    rows = ["1,P1,S1,2026-01-01,2,20.01", "2,P1,S1,2026-01-01,2,20.02"]
    put(tmp_path, products=PRODUCTS, stores=STORES, sales=rows)
    run(program)
    assert ids(db) == ["1", "2"]
    found = db.query("select violations from abcjob.check_result where severity = 'warning'")
    assert found["violations"].to_list() == [1]


def test_a_dry_run_counts_and_leaves_nothing(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """Where rows would go is printed, those that would wait too; a run after it finds all new."""
    orphan = "3,P9,S1,2026-01-03,1,5.00"
    put(tmp_path, products=PRODUCTS, stores=STORES, sales=[*SALES, orphan])
    dry = program("run", "sales", "--input", "in", "--dry-run", "--quiet", "--format", "json")
    assert dry.returncode == 0, dry.stderr
    assert json.loads(dry.stdout)[2] == {
        "part": "all", "table": "sales", "read": 3, "loaded": 2, "skipped": 0, "rejected": 0,
        "retried": 0, "waiting": 1,
    }  # fmt: skip
    assert (ids(db), kept(db)) == ([], [])
    assert not (tmp_path / "reports").exists()
    run(program)
    assert ids(db) == ["1", "2"]


def test_what_was_emptied_is_loaded_again(program: Program, tmp_path: Path, db: Connection) -> None:
    """`data clear` takes what is known with it: the same files are new, and so are their lines."""
    put(tmp_path, products=PRODUCTS, stores=STORES, sales=[*SALES, "3,P9,S1,2026-01-03,1,5.00"])
    for _ in range(2):
        run(program)
        assert (ids(db), len(kept(db))) == (["1", "2"], 1)
        assert program("data", "clear", "sales").returncode == 0
        assert (ids(db), kept(db)) == ([], [])


def csv_of(delimiter: str) -> Callable[[pl.DataFrame], bytes]:
    """A table as delimited text."""
    return lambda frame: frame.write_csv(separator=delimiter).encode()


def as_array(frame: pl.DataFrame) -> bytes:
    """A table as one JSON array, over many lines."""
    return json.dumps(frame.to_dicts(), indent=1, ensure_ascii=False).encode()


def as_parquet(frame: pl.DataFrame) -> bytes:
    """A table as Parquet, with types of its own."""
    file = io.BytesIO()
    typed = frame.with_columns(pl.col("^price|amount$").cast(pl.Decimal(10, 2)))
    if "sale_date" in frame.columns:
        typed = typed.with_columns(
            pl.col("sale_date").str.to_date(), pl.col("quantity").cast(pl.Int32)
        )
    typed.write_parquet(file)
    return file.getvalue()


KINDS: Mapping[str, Callable[[pl.DataFrame], bytes]] = {
    "comma": csv_of(","),
    "semicolon": csv_of(";"),
    "tab": csv_of("\t"),
    "bar": csv_of("|"),
    "lines": lambda frame: frame.write_ndjson().encode(),
    "array": as_array,
    "parquet": as_parquet,
    "packed": lambda frame: gzip.compress(frame.write_ndjson().encode()),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_file_is_its_content_tells(
    program: Program, tmp_path: Path, db: Connection, kind: str
) -> None:
    """2.6: any kind under any name gives the same rows; columns in any order, others ignored."""
    (tmp_path / "in").mkdir()
    for table, lines in {"products": PRODUCTS, "stores": STORES, "sales": SALES}.items():
        names = HEADERS[table].split(",")
        frame = pl.DataFrame([line.split(",") for line in lines], names, orient="row")
        shuffled = frame.select(*reversed(names), pl.lit("x").alias("colour"))
        (tmp_path / "in" / f"{table}.data").write_bytes(KINDS[kind](shuffled))
    said = run(program)
    assert "columns of sales.data are ignored: colour" in said
    found = db.query(
        "select id, product_id, store_id, sale_date::text as d, quantity, amount::text as a "
        "from sales.sales order by id"
    )
    assert list(found.iter_rows()) == [
        ("1", "P1", "S1", "2026-01-01", 2, "20.00"),
        ("2", "P2", "S1", "2026-01-02", 1, "25.50"),
    ]
    assert db.query("select region from sales.stores")["region"][0] == "Auvergne-Rhône-Alpes"


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ((), 2, "no source is named"),
        (("--input", "in", "--sales", "x.csv"), 2, "--input is given, and --sales too"),
        (("--input", "nowhere"), 6, "No such file"),
        (("--input", "in"), 6, "no file is named products.* or stores.*"),
        (("--sales", "nowhere.csv"), 6, "nowhere.csv"),
        (("--sales", "page.html"), 3, "page.html"),
        (("--sales", "other.csv"), 3, "lacks"),
        (("--window", "0", "--input", "in"), 2, "from 1 to"),
    ],
)
def test_what_cannot_be_read_is_told(
    program: Program,
    tmp_path: Path,
    db: Connection,
    options: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    """One line, the code of the contract, nothing loaded."""
    put(tmp_path, sales=SALES)
    (tmp_path / "page.html").write_text("<!doctype html><title>Sign in</title>")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    ran = program("run", "sales", "--quiet", *options)
    assert ran.returncode == code, ran.stderr
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr
    if options and options[0] != "--window":
        return
    assert db.query("select to_regclass('sales.sales') is null as is_missing")["is_missing"][0]


def test_many_and_few_newcomers_come_out_alike(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """Whether tables are made anew or rows inserted, readers see the same, and keys hold."""
    sales = [f"{n},P{1 + n % 2},S1,2026-01-0{1 + n % 9},1,10.00" for n in range(1, 401)]
    for rows in (sales[:100], sales[:200], sales[:205], sales):  # swapped, swapped, added, swapped
        put(tmp_path, products=PRODUCTS, stores=STORES, sales=rows)
        run(program)
        assert sorted(ids(db), key=int) == [row.partition(",")[0] for row in rows]
        keys = db.query(
            "select contype::text as kind, count(*) as n from pg_constraint "
            "where connamespace = 'sales'::regnamespace "
            "and conname <> 'no_row_stands_twice' and contype in ('p', 'f') group by 1 order by 1"
        )
        assert list(keys.iter_rows()) == [("f", 2), ("p", 4)]
    totals = json.loads(program("kpi", "sales", "total_revenue", "--format", "json").stdout)
    assert totals["total_revenue"][0]["revenue"] == 4000


def test_every_result_of_every_run_is_kept(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """2.5: k runs, k rows of a metric; of a finding it is known of what."""
    put(tmp_path, products=PRODUCTS, stores=STORES, sales=SALES)
    for day in ("2026-01-30", "2026-01-31", "2026-01-31"):
        run(program, "--date", day)
    found = db.query(
        "select value::text as v, created_at from sales.analysis_results "
        "where analysis = 'total_revenue' and measure = 'revenue'"
    )
    assert [float(value) for value in found["v"]] == [45.5] * 3
    assert found["created_at"].null_count() == 0
    best = db.query(
        "select key from sales.analysis_results "
        "where key like 'best region%' and measure = 'revenue' order by run"
    )
    assert best["key"].to_list() == ["best region / Auvergne-Rhône-Alpes"] * 3
