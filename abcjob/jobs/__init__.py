"""The jobs. A new one is a folder here, its SQL and templates, and a line below."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from abcjob.job import Job

DEFAULT = "abc"

# By name: one line for help. Each is the package `abcjob.jobs.<name>`, which holds a `JOB`.
JOBS = {
    "abc": "SaaS KPIs of ABC Enterprises: usage, retention, revenue (the default)",
    "sales": "What a small retailer sold, where and when; only new rows are added",
    "jukebox": "Events of a seller of jukeboxes: sales, payments, songs played; from files of JSON",
    "ratings": "Daily files of ratings, one for each customer; bad rows are kept apart",
}


def load_all() -> tuple[Job, ...]:
    """Every job, in the order of `JOBS`."""
    return tuple(map(load, JOBS))


def load(name: str) -> Job:
    """The job of that name, one of `JOBS`."""
    job: Job = importlib.import_module(f"abcjob.jobs.{name}").JOB
    return job
