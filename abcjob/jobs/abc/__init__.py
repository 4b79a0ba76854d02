"""The job `abc`: companies and their sessions at a SaaS company, ABC Enterprises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abcjob.job import WHOLE, Derived, Input, Job, Part
from abcjob.jobs.abc.parameters import Parameters

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from typing import Any

    from abcjob.job import Batches, Frames
    from abcjob.presentation import Thresholds


def _plan(_: Parameters, __: date) -> tuple[Part, ...]:
    return (Part(WHOLE),)


def _read(parameters: Parameters, _: Part) -> Mapping[str, Batches]:
    from abcjob.jobs.abc import generate

    return {
        "plan": generate.plans(),
        "month": generate.months(parameters),
        "company": generate.companies(parameters),
        "session": generate.sessions(parameters),
    }


def _expects(parameters: Parameters) -> int:
    from abcjob.jobs.abc import generate

    return generate.expected_rows(parameters)


def _conclude(kpis: Frames, thresholds: Thresholds) -> Mapping[str, Any]:
    from abcjob.jobs.abc import health, tiles

    return {"health": health.assess(kpis, thresholds), "tiles": tiles.of(kpis)}


JOB = Job(
    name="abc",
    report="kpi",
    schema_version=2,
    parameters=Parameters,
    inputs=(Input("plan"), Input("month"), Input("company"), Input("session")),
    derived=(Derived("company_month", reads_all=True), Derived("size_month")),
    kpis=("usage", "retention", "revenue"),
    plan=_plan,
    read=_read,
    expects=_expects,
    conclude=_conclude,
)
