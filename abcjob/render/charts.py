"""Charts as SVG that stands inside a page: Vega-Lite specs in, scalable and described SVG out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from xml.etree import ElementTree as ET

from abcjob.errors import ReportError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SVG = "http://www.w3.org/2000/svg"
_WORKER = Path(__file__).with_name("chart_worker.py")
ET.register_namespace("", _SVG)


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
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.kill()
        self._worker.communicate()

    def paint(self, name: str, spec: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
        """The chart as an `svg` element.

        Args:
            name: unique in its page: ids begin with it.
            spec: Vega-Lite; its `title` and `description` become the element's.
            rows: what is charted.

        Raises:
            ReportError: the spec cannot be drawn.
        """
        words = {key: spec[key] for key in ("title", "description")}
        drawn = {key: value for key, value in spec.items() if key not in words}
        answer = self._ask({**drawn, "data": {"values": list(rows)}}, name)
        return _embedded(answer, name, **words)

    def _ask(self, spec: Mapping[str, Any], name: str) -> str:
        if self._worker.stdin is None or self._worker.stdout is None:
            raise AssertionError  # both are pipes
        try:
            self._worker.stdin.write(json.dumps(spec) + "\n")
            self._worker.stdin.flush()
            answer = json.loads(self._worker.stdout.readline())
        except (OSError, ValueError):
            answer = {"error": "the process that draws charts ended"}
        if "svg" not in answer:
            raise ReportError(f"drawing the chart {name}: {answer['error']}; correct its spec")
        return str(answer["svg"])


def _embedded(text: str, name: str, title: str, description: str) -> str:
    """Vega's SVG for inside a page: it scales, says what it shows, and has its ids for itself."""
    svg = ET.fromstring(text)  # noqa: S314 - made by our own process a moment ago
    for key in ("width", "height"):
        svg.attrib.pop(key, None)
    svg.set("role", "img")
    svg.set("aria-labelledby", f"{name}-title {name}-description")
    _strip(svg)
    for place, (tag, words) in enumerate((("title", title), ("desc", description))):
        child = ET.Element(f"{{{_SVG}}}{tag}", {"id": f"{name}-{tag if place == 0 else 'description'}"})
        child.text = words
        svg.insert(place, child)
    return _own_ids(ET.tostring(svg, encoding="unicode"), name)


def _strip(svg: ET.Element) -> None:
    """A mark's label becomes its tooltip; the rest of what Vega says to screen readers goes.

    Inside an `img` role nothing else is read; the table under the chart has the figures.
    """
    for element in svg.iter():
        label = element.attrib.pop("aria-label", None)
        is_mark = element.attrib.pop("aria-roledescription", "").endswith(("mark", "point"))
        if element is not svg:
            element.attrib.pop("role", None)
            element.attrib.pop("aria-hidden", None)
        if label and is_mark and element.tag == f"{{{_SVG}}}path":
            tooltip = ET.SubElement(element, f"{{{_SVG}}}title")
            tooltip.text = label


def _own_ids(svg: str, name: str) -> str:
    """Vega counts its clip paths from a number of its own: they take the chart's name instead."""
    import re

    found = sorted(set(re.findall(r'id="((?:clip|gradient)[^"]*)"', svg)), key=svg.index)
    for number, old in enumerate(found):
        new = f"{name}-{number}"
        svg = svg.replace(f'id="{old}"', f'id="{new}"').replace(f"url(#{old})", f"url(#{new})")
    return svg
