"""The job `ratings` over several customers and days, as a user runs it."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from typing import TYPE_CHECKING

import pytest
from snapshots import Document, Page, without_paths

from abcjob.jobs.ratings.summary import Problem, Summary
from abcjob.render.page import Pages

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program
    from syrupy.assertion import SnapshotAssertion

    from abcjob.database.connection import Connection

pytestmark = pytest.mark.in_process

HEADER = "customer_number,customer_rating,customer_rating_limit,customer_status"
METADATA = """
[[customer]]
name = "acme"
files = "acme_*.csv"

[[customer]]
name = "borealis"
files = "borealis_*.csv"
delimiter = "|"

[[customer]]
name = "cygnus"
files = "cygnus_*.csv"
policy = "refuse"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    """Three customers' files of two days, some of them wrong, by hand."""
    (tmp_path / "three.toml").write_text(METADATA)
    inbox = tmp_path / "in"
    inbox.mkdir()
    acme = ["1,10,100,high-value", "2,-5,100,new", "3,200,100,High-Value", "4,x,100,new"]
    (inbox / "acme_20250512.csv").write_text("\n".join([HEADER, *acme[:3], "4,40,100,new", ""]))
    (inbox / "acme_20250513.csv").write_text("\n".join([HEADER, *acme, "5,50,100,new", ""]))
    borealis = [HEADER, "7,1,9,standard", "8,2,9,new"]
    packed = gzip.compress("\r\n".join(borealis).replace(",", "|").encode())
    (inbox / "borealis_20250512.csv.gz").write_bytes(packed)
    (inbox / "cygnus_20250512.csv").write_text(f"{HEADER}\n1,1,9,a\n2,2,9,b\n")
    (inbox / "cygnus_20250513.csv").write_text(f"{HEADER}\n1,1,9,a\n2,2,9,\n3,3,9,c\n")
    return tmp_path


def run(program: Program, day: str, *options: str) -> tuple[int, str, str]:
    """Run the job for a day; exit code, stdout, stderr."""
    ran = program(
        "run", "ratings", "--input", "in", "--metadata", "three.toml", "--date", day, "--quiet",
        *options,
    )  # fmt: skip
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stdout, ran.stderr


def aggregate(folder: Path, day: str) -> list[list[str]]:
    """The rows of a day's CSV report."""
    name = f"Customer_Rating_Aggregate_Report_{day.replace('-', '')}.csv"
    return list(csv.reader(io.StringIO((folder / "reports" / name).read_text())))


def test_one_is_refused_and_the_others_are_loaded(
    program: Program, folder: Path, db: Connection
) -> None:
    """4.17: policy `refuse`; its old rows stay, the report is made and names it, code 3."""
    assert run(program, "2025-05-12")[0] == 0
    code, _, said = run(program, "2025-05-13")
    assert code == 3
    assert said.count("\n") == 1
    assert "taking in cygnus: 1 of 3 rows (33.3%) are rejected" in said
    assert aggregate(folder, "2025-05-13") == [
        ["customer", "count_customer_number", "sum_customer_rating", "high_value_count",
         "invalid_customer_number_count", "invalid_customer_number_percent"],
        ["acme", "4", "255", "2", "1", "20.00"],
        ["borealis", "2", "3", "0", "0", "0.00"],
        ["cygnus", "2", "3", "0", "0", "0.00"],
    ]  # fmt: skip
    kept = db.query("select customer, raw, error from ratings.file_invalid_rows order by 1, 2")
    assert kept.rows() == [
        ("acme", "4,x,100,new", "customer_rating: not an integer"),
        ("cygnus", "2,2,9,", "customer_status: missing"),
    ]
    page = (folder / "reports" / "ratings_20250513.html").read_text()
    assert "taking in cygnus: 1 of 3 rows" in page


def test_each_refusal_is_told_and_the_gravest_code_counts(program: Program, folder: Path) -> None:
    """A line for each customer; a missing source weighs more than a refused one."""
    (folder / "in" / "borealis_20250512.csv.gz").unlink()
    code, _, said = run(program, "2025-05-13")
    assert code == 6
    assert [line.split(":")[0] for line in said.splitlines()] == ["abcjob", "abcjob"]
    assert "cygnus" in said
    assert "borealis" in said
    assert aggregate(folder, "2025-05-13")[2] == ["borealis", "0", "0", "0", "0", ""]


@pytest.mark.parametrize(
    ("loaded", "rejected", "problems", "sentence"),
    [
        (0, 0, (), "To be watched: no customer's file has a row loaded."),
        (0, 5, (), "To be watched: no customer's file has a row loaded."),
        (0, 5, (Problem("a", "-"),),
         "To be watched: 1 file was refused or missing (a), what was loaded before stays."),
        (9, 0, (Problem("a", "-"), Problem("b", "-")),
         "To be watched: 2 files were refused or missing (a, b), what was loaded before stays."),
        (9, 5, (), "Healthy: no file was refused or is missing."),
    ],
)  # fmt: skip
def test_the_health_line_says_why(
    loaded: int, rejected: int, problems: tuple[Problem, ...], sentence: str
) -> None:
    """One sentence, with its reason; where nothing is loaded, nothing is well."""
    values = {"summary": Summary(3, loaded, rejected, None, 0, problems)}
    assert Pages().markdown("ratings/health.j2", values).strip() == sentence


