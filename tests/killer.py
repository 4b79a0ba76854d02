"""A command that is killed at random moments."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from abcjob.database.url import DatabaseUrl

KILLS = int(os.environ.get("ABCJOB_TEST_KILLS", "6"))  # a soak gives more


class Killer:
    """Runs a command once to its end, then again and again until some moment in between."""

    def __init__(self, folder: Path, url: DatabaseUrl, command: tuple[str, ...]) -> None:
        self._draws = random.Random(0)  # noqa: S311 - moments, no secrets
        self._folder, self._url, self._command = folder, url, command
        begin = time.monotonic()
        with self._begun() as running:
            assert running.wait() == 0
        self._taken = time.monotonic() - begin

    def strike(self) -> None:
        """Begin, and kill; what is about as long as a run may come after its end, too."""
        with self._begun() as running:
            time.sleep(self._draws.uniform(0.2, 1.1) * self._taken)
            running.kill()

    def _begun(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "abcjob", *self._command],
            cwd=self._folder,
            env={"PATH": os.environ["PATH"], "ABCJOB_DATABASE_URL": self._url.libpq},
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
