"""Which file is a customer's of a day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from abcjob.errors import DataError, SourceError
from abcjob.jobs.ratings import inbox
from abcjob.jobs.ratings.metadata import Customer

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.in_process

ACME, EUROPE = Customer("acme", "acme_*.csv"), Customer("europe", "acme_europe_*.csv")
DAY = date(2025, 5, 13)


def newest(folder: Path, *names: str) -> str:
    """The customer's file among those."""
    for name in names:
        (folder / name).touch()
    return inbox.newest(folder, ACME, (ACME, EUROPE), DAY).name


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["acme_20250512.csv", "acme_20250513.csv", "acme_20250514.csv"], "acme_20250513.csv"),
        (["acme_20250401.csv", "borealis_20250513.csv"], "acme_20250401.csv"),
        (["acme_20250512.csv.gz"], "acme_20250512.csv.gz"),
        (["acme_20250512.csv", "acme_europe_20250513.csv"], "acme_20250512.csv"),
    ],
)
def test_the_newest_file_up_to_the_day(tmp_path: Path, names: list[str], found: str) -> None:
    """Not later than the date; packed or not; another customer's is not taken."""
    assert newest(tmp_path, *names) == found


@pytest.mark.parametrize("name", ["acme_20250230.csv", "acme_.csv", "acme_today.csv"])
def test_a_name_without_a_date_is_refused(tmp_path: Path, name: str) -> None:
    """It may be the newest of all: nobody can know."""
    with pytest.raises(DataError, match=f"{name} has no date"):
        newest(tmp_path, "acme_20250512.csv", name)


def test_two_files_of_one_day_are_refused(tmp_path: Path) -> None:
    """Which one is right, the program cannot know."""
    with pytest.raises(DataError, match="are of one day"):
        newest(tmp_path, "acme_20250512.csv", "acme_20250512.csv.gz")


def test_no_file_is_named(tmp_path: Path) -> None:
    """A folder, and a file of a later day, are none."""
    (tmp_path / "acme_20250512.csv").mkdir()
    with pytest.raises(
        SourceError, match=r"none in .* is named acme_\*.csv with a date up to 2025"
    ):
        newest(tmp_path, "acme_20250514.csv")
