"""The process that draws charts: a Vega-Lite spec a line in, an SVG a line out, both as JSON.

Started when a run starts, it warms its JavaScript engine up while rows are loaded. It imports
nothing of the package, so that it is there at once.
"""

from __future__ import annotations

import json
import sys

import vl_convert

_NOTHING = {"data": {"values": []}, "mark": "line", "encoding": {}}


def main() -> None:
    """Answer each line with {"svg": ...} or {"error": ...}, until there are no more."""
    vl_convert.vegalite_to_svg(_NOTHING)
    for line in sys.stdin:
        try:
            answer = {"svg": vl_convert.vegalite_to_svg(json.loads(line))}
        except ValueError as error:
            answer = {"error": " ".join(str(error).splitlines()[:2])}  # then comes its call stack
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
