"""The job `ratings`, from files to the report, as a user runs it."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from terminal import one_line

from abcjob import jobs
from abcjob.database import ledger
from abcjob.database.connection import connect

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program

    from abcjob.database.connection import Connection
    from abcjob.database.url import DatabaseUrl

pytestmark = pytest.mark.in_process

HEADER = "customer_number,customer_rating,customer_rating_limit,customer_status"
ONE = '[[customer]]\nname = "acme"\nfiles = "acme_*.csv"\n'
DAY = date(2025, 5, 13)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A folder for one customer's files, and the metadata that names it."""
    (tmp_path / "one.toml").write_text(ONE)
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def put(inbox: Path, *lines: str, day: date = DAY) -> None:
    """The customer's file of a day."""
    (inbox / f"acme_{day:%Y%m%d}.csv").write_bytes("\n".join([HEADER, *lines, ""]).encode())


def run(program: Program, *options: str, day: date = DAY) -> tuple[int, str]:
    """Run the job on the folder; its exit code and what it said on stderr."""
    ran = program(
        "run", "ratings", "--input", "in", "--metadata", "one.toml", "--date", str(day),
        "--quiet", *options,
    )  # fmt: skip
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stderr


def report(folder: Path, day: date = DAY) -> list[dict[str, str]]:
    """The aggregate's rows."""
    path = folder / "reports" / f"Customer_Rating_Aggregate_Report_{day:%Y%m%d}.csv"
    return list(csv.DictReader(io.StringIO(path.read_text())))


def numbers(db: Connection) -> list[int]:
    """The customer's numbers that readers see."""
    found = db.query("select customer_number from ratings.customer_rating_acme order by 1")
    return found["customer_number"].to_list()


def test_good_rows_are_loaded_and_bad_ones_kept(
    program: Program, inbox: Path, db: Connection
) -> None:
    """4.4, 4.7 to 4.11, 4.20: figures over valid rows; each bad row with every rule it broke."""
    put(
        inbox,
        "1,10,100,high-value",
        "2,20,100,HIGH-VALUE",
        " 3 ,30,100,new",
        "x,,100,",  # three fields wrong
        '5,50,100,"open',
        "6,60,100",
        "",
        "7,1.0,100,new",
        "8,2147483648,100,new",
        "1,10,100,high-value",  # repeats
        "9,1,100,new",
        "9,2,100,new",  # the same number with other content
    )
    code, said = run(program)
    assert code == 3
    assert "7 of 10 rows (70.0%) are rejected" in said
    (inbox.parent / "one.toml").write_text(ONE + "max_invalid_percent = 80\n")
    assert run(program) == (0, "")
    assert report(inbox.parent) == [
        {
            "customer": "acme",
            "count_customer_number": "3",
            "sum_customer_rating": "60",
            "high_value_count": "2",
            "invalid_customer_number_count": "7",
            "invalid_customer_number_percent": "70.00",
        }
    ]
    assert numbers(db) == [1, 2, 3]
    kept = db.query(
        "select line_number, raw, error, failed_rules from ratings.file_invalid_rows "
        "where customer = 'acme' and file = 'acme_20250513.csv' order by line_number"
    )
    assert kept["line_number"].to_list() == [5, 6, 7, 9, 10, 12, 13]
    assert kept["raw"].to_list()[:3] == ["x,,100,", '5,50,100,"open', "6,60,100"]
    assert json.loads(kept["failed_rules"][0]) == [
        {"rule": "not_an_integer", "column": "customer_number"},
        {"rule": "missing", "column": "customer_rating"},
        {"rule": "missing", "column": "customer_status"},
    ]
    assert kept["error"][5] == "customer_number: repeated with other content"


