"""Lines that were read before are passed over, and no other."""

from __future__ import annotations

import io
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abcjob.sources import lines, passages
from abcjob.sources.lines import Lines
from abcjob.sources.passages import Passages

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl


def read(text: bytes, known: Iterable[bytes] = (), seed: str = "") -> tuple[list[bytes], Passages]:
    """The lines below the header that are not known, in order, and what was learnt."""
    found = Passages(frozenset(known), seed)
    reader = Lines(lines.blocks(io.BytesIO(text)), has_header=True, passages=found)
    frames: list[pl.DataFrame] = list(reader.frames())
    numbered = {n: line for frame in frames for n, line in frame.select("_row", "_raw").iter_rows()}
    every = text.removesuffix(b"\n").split(b"\n")[1:]
    assert reader.count == len(every)
    assert len(numbered) + found.passed == len(every)
    for number, line in numbered.items():
        assert every[number - 2] == line
    return list(numbered.values()), found


def digests(found: Passages) -> list[bytes]:
    """What is known of a text once it was read."""
    return [passage.digest for passage in found.new]


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passages of some 8 lines, and blocks that end in the middle of many."""
    monkeypatch.setattr(passages, "_LINES", 8)
    monkeypatch.setattr(lines, "BLOCK", 64)


@given(st.lists(st.binary(max_size=9).map(lambda b: b.replace(b"\n", b"").replace(b"\r", b""))))
def test_what_was_read_is_known_whole(rows: list[bytes]) -> None:
    """The first time all lines are read; the second time none."""
    text = b"\n".join([b"header", *rows, b"end", b""])
    first, found = read(text)
    assert first == [*rows, b"end"]
    again, passed = read(text, digests(found))
    assert again == []
    assert passed.passed == len(rows) + 1
    assert passed.new == []


def test_a_change_costs_its_own_passage() -> None:
    """A line put in anywhere: few are read again, and it is among them."""
    drawn = random.Random(0)  # noqa: S311 - no secret
    rows = [b"%d,%d" % (n, drawn.randrange(10**6)) for n in range(2_000)]
    known = digests(read(b"\n".join([b"header", *rows, b""]))[1])
    for _ in range(50):
        place = drawn.randrange(len(rows) + 1)
        changed = [*rows[:place], b"new", *rows[place:]]
        unread, _ = read(b"\n".join([b"header", *changed, b""]), known)
        assert b"new" in unread
        assert len(unread) < 200


def test_what_lines_mean_belongs_to_them() -> None:
    """Under another header, or for other rules, the same lines are new."""
    rows = b"\n1\n2\n3\n"
    known = digests(read(b"header" + rows)[1])
    assert read(b"header" + rows, known)[0] == []
    assert len(read(b"other" + rows, known)[0]) == 3
    assert len(read(b"header" + rows, known, seed="2")[0]) == 3


def test_a_passage_with_a_certain_row_is_left_out() -> None:
    """Those in which one of the rows stands are not to be known."""
    import polars as pl

    _, found = read(b"\n".join(b"%d" % n for n in range(200)))
    for row in (2, 77, 200):
        left = found.without(pl.Series([row, row, 1_000], dtype=pl.Int64))
        assert [p for p in found.new if p not in left] == [
            p for p in found.new if p.first <= row <= p.last
        ]
    assert found.without(pl.Series([], dtype=pl.Int64)) == found.new


def test_a_line_without_an_end_costs_what_is_kept_of_it() -> None:
    """However long it is, and though a passage was begun before it: the rest is let go."""
    text = b"header\na\n" + b"x" * (3 * lines.LONGEST)
    found = Passages(frozenset(), "")
    reader = Lines(iter([text[:9], *[text[9:]] * 3]), has_header=True, passages=found)
    kept = [line for frame in reader.frames() for line in frame["_raw"]]
    assert [len(line) for line in kept] == [1, lines.LONGEST + 1]
    assert reader.count == 2
