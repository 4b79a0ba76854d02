"""What a run did, in a few lines when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abcjob.cli.output import note

if TYPE_CHECKING:
    from abcjob.database.ledger import Counts
    from abcjob.job import Job
    from abcjob.run import Outcome


def tell(job: Job, outcome: Outcome, seconds: float, *, is_dry: bool) -> None:
    """Say on stderr where the rows went, how long it took, and where the reports are."""
    counts = [count for tables in outcome.rows.values() for count in tables.values()]
    lines = [f"{_loaded(counts)} in {seconds:.1f} s", *_others(counts)]
    if is_dry:
        lines.append("nothing was published")
    elif any(count.rejected or count.waiting for count in counts):
        lines.append(f"`abcjob quarantine {job.name}` lists what was kept back, and why")
    _tell("dry run" if is_dry else "done", lines)
    # The page first: it is what people open.
    pages = sorted(outcome.reports, key=lambda path: path.suffix != ".html")
    _tell("report", list(map(str, pages)))


def _tell(label: str, lines: list[str]) -> None:
    for number, line in enumerate(lines):
        note(line, " " if number else label)


def _loaded(counts: list[Counts]) -> str:
    """What of all tables was loaded."""
    if not counts:
        return "nothing new"
    came = sum(count.read + count.retried for count in counts)
    loaded = sum(count.loaded for count in counts)
    return f"{loaded:,}{f' of {came:,}' if came != loaded else ''} rows loaded"


def _others(counts: list[Counts]) -> list[str]:
    """What was not, in a line, if there is any."""
    sums = {
        what: sum(getattr(count, what) for count in counts)
        for what in ("skipped", "rejected", "waiting")
    }
    told = ", ".join(f"{rows:,} {what}" for what, rows in sums.items() if rows)
    return [told] if told else []