def test_a_file_replaces_the_one_before_and_is_skipped_when_it_comes_again(
    program: Program, inbox: Path, db: Connection
) -> None:
    """4.5: each file is a full load; the same content is not loaded twice; bytes stay the same."""
    put(inbox, "1,1,9,a", "2,2,9,b")
    assert run(program)[0] == 0
    page = (inbox.parent / "reports" / "ratings_20250513.html").read_bytes()
    assert run(program)[0] == 0
    assert (inbox.parent / "reports" / "ratings_20250513.html").read_bytes() == page
    found = db.query("select outcome from abcjob.run_part order by run_id")
    assert found["outcome"].to_list() == ["published", "unchanged"]
    put(inbox, "3,3,9,c", day=date(2025, 5, 14))
    assert run(program, day=date(2025, 5, 14))[0] == 0
    assert numbers(db) == [3]


REFUSED = (
    (b"", "got no row"),
    (f"{HEADER}\n".encode(), "got no row"),
    (f"{HEADER}\n1,1,9,a\n".encode(), "1 rows would replace 3"),
    (HEADER.replace("customer_rating,", "").encode(), "lacks customer_rating,"),
    (f"{HEADER},customer_status\n1,1,9,a,b\n".encode(), "repeats customer_status"),
    (f"{HEADER}\n1,1,9,a\n".encode("utf-16"), "header"),
    (b"<!doctype html>\n<p>Not found</p>\n", "header lacks"),
    (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "cut off"),
    (b"\x00\x01\x02\x03" * 1000, "header"),
)


def test_a_file_that_is_not_what_it_says_is_refused(
    program: Program, inbox: Path, db: Connection
) -> None:
    """Refused whole, code 3, one line; the old rows stay, and the report names it."""
    put(inbox, "1,1,9,a", "2,2,9,b", "3,3,9,c")
    assert run(program)[0] == 0
    later = date(2025, 5, 14)
    for content, why in REFUSED:
        (inbox / "acme_20250514.csv").write_bytes(content)
        code, said = run(program, day=later)
        assert (content, code, said.count("\n")) == (content, 3, 1)
        assert why in said
        assert numbers(db) == [1, 2, 3]
    assert program("report", "ratings").returncode == 3  # 4.6: never after a failed load


def test_the_number_of_rows_may_shrink_when_told_so(
    program: Program, inbox: Path, db: Connection
) -> None:
    """4.11: an empty file has no percentage."""
    put(inbox, "1,1,9,a", "2,2,9,b", "3,3,9,c")
    assert run(program)[0] == 0
    (inbox / "acme_20250513.csv").write_bytes(b"")
    assert run(program, "--allow-shrink") == (0, "")
    assert numbers(db) == []
    [row] = report(inbox.parent)
    assert row["count_customer_number"] == "0"
    assert row["invalid_customer_number_percent"] == ""


def test_what_a_sample_says_is_wrong_is_what_is_rejected(
    program: Program, tmp_path: Path, db: Connection
) -> None:
    """Each fault in the sample is found under its name, as often as told; no row is lost."""
    arguments = ("sample", "ratings", "--out", "in", "--date", str(DAY), "--bad", "0.1")
    made = program(*arguments, "--format", "json")
    assert made.returncode == 0, made.stderr
    told = {
        (row["customer"], row["fault"]): row["rows"]
        for row in json.loads(made.stdout)
        if row["becomes"] == "rejected"
    }
    ran = program("run", "ratings", "--input", "in", "--date", str(DAY))
    assert ran.returncode == 0, ran.stderr
    found = db.query(
        "select customer, rule ->> 'rule' as rule, count(*) as n from ratings.file_invalid_rows, "
        "jsonb_array_elements(failed_rules) as rule group by 1, 2"
    )
    assert {(customer, rule): n for customer, rule, n in found.iter_rows()} == told
    assert len(list((tmp_path / "reports").glob("*_20*"))) == 3
    lost = db.query("select part from abcjob.run_input where read <> loaded + skipped + rejected")
    assert lost.is_empty()


def test_a_customer_without_a_file_is_named(program: Program, inbox: Path) -> None:
    """Code 6; the others are loaded and reported, it has a row of zeros."""
    (inbox.parent / "one.toml").write_text(
        ONE + '[[customer]]\nname = "zeta"\nfiles = "zeta_*.csv"\n'
    )
    put(inbox, "1,1,9,a")
    code, said = run(program)
    assert code == 6
    assert "zeta" in said
    assert [list(row.values()) for row in report(inbox.parent)] == [
        ["acme", "1", "1", "0", "0", "0.00"],
        ["zeta", "0", "0", "0", "0", ""],
    ]


