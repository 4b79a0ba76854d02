"""The job `jukebox`: events of any order into a normalised model, and what it answers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from abcjob.job import WHOLE, Derived, Input, Job, Part, Sample, described
from abcjob.jobs.jukebox.parameters import Parameters
from abcjob.jobs.jukebox.sample_parameters import SampleParameters

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path
    from typing import Any

    import polars as pl

    from abcjob.job import Frames
    from abcjob.presentation import Thresholds
    from abcjob.rules import Variants


def _plan(parameters: Parameters, _: date) -> tuple[Part, ...]:
    from abcjob.jobs.jukebox import inbox

    inbox.check(parameters.input)
    reading = "date_format", described(parameters).get("date_format", "")
    return (Part(WHOLE, partial(inbox.sources, parameters.input), reading=reading),)


def _events(parameters: Parameters) -> Variants:
    from abcjob.jobs.jukebox import events

    return events.variants(parameters.date_format)


def _conclude(kpis: Frames, _: Thresholds) -> Mapping[str, Any]:
    from abcjob.jobs.jukebox import summary, tiles

    return {"summary": summary.of(kpis), "tiles": tiles.of(kpis)}


def _tabled(kpis: Frames) -> Frames:
    from abcjob.jobs.jukebox import excerpts

    return excerpts.tabled(kpis)


def _charted(kpis: Frames) -> Frames:
    from abcjob.jobs.jukebox import excerpts

    return excerpts.charted(kpis)


def _sample(parameters: SampleParameters, day: date, folder: Path) -> pl.DataFrame:
    from abcjob.jobs.jukebox import sample

    return sample.write(parameters, day, folder)


JOB = Job(
    name="jukebox",
    report="jukebox",
    schema_version=4,
    parameters=Parameters,
    inputs=(
        Input(
            "event",
            _events,
            key=("event_id",),
            is_merged=True,
            looked_up=("song_id", "device_id"),
            is_mixed=True,
            latest="occurred_at",
            # Also by which artists and albums there are, whose rows are never taken back.
            relied_on=(
                "event_type",
                "customer_id",
                "location_id",
                "device_id",
                "agent_id",
                "payment_id",
                "song_id",
                "artist_name",
                "album_name",
            ),
        ),
    ),
    derived=(
        Derived("customers", key=("id",), touched="id"),
        Derived("locations", key=("id",), touched="id"),
        Derived("agents", key=("id",), touched="id"),
        Derived("artists", key=("id",), grows=True),
        Derived("albums", key=("id",), grows=True),
        Derived("songs", key=("id",), touched="id"),
        Derived("devices", key=("id",), touched="id"),
        Derived("allocations", key=("id",), touched="device_id"),
        Derived("payments", key=("id",), touched="id"),
        Derived("songs_played", reads_all=True, key=("event_id",), grows=True),
        Derived("agent_days", is_small=True, key=("begins_at", "agent_id"), touched="begins_at"),
        Derived("sales", key=("allocation_id",), touched="device_id"),
    ),
    kpis=(
        "total_sales",
        "agent_ranking",
        "cash_received",
        "cash_spent",
        "expected_cash",
        "product_sales",
        "unlinked",
    ),
    plan=_plan,
    conclude=_conclude,
    tabled=_tabled,
    charted=_charted,
    sample=Sample(SampleParameters, _sample),
    reader="jukebox_reader",
)
