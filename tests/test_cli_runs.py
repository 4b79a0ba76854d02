"""What the ledger tells of the runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Program

pytestmark = pytest.mark.in_process


def test_the_ledger_is_shown(program: Program) -> None:
    """What ran, the last first, in 80 columns; in JSON every step, check and count."""
    nothing = program("runs", "--format", "json")
    assert (nothing.returncode, nothing.stdout) == (0, "[]\n")
    program("run", "--companies", "40", "--months", "3", "--date", "2021-04-01", "--quiet")
    program("run", "ratings", "--input", ".", "--date", "2021-04-02", "--quiet")
    table = program("runs").stdout.splitlines()
    assert [line.split()[:3] for line in table[:3]] == [
        ["run", "job", "date"],
        ["2", "ratings", "2021-04-02"],
        ["1", "abc", "2021-04-01"],
    ]
    assert max(map(len, table[:3])) <= 80
    assert table[3].startswith("run 2: looking for the file of acme: none")
    assert len(table) == 4
    [told] = json.loads(program("runs", "abc", "--format", "json").stdout)
    assert (told["outcome"], told["error"]) == ("published", None)
    assert told["parameters"]["companies"] == "40"
    assert {step["step"] for step in told["steps"]} >= {"load", "model", "publish", "report"}
    assert {check["violations"] for check in told["checks"]} == {0}
    assert sum(item["loaded"] for item in told["inputs"]) == told["loaded"]
    few = program("runs", "--limit", "1", "--format", "csv").stdout.splitlines()
    assert few[0] == "run,job,date,started,seconds,outcome,rows,error"
    assert len(few) == 2
