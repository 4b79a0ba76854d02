"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from abcjob.errors import ReportError


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


def write(path: Path, text: str) -> None:
    """Put `text` at `path`, in UTF-8, in place of what was there.

    Written beside it first and then renamed over it, so a reader sees the old file or the new
    one, and a link planted at `path` is replaced, not followed.

    Raises:
        ReportError: it cannot be written; what was there before is there still.
    """
    temporary: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            os.fchmod(file.fileno(), 0o666 & ~_umask())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise _refused(path, error) from error


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
