"""SQL files: headers, statements, identifiers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abcjob import resources, sqlfile
from abcjob.sqlfile import Sql


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
