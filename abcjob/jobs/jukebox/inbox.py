"""Where the events are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from abcjob.errors import SettingsError, SourceError
from abcjob.job import Source
from abcjob.jobs.jukebox.events import RECORDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ENDINGS = (".ndjson", ".jsonl", ".json")


def check(places: tuple[Path, ...]) -> None:
    """See that something is named.

    Raises:
        SettingsError: nothing.
    """
    if not places:
        raise SettingsError(
            "running jukebox: --input SRC is missing, expected files of events or folders of such; "
            "`abcjob sample jukebox --out DIR` makes some to try"
        )


def sources(places: tuple[Path, ...]) -> tuple[Source, ...]:
    """The files named, and those in the folders named, each once.

    Raises:
        SourceError: a folder cannot be read, or there is no file in it.
    """
    # Not pathlib's ways to ask: they raise of what may not be looked at, or leads in a circle. The
    # next that opens it says so.
    files = {os.path.realpath(path): path for place in places for path in _files(place)}
    return tuple(Source("event", path, None, variant=_variant(path)) for path in files.values())


def _files(place: Path) -> Iterator[Path]:
    if not os.path.isdir(place):
        yield place
        return
    try:
        found = sorted(path for path in place.iterdir() if path.is_file() and _is_meant(path))
    except OSError as error:
        raise SourceError(
            f"looking for events in {place}: {error.strerror}; correct --input"
        ) from error
    if not found:
        raise SourceError(
            f"looking for events in {place}: no file ends with {', '.join(_ENDINGS)}, also before "
            ".gz; name the files with --input"
        )
    yield from found


def _is_meant(path: Path) -> bool:
    name = path.name.removesuffix(".gz")
    return name.endswith(_ENDINGS) and not name.startswith(".")


def _variant(path: Path) -> str:
    """The type of all events of a file that is named after it; else empty."""
    return next((name for name in RECORDS if path.name.startswith(f"{name}.")), "")
