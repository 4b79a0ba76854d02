"""What rows refer to, told while they go by, so that no scan need find it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MOST = 100_000  # keys of one column that are remembered


class Parents:
    """Watches rows for the keys that they refer to, by these columns."""

    def __init__(self, columns: Iterable[str]) -> None:
        self._columns = list(columns)
        self._found: dict[str, pl.Series] = {}

    def watch(self, frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """The same rows."""
        for frame in frames:
            for column in tuple(self._columns):
                if column in frame.columns:  # rows of one shape may refer to nothing by it
                    self._look_at(frame[column])
            yield frame

    def of(self, column: str) -> pl.Series | None:
        """The keys that rows refer to, each once; None: no row came, or too many keys."""
        return self._found.get(column)

    def _look_at(self, keys: pl.Series) -> None:
        found = keys.drop_nulls().unique()
        if (known := self._found.pop(keys.name, None)) is not None:
            found = pl.concat([known, found]).unique()
        if len(found) > _MOST:
            self._columns.remove(keys.name)
        else:
            self._found[keys.name] = found
