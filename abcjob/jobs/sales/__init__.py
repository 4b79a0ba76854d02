"""The job `sales`: products, stores and sales of a small retailer, added to by key."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from abcjob.job import WHOLE, Derived, Input, Job, Part, Reference, Sample
from abcjob.jobs.sales.parameters import Parameters
from abcjob.jobs.sales.sample_parameters import SampleParameters
from abcjob.presentation import CHART_DAYS, TABLE_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path
    from typing import Any

    import polars as pl

    from abcjob.job import Frames
    from abcjob.presentation import Thresholds
    from abcjob.rules import Record


def _plan(parameters: Parameters, _: date) -> tuple[Part, ...]:
    from abcjob.jobs.sales import inbox

    inbox.check(parameters)
    return (Part(WHOLE, partial(inbox.sources, parameters), corrects=parameters.upsert),)


def _record(name: str, _: Parameters) -> type[Record]:
    from abcjob.jobs.sales import records

    record: type[Record] = getattr(records, name)
    return record


def _conclude(kpis: Frames, _: Thresholds) -> Mapping[str, Any]:
    from abcjob.jobs.sales import summary, tiles

    return {"summary": summary.of(kpis), "tiles": tiles.of(kpis)}


def _tabled(kpis: Frames) -> Frames:
    return {"revenue_by_day": kpis["revenue_by_day"].tail(TABLE_ROWS)}


def _charted(kpis: Frames) -> Frames:
    return {"revenue_by_day": kpis["revenue_by_day"].tail(CHART_DAYS)}


def _sample(parameters: SampleParameters, day: date, folder: Path) -> pl.DataFrame:
    from abcjob.jobs.sales import sample

    return sample.write(parameters, day, folder)


JOB = Job(
    name="sales",
    report="sales",
    schema_version=1,
    parameters=Parameters,
    inputs=(
        Input("products", partial(_record, "Product"), key=("id",), is_merged=True),
        Input("stores", partial(_record, "Store"), key=("id",), is_merged=True),
        Input(
            "sales",
            partial(_record, "Sale"),
            key=("id",),
            is_merged=True,
            references=(
                Reference("product_id", "products", "unknown_product"),
                Reference("store_id", "stores", "unknown_store"),
            ),
        ),
    ),
    derived=(
        Derived("store_day", is_small=True, key=("store_id", "sale_date"), touched="sale_date"),
    ),
    kpis=(
        "total_revenue",
        "revenue_by_product",
        "revenue_by_region",
        "revenue_by_month_and_region",
        "revenue_by_day",
        "key_findings",
        "changes",
    ),
    plan=_plan,
    conclude=_conclude,
    tabled=_tabled,
    charted=_charted,
    kept=(
        "total_revenue",
        "revenue_by_product",
        "revenue_by_region",
        "revenue_by_month_and_region",
        "revenue_by_day",
        "key_findings",
    ),
    sample=Sample(SampleParameters, _sample),
)