def test_what_changed_since_an_earlier_date(program: Program, folder: Path) -> None:
    """Against the last date that has a report; running that date again changes nothing."""
    run(program, "2025-05-12")
    run(program, "2025-05-13")
    page = folder / "reports" / "ratings_20250513.html"
    first = page.read_bytes()
    asked = program("kpi", "ratings", "changes", "--format", "json")
    told = {row["customer"]: row for row in json.loads(asked.stdout)["changes"]}
    assert told["acme"] == {
        "customer": "acme", "since": "2025-05-12", "count_before": 4, "count_now": 4,
        "count_change": 0, "sum_change": 10, "high_value_change": 0, "invalid_change": 1,
    }  # fmt: skip
    assert told["borealis"]["sum_change"] == 0
    assert run(program, "2025-05-13")[0] == 3
    again = program("kpi", "ratings", "changes", "--format", "json")
    assert again.stdout == asked.stdout
    assert page.read_bytes() == first


def test_a_dry_run_counts_and_leaves_nothing(
    program: Program, folder: Path, db: Connection
) -> None:
    """Every rule is applied, nothing is published, no report is written."""
    code, counts, _ = run(program, "2025-05-12", "--dry-run", "--format", "json")
    assert code == 0
    found = {row["part"]: row for row in json.loads(counts)}
    assert found["acme"] == {
        "part": "acme", "table": "customer_rating", "read": 4, "loaded": 4, "skipped": 0,
        "rejected": 0,
    }  # fmt: skip
    assert found["borealis"]["loaded"] == 2
    assert db.query("select 1 from ratings.customer_rating").is_empty()
    assert db.query("select 1 from ratings.quarantine").is_empty()
    assert not (folder / "reports").exists() or not list((folder / "reports").iterdir())
    assert run(program, "2025-05-12")[0] == 0
    assert aggregate(folder, "2025-05-12")[1][:2] == ["acme", "4"]


def test_warnings_are_counted_and_loaded(program: Program, db: Connection) -> None:
    """A negative rating, and one above its limit: loaded, and told."""
    assert run(program, "2025-05-12")[0] == 0
    found = db.query(
        "select name, violations from abcjob.check_result where part = 'acme' order by name"
    )
    assert found.rows() == [("rating_not_negative", 1), ("rating_within_limit", 1)]


def test_the_table_of_a_customer_is_made_on_first_sight(
    program: Program, folder: Path, db: Connection
) -> None:
    """4.18, 4.19: one block, no code; the brief's columns and types; unique numbers."""
    run(program, "2025-05-12")
    with (folder / "three.toml").open("a") as metadata:
        metadata.write("\n[[customer]]\nname = 'zeta'\nfiles = 'zeta-*.txt'\ndelimiter = ';'\n")
    (folder / "in" / "zeta-20250513.txt").write_text(f"{HEADER}\n9,9,9,new\n".replace(",", ";"))
    run(program, "2025-05-13")
    found = db.query(
        "select column_name, data_type, character_maximum_length as longest "
        "from information_schema.columns "
        "where table_name = 'customer_rating_zeta' and column_name <> 'customer' "
        "order by ordinal_position"
    )
    assert found.rows() == [
        ("customer_number", "integer", None),
        ("customer_rating", "integer", None),
        ("customer_rating_limit", "integer", None),
        ("customer_status", "character varying", 25),
    ]
    rows = db.query("select customer_number from ratings.customer_rating where customer = 'zeta'")
    assert rows.rows() == [(9,)]


def test_a_sample_is_the_same_bytes_anywhere(program: Program, tmp_path: Path) -> None:
    """Golden: to be changed together with the sample's documentation, and never by accident."""
    made = program("sample", "ratings", "--out", "out", "--customers", "2", "--rows", "300",
                   "--bad", "0.2", "--date", "2025-05-13", "--seed", "7")  # fmt: skip
    assert made.returncode == 0
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in sorted((tmp_path / "out").iterdir())
    }
    assert found == {
        "acme_20250513.csv": "01dc9ef38bd909e3",
        "borealis_20250513.csv": "a1a62b08fa6d156b",
        "metadata.toml": "252e32b65641e072",
    }


def test_a_sample_replaces_nothing(program: Program, tmp_path: Path) -> None:
    """An inbox may hold the real metadata; every row may be wrong."""
    sample = ("sample", "ratings", "--rows", "20", "--bad", "1", "--date", "2025-05-13")
    assert program(*sample, "--out", "all-bad").returncode == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "metadata.toml").write_text("mine")
    refused = program(*sample, "--out", "mine")
    assert refused.returncode == 7
    assert "it is there already" in refused.stderr
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["metadata.toml"]


def test_the_report_looks_as_it_did(
    program: Program, folder: Path, snapshot: SnapshotAssertion
) -> None:
    """Two days, one customer refused, one unchanged: the whole report, but for what a path is."""
    run(program, "2025-05-12")
    run(program, "2025-05-13")
    page = (folder / "reports" / "ratings_20250513.html").read_text()
    text = (folder / "reports" / "ratings_20250513.md").read_text()
    assert text == snapshot(extension_class=Document)
    assert without_paths(page) == snapshot(extension_class=Page)
