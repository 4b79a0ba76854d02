"""Named points at which tests kill the program; inert unless the environment arms one.

ABCJOB_FAULT names the point, as `in publish`; of one that is passed several times, `in publish:2`
kills at the second pass.
"""

from __future__ import annotations

import os
import signal
from itertools import count

_ARMED, _, _PASS = os.environ.get("ABCJOB_FAULT", "").partition(":")
_passes = count(1)


def point(name: str) -> None:
    """Die here without a word, as by kill -9 or a power cut, where this point is armed."""
    if name == _ARMED and next(_passes) == int(_PASS or 1):
        os.kill(os.getpid(), signal.SIGKILL)
