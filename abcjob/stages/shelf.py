"""The reports folder: which reports lie in it, the page that lists them, and those to go."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

from abcjob.errors import ReportError
from abcjob.render import files, headline
from abcjob.render.headline import Headline

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from abcjob.job import Job
    from abcjob.render.page import Pages

INDEX = "index.html"
_DATED = re.compile(r".+_[0-9]{8}\.[a-z]+")


@dataclass(frozen=True)
class Report:
    """A job's report of a date.

    Attributes:
        job: the job.
        day: the date, by the files' names.
        files: those of `Job.report_files` that are there; one at least.
        headline: what its page says of itself; empty where there is no page, or one that says
            nothing, such as an older version's.
        problem: why its page cannot be read; empty where it can.
    """

    job: Job
    day: date
    files: tuple[Path, ...]
    headline: Headline = field(default_factory=Headline)
    problem: str = ""


@dataclass(frozen=True)
class Shelf:
    """A job's reports, newest first; one at least."""

    job: Job
    reports: tuple[Report, ...]

    @property
    def title(self) -> str:
        """What the newest report that says so is about."""
        titles = (report.headline.title for report in self.reports)
        return next(filter(None, titles), self.job.name)

    @property
    def labels(self) -> tuple[str, ...]:
        """Those of the figures of all its reports, in the order in which the newest have them."""
        return tuple(
            dict.fromkeys(label for report in self.reports for label in report.headline.figures)
        )


def reports(folder: Path, jobs: Iterable[Job]) -> tuple[Report, ...]:
    """The reports of these jobs in the folder, newest first; of one day in the order of the jobs.

    Raises:
        ReportError: the folder cannot be read.
    """
    return _reports(folder, _dated(folder), tuple(jobs))


def surplus(found: Sequence[Report], keep: int) -> tuple[Report, ...]:
    """Those of the reports that are not among the newest `keep` of their job."""
    return tuple(report for shelf in _shelves(found) for report in shelf.reports[keep:])


def remove(found: Iterable[Report]) -> None:
    """Delete all files of the reports.

    Raises:
        ReportError: one cannot be deleted; those after it are there still.
    """
    for path in (path for report in found for path in report.files):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise ReportError(
                f"deleting {path}: {error.strerror}; give permission there, or delete it yourself"
            ) from error


def write_index(folder: Path, jobs: Sequence[Job], pages: Pages) -> None:
    """Write the page that lists the reports of these jobs in the folder.

    It is made of what lies there alone. Others may put reports there, or list them, at the same
    time: it is written again for as long as what lies there is not what it lists, so that whoever
    writes last has seen all.

    Raises:
        ReportError: the folder cannot be read, the template fails, or it cannot be written.
    """
    listed = None
    while (there := _dated(folder)) != listed:
        shelves = _shelves(_reports(folder, there, jobs))
        files.write({folder / INDEX: pages.html("index.html.j2", {"shelves": shelves})})
        listed = there


def _shelves(found: Iterable[Report]) -> tuple[Shelf, ...]:
    """The reports by job, in the order of the jobs' names."""
    by_job = groupby(sorted(found, key=lambda r: r.job.name), lambda r: r.job)
    return tuple(Shelf(job, tuple(its)) for job, its in by_job)


def _dated(folder: Path) -> dict[str, tuple[int, int]]:
    """The files whose names end in a date, with size and time, another where one is replaced."""
    found = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not _DATED.fullmatch(entry.name):
                    continue
                with suppress(FileNotFoundError):  # deleted since it was listed
                    if not entry.is_dir(follow_symlinks=False):
                        its = entry.stat(follow_symlinks=False)
                        found[entry.name] = (its.st_size, its.st_mtime_ns)
            return found
    except OSError as error:
        raise ReportError(
            f"looking for reports in {folder}: {error.strerror}; give permission there"
        ) from error


def _reports(folder: Path, names: Collection[str], jobs: Sequence[Job]) -> tuple[Report, ...]:
    return tuple(
        _report(job, day, tuple(folder / name for name in there))
        for day in sorted(_days(names), reverse=True)
        for job in jobs
        if (there := [name for name in job.report_files(day) if name in names])
    )


def _days(names: Iterable[str]) -> set[date]:
    """The days that the files' names end in."""
    days = set()
    for name in names:
        with suppress(ValueError):  # such as of a 30 February
            days.add(date.fromisoformat(name.rpartition("_")[2][:8]))
    return days


def _report(job: Job, day: date, there: tuple[Path, ...]) -> Report:
    page = there[0]
    if page.suffix != ".html":
        return Report(job, day, there)
    try:
        if not page.is_file():  # a pipe, say, would be waited for
            return Report(job, day, there, problem="it is no file")
        return Report(job, day, there, headline.read(page))
    except OSError as error:
        return Report(job, day, there, problem=error.strerror or str(error))
