"""Several runs of the job sales, one after another, against an oracle line by line."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from fields import instant, number
from hypothesis import given, settings
from hypothesis import strategies as st
from sales_rows import COLUMNS, Counts, Shop

from abcjob import jobs
from abcjob import run as running
from abcjob.database import ledger
from abcjob.database.connection import connect
from abcjob.render.charts import ChartPainter
from abcjob.render.page import Pages
from abcjob.sources import passages
from abcjob.stages import merge, parents, report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from sales_rows import Content, File

    from abcjob.database.connection import Connection
    from abcjob.database.embedded import EmbeddedServer

    Kept = list[tuple[str, str, str, list[str]]]  # table, line, state, reasons
    Days = dict[tuple[object, object], tuple[Any, Any, Any]]  # sales, pieces, euros

# A soak gives more: ABCJOB_TEST_EXAMPLES=1000.
EXAMPLES = int(os.environ.get("ABCJOB_TEST_EXAMPLES", "6"))
DAY = date(2026, 1, 31)
# Reports, which have tests of their own, would take most of the time.
JOB = replace(jobs.load("sales"), kpis=(), kept=())


@dataclass(frozen=True)
class Run:
    """What a run is given: lines by table, of those that have a file."""

    files: Mapping[str, File]
    upsert: bool


def written(table: str, fields: tuple[str, ...], *, as_json: bool) -> str:
    """A line of a file; fields that are too few leave a line of JSON open."""
    if not as_json:
        return ",".join(fields)
    said = dict(zip(COLUMNS[table], fields, strict=False))
    text = json.dumps(
        {key: int(v) if key == "quantity" and v.isdigit() else v for key, v in said.items()}
    )
    return text if len(fields) == len(COLUMNS[table]) else text[:-1]


def of_parents(table: str) -> st.SearchStrategy[tuple[str, ...]]:
    """A product or a store: of three ids, often right."""
    key, middle = ("P", ["5.00", "5.0", "6.00"]) if table == "products" else ("S", ["A", "A", "B"])
    right = st.tuples(
        st.sampled_from([f"{key}1", f"{key}2", f"{key}3"]),
        st.just("x"),
        st.sampled_from(middle),
        st.just("z"),
    )
    wrong = st.sampled_from([f"{key}1", f"{key}2"]).flatmap(
        lambda one: st.sampled_from(
            [
                (one, "", middle[0], "z"),
                ("", "x", middle[0], ""),
                (one, "x", "-1.00" if table == "products" else "", "z"),
                (one, "x"),
            ]
        )
    )
    return often(right, wrong)


def of_sales() -> st.SearchStrategy[tuple[str, ...]]:
    """A sale: of three ids, often right; its parents may be there."""
    right = st.tuples(
        st.sampled_from(["1", "2", "3"]),
        st.sampled_from(["P1", "P1", "P2", "P3"]),
        st.sampled_from(["S1", "S1", "S2"]),
        st.sampled_from(["2026-01-01", "01/01/2026", "2026-01-02"]),
        st.sampled_from(["1", "1", "2"]),
        st.just("5.00"),
    )
    wrong = st.sampled_from(
        [
            ("1", "P1", "S1", "2026-02-30", "1", "5.00"),
            ("1", "", "S1", "soon", "0", "five"),
            ("2", "P2", "", "2026-01-01", "-1", "5.001"),
            ("", "P1", "S1", "2026-01-01", "1", "5.00"),
            ("3", "P1", "S1"),
        ]
    )
    return often(right, wrong)


def often(
    right: st.SearchStrategy[tuple[str, ...]], wrong: st.SearchStrategy[tuple[str, ...]]
) -> st.SearchStrategy[tuple[str, ...]]:
    """Five times out of six what is right."""
    return st.integers(0, 5).flatmap(lambda one: wrong if one == 5 else right)


@st.composite
def sequences(draw: st.DrawFn) -> list[Run]:
    """One to five runs, whose files are new, or grown, or changed, or come again."""
    as_json = {table: draw(st.booleans()) for table in COLUMNS}
    lines = {
        table: st.builds(
            lambda fields, table=table: written(table, fields, as_json=as_json[table]),
            of_sales() if table == "sales" else of_parents(table),
        )
        for table in COLUMNS
    }
    before: dict[str, list[File]] = {table: [] for table in COLUMNS}
    runs = []
    for _ in range(draw(st.integers(1, 5))):
        files = {}
        for table in COLUMNS:
            file = draw(versions(before[table], lines[table], is_whole=table == "sales"))
            if file:
                files[table] = file
                before[table].append(file)
        if files:
            runs.append(Run(files, draw(st.integers(0, 3)) == 3))
    return runs


@st.composite
def versions(
    draw: st.DrawFn, before: list[File], lines: st.SearchStrategy[str], *, is_whole: bool
) -> File:
    """A table's file in the next run; empty: it has none."""
    most = 8 if is_whole else 4
    kind = draw(st.sampled_from(["new", "none", "again", "grown", "grown", "changed"]))
    if kind == "none":
        return ()
    more = tuple(draw(st.lists(lines, min_size=1, max_size=most)))
    if kind == "new" or not before:
        return more
    file = draw(st.sampled_from(before))
    if kind == "again":
        return file
    at = draw(st.integers(0, len(file)))
    if kind == "grown":
        return (*file[:at], *more[:3], *file[at:])
    return (*file[:at], *more[:1], *file[at + 1 :])


