"""Tables: of a KPI's rows, side by side or not, for a terminal and in Markdown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from abcjob import sqlfile
from abcjob.render import tables


def kpi(*, across: bool) -> sqlfile.SqlFile:
    """A KPI of two measures."""
    header = {"show": "money money, n count", **({"across": "size"} if across else {})}
    return sqlfile.SqlFile("k", header, "select 1")


FRAME = pl.DataFrame(
    {
        "period": [date(2021, 1, 1)] * 2 + [date(2021, 2, 1)] * 2,
        "size": ["small", "all"] * 2,
        "n": [1, 1000, 3, 4],
        "money": [Decimal("1.5"), Decimal(2), None, Decimal(4)],
    }
)


def test_sizes_stand_side_by_side() -> None:
    """A line for each month; for each measure asked for, a column for each size, in order."""
    table = tables.from_kpi(kpi(across=True), FRAME)
    assert table.groups == (("", 1), ("Money", 2), ("N", 2))
    assert [heading.text for heading in table.headings] == ["Month", "small", "all", "small", "all"]
    assert table.rows == (
        ("2021-01", "$1.50", "$2", "1", "1,000"),
        ("2021-02", "–", "$4", "3", "4"),  # noqa: RUF001
    )


def test_a_size_may_be_called_as_the_column_of_months_is() -> None:
    """No data are taken for a name of ours: a region can be called `period`."""
    frame = FRAME.with_columns(pl.col("size").replace("all", "period"))
    table, plain = (tables.from_kpi(kpi(across=True), one) for one in (frame, FRAME))
    assert [heading.text for heading in table.headings][1:3] == ["small", "period"]
    assert table.rows == plain.rows


def test_rows_without_a_side_stay_rows() -> None:
    """A KPI that asks for no columns side by side is shown as it is."""
    frame = pl.DataFrame({"product": ["a", "b"], "n": [1, 2], "money": [3, 4]})
    table = tables.from_kpi(kpi(across=False), frame)
    assert [heading.text for heading in table.headings] == ["Product", "Money", "N"]
    assert table.rows == (("a", "$3", "1"), ("b", "$4", "2"))


def test_a_kpi_without_rows_has_none() -> None:
    """Empty data is no error."""
    assert tables.from_kpi(kpi(across=True), FRAME.clear()).rows == ()
    assert tables.from_kpi(kpi(across=False), FRAME.clear()).rows == ()


def test_a_kind_that_nobody_knows_is_a_fault_of_the_file() -> None:
    """Said with the file's name, and what there is."""
    wrong = sqlfile.SqlFile("k", {"show": "n dollars"}, "")
    with pytest.raises(ValueError, match=r"sql file k: .* has dollars, expected one of"):
        tables.from_kpi(wrong, FRAME)


def test_plain_text_tables_are_aligned() -> None:
    """Numbers to the right, words to the left, headings in one line."""
    text = tables.aligned(tables.from_kpi(kpi(across=True), FRAME), str)
    assert {len(cell) for row in text.rows for cell in row[1:2]} == {text.widths[1]}
    assert text.headings == (("Month  ", "Money, small", "Money, all", "N, small", "N, all"),)


def test_each_measure_has_a_table_in_markdown() -> None:
    """Narrow enough to be read as it is; where there is one measure, or none apart, one table."""
    money, count = tables.by_group(tables.from_kpi(kpi(across=True), FRAME))
    assert (money[0], count[0]) == ("Money", "N")
    assert tables.aligned(money[1], str).headings == (("Month  ", "small", "all"),)
    assert count[1].rows == (("2021-01", "1", "1,000"), ("2021-02", "3", "4"))
    rows = tables.from_kpi(kpi(across=False), FRAME.drop("size"))
    assert tables.by_group(rows) == [("", rows)]
