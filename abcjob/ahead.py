"""Work ahead of who asks for it, in a thread of its own."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

T = TypeVar("T")
_HOW_FAR = 2  # items: with one, whoever is done first waits for the other each time


def ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """The same items; while one is worked on, the next ones are made.

    When it is closed before its end, what is being made has been made, and nothing more is.
    """
    pool = ThreadPoolExecutor(1, "ahead")
    try:
        coming = deque(pool.submit(next, items, None) for _ in range(_HOW_FAR))
        while (item := coming.popleft().result()) is not None:
            coming.append(pool.submit(next, items, None))
            yield item
    finally:
        pool.shutdown(cancel_futures=True)