@dataclass
class Bench:
    """Where sequences are run."""

    db: Connection
    desk: running.Desk
    folder: Path

    def clear(self) -> None:
        """Forget every run."""
        self.db.script("drop schema if exists sales cascade; drop schema if exists abcjob cascade")

    def run(self, asked: Run) -> dict[str, Counts]:
        """A run by the program itself; where the rows of each table went."""
        sources = {table: self._put(table, lines) for table, lines in asked.files.items()}
        parameters = JOB.parameters(**sources, upsert=asked.upsert)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(report, "write", lambda *_: ())
            running.run(
                JOB,
                parameters,
                DAY,
                self.db,
                self.desk,
                wait=0,
                dry_run=False,
                tell=lambda _: None,
            )
        found = self.db.query(
            "select input, read, retried, loaded, skipped, rejected, waiting from abcjob.run_input "
            "where run_id = (select max(run_id) from abcjob.run)"
        )
        return {row.pop("input"): Counts(**row) for row in found.iter_rows(named=True)}

    def _put(self, table: str, lines: File) -> str:
        path = self.folder / table
        header = () if lines[0].startswith("{") else (",".join(COLUMNS[table]),)
        path.write_text("".join(f"{line}\n" for line in (*header, *lines)))
        return str(path)

    def rows(self, table: str) -> dict[object, Content]:
        """The rows that readers see, by id."""
        columns = ", ".join(f"{name}::text as {name}" for name in COLUMNS[table])
        found = self.db.query(f"select {columns} from sales.{table}")
        rows = [
            tuple(_value(name, row[name]) for name in COLUMNS[table])
            for row in found.iter_rows(named=True)
        ]
        assert len({row[0] for row in rows}) == len(rows)
        return {row[0]: row for row in rows}

    def days(self) -> Days:
        """What readers see of each store and day; 2.7: it is made of the sales that they see."""
        found = self.db.query(
            "select store_id, sale_date::text, sales, quantity, revenue::text from sales.store_day"
        )
        return {
            (store, instant(day)): (sales, quantity, number(revenue))
            for store, day, sales, quantity, revenue in found.iter_rows()
        }

    def kept(self) -> Kept:
        """The quarantine."""
        found = self.db.query(
            "select input, convert_from(raw, 'UTF8') as line, state, "
            "(select array_agg(coalesce(r.\"column\" || ':', '') || r.rule) from "
            'jsonb_to_recordset(failed_rules) as r (rule text, "column" text)) as rules '
            "from sales.quarantine"
        )
        return sorted((*row[:3], sorted(row[3])) for row in found.iter_rows())


def _value(name: str, text: str) -> object:
    if name in {"price", "amount"}:
        return number(text)
    return instant(text) if name == "sale_date" else int(text) if name == "quantity" else text


def days_of(shop: Shop) -> Days:
    """What each store sold on each day, added up sale by sale."""
    days: Days = {}
    rows: Iterable[tuple[Any, ...]] = shop.tables["sales"].values()
    for _, _, store, day, quantity, amount in rows:
        sales, pieces, revenue = days.get((store, day), (0, 0, Decimal(0)))
        days[store, day] = (sales + 1, pieces + quantity, revenue + amount)
    return days


def compare(bench: Bench, runs: list[Run], *, passes_over: bool) -> None:
    """The program and the oracle agree on rows, quarantine and counts, after each run."""
    bench.clear()
    shop = Shop()
    for asked in runs:
        expected = shop.run(asked.files, upsert=asked.upsert)
        found = bench.run(asked)
        for counts in found.values():
            assert counts.read + counts.retried == (
                counts.loaded + counts.skipped + counts.rejected + counts.waiting
            )
        for table in COLUMNS:
            assert bench.rows(table) == shop.tables[table]
            there, right = (one.get(table, Counts()) for one in (found, expected))
            if passes_over:  # lines that were read before count as skipped, whatever they are
                there, right = (
                    replace(one, skipped=one.skipped + one.rejected, rejected=0)
                    for one in (there, right)
                )
            assert (table, asdict(there)) == (table, asdict(right))
        assert bench.days() == days_of(shop)
        assert bench.kept() == sorted(
            (*key, state, sorted(reasons)) for key, (state, reasons) in shop.quarantine.items()
        )


