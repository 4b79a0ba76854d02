"""Keys that may come twice, told while rows go by, so that only theirs need be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    Slots = npt.NDArray[np.bool_]

_SLOTS = 2**27  # 128 MiB. Of 10 million keys, one in 130 meets two marked slots by chance.
_HALF = 2**32
_MOST = 500_000  # keys that are remembered


def slots() -> Slots:
    """A table of slots, none of which is marked; several inputs may share it."""
    return np.zeros(_SLOTS, dtype=np.bool_)


class Suspects:
    """Watches rows for keys that were there before.

    A key marks two slots of a table, by its hash (a Bloom filter). Whoever finds both marked is a
    suspect: a repeated key for certain, another now and then by chance. What is none came once.

    Attributes:
        key: the columns.
    """

    def __init__(self, key: tuple[str, ...], slots: Slots, seed: int = 0) -> None:
        self.key = key
        self._marked = slots
        self._seed = seed  # so that tables of the same keys do not meet in the same slots
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
        hashes = keys.hash_rows(self._seed)
        both = [(half % _SLOTS).to_numpy() for half in (hashes, hashes // _HALF)]
        first, second = (self._marked[places] for places in both)
        is_known = pl.Series(first & second) | hashes.is_duplicated()
        for places in both:
            self._marked[places] = True
        self._found.append(keys.filter(is_known))
        if sum(frame.height for frame in self._found) > _MOST:
            self._found, self._has_overflowed = [], True
