"""Tables in a terminal: as wide as it is, and nothing lost."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abcjob import sqlfile
from abcjob.render import tables as kpi_tables
from abcjob.render import terminal
from abcjob.render.tables import Aligned, Heading, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conftest import Program

NAME = "Puzzle de la savane"


def table(*columns: tuple[str, str, list[str]]) -> Table:
    """Of columns: a heading's group, its text, and the cells; those that are digits are numbers."""
    headings = [
        Heading(group, text, is_number=all(cell.isdigit() for cell in cells))
        for group, text, cells in columns
    ]
    return Table(tuple(headings), tuple(zip(*(cells for *_, cells in columns), strict=True)))


def lines(block: Aligned) -> list[str]:
    """A block as it is printed, but for the rule under its headings."""
    return ["  ".join(line) for line in (*block.headings, *block.rows)]


def test_headings_are_stacked_and_cells_aligned() -> None:
    """A word a line, the last at the bottom; numbers to the right, words to the left."""
    given_table = table(
        ("", "Month", ["2021-01", "2021-02"]),
        ("Money", "small", ["1", "20"]),
        ("Money", "Île-de-France", ["3", "4"]),
        ("N", "small", ["5", "6"]),
    )
    [block] = terminal.blocks(given_table, 79)
    assert lines(block) == [
        "                 Money       ",
        "                  Île-       ",
        "         Money     de-      N",
        "Month    small  France  small",
        "2021-01      1       3      5",
        "2021-02     20       4      6",
    ]
    assert [lines(block)[-1] for block in terminal.blocks(given_table, 28)] == [
        "2021-02     20       4",
        "2021-02      6",
    ]


def test_texts_are_wrapped_before_a_table_is_parted() -> None:
    """Down to twenty characters; a column without any value goes before that is not enough."""
    columns = [
        ("", "Product", [f"{NAME} Mirande dès 8 ans", "Thé"]),
        ("", "Category", ["–", "–"]),  # noqa: RUF001
        ("", "Revenue", ["88", "1"]),
    ]
    as_it_is, wrapped, without = (
        [line for block in terminal.blocks(table(*columns), width) for line in lines(block)]
        for width in (56, 55, 38)
    )
    assert as_it_is == [
        "Product                                Category  Revenue",
        "Puzzle de la savane Mirande dès 8 ans  –              88",  # noqa: RUF001
        "Thé                                    –               1",  # noqa: RUF001
    ]
    assert wrapped == [
        "Product                               Category  Revenue",
        "Puzzle de la savane Mirande dès 8     –              88",  # noqa: RUF001
        "ans                                                    ",
        "Thé                                   –               1",  # noqa: RUF001
    ]
    assert without == [
        "Product                        Revenue",
        "Puzzle de la savane Mirande         88",
        "dès 8 ans                             ",
        "Thé                                  1",
    ]


def test_no_text_breaks_a_table() -> None:
    """A tab, an end of line or what moves the cursor is no part of a cell as it is printed."""
    [block] = terminal.blocks(table(("", "a", ["x\n<b>\t| y\x1b[2J"]), ("", "b\nc", ["1"])), 79)
    assert lines(block) == [
        "                  b",
        "a                 c",
        "x <b> | y\\x1b[2J  1",
    ]


def test_changes_stand_below_the_months() -> None:
    """The last month against the one before, under its columns, also where these are parted."""
    kpi = sqlfile.SqlFile("k", {"show": "n count, share percent", "across": "size"}, "")
    frame = pl.DataFrame(
        {
            "period": [date(2021, month, 1) for month in (10, 11, 12) for _ in "ab"],
            "size": ["small", "all"] * 3,
            "n": [9_000, 9_999, 1_000, 2_000, 1_500, 1_500],
            "share": [0.1, 0.2, 0.5, None, 0.25, 0.5],
        }
    )
    together, *_ = terminal.blocks(kpi_tables.from_kpi(kpi, frame), 79)
    assert ["  ".join(line) for line in together.changes] == [
        "Change     +500    -500  -25.0 pp      –",  # noqa: RUF001
        "in %     +50.0%  -25.0%         –      –",  # noqa: RUF001
    ]
    parted = terminal.blocks(kpi_tables.from_kpi(kpi, frame), 30)
    assert [block.changes[0][0].strip() for block in parted] == ["Change", "Change"]
    assert [len(block.rows) for block in parted] == [3, 3]
    one_month = frame.filter(pl.col("period") == date(2021, 10, 1))
    assert kpi_tables.from_kpi(kpi, one_month).changes == ()
    products = sqlfile.SqlFile("k", {"show": "n count"}, "")
    assert kpi_tables.from_kpi(products, frame.select("size", "n")).changes == ()


