"""`abcjob doctor`: what works here, what does not, and the remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terminal import LONG

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from abcjob.database.url import DatabaseUrl

    Program = Callable[..., subprocess.CompletedProcess[str]]


def test_doctor_says_what_works(program: Program, url: DatabaseUrl) -> None:
    """8: versions, database, reports, disk, and where each setting comes from."""
    ran = program("doctor")
    assert ran.returncode == 0, ran.stdout
    assert "polars 2." in ran.stdout
    assert f"PostgreSQL 18.4 at {url}" in ran.stdout
    assert "reports can be written" in ran.stdout
    assert "(ABCJOB_DATABASE_URL in the environment)" in ran.stdout


def test_doctor_says_what_does_not(program: Program, tmp_path: Path) -> None:
    """One remedy a line, and the exit code of the first that fails."""
    (tmp_path / "reports").write_text("")
    ran = program(
        "doctor",
        "--database",
        "postgresql://a:hunter2@127.0.0.1:1/x",
        environment={"ABCJOB_CONNECT": "0"},
    )
    assert ran.returncode == 4
    failures = [line for line in ran.stdout.splitlines() if line.startswith("FAIL")]
    assert len(failures) == 2
    assert "--database" in failures[0]
    assert "--reports" in failures[1]
    assert "hunter2" not in ran.stdout


def test_doctor_does_not_stumble_over_what_it_looks_at(program: Program) -> None:
    """A home that cannot be made is told, and the disk looked at where there is something."""
    own = {"ABCJOB_HOME": f"/{LONG}/home", "ABCJOB_DATABASE_URL": ""}
    ran = program("doctor", environment=own)
    assert (ran.returncode, ran.stderr) == (4, "")
    [failure] = [line for line in ran.stdout.splitlines() if line.startswith("FAIL")]
    assert "File name too long; name another with ABCJOB_HOME" in failure
    assert "GiB free for the embedded server at /\n" in ran.stdout
