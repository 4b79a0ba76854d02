"""Charts as SVG that stands inside a page: Vega-Lite specs in, scalable and described SVG out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self, cast
from xml.etree import ElementTree as ET

from abcjob.errors import ReportError
from abcjob.presentation import ENGLISH
from abcjob.render.formats import for_charts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_SVG = "http://www.w3.org/2000/svg"
_WORKER = Path(__file__).with_name("chart_worker.py")
_WORDS = {"title": "title", "description": "desc"}  # a spec's key, and SVG's element
ET.register_namespace("", _SVG)


@dataclass(frozen=True)
class Chart:
    """What is to be drawn.

    Attributes:
        name: unique in its page: ids begin with it.
        spec: Vega-Lite; its `title` and `description` become the element's.
        rows: what is charted.
        said: the template that says what the rows come to.
    """

    name: str
    spec: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]
    said: str = ""


class ChartPainter:
    """Draws charts in a process of its own, which warms up from the moment this is made."""

    def __init__(self) -> None:
        self._worker = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", _WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C at the terminal is not for it
        )
        self._pipe_in = cast("IO[str]", self._worker.stdin)
        self._pipe_out = cast("IO[str]", self._worker.stdout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.kill()
        self._worker.communicate()

    def paint(
        self, charts: Sequence[Chart], locale: str = ENGLISH
    ) -> Mapping[str, Callable[[], str]]:
        """Begin to draw. By name: what waits for a chart, and returns it as an `svg` element.

        Args:
            charts: each with a name of its own.
            locale: how their figures and dates are written.

        Raises:
            ReportError: a spec is none; or, when its chart is waited for, it cannot be drawn.
        """
        orders = [_line(chart, locale) for chart in charts]
        threading.Thread(target=self._send, args=(orders,), daemon=True).start()
        drawn: dict[str, str] = {}
        coming = iter(charts)

        def awaited(name: str) -> str:
            while name not in drawn:
                chart = next(coming)
                drawn[chart.name] = self._receive(chart)
            return drawn[name]

        return {chart.name: partial(awaited, chart.name) for chart in charts}

    def _send(self, orders: Sequence[str]) -> None:
        # In a thread: the pipes could fill up both ways. An error shows when the answer is read:
        # nothing else may fail here, or the answer would be waited for.
        with suppress(OSError, ValueError):
            for order in orders:
                self._pipe_in.write(order)
                self._pipe_in.flush()

    def _receive(self, chart: Chart) -> str:
        try:
            answer = json.loads(self._pipe_out.readline())
        except (OSError, ValueError):
            raise ReportError(
                f"drawing the chart {chart.name}: the process that draws charts ended; "
                "see that vl-convert-python is installed and runs"
            ) from None
        if "svg" not in answer:
            raise ReportError(
                f"drawing the chart {chart.name}: {answer['error']}; correct its spec"
            )
        return _embedded(answer["svg"], chart)


def _line(chart: Chart, locale: str) -> str:
    """A chart's order, as it is sent.

    Raises:
        ReportError: none can be made of its spec.
    """
    try:
        return json.dumps(_order(chart, locale), default=_plain) + "\n"
    except Exception as error:  # a spec of a user's own can have anything anywhere
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise ReportError(f"drawing the chart {chart.name}: {said}; correct its spec") from error


def _order(chart: Chart, locale: str) -> dict[str, Any]:
    """What the process is sent: the spec with its rows, and how the locale writes figures.

    In a spec, `$` stands for the currency that its `usermeta` names, US dollars where it does not.
    """
    spec = {key: value for key, value in chart.spec.items() if key not in _WORDS}
    currency = spec.get("usermeta", {}).get("currency", "USD")
    if locale != ENGLISH:
        from abcjob.render import locales

        spec = json.loads(locales.in_charts(json.dumps(spec), locale))
    return {
        "spec": {**spec, "data": {"values": list(chart.rows)}},
        "formats": for_charts(currency, locale),
    }


def _plain(value: object) -> float | str:
    """A value as JSON takes it. A chart shows a decimal to the pixel: a float does."""
    return float(value) if isinstance(value, Decimal) else str(value)


def _embedded(text: str, chart: Chart) -> str:
    """Vega's SVG for inside a page: it scales, says what it shows, and has its ids for itself."""
    svg = ET.fromstring(text)  # noqa: S314 - made by our own process a moment ago
    name = chart.name
    for key in ("width", "height"):
        svg.attrib.pop(key, None)
    svg.set("role", "img")
    svg.set("aria-labelledby", " ".join(f"{name}-{word}" for word in _WORDS))
    _strip(svg)
    for place, (word, tag) in enumerate(_WORDS.items()):
        child = ET.Element(f"{{{_SVG}}}{tag}", {"id": f"{name}-{word}"})
        child.text = chart.spec[word]
        svg.insert(place, child)
    return _own_ids(ET.tostring(svg, encoding="unicode"), name)


def _strip(svg: ET.Element) -> None:
    """A mark's label becomes its tooltip; the rest of what Vega says to screen readers goes.

    Inside an `img` role nothing else is read; the table under the chart has the figures.
    """
    for element in svg.iter():
        label = element.attrib.pop("aria-label", None)
        # Of a line or an area, the label would be its first row's.
        is_mark = element.attrib.pop("aria-roledescription", "") in {"point", "bar", "circle"}
        if element is not svg:
            element.attrib.pop("role", None)
            element.attrib.pop("aria-hidden", None)
        if label and is_mark and element.tag == f"{{{_SVG}}}path":
            tooltip = ET.SubElement(element, f"{{{_SVG}}}title")
            tooltip.text = label


def _own_ids(svg: str, name: str) -> str:
    """Vega counts its clip paths from a number of its own: they take the chart's name instead."""
    found = sorted(set(re.findall(r'id="((?:clip|gradient)[^"]*)"', svg)), key=svg.index)
    for number, old in enumerate(found):
        new = f"{name}-{number}"
        svg = svg.replace(f'id="{old}"', f'id="{new}"').replace(f"url(#{old})", f"url(#{new})")
    return svg
