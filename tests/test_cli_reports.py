"""The commands about the reports folder, and what a run leaves in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pages import Seen, head, put
from terminal import FEW, one_line

if TYPE_CHECKING:
    from conftest import Program

FILES = {
    **{
        f"kpi_202603{day}.html": head("ABC", f"Day {day}.", Revenue=f"${day}")
        for day in (10, 20, 30)
    },
    **{f"kpi_202603{day}.md": "" for day in (10, 20, 30)},
    **{f"ratings_202603{day}.html": head("Ratings", "=1+1") for day in (15, 31)},
    "Customer_Rating_Aggregate_Report_20260315.csv": "",
    "notes_20260101.html": "mine",
    "cron.log": "mine",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The reports folder, with reports of two jobs and files of others."""
    put(tmp_path / "reports", FILES)
    return tmp_path / "reports"


def left(folder: Path) -> set[str]:
    """The files that are there."""
    return {path.name for path in folder.iterdir()}


@pytest.mark.in_process
def test_reports_are_listed(program: Program, folder: Path) -> None:
    """Newest first, of all jobs or of one; JSON has figures, CSV no formula, a table 80 columns."""
    assert folder.is_dir()
    listed = program("reports", "list", "--format", "json")
    assert listed.returncode == 0, listed.stderr
    rows = json.loads(listed.stdout)
    assert [(row["date"][5:], row["job"]) for row in rows] == [
        *(("03-31", "ratings"), ("03-30", "abc"), ("03-20", "abc")),
        *(("03-15", "ratings"), ("03-10", "abc")),
    ]
    assert rows[1] == {
        "date": "2026-03-30",
        "job": "abc",
        "file": "reports/kpi_20260330.html",
        "headline": "Day 30.",
        "title": "ABC",
        "figures": {"Revenue": "$30"},
        "files": ["reports/kpi_20260330.html", "reports/kpi_20260330.md"],
    }
    table = program("reports", "list", "abc").stdout
    assert "Day 30." in table
    assert "ratings" not in table
    assert max(map(len, table.splitlines())) <= 80
    lines = program("reports", "list", "ratings", "--format", "csv").stdout.splitlines()
    assert lines[:2] == [
        "date,job,file,headline",
        "2026-03-31,ratings,reports/ratings_20260331.html,'=1+1",
    ]
    assert left(folder) == set(FILES)  # to list is to write nothing


def test_the_newest_report_is_opened(program: Program, folder: Path, tmp_path: Path) -> None:
    """In the browser that there is, by its full path; where there is none, that is said."""
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> "{tmp_path}/opened"\n')
    browser.chmod(0o755)
    for arguments, name in (
        ((), "ratings_20260331.html"),
        (("abc",), "kpi_20260330.html"),
        (("abc", "--date", "2026-03-10"), "kpi_20260310.html"),
        (("--date", "2026-03-15"), "ratings_20260315.html"),
    ):
        ran = program("reports", "open", *arguments, environment={"BROWSER": f"{browser} %s"})
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"reports/{name}\n", "")
        assert (tmp_path / "opened").read_text().splitlines()[-1] == (folder / name).as_uri()
    ran = program("reports", "open", environment={"PATH": "/nowhere"})
    assert (ran.returncode, ran.stdout) == (0, "reports/ratings_20260331.html\n")
    assert "found no browser" in ran.stderr


@pytest.mark.in_process
def test_old_reports_are_pruned(program: Program, folder: Path) -> None:
    """The newest of each job stay; the others go with all their files; the index follows."""
    gone = ["reports/kpi_20260310.html", "reports/kpi_20260310.md"]
    told = program("reports", "prune", "abc", "--keep", "2", "--dry-run")
    assert (told.returncode, told.stdout.splitlines()) == (0, gone)
    assert "would delete 2 files of 1 report" in told.stderr
    assert left(folder) == set(FILES)
    done = program("reports", "prune", "abc", "--keep", "2")
    assert (done.returncode, done.stdout.splitlines()) == (0, gone)
    assert left(folder) == set(FILES) - {Path(name).name for name in gone} | {"index.html"}
    done = program("reports", "prune", "--keep", "1")
    assert done.returncode == 0, done.stderr
    assert left(folder) == {
        *("kpi_20260330.html", "kpi_20260330.md", "ratings_20260331.html"),
        *("notes_20260101.html", "cron.log", "index.html"),
    }
    links = Seen((folder / "index.html").read_text()).links
    assert links == ["kpi_20260330.html", "kpi_20260330.md", "ratings_20260331.html"]
    for path in folder.glob("*_202603*"):
        path.unlink()
    again = program("reports", "prune", "--keep", "1")
    assert (again.returncode, again.stdout) == (0, "")
    assert "There are no reports" in (folder / "index.html").read_text()


