"""Which of the files in a folder is a customer's of a day."""

from __future__ import annotations

import re
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
            f"looking for customers' files in {folder}: {error.strerror}; correct --input"
        ) from error
    stamps = {name: _stamp(name, customer.files) for name in names}
    dated = {name: _date(stamp) for name, stamp in stamps.items() if stamp is not None}
    others = [other for other in customers if other != customer]
    for name, found in dated.items():
        if found is None and not any(_date(_stamp(name, other.files)) for other in others):
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


def _stamp(name: str, pattern: str) -> str | None:
    """What a file's name has where its pattern has the `*`; None where it does not fit."""
    bare = name if pattern.endswith(_PACKED) else name.removesuffix(_PACKED)
    before, after = map(re.escape, pattern.split("*"))
    found = re.fullmatch(f"{before}(.*){after}", bare, re.DOTALL)
    return found[1] if found else None


def _date(stamp: str | None) -> date | None:
    """The date that stands there as YYYYMMDD; None where none does."""
    if stamp is None or not re.fullmatch("[0-9]{8}", stamp):
        return None
    try:
        return date(int(stamp[:4]), int(stamp[4:6]), int(stamp[6:]))
    except ValueError:
        return None
