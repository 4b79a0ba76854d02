"""What is freed is kept for what comes next, and NumPy starts no threads."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

# Three arrays of a megabyte and a half, as a slice of sessions has, made and freed many times.
MAKE_AND_FREE = """
import resource
import numpy as np
from abcjob.memory import keep_freed

{first}
before = 0
for turn in range(200):
    if turn == 20:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    arrays = [np.ones(200_000, np.int64) for _ in range(3)]
    del arrays
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def pages_fetched(first: str) -> int:
    """How many pages of memory the system gives out for 180 turns."""
    command = [sys.executable, "-c", MAKE_AND_FREE.format(first=first)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries keep as they do")
def test_freed_memory_is_used_again() -> None:
    """Once it is asked for, arrays of a few megabytes come out of memory that is there already."""
    assert pages_fetched("pass") > 1_000
    assert pages_fetched("keep_freed()") < 100


def test_arrays_beyond_what_is_kept_are_given_back() -> None:
    """A program that was told to keep what it frees holds 64 MB of it at most."""
    code = (
        "import psutil, numpy as np\n"
        "from abcjob.memory import keep_freed\n"
        "keep_freed()\n"
        "before = psutil.Process().memory_info().rss\n"
        "arrays = [np.ones(500_000, np.int64) for _ in range(60)]\n"
        "del arrays\n"
        "print(psutil.Process().memory_info().rss - before)\n"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert int(told.stdout) < 80 * 2**20


@pytest.mark.skipif(sys.platform != "linux", reason="others do not list the threads of a process")
def test_numpy_starts_no_thread() -> None:
    """The program multiplies no matrices: threads that wait for them would be in its way."""
    code = (
        "import os\n"
        "import abcjob.__main__\n"
        "import numpy\n"
        "print(len(os.listdir('/proc/self/task')))\n"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert int(told.stdout) == 1
