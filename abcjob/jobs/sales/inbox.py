"""Where the files of the three tables are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from abcjob.errors import DataError, SettingsError, SourceError
from abcjob.job import Source

if TYPE_CHECKING:
    from abcjob.jobs.sales.parameters import Parameters

TABLES = ("products", "stores", "sales")


def check(parameters: Parameters) -> None:
    """See that a folder or sources are named.

    Raises:
        SettingsError: none of them, or both.
    """
    given = _given(parameters)
    if parameters.input is not None and given:
        raise SettingsError(
            f"running sales: --input is given, and --{next(iter(given))} too, expected one or the "
            "other; leave one out"
        )
    if parameters.input is None and not given:
        raise SettingsError(
            "running sales: no source is named, expected --input DIR, or some of --products, "
            "--stores, --sales; `abcjob sample sales --out DIR` makes files to try"
        )


def sources(parameters: Parameters) -> tuple[Source, ...]:
    """The sources that were named, or found in the folder.

    Raises:
        SourceError: the folder cannot be read, or lacks a file.
        DataError: there are two files for a table.
    """
    if parameters.input is not None:
        return _found(parameters.input)
    return tuple(_source(table, source) for table, source in _given(parameters).items())


def _given(parameters: Parameters) -> dict[str, str]:
    """The sources that were named, by table."""
    named = {table: getattr(parameters, table) for table in TABLES}
    return {table: source for table, source in named.items() if source is not None}


def _source(table: str, place: str) -> Source:
    from abcjob.sources import address

    if address.is_address(place):
        return Source(table, Path(), None, place)
    return Source(table, Path(place), None)


def _found(folder: Path) -> tuple[Source, ...]:
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise SourceError(
            f"looking for the sales in {folder}: {error.strerror}; name the folder with --input"
        ) from error
    by_table = {
        table: [path for path in files if path.name.partition(".")[0] == table] for table in TABLES
    }
    if missing := [f"{table}.*" for table, paths in by_table.items() if not paths]:
        raise SourceError(
            f"looking for the sales in {folder}: no file is named {' or '.join(missing)}; get it, "
            "or name those that there are with --products, --stores, --sales"
        )
    for table, paths in by_table.items():
        if len(paths) > 1:
            raise DataError(
                f"looking for the sales in {folder}: {' and '.join(p.name for p in paths)} are "
                f"both named {table}.*, expected one file; move the wrong one"
            )
    return tuple(Source(table, path, None) for table, [path] in by_table.items())
