"""Records from outside, against Python's csv module, line by line."""

from __future__ import annotations

import csv
import gzip
import os
import re
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abcjob.errors import SourceError
from abcjob.fields import integer, text
from abcjob.job import Source
from abcjob.rules import Record
from abcjob.sources import files, lines
from abcjob.stages.validate import Intake

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("number", "rating", "limit", "status")
LEAST, MOST = -(2**31), 2**31 - 1
# A soak gives more: ABCJOB_TEST_EXAMPLES=20000 makes 100,000 cases of them.
EXAMPLES = int(os.environ.get("ABCJOB_TEST_EXAMPLES", "30"))


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
    found = [line for frame in rejected for line in frame["_row"]]
    assert len(found) == len(set(found))
    return good, set(found), intake


def compare(folder: Path, content: bytes, delimiter: str, block: int) -> None:
    """The engine and the oracle agree on every line, and no line is lost.

    The file is read `block` bytes at a time; what is not plain is looked at line by line.
    """
    path = folder / "file.csv"
    path.write_bytes(delimiter.join(NAMES).encode() + b"\n" + content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK", block)
        patch.setattr(lines, "TOGETHER", 1 if block == BLOCKS[0] else lines.TOGETHER)
        good, rejected, intake = taken(path, delimiter)
    found = content.removesuffix(b"\n").split(b"\n") if content else []
    for number, raw in enumerate(found, start=2):
        line = raw.removesuffix(b"\r")
        if not line.strip(b" "):
            assert number not in good.keys() | rejected
        elif (values := expected(line, delimiter)) is None:
            assert number in rejected, line
        else:
            assert good.get(number) == values, line
    assert intake.read == len(found) == len(good) + len(rejected) + intake.blank


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
def nearly_right(draw: st.DrawFn, delimiter: str) -> bytes:
    """A line that is nearly right: its parts are, or are nearly."""
    parts = [draw(numbers), draw(numbers), draw(numbers), draw(statuses)]
    if draw(st.integers(0, 9)) == 0:
        parts = draw(st.lists(fields, max_size=6))
    line = delimiter.join(parts).encode()
    if draw(st.integers(0, 19)) == 0:
        at = draw(st.integers(0, len(line)))
        line = line[:at] + draw(st.binary(max_size=3)) + line[at:]
    return line + draw(st.sampled_from([b"", b"", b"\r"]))


BLOCKS = (1, 16, lines.BLOCK)


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
@given(data=st.data())
@settings(max_examples=EXAMPLES)
def test_lines_that_are_nearly_right(
    tmp_path_factory: pytest.TempPathFactory, delimiter: str, data: st.DataObject
) -> None:
    """Each line comes out as Python's csv module has it, or is rejected; none costs another."""
    content = b"\n".join(data.draw(st.lists(nearly_right(delimiter), max_size=12)))
    end = data.draw(st.sampled_from([b"", b"\n"]))
    block = data.draw(st.sampled_from(BLOCKS))
    compare(tmp_path_factory.getbasetemp(), content + end, delimiter, block)


@given(content=st.binary(max_size=200), block=st.sampled_from(BLOCKS))
@settings(max_examples=EXAMPLES)
def test_arbitrary_bytes(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, block: int
) -> None:
    """Whatever stands below a header: lines = loaded + rejected + blank, always."""
    compare(tmp_path_factory.getbasetemp(), content, ",", block)


LINES = b"number,rating,limit,status\n1,2,3,new\n2,3,4,\xc3\xa9t\xc3\xa9\nx,3,4,old\n"
AS_READ = {2: (1, 2, 3, "new"), 3: (2, 3, 4, "été")}


@pytest.mark.parametrize(
    "content",
    [
        LINES,
        b"\xef\xbb\xbf" + LINES,
        LINES.replace(b"\n", b"\r\n"),
        gzip.compress(LINES),
        gzip.compress(b"\xef\xbb\xbf" + LINES[:20]) + gzip.compress(LINES[20:]),
        LINES.removesuffix(b"\n"),
    ],
    ids=["plain", "mark", "crlf", "gzip", "gzip-of-two", "no-last-end"],
)
def test_the_same_lines_however_they_are_packed(tmp_path: Path, content: bytes) -> None:
    """UTF-8 with or without byte order mark; LF or CR LF; gzip told by content, not by name."""
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    good, rejected, intake = taken(path, ",")
    assert (good, rejected, intake.read) == (AS_READ, {4}, 3)


@pytest.mark.parametrize("length", [lines.LONGEST, lines.LONGEST + 1, 3 * lines.BLOCK])
def test_a_line_that_is_too_long_costs_itself_alone(tmp_path: Path, length: int) -> None:
    """Over a mebibyte it is rejected under that name, whatever it is, and kept cut off."""
    path = tmp_path / "file.csv"
    line = b"3,4,5,a," + b"x" * (length - 8)
    path.write_bytes(b"number,rating,limit,status,more\n1,2,3,new,\n" + line + b"\n4,5,6,old,\n")
    intake = Intake(Rating, Source("rating", path, ","))
    rejected: list[pl.DataFrame] = []
    good = [
        n for frame in intake.frames(lambda _, rows: rejected.append(rows)) for n in frame["number"]
    ]
    if length == lines.LONGEST:
        assert (sorted(good), rejected) == ([1, 3, 4], [])
        return
    kept = pl.concat(rejected)
    assert sorted(good) == [1, 4]
    assert kept["error"].to_list() == ["line too long"]
    assert kept["_raw"][0] == line[: lines.LONGEST + 1]
    assert intake.read == 3


def test_a_file_that_changes_while_it_is_read_is_not_taken(tmp_path: Path) -> None:
    """Else its digest, its rows and its rejected lines could be those of different files."""
    path = tmp_path / "file.csv"
    path.write_text("a")
    with pytest.raises(SourceError, match="it changed while it was read; run again"):  # noqa: SIM117
        with files.unchanged([path]):
            path.write_text("ab")
