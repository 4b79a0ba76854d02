"""The program as users run it: results on stdout, the rest on stderr, exit codes, errors."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from terminal import FEW, LONG, one_line

from abcjob.cli import COMMANDS
from abcjob.database.connection import connect
from abcjob.database.embedded import EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from abcjob.database.connection import Connection
    from abcjob.database.url import DatabaseUrl

    Program = Callable[..., subprocess.CompletedProcess[str]]


def test_a_run_ends_in_kpis_and_a_dated_report(program: Program, tmp_path: Path) -> None:
    """Outcome: rows loaded, KPIs printed, `reports/kpi_YYYYMMDD.html` and `.md` there."""
    ran = program("run", *FEW, "--date", "2026-11-21")
    assert ran.returncode == 0, ran.stderr
    for title in ("How often", "How many customers", "How much revenue"):
        assert title in ran.stdout
    assert "2021-03" in ran.stdout
    assert "reports/kpi_20261121.html" in ran.stderr
    reports = sorted(path.name for path in (tmp_path / "reports").iterdir())
    assert reports == ["index.html", "kpi_20261121.html", "kpi_20261121.md"]


def test_tables_fit_80_columns_and_are_plain_when_piped(program: Program, called: Program) -> None:
    """What is piped has no colours and no more than 80 columns."""
    called("run", "--companies", "100000", "--months", "2", "--quiet")
    shown = program("kpi", "abc").stdout
    assert max(map(len, shown.splitlines())) <= 80
    assert "\x1b" not in shown


def test_the_date_is_today_s_where_none_is_given(program: Program, tmp_path: Path) -> None:
    """Design: the default of `--date` is today, in UTC."""
    before = datetime.now(UTC).date()
    assert program("run", *FEW).returncode == 0
    days = {before, datetime.now(UTC).date()}
    found = {path.stem for path in (tmp_path / "reports").glob("kpi_*")}
    assert len(found) == 1
    assert found <= {f"kpi_{day:%Y%m%d}" for day in days}


def test_kpis_as_json_are_one_document_of_numbers(program: Program, called: Program) -> None:
    """4: names, fields, order by period and size, numbers that are numbers, exact."""
    called("run", *FEW)
    document = json.loads(program("kpi", "abc", "--format", "json").stdout)
    assert list(document) == ["usage", "retention", "revenue"]
    fields = {
        "usage": ["period", "company_size", "sessions", "active_companies", "average_sessions"],
        "retention": ["period", "company_size", "companies", "lost"],
        "revenue": ["period", "company_size", "revenue"],
    }
    for name, rows in document.items():
        assert [list(row) for row in rows] == [fields[name]] * 9
        assert [(row["period"], row["company_size"]) for row in rows] == [
            (f"2021-0{month}-01", size) for month in (1, 2, 3) for size in ("small", "large", "all")
        ]
        for row in rows:
            assert all(isinstance(row[key], int | float) for key in fields[name][2:])
    first = {row["company_size"]: row for row in document["retention"][:3]}
    assert first["all"]["companies"] + first["all"]["lost"] == 40
    for row in document["usage"]:
        average = row["sessions"] / row["active_companies"]
        assert row["average_sessions"] == pytest.approx(average, rel=1e-15)


def test_run_prints_what_kpi_prints(program: Program, called: Program) -> None:
    """One JSON document on stdout of a run too, and the same as of `kpi`."""
    ran = program("run", *FEW, "--format", "json")
    assert json.loads(ran.stdout) == json.loads(called("kpi", "abc", "--format", "json").stdout)


def test_one_kpi_alone_as_csv(program: Program, called: Program) -> None:
    """A named KPI alone; CSV that any program reads; several are parted by an empty line."""
    called("run", *FEW)
    rows = list(
        csv.DictReader(io.StringIO(program("kpi", "abc", "revenue", "--format", "csv").stdout))
    )
    assert len(rows) == 9
    assert rows[0].keys() == {"period", "company_size", "revenue"}
    assert re.fullmatch(r"\d+\.00", rows[0]["revenue"])
    both = called("kpi", "abc", "revenue", "usage", "--format", "csv").stdout
    assert [block.splitlines()[0].split(",")[2] for block in both.split("\n\n")] == [
        "revenue",
        "sessions",
    ]


def test_a_report_is_rendered_again_to_the_byte(
    program: Program, called: Program, tmp_path: Path
) -> None:
    """`report` makes what `run` made, of the last published run's date or of another one."""
    called("run", *FEW, "--date", "2026-11-20")
    made = {path.name: path.read_bytes() for path in (tmp_path / "reports").iterdir()}
    assert program("report", "abc", "--reports", "again").returncode == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()} == made
    assert "kpi_20261121.html" in called("report", "abc", "--date", "2026-11-21").stdout


