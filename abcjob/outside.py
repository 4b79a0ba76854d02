"""Text that came from outside, made harmless for where it is shown.

HTML, Markdown and CSV have an escaping of their own besides, in `render`.
"""

from __future__ import annotations

import re

# What moves a terminal's cursor or colours it, and what turns the direction of the text around it;
# a tab and the ends of lines are let be.
_UNSEEN = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def visible(text: str) -> str:
    """A text in which all that has no shape of its own is written out, as Python would write it.

    So are stray bytes, such as those of a file's name that is no UTF-8: it can be encoded.
    """
    shown = _UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)
    return shown.encode(errors="backslashreplace").decode()
