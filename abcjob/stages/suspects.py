"""Keys that may come twice, told while rows go by, so that only theirs need be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SLOTS = 2**26  # 64 MiB. Of 2 million keys, one in 60 meets another's slot by chance.
_MOST = 500_000  # keys that are remembered


class Suspects:
    """Watches rows for keys that were there before.

    A key marks one slot of a table, by its hash. Whoever finds the slot marked is a suspect: a
    repeated key for certain, another now and then by chance. What is no suspect came once.

    Attributes:
        key: the columns.
    """

    def __init__(self, key: tuple[str, ...]) -> None:
        self.key = key
        self._marked = np.zeros(_SLOTS, dtype=np.bool_)
        self._found: list[pl.DataFrame] = []
        self._has_overflowed = False

    def watch(self, frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """The same rows."""
        for frame in frames:
            if not self._has_overflowed:
                self._look_at(frame.select(self.key))
            yield frame

    def found(self) -> pl.DataFrame | None:
        """The suspects, each once; None: they are too many to be remembered."""
        if self._has_overflowed:
            return None
        return pl.concat(self._found).unique() if self._found else pl.DataFrame()

    def _look_at(self, keys: pl.DataFrame) -> None:
        slots = keys.hash_rows() % _SLOTS
        places = slots.to_numpy()
        is_known = pl.Series(self._marked[places]) | slots.is_duplicated()
        self._marked[places] = True
        self._found.append(keys.filter(is_known))
        if sum(frame.height for frame in self._found) > _MOST:
            self._found, self._has_overflowed = [], True