def test_rejected_rows_are_written_out_to_be_mended(program: Program, inbox: Path) -> None:
    """They come as they were, under the header of their file."""
    put(inbox, "1,1,9,a", "2,2,9,b", "3,3,9,c", "4,4,9,d", "n/a,5,9,e")
    assert run(program)[0] == 0
    assert program("quarantine", "ratings", "--out", "mend").returncode == 0
    mended = inbox.parent / "mend" / "acme_20250513.csv"
    assert mended.read_text() == f"{HEADER}\nn/a,5,9,e\n"
    again = program("quarantine", "ratings", "--out", "mend")
    assert (again.returncode, again.stdout) == (7, "")
    nobody = program("quarantine", "ratings", "--part", "nobody")
    assert nobody.returncode == 0
    assert "no rejected or waiting rows of part nobody" in nobody.stderr
    listed = program("quarantine", "ratings", "--format", "json")
    [row] = json.loads(listed.stdout)
    assert row["failed_rules"] == [{"rule": "not_an_integer", "column": "customer_number"}]


def test_mended_rows_are_added(program: Program, inbox: Path, db: Connection) -> None:
    """What was rejected, mended, comes to what is loaded; nothing of that is lost or doubled."""
    (inbox.parent / "one.toml").write_text(ONE + "max_invalid_percent = 40\n")
    put(inbox, "1,1,9,a", "2,2,9,b", "n/a,3,9,c", "4,x,9,d", "5,5,9,e", "6,6,9,f", "5,5,9,e",
        "6,6,9,f", "7,7,9,g", "8,8,9,h")  # fmt: skip
    assert run(program)[0] == 0
    assert program("quarantine", "ratings", "--out", "mend").returncode == 0
    mended = inbox.parent / "mend" / "acme_20250513.csv"
    text = mended.read_text().replace("n/a", "3").replace("x", "4")
    mended.write_text(text + "5,5,9,e\n1,7,9,z\n")  # one is there alike, one with other content
    assert run(program, "--input", "mend", "--add") == (0, "")
    assert numbers(db) == [1, 2, 3, 4, 5, 6, 7, 8]
    kept = db.query("select raw, error from ratings.file_invalid_rows where run_id = 2")
    assert kept.rows() == [("1,7,9,z", "customer_number: repeated with other content")]
    [row] = report(inbox.parent)
    assert (row["count_customer_number"], row["invalid_customer_number_count"]) == ("8", "1")
    counts = db.query(
        "select read, retried, loaded, skipped, rejected from abcjob.run_input where run_id = 2"
    )
    assert counts.rows() == [(4, 0, 2, 1, 1)]
    page = (inbox.parent / "reports" / "ratings_20250513.html").read_text()
    assert 'of 4 <a href="#rows">rows in</a>, 2 were loaded and 1 rejected' in page
    for again in (("--input", "mend", "--add"), ("--input", "in")):
        assert run(program, *again)[0] == 0  # both files are what is loaded already
        assert numbers(db) == [1, 2, 3, 4, 5, 6, 7, 8]
    put(inbox, "9,9,9,i", day=date(2025, 5, 14))
    assert "1 rows would replace 8" in run(program, day=date(2025, 5, 14))[1]
    assert run(program, "--allow-shrink", day=date(2025, 5, 14))[0] == 0
    assert numbers(db) == [9]


