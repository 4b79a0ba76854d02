"""Keyed draws: a draw is a function of (seed, stream, index) and of nothing else.

Draw number `index` of a stream is the output number `index` of a SplitMix64 generator whose
state begins at the stream's key (G. Steele, D. Lea, C. Flood: Fast Splittable Pseudorandom
Number Generators, OOPSLA 2014). So no draw depends on the order, the batch or the thread in
which it is made, nor on how many others there are.

Each mixing step is its own `with_columns`: a step names its input twice, and one nested
expression would double in size with each.
"""

from __future__ import annotations

import polars as pl

_GAMMA = 0x9E3779B97F4A7C15  # the golden ratio's odd 64-bit fraction: SplitMix64's increment
_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))  # Stafford's variant 13
_LAST_SHIFT = 31
_MASK = 2**64 - 1


def drawn(frame: pl.LazyFrame, seed: int, stream: int, index: pl.Expr) -> pl.LazyFrame:
    """`frame` with a column `draw`: UInt64, uniform on 0 to 2**64 - 1.

    Args:
        frame: any rows.
        seed: 0 or more.
        stream: what is drawn: a number that stays with its purpose for good.
        index: which draw of the stream each row takes; an integer of 0 or more.
    """
    key = _word(_mixed((seed + 1) * _GAMMA) ^ _mixed(stream * _GAMMA))
    frame = frame.with_columns(draw=(index.cast(pl.UInt64) + _lit(1)) * _lit(_GAMMA) + _lit(key))
    draw = pl.col("draw")
    for shift, factor in _MIX:
        frame = frame.with_columns(draw=(draw ^ _shifted(draw, shift)) * _lit(factor))
    return frame.with_columns(draw=draw ^ _shifted(draw, _LAST_SHIFT))


def below(bound: int | pl.Expr) -> pl.Expr:
    """A draw as an integer from 0 to `bound` - 1, from its lower half.

    By multiplication (D. Lemire: Fast Random Integer Generation in an Interval, 2019), without
    its rejection: no value's probability is off by more than 2**-32.
    """
    size = _lit(bound) if isinstance(bound, int) else bound.cast(pl.UInt64)
    return _shifted((pl.col("draw") & _lit(2**32 - 1)) * size, 32)


def is_heads() -> pl.Expr:
    """A draw as a fair coin, from its highest bit: independent of `below`."""
    return pl.col("draw") >= _lit(2**63)


def is_within(share: tuple[int, int]) -> pl.Expr:
    """True with probability `share`, given as numerator and denominator."""
    numerator, denominator = share
    if numerator == denominator:
        return pl.lit(value=True)
    return pl.col("draw") < _lit(2**64 * numerator // denominator)


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
