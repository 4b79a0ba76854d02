"""A stream of bytes cut into lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from abcjob.rejects import RAW, ROW
from abcjob.sources import lines
from abcjob.sources.lines import Lines

if TYPE_CHECKING:
    import pytest

LINE = st.sampled_from([b"", b"a", b"\xff", b"\r", b"a\r", b"long" * 5, b"\xc3\xa9\r"])


@given(
    text=st.tuples(st.lists(LINE, max_size=12), st.booleans()),
    size=st.integers(1, 30),
    has_header=st.booleans(),
    wanted=st.sets(st.integers(1, 13)),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_some_lines_come_as_they_do_among_all(
    text: tuple[list[bytes], bool],
    size: int,
    wanted: set[int],
    monkeypatch: pytest.MonkeyPatch,
    *,
    has_header: bool,
) -> None:
    """However the stream is cut, also lines that are too long, and those that end with CR LF."""
    monkeypatch.setattr(lines, "LONGEST", 12)
    whole = b"\n".join(text[0]) + b"\n" * text[1]

    def read() -> Lines:
        blocks = (whole[at : at + size] for at in range(0, len(whole), size))
        return Lines(blocks, has_header=has_header)

    def rows(first: int, last: int) -> pl.Series:
        return pl.Series(sorted(wanted & set(range(first, last + 1))), dtype=pl.Int64)

    nothing = pl.DataFrame(schema={ROW: pl.Int64, RAW: pl.Binary})
    every = pl.concat([nothing, *(frame.select(ROW, RAW) for frame in read().frames())])
    some = pl.concat([nothing, *read().rows(rows)])
    assert_frame_equal(some, every.filter(pl.col(ROW).is_in(wanted)))
