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
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from abcjob.job import Job
    from abcjob.render.page import Pages

INDEX = "index.html"
_MARK = "<!-- abcjob:index -->\n"  # ends an index, whatever template it is made of
_DATED = re.compile(r".+_[0-9]{8}\.[a-z]+")
_MOST_TIMES = 10  # that an index is written: as many runs would have to end at once


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


def reports(folder: Path, jobs: Sequence[Job]) -> tuple[Report, ...]:
    """The reports of these jobs in the folder, newest first; of one day in the order of the jobs.

    Raises:
        ReportError: the folder cannot be read.
    """
    return _reports(folder, _there(folder, jobs), jobs)


def surplus(found: Sequence[Report], keep: int) -> tuple[Report, ...]:
    """Those of the reports that are not among the newest `keep` of their job.

    What has a link, a pipe or the like among its files is left aside: no run has made it.
    """
    made = [report for report in found if all(map(_is_own_file, report.files))]
    return tuple(report for shelf in _shelves(made) for report in shelf.reports[keep:])


def remove(found: Iterable[Report]) -> Iterator[Path]:
    """Delete all files of the reports, one each time that the next is asked for.

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
        yield path


def write_index(folder: Path, jobs: Sequence[Job], pages: Pages) -> None:
    """Write the page that lists the reports of these jobs in the folder.

    It is made of what lies there alone. Others may put reports there, or list them, at the same
    time: it is written again while what lies there is not what it lists, so that whoever writes
    last has seen all. But not for ever, for a file that somebody goes on writing to. It takes the
    place of an earlier index alone: the folder may be a site that has a page of its own there.

    Raises:
        ReportError: the folder cannot be read, the template fails, another page is there, or it
            cannot be written.
    """
    listed = None
    for _ in range(_MOST_TIMES):
        there = _there(folder, jobs)
        if there == listed:
            return
        shelves = _shelves(_reports(folder, there, jobs))
        text = pages.html("index.html.j2", {"shelves": shelves})
        _check_replaceable(folder / INDEX)
        files.write({folder / INDEX: f"{text}{_MARK}"})
        listed = there


def _check_replaceable(index: Path) -> None:
    """See that nothing is there but an index of ours; a folder is for `files.write` to refuse.

    Raises:
        ReportError: something else is there, or it cannot be read.
    """
    try:
        if not os.path.lexists(index) or index.is_dir() or _is_index(index):
            return
    except OSError as error:
        raise ReportError(
            f"reading {index}: {error.strerror}; give permission there, or name another folder "
            "with --reports"
        ) from error
    raise ReportError(
        f"writing {index}: another page is there, expected none or a list of reports; it is left "
        "as it is: move it, or name another folder with --reports"
    )


def _is_index(page: Path) -> bool:
    """Whether we have written it; an older version's has no mark, but a head of ours."""
    if not _is_own_file(page):
        return False
    with page.open("rb") as file:
        file.seek(max(page.stat().st_size - len(_MARK), 0))
        is_marked = file.read(len(_MARK)) == _MARK.encode()
    return is_marked or headline.is_list(page)


def _is_own_file(path: Path) -> bool:
    return not path.is_symlink() and path.is_file()  # a link may lead where we may not look


def _shelves(found: Iterable[Report]) -> tuple[Shelf, ...]:
    """The reports by job, in the order of the jobs' names."""
    by_job = groupby(sorted(found, key=lambda r: r.job.name), lambda r: r.job)
    return tuple(Shelf(job, tuple(its)) for job, its in by_job)


def _there(folder: Path, jobs: Sequence[Job]) -> dict[str, tuple[int, int]]:
    """The reports' files by name, with size and time, which are others where one is replaced."""
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
    except OSError as error:
        raise ReportError(
            f"looking for reports in {folder}: {error.strerror}; give permission there"
        ) from error
    ours = {name for day in _days(found) for job in jobs for name in job.report_files(day)}
    return {name: its for name, its in found.items() if name in ours}


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