def test_only_files_of_a_run_s_are_pruned(program: Program, folder: Path, tmp_path: Path) -> None:
    """No link, no pipe and no folder goes or counts, whatever its name; nothing outside is."""
    outside = tmp_path / "outside"
    put(outside, {"kpi_20260101.html": "theirs", "kpi_20260101.md": "theirs"})
    for name in ("kpi_20260101.html", "kpi_20260101.md"):
        (folder / name).symlink_to(outside / name)
    (folder / "ratings_20260102.html").symlink_to("nowhere")
    (folder / "ratings_20260103.html").symlink_to(300 * "x")  # a name that no system takes
    (folder / "sales_20260101.html").symlink_to(outside)
    os.mkfifo(folder / "jukebox_20260103.md")
    os.mkfifo(folder / "kpi_20260401.html")  # newer than all
    (folder / "kpi_20260104.html").mkdir()
    before = left(folder)
    done = program("reports", "prune", "--keep", "1", timeout=20)
    assert done.returncode == 0, done.stderr
    gone = {f"kpi_202603{day}.{kind}" for day in (10, 20) for kind in ("html", "md")}
    gone |= {"ratings_20260315.html", "Customer_Rating_Aggregate_Report_20260315.csv"}
    assert left(folder) == before - gone | {"index.html"}
    assert {Path(line).name for line in done.stdout.splitlines()} == gone
    assert "deleted 6 files of 3 reports" in done.stderr
    assert {path.read_text() for path in outside.iterdir()} == {"theirs"}


