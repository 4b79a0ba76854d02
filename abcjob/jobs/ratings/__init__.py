"""The job `ratings`: daily files, one for each customer; what is wrong is kept and counted."""

from __future__ import annotations

import os
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from abcjob.errors import DataError, SettingsError, SourceError
from abcjob.job import Export, Input, Job, Limits, Part, Sample, Source
from abcjob.jobs.ratings.parameters import Parameters, SampleParameters

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path
    from typing import Any

    import polars as pl

    from abcjob.job import Frames
    from abcjob.jobs.ratings.metadata import Customer
    from abcjob.presentation import Thresholds
    from abcjob.rules import Record

LEAST_KEPT = Decimal("0.5")  # a file of fewer than half of the rows before is a broken one


def _plan(parameters: Parameters, day: date) -> tuple[Part, ...]:
    from abcjob.jobs.ratings import metadata

    customers = metadata.load(parameters.metadata or metadata.DEFAULT)
    folder = parameters.input
    if folder is None:
        raise SettingsError(
            "running ratings: --input DIR is missing, expected the folder with the customers' "
            "files; `abcjob sample ratings --out DIR` makes one to try"
        )
    if parameters.add:
        _check_additions(folder, customers, day)
    return tuple(
        Part(
            customer.name,
            partial(_sources, folder, customer, customers, day, is_optional=parameters.add),
            _limits(customer, allow_shrink=parameters.allow_shrink),
            adds=parameters.add,
        )
        for customer in customers
    )


def _sources(
    folder: Path,
    customer: Customer,
    customers: tuple[Customer, ...],
    day: date,
    *,
    is_optional: bool,
) -> tuple[Source, ...]:
    from abcjob.jobs.ratings import inbox

    try:
        path = inbox.newest(folder, customer, customers, day)
    except SourceError:
        if is_optional:
            return ()
        raise
    return (Source("customer_rating", path, customer.delimiter),)


def _check_additions(folder: Path, customers: tuple[Customer, ...], day: date) -> None:
    """See that there is a file to add: a customer who has none is no fault then."""
    try:
        os.scandir(folder).close()
    except OSError as error:
        told = f"running ratings: {folder}: {error.strerror}; correct --input"
        raise SourceError(told) from error
    if not any(_has_file(folder, customer, customers, day) for customer in customers):
        raise SourceError(
            f"running ratings: {folder} has no customer's file to add; correct --input"
        )


def _has_file(folder: Path, customer: Customer, customers: tuple[Customer, ...], day: date) -> bool:
    """Whether there is one, even if it is to be refused."""
    try:
        return bool(_sources(folder, customer, customers, day, is_optional=True))
    except DataError:
        return True


def _limits(customer: Customer, *, allow_shrink: bool) -> Limits:
    is_strict = customer.policy == "refuse"
    return Limits(
        max_rejected=Decimal(0) if is_strict else customer.max_invalid_percent / 100,
        min_kept=Decimal(0) if allow_shrink else LEAST_KEPT,
        may_be_empty=allow_shrink,
        override="--allow-shrink",
    )


def _rating(_: Parameters) -> type[Record]:
    from abcjob.jobs.ratings.rating import CustomerRating

    return CustomerRating


def _conclude(kpis: Frames, _: Thresholds) -> Mapping[str, Any]:
    from abcjob.jobs.ratings import summary, tiles

    return {"summary": summary.of(kpis), "tiles": tiles.of(kpis)}


def _sample(parameters: SampleParameters, day: date, folder: Path) -> pl.DataFrame:
    from abcjob.jobs.ratings import sample

    return sample.write(parameters, day, folder)


JOB = Job(
    name="ratings",
    report="ratings",
    schema_version=4,
    parameters=Parameters,
    inputs=(Input("customer_rating", _rating, key=("customer_number",), partition_by="customer"),),
    derived=(),
    kpis=("aggregate", "rejections", "changes", "files"),
    plan=_plan,
    conclude=_conclude,
    kept=("aggregate",),
    exports=(Export("aggregate", "Customer_Rating_Aggregate_Report"),),
    sample=Sample(SampleParameters, _sample),
    database="CustomerRatingData",
    reports_old_rows=False,
)