@pytest.mark.parametrize(
    "environment",
    [
        {"TZ": "Asia/Tokyo", "LC_ALL": "C"},
        {"TZ": "America/Los_Angeles", "PGTZ": "Australia/Sydney", "POLARS_MAX_THREADS": "1"},
        {"LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "7", "COLUMNS": "40", "NO_COLOR": "1"},
    ],
)
def test_the_report_is_the_same_anywhere(
    program: Program, called: Program, tmp_path: Path, environment: dict[str, str]
) -> None:
    """The same data and date give the same bytes: no clock, host, zone, locale or thread count."""
    called("run", *FEW, "--date", "2026-11-20", "--reports", "a")
    ran = program("run", *FEW, "--date", "2026-11-20", "--reports", "b", environment=environment)
    assert ran.returncode == 0, ran.stderr
    for path in (tmp_path / "a").iterdir():
        assert (tmp_path / "b" / path.name).read_bytes() == path.read_bytes()


def test_a_dry_run_prints_counts(program: Program, db: Connection, tmp_path: Path) -> None:
    """Everything up to publishing; the counts on stdout; no rows, no report."""
    counts = json.loads(program("run", *FEW, "--dry-run", "--format", "json").stdout)
    assert counts["company"] == 40
    assert db.query("select count(*) as n from abc.company")["n"][0] == 0
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("run", "jukebox", "--input", LONG), 6, f"reading {LONG}: File name too long; see that"),
        (("run", "jukebox", "--input", "loop"), 6, "reading loop: Too many levels of symbolic"),
        (("run", "ratings", "--input", LONG), 6, f"files in {LONG}: File name too long;"),
        (("run", "--templates", LONG), 7, f"templates in {LONG}: File name too long; give perm"),
        (("reports", "list", "--reports", LONG), 7, f"reports in {LONG}: File name too long; give"),
        (("sample", "sales", "--out", LONG), 7, f"writing {LONG}/products.csv: File name too long"),
    ],
)
@pytest.mark.in_process
def test_what_may_not_be_looked_at_is_said(
    program: Program, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """One line of the system's reason, as of a folder that may not be entered, which root may."""
    (tmp_path / "loop").symlink_to("loop")
    ran = program(*arguments)
    assert ran.returncode == code, ran.stderr
    assert said in one_line(ran.stderr)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "--companies", "0"), "'0', expected a whole number from 1 to 10,000,000"),
        (("run", "--companies", "-5"), "'-5', expected a whole number from 1 to 10,000,000"),
        (("run", "--companies", "1e9"), "'1e9', expected a whole number from 1 to 10,000,000"),
        (("run", "--companies", "10000001"), "expected a whole number from 1 to 10,000,000"),
        (("run", "abc", "--months", "0"), "'0', expected a whole number from 1 to 1,200"),
        (("run", "--start", "2021-13"), "'2021-13', expected a month as YYYY-MM"),
        (("run", "--start", "20210-1"), "expected a month as YYYY-MM"),
        (("run", "--seed", "-1"), "expected a whole number from 0"),
        (("run", "--session-rule", "poisson"), "'poisson', expected signed or uniform"),
        (
            ("sample", "ratings", "--out", "in", "--bad", "nan"),
            "'nan', expected a number from 0 to",
        ),
        (
            ("sample", "ratings", "--out", "in", "--bad", "few"),
            "'few', expected a number from 0 to",
        ),
        (("run", "--date", "2026-02-30"), "'2026-02-30', expected a date as YYYY-MM-DD"),
        (("run", "--date", "20260230"), "expected a date as YYYY-MM-DD"),
        (("run", "--date", "2021-W01-1"), "expected a date as YYYY-MM-DD"),
        (("run", "--templates", "nosuch"), "nosuch is no folder; correct --templates"),
        (("run", "--reports", ""), "expected a folder"),
        (("run", "postgresql://u:hunter2@h/d"), "'***'"),
        (("kpi", "abc", "postgresql://u:hunter2@h/d"), "'***'"),
        (("run", "nosuch"), "no such job 'nosuch', expected one of abc"),
        (("run", "abc", "surplus"), "surplus"),
        (("run", "--wait", "-1"), "expected seconds, 0 or more"),
        (("kpi", "abc", "nosuch"), "no such KPI 'nosuch', expected one of usage, retention"),
        (("kpi", "nosuch"), "nosuch"),
        (("nosuch",), "nosuch"),
        (("kpi", "abc", "--format", "xml"), "xml"),
    ],
)
@pytest.mark.in_process
def test_bad_input_is_refused_in_one_line(
    program: Program, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    """Exit code 2, what was got and expected, and nothing half done."""
    ran = program(*arguments)
    assert ran.returncode == 2, ran.stderr
    assert said in one_line(ran.stderr)
    assert "hunter2" not in ran.stderr
    assert ran.stdout == ""
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("postgresql://anna:hunter2@127.0.0.1:1/shop", 4),
        ("postgresql://anna:hunter2@nowhere.invalid/shop", 4),
        ("postgresql://anna:hun#ter2hunter2@h/shop", 2),
        ("mysql://anna:hunter2@h/shop", 2),
        ("host=h password=hunter2", 2),
    ],
)
@pytest.mark.in_process
def test_a_database_that_is_not_there(program: Program, address: str, code: int) -> None:
    """Unreachable or malformed: the right code, one line, and never the password."""
    ran = program("run", "--database", address, "--verbose", environment={"ABCJOB_CONNECT": "0.3"})
    assert ran.returncode == code, ran.stderr
    assert "hunter2" not in ran.stdout + ran.stderr
    quiet = program("run", "--database", address, environment={"ABCJOB_CONNECT": "0.3"})
    assert "--database" in one_line(quiet.stderr)


