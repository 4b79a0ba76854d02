"""Render what was queried into pages and files, and put them in the reports folder."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from abcjob import sqlfile
from abcjob.render import files, tables
from abcjob.render.charts import Chart
from abcjob.render.csv_text import csv_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

    from abcjob.database.ledger import Published
    from abcjob.job import Frames, Job
    from abcjob.presentation import Thresholds
    from abcjob.render.charts import ChartPainter
    from abcjob.render.page import Pages
    from abcjob.sqlfile import SqlFile


@dataclass(frozen=True)
class Section:
    """A KPI in the report.

    Attributes:
        file: its SQL and what its header says.
        table: its rows, formatted; or those of them that the job has shown.
        count: how many rows it has in all.
        in_full: the command that prints all of them; empty where the table shows them.
        chart: None where the KPI has no chart or no rows.
        svg: waits for the chart and returns it as an `svg` element.
    """

    file: SqlFile
    table: tables.Table
    count: int
    in_full: str
    chart: Chart | None
    svg: Callable[[], str] | None


@dataclass(frozen=True)
class Unloaded:
    """Rows of the last run that are not loaded; none, where the tables were emptied since.

    Attributes:
        rejected: how many broke a rule.
        waiting: how many wait for what they refer to.
        share: of rejected rows among those that came, as a fraction; None where none came.
        most: the share up to which all is well.
    """

    rejected: int
    waiting: int
    share: Decimal | None
    most: Decimal

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to be watched."""
        return not self.waiting and (self.share or 0) <= self.most


def write(
    job: Job,
    day: date,
    kpis: Frames,
    published: Published,
    pages: Pages,
    painter: ChartPainter,
    folder: Path,
) -> tuple[Path, ...]:
    """Write `<report>_YYYYMMDD.html`, `.md`, and the job's exports.

    The same arguments give the same bytes.

    Returns:
        The files written, the Markdown first.

    Raises:
        ReportError: a template or a chart fails, or a file cannot be written.
    """
    charts = {
        name: Chart(name, spec, frame.to_dicts(), f"{job.name}/charts/{name}.j2")
        for name, frame in {**kpis, **job.charted(kpis)}.items()
        if not frame.is_empty() and (spec := pages.chart(job.name, name))
    }
    presentation = pages.presentation
    drawn = painter.paint(list(charts.values()), presentation.locale)
    values = {
        "job": job,
        "day": day,
        "sections": _sections(job, day, kpis, presentation.locale, charts, drawn),
        "published": published,
        "models": [sqlfile.model(job.name, table.name) for table in job.derived],
        "checks": _checks(job, published),
        "unloaded": _unloaded(published, presentation.thresholds),
        **job.conclude(kpis, presentation.thresholds),
    }
    page, text, *exports = (folder / name for name in job.report_files(day))
    written = {
        # Without charts, so that it is made while they are drawn.
        text: pages.markdown(f"{job.name}/report.md.j2", values),
        page: pages.html(f"{job.name}/report.html.j2", values),
    } | {
        path: csv_text(kpis[export.kpi]) for path, export in zip(exports, job.exports, strict=True)
    }
    files.check_writable(folder)
    files.write(written)
    return tuple(written)


def _sections(
    job: Job,
    day: date,
    kpis: Frames,
    locale: str,
    charts: Mapping[str, Chart],
    drawn: Mapping[str, Callable[[], str]],
) -> list[Section]:
    tabled = job.tabled(kpis)
    return [
        Section(
            file,
            tables.from_kpi(file, frame, locale, day),
            whole.height,
            f"abcjob kpi {job.name} {name}" if frame.height < whole.height else "",
            charts.get(name),
            drawn.get(name),
        )
        for name, whole in kpis.items()
        for file in [sqlfile.load(job.name, "kpi", name)]
        for frame in [tabled.get(name, whole)]
    ]


def _unloaded(published: Published, thresholds: Thresholds) -> Unloaded:
    counts = [] if published.is_cleared else list(published.rows.values())
    came = sum(count.read + count.retried for count in counts)
    rejected = sum(count.rejected for count in counts)
    return Unloaded(
        rejected,
        sum(count.waiting for count in counts),
        Decimal(rejected) / came if came else None,
        thresholds.rejected_above,
    )


def _checks(job: Job, published: Published) -> list[Mapping[str, object]]:
    """The checks that ran on what is published, with the rule that each holds."""
    rules = {file.name: file.require("rule") for file in sqlfile.load_all(job.name, "checks")}
    return [
        {"rule": rules.get(result.name, result.name), "result": result}
        for result in published.checks
    ]
