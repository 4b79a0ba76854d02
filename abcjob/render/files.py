"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from errno import EISDIR
from os import strerror
from pathlib import Path
from typing import TYPE_CHECKING

from abcjob.errors import ReportError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def check_writable(folder: Path) -> None:
    """Make the folder, with its parents, and see that a file can be made in it.

    Raises:
        ReportError: it cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return
    except OSError as error:
        raise _refused(folder, error) from error


def write(texts: Mapping[Path, str]) -> None:
    """Put each text at its path, in UTF-8, in place of what was there.

    All are written beside their places first and then renamed over them: a reader sees an old
    file or a new one, and a link planted at a path is replaced, not followed.

    Raises:
        ReportError: one cannot be written; what was there before is there still.
    """
    with ExitStack() as undoing:
        ready = {path: _written(path, text, undoing) for path, text in texts.items()}
        for path in ready:
            if path.is_dir() and not path.is_symlink():
                raise _refused(path, OSError(EISDIR, strerror(EISDIR)))
        for path, temporary in ready.items():
            try:
                temporary.replace(path)
                _sync_folder(path.parent)
            except OSError as error:
                raise _refused(path, error) from error


def create(contents: Mapping[Path, Iterable[bytes]]) -> None:
    """Make files that are not there yet, each from pieces, however many.

    Raises:
        ReportError: one is there: then none is made; or it cannot be written: then there is
            nothing of it.
    """
    for path in contents:
        if path.exists():
            raise _there_already(path)
    for path, pieces in contents.items():
        _create(path, pieces)


def _create(path: Path, pieces: Iterable[bytes]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix=f".{path.name}.", dir=path.parent) as file:
            file.writelines(pieces)
            file.flush()
            os.fchmod(file.fileno(), 0o666 & ~_umask())
            os.fsync(file.fileno())
            os.link(file.name, path)  # unlike a rename, it replaces nothing
        _sync_folder(path.parent)
    except FileExistsError as error:
        raise _there_already(path) from error
    except OSError as error:
        raise ReportError(
            f"writing {path}: {error.strerror or error}; make room or give permission there"
        ) from error


def _there_already(path: Path) -> ReportError:
    return ReportError(f"writing {path}: it is there already; name another folder, or move it")


def _written(path: Path, text: str, undoing: ExitStack) -> Path:
    """A temporary file beside `path` with the text in it, which goes if it is not renamed."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        undoing.callback(Path(name).unlink, missing_ok=True)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            os.fchmod(file.fileno(), 0o666 & ~_umask())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise _refused(path, error) from error
    return Path(name)


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


def _refused(path: Path, error: OSError) -> ReportError:
    return ReportError(
        f"writing {path}: {error.strerror or error}; "
        "make room or give permission there, or name another folder with --reports"
    )