@pytest.fixture(scope="module")
def bench(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A database of its own for all sequences: making one takes longer than a run."""
    name = f"test_{uuid4().hex[:12]}"
    folder = tmp_path_factory.mktemp("runs")
    with connect(server.url) as db:
        db.execute(f"create database {name}")
    with connect(replace(server.url, database=name)) as db, ChartPainter() as painter:
        yield Bench(db, running.Desk(folder / "reports", Pages(), painter, (JOB,)), folder)
    with connect(server.url) as db:
        db.execute(f"drop database {name} with (force)")


def compare_so(bench: Bench, runs: list[Run], passage: int, price: int, most: int = 20) -> None:
    """As `compare`, with passages of so many lines in the mean; 0: none is known again.

    `price` is what decides whether rows are inserted (0: always) or tables made anew; `most`, how
    many parents that rows refer to are remembered, and not looked for.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merge, "_PRICE", price)
        patch.setattr(parents, "_MOST", most)
        patch.setattr(passages, "_LINES", passage or 2)
        if not passage:
            patch.setattr(ledger, "known_blocks", lambda *_: frozenset())
        compare(bench, runs, passes_over=passage > 0)


@given(
    runs=sequences(),
    passage=st.sampled_from([0, 2, 2, 1]),
    price=st.sampled_from([16, 0]),
    most=st.sampled_from([20, 1, 0]),
)
@settings(max_examples=EXAMPLES, derandomize=True)
def test_rows_go_where_the_brief_says(
    bench: Bench, runs: list[Run], passage: int, price: int, most: int
) -> None:
    """2.7, 2.8: whatever comes in whatever order, and whether lines are passed over or not."""
    compare_so(bench, runs, passage, price, most)


A, OTHER = "1,P1,S1,2026-01-01,1,5.00", "1,P1,S1,2026-01-01,2,5.00"
ALIKE, ORPHAN, MORE = (
    "1,P1,S1,01/01/2026,1,5.0",
    "1,P9,S1,2026-01-01,1,5.00",
    A.replace("1", "2", 1),
)
LATER = "1,P1,S1,2026-01-02,1,5.00"
PARENTS: Mapping[str, File] = {"products": ("P1,x,5.00,z",), "stores": ("S1,x,A,z",)}
P9: Mapping[str, File] = {"products": ("P9,x,5.00,z",)}


def given_sales(
    *lines: str, parents: Mapping[str, File] | None = None, upsert: bool = False
) -> Run:
    """A run with these lines of sales."""
    return Run({**(parents or {}), "sales": lines}, upsert)


SEQUENCES = {
    "read apart, then together": [
        given_sales(A, parents=PARENTS),
        given_sales(OTHER),
        given_sales(A, OTHER),
    ],
    "corrected, then together": [
        given_sales(A, parents=PARENTS),
        given_sales(OTHER, upsert=True),
        given_sales(A, OTHER),
    ],
    "beside one that waits": [given_sales(A), given_sales(ORPHAN, A)],
    "a repeat of one that waits": [given_sales(A, A), given_sales(A, OTHER)],
    "back after it has yielded": [
        given_sales(A),
        given_sales(OTHER),
        given_sales(A, MORE),
        Run(PARENTS, upsert=False),
    ],
    "written otherwise": [given_sales(A), given_sales(ALIKE), Run(PARENTS, upsert=False)],
    "the same lines twice": [given_sales(A, A, A, parents=PARENTS), given_sales(A, A, OTHER)],
    "beside two others": [given_sales(A, parents=PARENTS), given_sales(A, OTHER, ORPHAN)],
    "a repeat before others, of which one is known": [
        given_sales(A, parents=PARENTS),
        given_sales(MORE, MORE, A.replace("1", "3", 1), ALIKE),
    ],
    "corrected to another day": [
        given_sales(A, MORE, parents=PARENTS),
        given_sales(LATER, upsert=True),
        given_sales(MORE.replace("-01,", "-02,"), upsert=True),
    ],
    "corrected to another store": [
        given_sales(A, parents={**PARENTS, "stores": ("S1,x,A,z", "S2,x,B,z")}),
        given_sales(A.replace("S1", "S2"), upsert=True),
    ],
    "a correction that waits": [
        given_sales(A, parents=PARENTS),
        given_sales(ORPHAN, upsert=True),
        Run(P9, upsert=True),
    ],
    "a correction that has waited": [
        given_sales(A, parents=PARENTS),
        given_sales(ORPHAN, upsert=True),
        Run(P9, upsert=False),
    ],
}


@pytest.mark.parametrize("price", [16, 0])
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_rows_that_were_passed_over_are_missed_by_nobody(
    bench: Bench, sequence: str, price: int
) -> None:
    """2.7, 2.8: sequences in which what a line came to matters later, each line a passage."""
    compare_so(bench, SEQUENCES[sequence], 1, price)
