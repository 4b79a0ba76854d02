"""The process that draws charts: an order a line in, an SVG a line out, both as JSON.

An order has a Vega-Lite `spec`, and as `formats` D3's locale of figures.

Started when a run starts, it warms its JavaScript engine up while rows are loaded. It imports
nothing of the package, so that it is there at once.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import vl_convert

# A small chart of every kind of mark that ours have.
_PRACTICE = {
    "data": {
        "values": [{"x": "2000-01-01", "y": 0, "of": "a"}, {"x": "2000-02-01", "y": 1, "of": "b"}]
    },
    "encoding": {
        "x": {"field": "x", "type": "temporal", "scale": {"type": "utc"}},
        "y": {"field": "y", "type": "quantitative"},
        "color": {"field": "of", "legend": None},
    },
    "layer": [{"mark": "line"}, {"mark": "point"}, {"mark": "bar"}, {"mark": "text"}],
}

# A character beyond U+FFFF as orders have it, of two halves.
_PAIR = re.compile(r"\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}")


def main() -> None:
    """Answer each line with {"svg": ...} or {"error": ...}, until there are no more."""
    vl_convert.vegalite_to_svg(_PRACTICE)
    for line in sys.stdin:
        try:
            answer = {"svg": _drawn(line)}
        except ValueError as error:
            answer = {"error": " ".join(str(error).splitlines()[:2])}  # then comes its call stack
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _drawn(order: str) -> str:
    """The SVG; without emojis where it fails with them, as Vega cuts long texts in their midst."""
    try:
        return _svg(json.loads(order))
    except ValueError:
        plainer = _PAIR.sub("?", order)
        if plainer == order:
            raise
        return _svg(json.loads(plainer))


def _svg(order: dict[str, Any]) -> str:
    return vl_convert.vegalite_to_svg(order["spec"], format_locale=order["formats"])


if __name__ == "__main__":
    main()