@pytest.mark.parametrize(
    ("day", "changes"),
    [
        (date(2021, 12, 30), [("Change, 2021-11", "-8,000"), ("in %", "-80.0%")]),
        (date(2021, 12, 1), [("Change, 2021-11", "-8,000"), ("in %", "-80.0%")]),
        (date(2021, 12, 31), [("Change", "+1,000"), ("in %", "+50.0%")]),
        (date(2022, 1, 1), [("Change", "+1,000"), ("in %", "+50.0%")]),
        (date(2021, 11, 9), [("Change", "+1,000"), ("in %", "+50.0%")]),  # generated up to then
        (None, [("Change", "+1,000"), ("in %", "+50.0%")]),
    ],
)
def test_only_months_that_are_over_are_compared(
    day: date | None, changes: list[tuple[str, str]]
) -> None:
    """In the middle of a month it would seem to have fallen: the two before it are, by name."""
    kpi = sqlfile.SqlFile("k", {"show": "n count"}, "")
    frame = pl.DataFrame(
        {"period": [date(2021, month, 1) for month in (10, 11, 12)], "n": [10_000, 2_000, 3_000]}
    )
    assert list(kpi_tables.from_kpi(kpi, frame, day=day).changes) == changes
    two = kpi_tables.from_kpi(kpi, frame[1:], day=day)
    assert bool(two.changes) == (len(changes[0][0]) == len("Change"))
    assert kpi_tables.from_kpi(kpi, frame[:0], day=day).changes == ()


@pytest.mark.in_process
def test_the_terminal_knows_the_date(program: Program) -> None:
    """Outcome: `run` by its date, `kpi` by that of the last run, also where that is long ago."""
    assert program("sample", "sales", "--out", "in", "--rows", "300").returncode == 0
    for day, label in (("2026-05-15", "Change, 2026-04"), ("2026-05-31", "Change ")):
        ran = program("run", "sales", "--input", "in", "--date", day, "--quiet")
        asked = program("kpi", "sales", "revenue_by_month_and_region")
        for text in (ran.stdout, asked.stdout):
            lines = [line for line in text.splitlines() if line.startswith(" Change")]
            assert lines, text
            assert all(line.startswith(f" {label}") for line in lines), text


def test_no_date_is_cut_at_its_hyphen() -> None:
    """A word may be parted there, a month not."""
    [block] = terminal.blocks(table(("", "Île-de-France", ["1"]), ("", "2021-03", ["2"])), 79)
    assert [line.split() for line in map("".join, block.headings)] == [
        ["Île-"],
        ["de-"],
        ["France2021-03"],
    ]


words = st.text(st.sampled_from("ab-é<|"), min_size=1, max_size=30)
texts = st.lists(words, min_size=1, max_size=6).map(" ".join)
digits = st.integers(0, 10**12).map(str)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Of a column of texts first, and others of texts or numbers, in groups or in none."""
    height = draw(st.integers(1, 3))
    columns = [("", draw(texts), draw(st.lists(texts, min_size=height, max_size=height)))]
    for _ in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from([texts, digits]))
        cells = draw(st.lists(kind, min_size=height, max_size=height))
        columns.append((draw(st.sampled_from(["", "g", "h"])), draw(texts), cells))
    return table(*columns)


@given(given_table=tables(), width=st.integers(45, 120))
def test_nothing_is_lost_and_nothing_is_too_wide(given_table: Table, width: int) -> None:
    """Whatever is in a table: each text is there, in its column, and no line is longer."""
    found = terminal.blocks(given_table, width)
    for block in found:
        assert all(len(line) <= width for line in lines(block))
    columns = [column for block in found for column in list(zip(*block.rows, strict=True))[1:]]
    assert [together(column) for column in columns] == [
        together(cells) for cells in list(zip(*given_table.rows, strict=True))[1:]
    ]
    for block in found:
        first = next(zip(*block.rows, strict=True))
        assert together(first) == together(row[0] for row in given_table.rows)


def together(cells: Iterable[str]) -> str:
    """What a column says, however it is wrapped."""
    return "".join("".join(cells).split())
