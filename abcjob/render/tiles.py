"""The figures of the first screen: what each is, what it was, and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from abcjob.render import changes
from abcjob.render.formats import sentence_case

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from abcjob.render.formats import Kind

    Value = int | float | Decimal | None

MOST = 24  # values of a trend: two years of months
_BLOCKS = "▁▂▃▄▅▆▇█"
_MISSING = "·"
_WIDTH, _HEIGHT, _EDGE = 120, 24, 2  # of the drawing, in its own units


@dataclass(frozen=True)
class Tile:
    """A figure.

    Attributes:
        name: what it is, as a column's name: `active_companies`.
        kind: how it is shown, with its unit.
        value: None where there is none.
        of: the day that it is of, or the first of the month; None: of no day alone.
        before: what it was; None where that is not known.
        since: the day of `before`, or the first of its month.
        step: what `of` and `since` are: `month` or `date`.
        trend: the last values, oldest first, `value` last; `MOST` at most.
    """

    name: str
    kind: Kind
    value: Value
    of: date | None = None
    before: Value = None
    since: date | None = None
    step: Kind = "month"
    trend: tuple[Value, ...] = ()

    @property
    def label(self) -> str:
        """Its name as people read it."""
        return sentence_case(self.name)

    @property
    def change(self) -> Value:
        """What came to it, negative where it fell; None where there is nothing to compare."""
        return changes.difference(*self._compared)

    @property
    def relative_change(self) -> Value:
        """The change as a fraction of what it was; None where that is not above zero."""
        return changes.change(*self._compared)

    @property
    def _compared(self) -> tuple[Decimal | None, Decimal | None]:
        before, value = (
            None if value is None else _exact(value) for value in (self.before, self.value)
        )
        return before, value

    @property
    def known(self) -> tuple[int | float | Decimal, ...]:
        """The values of the trend that there are."""
        return tuple(value for value in self.trend if value is not None)

    @property
    def has_trend(self) -> bool:
        """Whether there are values enough to draw a line."""
        return len(self.known) > 1

    @property
    def sparkline(self) -> str:
        """The trend as a row of blocks, the least of them the lowest; a point where none is."""
        return "".join(
            _MISSING if value is None else _BLOCKS[round(self._height(value) * (len(_BLOCKS) - 1))]
            for value in self.trend
        )

    @property
    def points(self) -> str:
        """The trend as the points of a `polyline` in a drawing of `size`, left to right."""
        step = (_WIDTH - 2 * _EDGE) / max(len(self.trend) - 1, 1)
        rise = _HEIGHT - 2 * _EDGE
        return " ".join(
            f"{_EDGE + step * place:.1f},{_HEIGHT - _EDGE - rise * self._height(value):.1f}"
            for place, value in enumerate(self.trend)
            if value is not None
        )

    @property
    def size(self) -> str:
        """The drawing's width and height, in its own units."""
        return f"{_WIDTH} {_HEIGHT}"

    def _height(self, value: float | Decimal) -> float:
        """Where a value stands, from 0 for the least to 1 for the greatest; alone in the middle."""
        least, greatest = min(self.known), max(self.known)
        if least == greatest:
            return 0.5
        return float((_exact(value) - _exact(least)) / (_exact(greatest) - _exact(least)))


def of_series(
    name: str, kind: Kind, days: Sequence[date], values: Sequence[Value], step: Kind = "month"
) -> Tile:
    """The tile of a series' last value, against the one before it.

    Args:
        name: what it is.
        kind: how it is shown.
        days: of the values, in order: days, or firsts of months.
        values: one at least.
        step: `month` or `date`.
    """
    before, since = (values[-2], days[-2]) if len(values) > 1 else (None, None)
    trend = tuple(values[-MOST:])
    return Tile(name, kind, values[-1], days[-1], before, since, step, trend)


def _exact(value: float | Decimal) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))
