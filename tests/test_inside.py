"""What tests may call in their own process instead of starting it."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from terminal import FEW

from abcjob import run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from conftest import Program

CALLS = (
    (),
    ("run", "--companies", "0"),
    ("kpi", "abc"),
    ("run", *FEW, "--date", "2026-11-21", "--quiet", "--format", "json"),
    ("run", *FEW, "--date", "2026-11-21", "--dry-run", "--quiet"),
    ("kpi", "abc", "nosuch"),
    ("report", "abc", "--templates", "broken"),
    ("report", "abc"),
    ("reports", "list", "--format", "csv"),
    ("run", "sales", "--input", "nowhere", "--quiet"),
)


def test_a_call_says_does_and_ends_as_a_process_does(
    program: Program, called: Program, tmp_path: Path
) -> None:
    """Exit code, stdout, stderr and files, whether all goes well or not; signals stay ours."""
    (tmp_path / "broken" / "abc").mkdir(parents=True)
    (tmp_path / "broken" / "abc" / "report.html.j2").write_text("{{ nosuch }}")
    found = []
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    for how in (program, called):
        said = []
        for arguments in CALLS:
            ran = how(*arguments)
            said.append((ran.returncode, ran.stdout, ran.stderr))
        german = ("report", "abc", "--date", "2026-11-22")
        assert how(*german, environment={"ABCJOB_LOCALE": "de"}).returncode == 0
        files = {path.name: path.read_bytes() for path in (tmp_path / "reports").iterdir()}
        for path in (tmp_path / "reports").iterdir():
            path.unlink()
        assert program("schema", "drop", "abc").returncode == 0
        found.append((said, files))
    assert found[0] == found[1]
    assert {code for code, *_ in found[0][0]} == {0, 2, 3, 6, 7}
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers


def test_what_a_library_writes_is_caught_too(
    called: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL's library, say, prints notices past Python's stderr."""
    monkeypatch.setattr(run, "kpis", lambda *_: os.write(2, b"a notice\n") and {})
    assert "a notice" in called("kpi", "abc").stderr
