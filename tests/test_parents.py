"""What rows refer to, told while they go by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from abcjob.stages import parents
from abcjob.stages.parents import Parents

if TYPE_CHECKING:
    import pytest

STORE, PRODUCT = "store_id", "product_id"
KEYS = st.sampled_from([None, "p", "q", "é", ""])


@given(rows=st.lists(st.tuples(KEYS, KEYS), max_size=20), size=st.integers(1, 6))
def test_each_key_that_rows_refer_to_is_told_once(
    rows: list[tuple[str | None, str | None]], size: int
) -> None:
    """Of each column alone, however the rows are cut; what refers to nothing is not told."""
    schema = {STORE: pl.String(), PRODUCT: pl.String()}
    frame = pl.DataFrame(rows, schema, orient="row")
    seen = Parents((STORE, PRODUCT))
    gone_by = list(seen.watch(frame.iter_slices(size)))
    assert [row for piece in gone_by for row in piece.iter_rows()] == rows
    for place, column in enumerate((STORE, PRODUCT)):
        told = seen.of(column)
        keys = [] if told is None else told.to_list()
        assert sorted(keys) == sorted({key for row in rows if (key := row[place]) is not None})


def test_too_many_keys_are_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with them; other columns are told as before."""
    monkeypatch.setattr(parents, "_MOST", 3)
    frame = pl.DataFrame({STORE: list("pqrs"), PRODUCT: list("pqrp")})
    seen = Parents((STORE, PRODUCT))
    list(seen.watch(frame.iter_slices(2)))
    assert seen.of(STORE) is None
    told = seen.of(PRODUCT)
    assert told is not None
    assert set(told) == set("pqr")
