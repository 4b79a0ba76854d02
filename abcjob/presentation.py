"""How reports look and speak: a company's theme, locale and thresholds. No figure depends on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ENGLISH = "en"  # what reports speak if nobody asks for another locale
TABLE_ROWS = 400  # of a table: a year of days, and a page that can be opened
CHART_DAYS = 92  # of a chart: a quarter, and as many bars as can be told apart

# The custom properties of templates/style.css that hold a colour.
COLOURS = (
    *("page", "panel", "text", "muted", "line", "accent"),
    *("series-1", "series-2", "series-3", "good", "warn", "bad"),
)


@dataclass(frozen=True)
class Theme:
    """What makes a report a company's own.

    Attributes:
        company: its name, for titles; None: as the templates have it.
        logo: an SVG or PNG file; None: there is none.
        font: names of fonts, parted by commas, the first that the reader has is taken; None: the
            style sheet's.
        light, dark: colours as #rrggbb, by those of `COLOURS` that are not the style sheet's.
    """

    company: str | None = None
    logo: Path | None = None
    font: str | None = None
    light: Mapping[str, str] = field(default_factory=dict)
    dark: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Thresholds:
    """From where on a report's first sentence no longer says that all is well; shares of one.

    Attributes:
        watch_from: of revenue, lost a month: to be watched.
        at_risk_from: the same: at risk.
        rejected_above: of the rows that came, those rejected: to be watched.
    """

    # A year at 3% loses 1 - 0.97**12 = 31% of the revenue; a year at 7% loses 58%, so more than
    # half of it.
    watch_from: Decimal = Decimal("0.03")
    at_risk_from: Decimal = Decimal("0.07")
    rejected_above: Decimal = Decimal(0)


@dataclass(frozen=True)
class Presentation:
    """All of it."""

    locale: str = ENGLISH
    theme: Theme = Theme()
    thresholds: Thresholds = Thresholds()


DEFAULT = Presentation()
