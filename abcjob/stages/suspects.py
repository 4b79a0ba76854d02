"""Keys that may come twice, told while rows go by, so that only theirs need be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    Words = npt.NDArray[np.uint64]

# Bytes of a source for a word. Of rows that have as many, one in 16,000 is found by chance; of
# packed ones, of four bytes, one in 100.
_BYTES = 32
_FEWEST_WORDS = 2**10
_MOST_WORDS = 2**24  # 128 MiB. Of 10 million keys, one in 60,000 finds its bits set by chance.
_MOST = 500_000  # keys that are remembered


def _pairs() -> Words:
    """Words with one bit set, or two: by a number of twelve bits, six for each."""
    numbers = np.arange(2**12, dtype=np.uint64)
    one = np.uint64(1)
    return one << numbers % np.uint64(64) | one << numbers // np.uint64(64)


_PAIRS = _pairs()


def filter_words(size: int) -> Words:
    """The words of a filter, in which no bit is set; several inputs may share it.

    A power of two, so that a hash's last bits tell the word. No more than it takes: the memory of
    the most was seen to cost a sixth of a second.

    Args:
        size: the bytes of the sources whose keys are to be told.
    """
    words: int = 2 ** (size // _BYTES).bit_length()
    return np.zeros(min(max(words, _FEWEST_WORDS), _MOST_WORDS), np.uint64)


class Suspects:
    """Watches rows for keys that were there before.

    A key sets four bits of one word, by its hash (F. Putze, P. Sanders, J. Singler: Cache-, Hash-
    and Space-Efficient Bloom Filters, 2007). Whoever finds all four set is a suspect: a repeated
    key for certain, another now and then by chance. What is none came once.

    Attributes:
        key: the columns.
    """

    def __init__(self, key: tuple[str, ...], words: Words, seed: int = 0) -> None:
        self.key = key
        self._words = words
        self._seed = seed  # so that tables of the same keys do not meet in the same words
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
        hashes = keys.hash_rows(self._seed).to_numpy()
        places = (hashes % len(self._words)).view(np.int64)
        bits = _PAIRS[hashes >> np.uint64(52)] | _PAIRS[hashes >> np.uint64(40) & np.uint64(4095)]
        is_known = self._words[places] & bits == bits
        ordered = np.sort(hashes)
        if (repeated := ordered[1:][ordered[1:] == ordered[:-1]]).size:
            is_known |= np.isin(hashes, repeated)
        self._set(places, bits)
        self._found.append(keys.filter(pl.Series(is_known)))
        if sum(frame.height for frame in self._found) > _MOST:
            self._found, self._has_overflowed = [], True

    def _set(self, places: npt.NDArray[np.int64], bits: Words) -> None:
        """Set the bits; of keys that share a word only the last has its own at first."""
        while places.size:
            self._words[places] |= bits
            is_lost = self._words[places] & bits != bits
            places, bits = places[is_lost], bits[is_lost]
