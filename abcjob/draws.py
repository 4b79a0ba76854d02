"""Keyed draws: a draw is a function of (seed, stream, index) and of nothing else.

Draw number `index` of a stream is the output number `index` of a SplitMix64 generator whose
state begins at the stream's key (G. Steele, D. Lea, C. Flood: Fast Splittable Pseudorandom
Number Generators, OOPSLA 2014). So no draw depends on the order, the batch or the thread in
which it is made, nor on how many others there are.

The mixing is NumPy's, in pieces that stay in the processor's cache from the first step to the
last: Polars writes a column for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Words = npt.NDArray[np.uint64]
    Integers = npt.NDArray[np.int64]

_GAMMA = 0x9E3779B97F4A7C15  # the golden ratio's odd 64-bit fraction: SplitMix64's increment
_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))  # Stafford's variant 13
_LAST_SHIFT = 31
_SLOTS = 2**20  # among which what is drawn by weight is shared out: the least share told apart
_MASK = 2**64 - 1
_PIECE = 2**15  # words: 256 KiB, and as much again for what is shifted


def drawn(frame: pl.LazyFrame, seed: int, stream: int, index: pl.Expr) -> pl.LazyFrame:
    """`frame` with a column `draw`: UInt64, uniform on 0 to 2**64 - 1.

    Args:
        frame: any rows.
        seed: 0 or more.
        stream: what is drawn: a number that stays with its purpose for good.
        index: which draw of the stream each row takes; an integer of 0 or more.
    """
    number = index.cast(pl.UInt64).map_batches(
        lambda numbers: pl.Series(numbers.name, words(seed, stream, numbers.to_numpy())),
        return_dtype=pl.UInt64,
        is_elementwise=True,
    )
    return frame.with_columns(draw=number)


def words(seed: int, stream: int, index: Words, between: tuple[int, int] | None = None) -> Words:
    """Draws as an array, uniform on 0 to 2**64 - 1.

    Args:
        seed: as `drawn`.
        stream: as `drawn`.
        index: which draw of the stream each is.
        between: from where to where to draw integers instead, the second not among them; what is
            below 0 is what its `view` as Int64 has. By the remainder, whose bias is below the
            distance over 2**64.
    """
    key = np.uint64(_word((_mixed((seed + 1) * _GAMMA) ^ _mixed(stream * _GAMMA)) + _GAMMA))
    found = np.empty(index.size, np.uint64)
    beside = np.empty(min(_PIECE, found.size), np.uint64)
    for first in range(0, found.size, _PIECE):
        piece = found[first : first + _PIECE]
        shifted = beside[: piece.size]
        np.multiply(index[first : first + _PIECE], np.uint64(_GAMMA), out=piece)
        piece += key
        for shift, factor in _MIX:
            piece ^= np.right_shift(piece, np.uint64(shift), out=shifted)
            piece *= np.uint64(factor)
        piece ^= np.right_shift(piece, np.uint64(_LAST_SHIFT), out=shifted)
        if between is not None:
            begin, end = between
            # By dividing, which NumPy does in a quarter of `remainder`'s time.
            np.floor_divide(piece, np.uint64(end - begin), out=shifted)
            shifted *= np.uint64(end - begin)
            piece -= shifted
            piece += np.uint64(_word(begin))
    return found


def column(frame: pl.LazyFrame, seed: int, stream: int, name: str, value: pl.Expr) -> pl.LazyFrame:
    """`frame` with a column more: a `value` of the draws that its column `row` has the numbers of.

    Args:
        frame: rows with `row`.
        seed: as `drawn`.
        stream: as `drawn`.
        name: the column's.
        value: made of the column `draw`.
    """
    return drawn(frame, seed, stream, pl.col("row")).with_columns(value.alias(name)).drop("draw")


def below(bound: int | pl.Expr) -> pl.Expr:
    """A draw as an integer from 0 to `bound` - 1, from its lower half.

    By multiplication (D. Lemire: Fast Random Integer Generation in an Interval, 2019), without
    its rejection: no value's probability is off by more than 2**-32.
    """
    size = _lit(bound) if isinstance(bound, int) else bound.cast(pl.UInt64)
    return _shifted((pl.col("draw") & _lit(2**32 - 1)) * size, 32)


def numbers_below(draws: Words, bounds: Words) -> Words:
    """As `below`, of draws in an array, each with a bound of its own."""
    return (draws & np.uint64(2**32 - 1)) * bounds >> np.uint64(32)


def signed(numbers: Words, draws: Words) -> Integers:
    """Numbers below 2**63 or their negatives, by a fair coin: the draws' highest bits.

    Those are independent of `numbers_below`. By multiplying, as nobody could foresee a coin that
    chooses between two values: each miss would cost more than all of this.
    """
    return numbers.view(np.int64) * ((draws >> 63).view(np.int64) * 2 - 1)


def are_within(share: tuple[int, int], draws: Words) -> npt.NDArray[np.bool_]:
    """True with probability `share`, given as numerator and denominator: less than 1."""
    numerator, denominator = share
    return draws < np.uint64(2**64 * numerator // denominator)


def is_within(share: tuple[int, int]) -> pl.Expr:
    """True with probability `share`, given as numerator and denominator."""
    numerator, denominator = share
    if numerator == denominator:
        return pl.lit(value=True)
    return pl.col("draw") < _lit(2**64 * numerator // denominator)


def one_of(values: Sequence[Any], which: pl.Expr | None = None) -> pl.Expr:
    """One of the values, by a number below theirs; as drawn, where none is given."""
    return pl.lit(pl.Series(values)).gather(below(len(values)) if which is None else which)


def by_weight(weights: pl.Series) -> pl.Expr:
    """A draw as the number of a weight, each as often as it weighs: UInt32.

    The sum of the weights is to be below 2**43.
    """
    numbers = pl.int_range(weights.len(), dtype=pl.UInt32, eager=True)
    slots = numbers.repeat_by(shared(_SLOTS, weights)).explode(
        empty_as_null=False, keep_nulls=False
    )
    return pl.lit(slots).gather(below(_SLOTS))


def ends(count: int, weights: pl.Series) -> pl.Series:
    """Where each one's share of `count` ends when the shares lie side by side: Int64.

    The last ends at `count`. `count` times the sum of the weights is to be below 2**63.
    """
    until = weights.cast(pl.Int64).cum_sum()
    return until * count // until.max()


def shared(count: int, weights: pl.Series) -> pl.Series:
    """How many of `count` each weight has, as `ends`."""
    return ends(count, weights).diff().fill_null(ends(count, weights).first())


def _shifted(value: pl.Expr, bits: int) -> pl.Expr:
    return value // _lit(2**bits)


def _lit(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.UInt64)


def _word(value: int) -> int:
    return value & _MASK


def _mixed(value: int) -> int:
    """SplitMix64's finaliser, for the few keys."""
    value = _word(value)
    for shift, factor in _MIX:
        value = _word((value ^ value >> shift) * factor)
    return value ^ value >> _LAST_SHIFT
