"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from errno import EISDIR, EOPNOTSUPP
from os import strerror
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from abcjob import faults
from abcjob.errors import ReportError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def check_writable(folder: Path) -> None:
    """Make the folder, with its parents, and see that a file can be made in it.

    Raises:
        ReportError: it cannot.
    """
    with _refused(folder):
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()


def write(texts: Mapping[Path, str]) -> None:
    """Put each text at its path, in UTF-8, in place of what was there.

    All are written beside their places first and then renamed over them: a reader sees an old
    file or a new one, and a link planted at a path is replaced, not followed.

    Raises:
        ReportError: one cannot be written; what was there before is there still.
    """
    with ExitStack() as closing:
        ready = {}
        for path, text in texts.items():
            with _refused(path):
                ready[path] = _whole(path, [text.encode()], closing)
        for path in ready:
            with _refused(path):
                if path.is_dir() and not path.is_symlink():
                    raise IsADirectoryError(EISDIR, strerror(EISDIR))
        for path, file in ready.items():
            faults.point(f"before the report's {path.suffix}")
            with _refused(path):
                _put(file, path)


def create(contents: Mapping[Path, Iterable[bytes]]) -> None:
    """Make files that are not there yet, each from pieces, however many.

    Raises:
        ReportError: one is there: then none is made; or it cannot be written: then there is
            nothing of it.
    """
    for path in contents:
        if os.path.lexists(path):
            raise _there_already(path)
    for path, pieces in contents.items():
        with _refused(path, "--out"), ExitStack() as closing:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = _whole(path, pieces, closing)
            try:
                _link(file, path)
            except FileExistsError as error:
                raise _there_already(path) from error
            _sync_folder(path.parent)


def _there_already(path: Path) -> ReportError:
    return ReportError(f"writing {path}: it is there already; name another folder, or move it")


def _whole(path: Path, pieces: Iterable[bytes], closing: ExitStack) -> BinaryIO:
    """A file with the pieces in it, on the disk, in the folder of `path`.

    It has no name where the system can do that: whenever we are killed, nothing of it is left.
    """
    file = _nameless(path.parent) or _named(path, closing)
    closing.callback(_close, file)
    file.writelines(pieces)
    os.fchmod(file.fileno(), 0o666 & ~_umask())
    file.flush()
    os.fsync(file.fileno())
    return file


def _close(file: BinaryIO) -> None:
    with suppress(OSError):  # what a full disk did not take is written again, in vain, and was told
        file.close()


def _nameless(folder: Path) -> BinaryIO | None:
    """A file that no name leads to; None where there are none."""
    if not hasattr(os, "O_TMPFILE"):
        return None
    try:
        return os.fdopen(os.open(folder, os.O_RDWR | os.O_TMPFILE, 0o600), "w+b")
    except OSError as error:
        if error.errno in {EISDIR, EOPNOTSUPP}:  # the kernel's, or the file system's, to say
            return None
        raise


def _named(path: Path, closing: ExitStack) -> BinaryIO:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    closing.callback(Path(name).unlink, missing_ok=True)
    os.close(descriptor)
    return Path(name).open("r+b")


def _put(file: BinaryIO, path: Path) -> None:
    """Let the file stand at the path, in place of what is there."""
    if isinstance(file.name, str):  # where files have a name at once, there may be no links either
        Path(file.name).replace(path)
    else:
        # A link replaces nothing, a rename does; between the two is no time to speak of.
        ready = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            _link(file, ready)
            ready.replace(path)
        finally:
            ready.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _link(file: BinaryIO, path: Path) -> None:
    """Let the file stand at the path, where nothing is."""
    if isinstance(file.name, str):
        path.hardlink_to(file.name)
        return
    folder = os.open("/proc/self/fd", os.O_RDONLY)
    try:
        os.link(str(file.fileno()), path, src_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


def _umask() -> int:
    # There is no other way to read it; nothing else makes files at this time.
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    """Make the rename last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _refused(path: Path, option: str = "--reports") -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ReportError(
            f"writing {path}: {error.strerror or error}; "
            f"make room or give permission there, or name another folder with {option}"
        ) from error
