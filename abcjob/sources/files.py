"""Files that rows come from: opened as what they are, and known again by their content."""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from abcjob.errors import DataError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_GZIP = b"\x1f\x8b"
_MOST_BYTES = 20 * 2**30  # half a billion sales


def digest(path: Path) -> str:
    """The SHA-256 of a file's bytes as they lie there, in hexadecimal.

    Raises:
        SourceError: it cannot be read, or only once, as a pipe can.
    """
    with _reading(path):
        if stat.S_ISFIFO(path.stat().st_mode):
            raise SourceError(
                f"reading {path}: it is a pipe, expected a file, which can be read twice; "
                "write it to one first"
            )
    with _reading(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _TooLargeError(Exception):
    """There is more in a packed file than anybody means to read."""


class _Unpacked(gzip.GzipFile):
    """A packed file's content, up to a limit."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        super().__init__(fileobj=file)
        self._most = most

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        if self.tell() > self._most:
            raise _TooLargeError(f"{self._most:,}")
        return found


@contextmanager
def opened(path: Path, place: str = "", most: int = _MOST_BYTES) -> Iterator[BinaryIO]:
    """A file's bytes, unpacked where it is gzip, whatever its name says.

    Args:
        path: the file.
        place: what messages call it; empty: its path.
        most: bytes that may come out of a packed one: a few can stand for any number.

    Raises:
        SourceError: it cannot be read.
        DataError: it is gzip, but broken or cut off, or more than that comes out.
    """
    with _reading(path, place), path.open("rb") as file:
        has_mark = file.peek(len(_GZIP)).startswith(_GZIP)
        yield cast("BinaryIO", _Unpacked(file, most)) if has_mark else file


def share_read(stream: BinaryIO) -> float:
    """How much of the file's bytes, as they lie there, `opened`'s stream has given: from 0 to 1."""
    file: BinaryIO = getattr(stream, "fileobj", stream)  # what a packed one is unpacked from
    size = os.fstat(file.fileno()).st_size
    return file.tell() / size if size else 1.0


def size(path: Path) -> int:
    """How many bytes a file has as it lies there.

    Raises:
        SourceError: it cannot be found.
    """
    with _reading(path):
        return path.stat().st_size


def is_packed(stream: BinaryIO) -> bool:
    """Whether what `opened` gave was unpacked on the way."""
    return isinstance(stream, _Unpacked)


@contextmanager
def unchanged(paths: Iterable[Path]) -> Iterator[None]:
    """Inside, files are read, perhaps more than once; they have to stay as they are.

    Raises:
        SourceError: one cannot be found, or somebody changed it.
    """
    paths = tuple(paths)
    before = list(map(_state, paths))
    yield
    for path, state in zip(paths, before, strict=True):
        if _state(path) != state:
            raise SourceError(f"reading {path}: it changed while it was read; run again")


def _state(path: Path) -> tuple[int, int, int]:
    with _reading(path):
        found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


@contextmanager
def _reading(path: Path, place: str = "") -> Iterator[None]:
    place = place or str(path)
    try:
        yield
    except _TooLargeError as error:
        raise DataError(
            f"reading {place}: more than {error} bytes come out of it, which is gzip; "
            "give it in smaller parts"
        ) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"reading {place}: it is gzip, but broken or cut off ({error}); get the file again"
        ) from error
    except OSError as error:
        raise SourceError(
            f"reading {place}: {error.strerror or error}; see that it is there and may be read"
        ) from error
