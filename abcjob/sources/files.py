"""Files that rows come from: opened as what they are, and known again by their content."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from abcjob.errors import DataError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_GZIP = b"\x1f\x8b"


def digest(path: Path) -> str:
    """The SHA-256 of a file's bytes as they lie there, in hexadecimal.

    Raises:
        SourceError: it cannot be read.
    """
    with _reading(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file's bytes, unpacked where it is gzip, whatever its name says.

    Raises:
        SourceError: it cannot be read.
        DataError: it is gzip, but broken or cut off.
    """
    with _reading(path), path.open("rb") as file:
        is_packed = file.peek(len(_GZIP)).startswith(_GZIP)
        yield cast("BinaryIO", gzip.GzipFile(fileobj=file)) if is_packed else file


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
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"reading {path}: it is gzip, but broken or cut off ({error}); get the file again"
        ) from error
    except OSError as error:
        raise SourceError(
            f"reading {path}: {error.strerror or error}; see that it is there and may be read"
        ) from error
