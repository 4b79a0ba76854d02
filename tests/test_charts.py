"""Charts: drawn from a spec and rows, to stand in a page by themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from abcjob.errors import ReportError
from abcjob.render.charts import Chart, ChartPainter

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def painter() -> Iterator[ChartPainter]:
    """What draws charts."""
    with ChartPainter() as found:
        yield found


SPEC = {
    "title": "T & <t>",
    "description": "D",
    "width": 100,
    "height": 50,
    "autosize": {"type": "none"},
    "padding": 20,
    "encoding": {
        "x": {"field": "x", "type": "ordinal", "axis": None},
        "y": {"field": "y", "type": "quantitative", "axis": None},
    },
    "layer": [{"mark": {"type": "line", "color": "var(--series-1)"}}, {"mark": "point"}],
}
ROWS = [{"x": "<b>", "y": 1}, {"x": "c", "y": 3}]


def test_a_chart_stands_by_itself_in_a_page(painter: ChartPainter) -> None:
    """It scales, is named and described, has tooltips, colours by variable, ids of its own."""
    text = painter.paint([Chart("c1", SPEC, ROWS)])["c1"]()
    svg = ET.fromstring(text)  # noqa: S314
    assert "width" not in svg.attrib
    assert svg.get("viewBox") == "0 0 140 90"
    ids = {element.get("id"): element.text for element in svg if element.get("id")}
    assert ids == {"c1-title": "T & <t>", "c1-description": "D"}
    assert svg.get("aria-labelledby") == "c1-title c1-description"
    tooltips = [element.text for element in svg.iter() if element.tag.endswith("}title")][1:]
    assert tooltips == ["x: <b>; y: 1", "x: c; y: 3"]
    assert "var(--series-1)" in text
    assert "style=" not in text
    assert not [i for i in re.findall(r'id="([^"]*)"', text) if not i.startswith("c1-")]


def test_charts_can_be_had_in_any_order(painter: ChartPainter) -> None:
    """A template may skip one, or show the last first, or one twice."""
    charts = [Chart(f"c{n}", {**SPEC, "title": f"t{n}"}, ROWS) for n in range(40)]
    drawn = painter.paint(charts)
    assert "t7" in drawn["c7"]()
    assert "t2" in drawn["c2"]()
    assert drawn["c7"]() == drawn["c7"]()
    assert "t39" in drawn["c39"]()


@pytest.mark.parametrize("length", range(1, 12))
def test_a_chart_has_names_of_any_characters(painter: ChartPainter, length: int) -> None:
    """Also too long ones, which Vega cuts between the halves of an emoji; short ones are whole."""
    mark = {"type": "text", "limit": 60, "fontSize": 14}
    spec = {**SPEC, "mark": mark, "encoding": {"text": {"field": "x"}}}
    del spec["layer"]
    whole = r"\ud83d\ude00 \" \U0001f600"
    for name in ("\U0001f600" * length, "a" + "\U0001f600" * length, whole):
        [said] = ET.fromstring(  # noqa: S314
            painter.paint([Chart("c", spec, [{"x": name}])])["c"]()
        ).iterfind(".//{*}text")
        assert said.text
        if length == 1:
            assert said.text.startswith(name[:2])


def test_a_chart_that_cannot_be_drawn_is_named() -> None:
    """By its name and the engine's words, in one line; also where the process is gone."""
    with ChartPainter() as painter:
        with pytest.raises(ReportError, match=r"^drawing the chart c: .*; correct its spec$"):
            painter.paint([Chart("c", {**SPEC, "layer": [{"mark": "nosuch"}]}, ROWS)])["c"]()
        with pytest.raises(ReportError, match=r"^drawing the chart c: .*list.*; correct its spec$"):
            painter.paint([Chart("c", {**SPEC, "usermeta": ["GBP"]}, ROWS)])["c"]()
        painter._worker.kill()  # noqa: SLF001
        painter._worker.wait()  # noqa: SLF001
        with pytest.raises(ReportError, match="the process that draws charts ended"):
            painter.paint([Chart("c", SPEC, ROWS)])["c"]()
