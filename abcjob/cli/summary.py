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
    note(f"{_rows(counts)} in {seconds:.1f} s", "dry run" if is_dry else "done")
    if is_dry:
        note("nothing was published", " ")
    elif any(count.rejected for count in counts):
        note(f"`abcjob quarantine {job.name}` says which rows were rejected, and why", " ")
    # The page first: it is what people open.
    for number, path in enumerate(sorted(outcome.reports, key=lambda path: path.suffix != ".html")):
        note(str(path), " " if number else "report")


def _rows(counts: list[Counts]) -> str:
    """Where the rows of all tables went."""
    if not counts:
        return "nothing new"
    came = sum(count.read + count.retried for count in counts)
    loaded = sum(count.loaded for count in counts)
    of_all = f" of {came:,}" if came != loaded else ""
    others = {
        what: sum(getattr(count, what) for count in counts)
        for what in ("skipped", "rejected", "waiting")
    }
    told = [f"{rows:,} {what}" for what, rows in others.items() if rows]
    return ", ".join([f"{loaded:,}{of_all} rows loaded", *told])