def test_only_those_with_a_file_are_added_to(program: Program, inbox: Path, db: Connection) -> None:
    """The others stay as they are, in the tables and in the report."""
    (inbox.parent / "one.toml").write_text(
        ONE + '[[customer]]\nname = "zeta"\nfiles = "zeta_*.csv"\n'
    )
    put(inbox, "1,1,9,a")
    (inbox / "zeta_20250513.csv").write_text(f"{HEADER}\n1,1,9,a\n")
    assert run(program)[0] == 0
    (inbox.parent / "mend").mkdir()
    none = run(program, "--input", "mend", "--add")
    assert none[0] == 6
    assert "has no customer's file to add" in none[1]
    (inbox.parent / "mend" / "acme_20250513.csv").write_text(f"{HEADER}\n2,2,9,b\n")
    assert run(program, "--input", "mend", "--add") == (0, "")
    assert [row["count_customer_number"] for row in report(inbox.parent)] == ["2", "1"]
    files = json.loads(program("kpi", "ratings", "files", "--format", "json").stdout)["files"]
    assert [(row["state"], row["file"]) for row in files] == [
        ("loaded", "acme_20250513.csv"),
        ("loaded", "zeta_20250513.csv"),
    ]
    assert numbers(db) == [1, 2]


def test_two_files_of_one_name_are_written_out_apart(
    program: Program, inbox: Path, db: Connection
) -> None:
    """One is loaded, the other was refused after it: each under its own header, none mixed.

    Each has its name, by which it is the customer's when it comes back.
    """
    put(inbox, "n/a,5,9,e", "1,1,9,a", "2,2,9,b", "3,3,9,c", "4,4,9,d")
    assert run(program)[0] == 0
    other = "customer_status,customer_number,customer_rating,customer_rating_limit"
    (inbox / "acme_20250513.csv").write_text(f"{other}\na,x,1,9\nb,y,2,9\n")
    assert run(program)[0] == 3
    assert program("quarantine", "ratings", "--out", "mend").returncode == 0
    found = {path.read_text(): path for path in (inbox.parent / "mend").rglob("*.csv")}
    text = f"{HEADER}\nn/a,5,9,e\n"
    assert found.keys() == {text, f"{other}\na,x,1,9\nb,y,2,9\n"}
    assert {path.name for path in found.values()} == {"acme_20250513.csv"}
    found[text].write_text(text.replace("n/a", "5"))
    assert run(program, "--input", str(found[text].parent), "--add") == (0, "")
    assert numbers(db) == [1, 2, 3, 4, 5]
    nobody = program("quarantine", "ratings", "--part", "nobody", "--out", "none")
    assert "no rejected or waiting rows of part nobody" in nobody.stderr


def test_a_customer_s_name_meets_no_table_of_the_program(
    program: Program, inbox: Path, db: Connection
) -> None:
    """4.18: any name that the metadata takes; here that of what repeats are looked for with."""
    text = ONE.replace('name = "acme"', 'name = "suspect"')
    (inbox.parent / "one.toml").write_text(text)
    put(inbox, "1,1,9,a", "1,1,9,a", "2,2,9,b")
    assert run(program) == (0, "")
    assert db.query("select 1 from ratings.customer_rating_suspect").height == 2


def test_a_file_s_name_that_is_no_text_is_that_customer_s_trouble(
    program: Program, inbox: Path, db: Connection
) -> None:
    """Refused like any file without a date in its name; the others are loaded, code 3."""
    text = '[[customer]]\nname = "zeta"\nfiles = "zeta_*.csv"\n'
    (inbox.parent / "one.toml").write_text(text + ONE)
    (inbox / "zeta_20250513.csv").write_text(f"{HEADER}\n1,1,9,a\n")
    (inbox / os.fsdecode(b"acme_\xff.csv")).write_text(f"{HEADER}\n1,1,9,a\n")
    code, said = run(program)
    assert code == 3
    assert "the name of in/acme_\\udcff.csv has no date" in said
    assert db.query("select 1 from ratings.customer_rating_zeta").height == 1


def test_a_report_is_of_the_date_of_its_rows(program: Program, inbox: Path) -> None:
    """The rows of one day make no report of another, nor overwrite it."""
    put(inbox, "1,1,9,a")
    assert run(program)[0] == 0
    before = report(inbox.parent)
    put(inbox, "1,1,9,a", "2,2,9,b", day=date(2025, 5, 14))
    assert run(program, day=date(2025, 5, 14))[0] == 0
    ran = program("report", "ratings", "--date", str(DAY))
    assert ran.returncode == 3
    assert "are of 2025-05-14, expected 2025-05-13" in ran.stderr
    assert report(inbox.parent) == before
    assert program("report", "ratings", "--date", "2025-05-14").returncode == 0


