"""SQL files: headers, statements, identifiers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abcjob import jobs, resources, sqlfile
from abcjob.sqlfile import Sql

if TYPE_CHECKING:
    from pathlib import Path


def test_a_header_is_read_and_its_lines_are_joined() -> None:
    """What the opening comment says by key is what the report shows."""
    file = sqlfile.parse(
        "k", "-- question: How\n--   much?\n-- grain: one row\nselect 1  -- unit: no\n;\n"
    )
    assert file.header == {"question": "How much?", "grain": "one row"}
    assert file.sql == "select 1  -- unit: no\n"
    with pytest.raises(KeyError, match="k: its header lacks `-- unit"):
        file.require("unit")


def test_an_identifier_is_quoted_and_sql_is_not() -> None:
    """Names go in quoted, a dot parting schema and table; SQL goes in as it is."""
    filled = sqlfile.fill("{a} {b} {c}", a='s.we"ird', b=["x", "Y"], c=Sql("select '{not a name}'"))
    assert filled == '"s"."we""ird" "x", "Y" select \'{not a name}\''


def test_a_table_is_put_before_each_column() -> None:
    """Behind a colon stands what a statement calls the table."""
    assert sqlfile.fill("({key:new}) = ({key:old})", key=["a", 'b"c']) == (
        '(new."a", new."b""c") = (old."a", old."b""c")'
    )


def test_a_function_gives_the_sql_for_what_it_is_told() -> None:
    """It gets what stands behind the colon, each time, and what it gives goes in as it is."""
    told: list[str] = []

    def made(text: str) -> str:
        told.append(text)
        return sqlfile.quoted(f"job.{text}") if text else "'{not a name}'"

    filled = sqlfile.fill("{at:a} {at:b_c} {at} {other}", at=made, other="x")
    assert filled == '"job"."a" "job"."b_c" \'{not a name}\' "x"'
    assert told == ["a", "b_c", ""]


def test_statements_are_parted_where_a_line_ends_with_one() -> None:
    """A semicolon within a line, such as in a text, parts nothing; the last needs none."""
    text = "alter table a\nadd primary key (b);\nselect ';' as c, 1;  \n\nselect 2"
    assert sqlfile.parted(text) == [
        "alter table a\nadd primary key (b)",
        "select ';' as c, 1",
        "select 2",
    ]


def test_a_brace_that_nobody_fills_is_a_fault() -> None:
    """Rather than go to the server as it is."""
    with pytest.raises(KeyError, match="other"):
        sqlfile.fill("{name} {other}", name="x")


def test_a_file_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job need not have every file; a folder of the name is none."""
    monkeypatch.setattr(resources, "folder", lambda _: tmp_path)
    (tmp_path / "job" / "folder.sql").mkdir(parents=True)
    (tmp_path / "job" / "views.sql").write_text("select 1")
    assert sqlfile.is_there("job", "views")
    assert not sqlfile.is_there("job", "settle")
    assert not sqlfile.is_there("job", "folder")
    assert not sqlfile.is_there("nobody", "views")


def test_every_brace_of_a_job_s_files_is_filled() -> None:
    """Tables that are touched have conditions in their models; others have no brace."""
    folder = resources.folder("sql")
    for name in jobs.JOBS:
        job = jobs.load(name)
        for derived in job.derived:
            braces = re.findall(r"\{(\w+)", sqlfile.load(name, "model", derived.name).sql)
            assert ("is_touched" in braces) == (derived.touched is not None)
            assert set(braces) <= (set(sqlfile.CONDITIONS) if derived.touched else set())
            if derived.touched:
                assert sqlfile.is_there(name, "touched", derived.name), f"{name}: {derived.name}"
        for item in job.inputs:
            assert sqlfile.is_there(name, "restate", item.name) == (item.latest is not None)
        known = {*job.tables}
        for path in sorted((folder / name).glob("*/*.sql")):
            asked = re.findall(r"\{published:(\w+)\}", path.read_text())
            assert known.issuperset(asked), path


@given(st.text(min_size=1).filter(lambda name: "." not in name))
def test_no_identifier_breaks_out(name: str) -> None:
    """Whatever a name holds, its quotes are closed where they should be."""
    filled = sqlfile.fill("{name}", name=name)
    assert filled[0] == filled[-1] == '"'
    assert filled[1:-1].replace('""', "").count('"') == 0


def test_every_sql_file_opens_with_its_question() -> None:
    """Each file says what it answers; a KPI also how, why, its grain and unit; a check how bad."""
    folder = resources.folder("sql")
    wanted = {
        "kpi": {"question", "definition", "why", "grain", "unit", "show"},
        "model": {"question", "grain", "unit"},
        "checks": {"rule", "severity", "requirement"},
    }
    files = sorted(folder.rglob("*.sql"))
    assert len(files) > 10
    for path in files:
        header = sqlfile.parse(path.stem, path.read_text()).header
        missing = wanted.get(path.parent.name, {"question"}) - set(header)
        assert not missing, f"{path}: its header lacks {missing}"