def test_a_reports_folder_that_cannot_be_written(
    program: Program, db: Connection, tmp_path: Path
) -> None:
    """Exit code 7 before anything is loaded, with the option that helps."""
    (tmp_path / "taken").write_text("")
    ran = program("run", *FEW, "--reports", "taken")
    assert ran.returncode == 7
    assert "--reports" in one_line(ran.stderr)
    assert db.query("select 1 from pg_namespace where nspname = 'abc'").is_empty()


def test_two_runs_at_once(program: Program, called: Program, url: DatabaseUrl) -> None:
    """Exit code 5 for the second, who names the first."""
    called("run", *FEW)
    with connect(url) as other:
        other.query(
            "select pg_advisory_lock(hashtext('abcjob.job'), hashtext('abc'))::text as locked"
        )
        other.execute(
            "insert into abcjob.run (job, logical_date, program_version, parameters) "
            "values ('abc', '2021-01-01', '0', '{}')"
        )
        ran = program("run", *FEW, "--wait", "0.2")
        assert ran.returncode == 5
        assert re.search(r"run 2, started 20\d\d-.* UTC, holds it, .*--wait", one_line(ran.stderr))


def test_the_templates_can_be_overridden(program: Program, tmp_path: Path) -> None:
    """`--templates DIR` takes single templates from there; one that fails is named, code 7."""
    mine = tmp_path / "mine" / "abc"
    mine.mkdir(parents=True)
    (mine / "health.j2").write_text("All is {{ health.status }}.")
    program("run", *FEW, "--templates", "mine", "--date", "2026-11-21")
    assert "All is" in (tmp_path / "reports" / "kpi_20261121.md").read_text()
    (mine / "health.j2").write_text("{{ nosuch }}")
    ran = program("run", *FEW, "--templates", "mine", "--quiet")
    assert ran.returncode == 7
    assert "`abcjob report abc`" in one_line(ran.stderr)
    assert "How much revenue" in ran.stdout


def test_errors_have_tracebacks_only_when_asked(program: Program) -> None:
    """`--verbose` shows where; without it one line says what."""
    assert "Traceback" in program("kpi", "abc", "--verbose").stderr