def test_a_report_while_a_run_goes_on(
    program: Program, inbox: Path, url: DatabaseUrl, db: Connection
) -> None:
    """It is told from a run that was killed: there is nothing to mend, only to wait."""
    put(inbox, "1,1,9,a")
    assert run(program)[0] == 0
    job = jobs.load("ratings")
    with connect(url) as other:
        ledger.lock(other, job, 0)
        entered = ledger.start(other, job, DAY, "1", {})
        ledger.plan(other, entered, ["acme"])
        early = program("report", "ratings")
        assert early.returncode == 3
        assert "its last run has not ended; run `abcjob report ratings` when" in early.stderr
    ledger.lock(db, job, 10)  # the server needs a moment to see that the other is gone
    db.query("select pg_advisory_unlock_all()::text as nothing")
    late = program("report", "ratings")
    assert late.returncode == 3
    assert "its last run was killed; run `abcjob run ratings` first" in late.stderr


def test_a_dry_run_that_fails_leaves_the_report_as_it_can_be_made(
    program: Program, inbox: Path
) -> None:
    """It was to publish nothing: what is loaded is as current as before it."""
    put(inbox, "1,1,9,a")
    assert run(program)[0] == 0
    put(inbox, "x", day=date(2025, 5, 14))
    assert run(program, "--dry-run", day=date(2025, 5, 14))[0] == 3
    assert program("report", "ratings").returncode == 0


def test_a_folder_that_is_gone_leaves_no_report(program: Program, inbox: Path) -> None:
    """4.6: the run is one that failed, in the ledger too; what was loaded before is old then."""
    put(inbox, "1,1,9,a")
    assert run(program)[0] == 0
    code, said = run(program, "--input", "gone")
    assert code == 6
    assert "looking for customers' files in gone: No such file or directory; correct" in one_line(
        said
    )
    assert json.loads(program("runs", "--format", "json").stdout)[0]["outcome"] == "failed"
    ran = program("report", "ratings")
    assert ran.returncode == 3
    assert "its last run failed" in ran.stderr


def test_a_refused_file_of_the_same_name_takes_nothing_from_the_loaded_one(
    program: Program, inbox: Path, db: Connection
) -> None:
    """A line that both files have is kept for each: the loaded file's count stays explained."""
    put(inbox, "n/a,5,9,e", "1,1,9,a", "2,2,9,b", "3,3,9,c", "4,4,9,d")
    assert run(program)[0] == 0
    put(inbox, "n/a,5,9,e", "x,1,9,a", "y,2,9,b")
    assert run(program)[0] == 3
    kept = db.query("select run_id, line_number from ratings.file_invalid_rows order by 1, 2")
    assert kept.rows() == [(1, 2), (2, 2), (2, 3), (2, 4)]
    assert run(program)[0] == 3
    again = db.query("select count(*) as n from ratings.file_invalid_rows")
    assert again["n"][0] == 4


def test_the_database_of_the_brief_is_made_in_its_own_case(
    program: Program, inbox: Path, db: Connection, url: DatabaseUrl
) -> None:
    """4.3: CustomerRatingData, case kept, made where it is missing; but not to empty it."""
    put(inbox, "1,1,9,a")
    address = replace(url, database="CustomerRatingData")
    for command in ("schema drop", "data clear"):
        ran = program(*command.split(), "ratings", "--database", address.libpq)
        assert ran.returncode == 4
        assert 'database "CustomerRatingData" does not exist' in ran.stderr
    try:
        assert run(program, "--database", address.libpq) == (0, "")
        found = db.query("select 1 from pg_database where datname = 'CustomerRatingData'")
        assert found.height == 1
    finally:
        db.execute('drop database if exists "CustomerRatingData" with (force)')