def test_what_is_gone_is_told_when_the_rest_stays(program: Program, folder: Path) -> None:
    """A file that cannot be deleted ends it: those before it are printed, and listed no more."""
    fixed = folder / "kpi_20260310.html"
    chattr = shutil.which("chattr") or "false"
    if subprocess.run([chattr, "+i", fixed], check=False).returncode:
        pytest.skip("no file here can be made to stay")
    try:
        done = program("reports", "prune", "--keep", "1")
    finally:
        subprocess.run([chattr, "-i", fixed], check=True)
    assert done.returncode == 7
    gone = ["kpi_20260320.html", "kpi_20260320.md"]
    assert done.stdout.splitlines() == [f"reports/{name}" for name in gone]
    count, error = done.stderr.splitlines()
    assert count == "deleted 2 files of 1 report"
    assert error.startswith("abcjob: deleting reports/kpi_20260310.html: Operation not permitted")
    links = Seen((folder / "index.html").read_text()).links
    assert sorted(links) == sorted(name for name in left(folder) if "_202603" in name)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("list", "--reports", "nosuch"), 2, "nosuch is no folder; correct --reports"),
        (("open", "--reports", "nosuch"), 2, "nosuch is no folder; correct --reports"),
        (("prune", "--keep", "1", "--reports", "nosuch"), 2, "nosuch is no folder"),
        (("prune", "--keep", "0"), 2, "0 is not in the range x>=1"),
        (("prune",), 2, "Missing option '--keep'"),
        (("list", "nosuch"), 2, "'nosuch' is not one of 'abc'"),
        (("open", "sales"), 3, "of sales: reports has none, there is none at all"),
        (("open", "abc", "--date", "2026-03-11"), 3, "has none, the newest is of 2026-03-30"),
        (("open", "sales", "--reports", "pipes"), 3, "pipes/sales_20260101.html: it is no file"),
    ],
)
@pytest.mark.in_process
def test_what_cannot_be_done_is_said(
    program: Program, folder: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """In one line, with what helps, and nothing is changed."""
    (folder.parent / "pipes").mkdir()
    os.mkfifo(folder.parent / "pipes" / "sales_20260101.html")
    ran = program("reports", *arguments)
    assert ran.returncode == code, ran.stderr
    assert said in one_line(ran.stderr)
    assert ran.stdout == ""
    assert left(folder) == set(FILES)


@pytest.mark.in_process
def test_a_folder_without_reports_has_an_empty_list(program: Program, tmp_path: Path) -> None:
    """No error, as of a ledger without runs."""
    (tmp_path / "reports").mkdir()
    listed = program("reports", "list", "--format", "json")
    assert (listed.returncode, listed.stdout) == (0, "[]\n")


@pytest.mark.in_process
def test_a_run_lists_its_report(program: Program, tmp_path: Path) -> None:
    """Outcome: the index after each run and `report` has what the reports themselves say."""
    assert program("run", *FEW, "--date", "2026-03-30", "--quiet").returncode == 0
    assert program("report", "abc", "--date", "2026-03-31").returncode == 0
    revenue = json.loads(program("kpi", "abc", "revenue", "--format", "json").stdout)["revenue"]
    last = f"${revenue[-1]['revenue']:,}"
    rows = json.loads(program("reports", "list", "--format", "json").stdout)
    assert [row["date"] for row in rows] == ["2026-03-31", "2026-03-30"]
    assert {row["figures"]["Revenue"] for row in rows} == {last}
    page = (tmp_path / "reports" / "kpi_20260330.html").read_text()
    assert all(row["headline"] in " ".join(page.split()) for row in rows)
    seen = Seen((tmp_path / "reports" / "index.html").read_text())
    assert seen.links == [f"kpi_202603{end}" for end in ("31.html", "31.md", "30.html", "30.md")]
    assert seen.texts.count(last) == 2
    assert rows[0]["headline"] in seen.texts
    assert "ABC Enterprises: usage, retention and revenue" in seen.texts


def test_a_report_that_cannot_be_listed_is_there(program: Program, tmp_path: Path) -> None:
    """What fails is the index: the report is written, named, and not asked for again."""
    (tmp_path / "reports" / "index.html").mkdir(parents=True)
    written = "the report itself is written: reports/kpi_20260330.md, reports/kpi_20260330.html"
    ran = program("run", *FEW, "--date", "2026-03-30")
    assert ran.returncode == 7
    *_, page, text, error = ran.stderr.splitlines()
    assert page == "report   reports/kpi_20260330.html"
    assert text == "         reports/kpi_20260330.md"
    assert error.startswith("abcjob: writing reports/index.html: Is a directory; ")
    assert error.endswith(written)
    again = program("report", "abc")
    assert again.returncode == 7
    assert one_line(again.stderr).strip().endswith(written)


@pytest.mark.in_process
def test_a_run_leaves_a_page_of_somebody_s(program: Program, tmp_path: Path) -> None:
    """Outcome: `run`, `report` and `reports prune` do all else, name it, and end with code 7."""
    put(tmp_path / "site", {"index.html": "<h1>Home</h1>"})
    said = "abcjob: writing site/index.html: another page is there, "
    for day in ("2026-03-30", "2026-03-31"):
        ran = program("run", *FEW, "--date", day, "--reports", "site", "--quiet")
        assert ran.returncode == 7
        assert one_line(ran.stderr).startswith(said)
        assert "the report itself is written: site/kpi_202603" in ran.stderr
    again = program("report", "abc", "--reports", "site")
    assert again.returncode == 7
    assert one_line(again.stderr).startswith(said)
    pruned = program("reports", "prune", "--keep", "1", "--reports", "site")
    assert pruned.returncode == 7
    count, error = pruned.stderr.splitlines()
    assert count == "deleted 2 files of 1 report"
    assert error.startswith(said)
    assert left(tmp_path / "site") == {"index.html", "kpi_20260331.html", "kpi_20260331.md"}
    assert (tmp_path / "site" / "index.html").read_text() == "<h1>Home</h1>"