def test_the_embedded_server_by_hand(program: Program, open_folder: Path) -> None:
    """6: start, stop, status, psql; `url` prints nothing but a URL with which psql connects."""
    own = {"ABCJOB_HOME": str(open_folder / "by hand"), "ABCJOB_DATABASE_URL": ""}

    def db(*arguments: str) -> subprocess.CompletedProcess[str]:
        ran = program("db", *arguments, environment=own)
        assert ran.returncode == 0, ran.stderr
        return ran

    assert db("status").stdout.splitlines()[0] == "stopped"
    for _ in range(2):
        db("start")
    assert db("status").stdout.splitlines()[0] == "running"
    assert program("run", *FEW, environment=own).returncode == 0
    assert db("status").stdout.splitlines()[0] == "running"
    for _ in range(2):
        db("stop")
    assert db("status").stdout.splitlines()[0] == "stopped"
    address = db("url").stdout
    assert re.fullmatch(r"postgresql://abcjob@/abcjob\?host=\S+\n", address)
    psql = str(EmbeddedServer(open_folder / "by hand").binaries.folder / "psql")
    asked = [psql, address.strip(), "-Atc", "select current_user, count(*) from abc.company"]
    found = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert found.stdout == "abcjob|40\n"
    assert db("psql", "-Atc", "select 'one two', 3").stdout == "one two|3\n"
    assert program("db", "psql", "-c", "nonsense", environment=own).returncode == 1
    db("stop")


def test_every_command_has_help(program: Program) -> None:
    """`--help` works everywhere and says what a command is for."""
    for name in COMMANDS:
        ran = program(name, "--help")
        assert ran.returncode == 0
        assert "Usage: abcjob " + name in ran.stdout
    assert program("--version").stdout.startswith("abcjob, version ")


def test_a_command_without_arguments_is_helped(program: Program) -> None:
    """The first thing that a new user types shows what there is, as help does."""
    for arguments in ((), ("db",), ("schema",)):
        ran = program(*arguments)
        assert ran.returncode == 2
        assert "\nCommands:\n" in ran.stderr


@pytest.mark.parametrize(
    ("piped", "code"),
    [
        ("kpi abc | head -1", 0),  # who reads has seen enough
        ("run --companies 60 --quiet 2>&1 | head -1", 0),
        ("run --companies 60 2>&1 >/dev/null | head -1", 0),
        ("kpi abc > /dev/full", 7),
        ("kpi abc 2> /dev/full", 0),
    ],
)
def test_output_that_nobody_reads_stops_nothing(
    called: Program, url: DatabaseUrl, db: Connection, tmp_path: Path, piped: str, code: int
) -> None:
    """A pipe closed early is no fault, and never stops a run; a full disk is said."""
    called("run", "--companies", "50", "--months", "120", "--quiet")
    ran = subprocess.run(
        ["/bin/bash", "-o", "pipefail", "-c", f"{sys.executable} -m abcjob {piped}"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "ABCJOB_DATABASE_URL": url.libpq},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == code, ran.stderr
    assert "Traceback" not in ran.stderr
    expected = 60 if "60" in piped else 50
    assert db.query("select count(*) as n from abc.company")["n"][0] == expected


@pytest.mark.parametrize(
    ("arguments", "code"), [("run --companies 9 --months 2 --format json", 0), ("kpi nosuch", 2)]
)
def test_without_stderr_stdout_has_the_result_alone(
    url: DatabaseUrl, tmp_path: Path, arguments: str, code: int
) -> None:
    """Where stderr is closed, progress and errors go nowhere: stdout is JSON still."""
    ran = subprocess.run(
        ["/bin/bash", "-c", f"exec {sys.executable} -m abcjob {arguments} 2>&-"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "ABCJOB_DATABASE_URL": url.libpq},
        stdout=subprocess.PIPE,
        check=False,
    )
    assert ran.returncode == code
    assert list(json.loads(ran.stdout or "{}")) == (
        [] if code else ["usage", "retention", "revenue"]
    )


def test_any_encoding_of_the_terminal_will_do(program: Program) -> None:
    """Rather a question mark than no answer."""
    ran = program("run", *FEW, "--quiet", environment={"PYTHONIOENCODING": "latin-1"})
    assert ran.returncode == 0
    assert "How much revenue" in ran.stdout
