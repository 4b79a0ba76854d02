"""Records from outside, against Python's csv module, line by line."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abcjob.errors import SourceError
from abcjob.job import Source
from abcjob.rules import Record, integer, text
from abcjob.sources import files
from abcjob.stages.validate import Intake

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

NAMES = ("number", "rating", "limit", "status")
LEAST, MOST = -(2**31), 2**31 - 1


class Rating(Record):
    """Three whole numbers and a text."""

    number = integer()
    rating = integer()
    limit = integer()
    status = text(25)


def whole(field: str) -> int:
    """A whole number of 32 bits, spaces around it allowed."""
    trimmed = field.strip(" ")
    if not re.fullmatch("[+-]?[0-9]+", trimmed, re.ASCII) or not LEAST <= int(trimmed) <= MOST:
        raise ValueError(field)
    return int(trimmed)


def expected(line: bytes, delimiter: str) -> tuple[object, ...] | None:
    """The values of a line, by Python's own parser and `int`; None where it is to be rejected."""
    try:
        decoded = line.decode()
        [fields] = csv.reader([decoded], delimiter=delimiter, strict=True)
        *numbers, status = fields
        values = tuple(map(whole, numbers))
    except (ValueError, csv.Error):
        return None
    is_fit = len(values) == len(NAMES) - 1 and 1 <= len(status) <= 25
    return (*values, status) if is_fit and not {"\0", "\r"} & set(decoded) else None


def taken(path: Path, delimiter: str) -> tuple[dict[int, tuple[object, ...]], set[int], Intake]:
    """What the engine makes of a file: values by line, the lines rejected, the intake."""
    intake = Intake(Rating, Source("rating", path, delimiter))
    rejected: list[pl.DataFrame] = []
    good: dict[int, tuple[object, ...]] = {}
    for frame in intake.frames(lambda _, rows: rejected.append(rows)):
        for row in frame.select("_row", *NAMES).iter_rows():
            good[row[0]] = row[1:]
    lines = [line for frame in rejected for line in frame["_row"]]
    assert len(lines) == len(set(lines))
    return good, set(lines), intake


def compare(folder: Path, lines: list[bytes], delimiter: str) -> None:
    """The engine and the oracle agree on every line, and no line is lost."""
    path = folder / "file.csv"
    path.write_bytes(b"\n".join([delimiter.join(NAMES).encode(), *lines, b""]))
    good, rejected, intake = taken(path, delimiter)
    lines = b"\n".join(lines).split(b"\n") if lines else []
    for number, raw in enumerate(lines, start=2):
        line = raw.removesuffix(b"\r")
        if not line.strip(b" "):
            assert number not in good.keys() | rejected
        elif (values := expected(line, delimiter)) is None:
            assert number in rejected, line
        else:
            assert good.get(number) == values, line
    assert intake.read == len(lines) == len(good) + len(rejected) + intake.blank


numbers = st.one_of(
    st.integers(LEAST - 2, MOST + 2).map(str),
    st.integers(-99, 99).map(lambda n: f" {n} "),
    st.sampled_from(["", "+7", "-0", "007", "1.0", "1e3", "0x1", "٣", "1_000", "--1", "9" * 30]),
)
statuses = st.one_of(
    st.text(st.characters(exclude_characters="\n", codec="utf-8"), max_size=30),
    st.sampled_from(["new", '"new"', '"a ""b"" c"', '"open', '"a"b', 'a"b', '""', "é" * 25]),
    st.text('";,|\t ab', max_size=8),
)
fields = st.one_of(numbers, statuses)


@st.composite
def records(draw: st.DrawFn, delimiter: str) -> bytes:
    """A line that is nearly right: its parts are, or are nearly."""
    parts = [draw(numbers), draw(numbers), draw(numbers), draw(statuses)]
    if draw(st.integers(0, 9)) == 0:
        parts = draw(st.lists(fields, max_size=6))
    line = delimiter.join(parts).encode()
    if draw(st.integers(0, 19)) == 0:
        at = draw(st.integers(0, len(line)))
        line = line[:at] + draw(st.binary(max_size=3)) + line[at:]
    return line + draw(st.sampled_from([b"", b"", b"\r"]))


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_lines_that_are_nearly_right(
    tmp_path_factory: pytest.TempPathFactory, delimiter: str, data: st.DataObject
) -> None:
    """Each line comes out as Python's csv module has it, or is rejected; none costs another."""
    lines = data.draw(st.lists(records(delimiter), max_size=12))
    compare(tmp_path_factory.mktemp("file"), lines, delimiter)


@given(content=st.binary(max_size=200))
@settings(max_examples=500, deadline=None)
def test_arbitrary_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever stands below a header: lines = loaded + rejected + blank, always."""
    compare(tmp_path_factory.mktemp("file"), [content], ",")


def test_a_file_that_changes_while_it_is_read_is_not_taken(tmp_path: Path) -> None:
    """Else its digest, its rows and its rejected lines could be those of different files."""
    path = tmp_path / "file.csv"
    path.write_text("a")
    with pytest.raises(SourceError, match="it changed while it was read; run again"):  # noqa: SIM117
        with files.unchanged([path]):
            path.write_text("ab")
