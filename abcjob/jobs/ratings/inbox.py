"""Which of the files in a folder is a customer's of a day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from abcjob.errors import DataError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from abcjob.jobs.ratings.metadata import Customer

_PACKED = ".gz"  # may follow on the name; what a file is, its content tells


def newest(folder: Path, customer: Customer, customers: Iterable[Customer], day: date) -> Path:
    """The customer's newest file that is not later than a day, by the date in its name.

    Args:
        folder: where the files are.
        customer: whose file.
        customers: all of them: a file that is another's is not taken for a misnamed one.
        day: the logical date.

    Raises:
        SourceError: the folder cannot be read, or there is no such file.
        DataError: a file's name has no date where one should be, or two have the same.
    """
    try:
        names = sorted(path.name for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise SourceError(
            f"looking for the file of {customer.name}: {folder}: {error.strerror}; "
            "name the folder with the files with --input"
        ) from error
    dated = {name: _dated(name, customer.files) for name in names if _fits(name, customer.files)}
    others = [other for other in customers if other != customer]
    for name, found in dated.items():
        if found is None and not any(_dated(name, other.files) for other in others):
            raise DataError(
                f"looking for the file of {customer.name}: the name of {folder / name} has no date "
                f"where {customer.files} has its *, expected YYYYMMDD; name it right, or move it"
            )
    known = {name: found for name, found in dated.items() if found and found <= day}
    if not known:
        raise SourceError(
            f"looking for the file of {customer.name}: none in {folder} is named {customer.files} "
            f"with a date up to {day}; get it, then run again"
        )
    last = max(known.values())
    name, *more = [name for name, found in known.items() if found == last]
    if more:
        raise DataError(
            f"looking for the file of {customer.name}: {name} and {', '.join(more)} in {folder} "
            "are of one day, expected one file; move the wrong one"
        )
    return folder / name


def _fits(name: str, pattern: str) -> bool:
    before, after = pattern.split("*")
    bare = name.removesuffix(_PACKED) if not pattern.endswith(_PACKED) else name
    return (
        len(bare) >= len(before) + len(after) and bare.startswith(before) and bare.endswith(after)
    )


def _dated(name: str, pattern: str) -> date | None:
    """The date in a file's name; None where there is none, or the name is another's."""
    if not _fits(name, pattern):
        return None
    before, after = pattern.split("*")
    bare = name.removesuffix(_PACKED) if not pattern.endswith(_PACKED) else name
    digits = bare[len(before) : len(bare) - len(after)]
    if len(digits) != len("YYYYMMDD") or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
