"""What is freed is kept for what comes next."""

from __future__ import annotations

import ctypes

_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1  # of malloc.h: M_MMAP_THRESHOLD, M_TRIM_THRESHOLD
_KEPT = 2**26  # bytes
_GREATEST = 2**25  # bytes of one array: glibc takes no more


def keep_freed() -> None:
    """Let the C library keep 64 MB of freed memory, for arrays of up to 32 MB.

    For who makes arrays of a few megabytes again and again. By itself, glibc hands most of them
    back to the system when they are freed; to get them anew, zeroed and page by page, takes
    longer than to fill them. Where the C library is another one, nothing is changed.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _GREATEST)
        mallopt(_TRIM_THRESHOLD, _KEPT)
