"""The tables by hand: made, emptied, dropped; and those of another version."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from terminal import FEW, one_line

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program

    from abcjob.database.connection import Connection

pytestmark = pytest.mark.in_process


def test_schema_and_data_by_hand(program: Program, db: Connection, tmp_path: Path) -> None:
    """0.8, 0.9, 0.13, 0.14: create, load, clear and drop, each as often as one likes."""
    for _ in range(2):
        assert program("schema", "create", "abc").returncode == 0
    assert program("run", *FEW).returncode == 0
    for _ in range(2):
        assert program("data", "clear", "abc").returncode == 0
        assert db.query("select count(*) as n from abc.session")["n"][0] == 0
    shown = program("kpi", "abc", "--format", "json")
    assert json.loads(shown.stdout) == {"usage": [], "retention": [], "revenue": []}
    assert program("report", "abc", "--reports", "empty").returncode == 0
    [page] = (tmp_path / "empty").glob("*.md")
    assert "The tables are empty" in page.read_text()
    assert "passed" not in page.read_text()
    assert "(no rows)" in program("kpi", "abc").stdout
    for _ in range(2):
        assert program("schema", "drop", "abc").returncode == 0
    assert db.query("select 1 from pg_namespace where nspname = 'abc'").is_empty()
    assert program("data", "clear", "abc").returncode == 0


@pytest.mark.parametrize("command", [("kpi", "abc"), ("report", "abc")])
def test_nothing_loaded_yet_is_said(program: Program, command: tuple[str, ...]) -> None:
    """Exit code 3, and the command that loads; also where only the schema is there."""
    for _ in range(2):
        ran = program(*command)
        assert ran.returncode == 3
        assert "run `abcjob run abc` first" in one_line(ran.stderr)
        program("schema", "create", "abc")


def test_a_schema_of_another_version(program: Program, db: Connection) -> None:
    """Exit code 4, what was found and expected, and the command that mends it."""
    program("run", *FEW)
    db.execute("update abcjob.version set version = 99 where name = 'abc'")
    for command in (("run", *FEW), ("kpi", "abc"), ("report", "abc"), ("data", "clear", "abc")):
        ran = program(*command)
        assert ran.returncode == 4
        assert re.search(
            r"found version 99, expected \d+; drop it by `abcjob schema drop abc`, or keep",
            one_line(ran.stderr),
        )
    assert program("schema", "drop", "abc").returncode == 0
    assert program("run", *FEW).returncode == 0


@pytest.mark.parametrize("schema", ["abc", "abcjob"])
def test_what_another_version_made_is_kept_aside(
    program: Program, db: Connection, schema: str
) -> None:
    """The statements that the message gives lose no row, and lead to a run that succeeds.

    Also where something was kept aside under the first name that comes to mind.
    """
    program("run", *FEW)
    db.script(f"create schema {schema}_99; create schema {schema}_99_2")
    db.execute("update abcjob.version set version = 99 where name = $1", schema)
    ran = program("run", *FEW)
    assert ran.returncode == 4
    [statements] = re.findall("aside by `(.*?)` in psql, then run again", one_line(ran.stderr))
    db.script(statements)
    again = program("run", *FEW)
    assert again.returncode == 0, again.stderr
    [kept] = db.query(
        "select nspname::text as name from pg_namespace where nspname ~ '^abc_([1-9]|99_3)$'"
    )["name"]
    assert db.query(f"select count(*) as n from {kept}.company")["n"][0] == 40
