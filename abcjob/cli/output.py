"""KPIs on stdout: as tables for people, as one JSON document, as CSV."""

from __future__ import annotations

import json
import textwrap
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

    from abcjob.job import Job
    from abcjob.render.tables import Table

Form = Literal["table", "json", "csv"]
WIDTH = 80  # columns of a terminal that nobody has widened


def print_kpis(job: Job, kpis: Mapping[str, pl.DataFrame], form: Form) -> None:
    """Print the KPIs.

    JSON maps each KPI's name to its rows; decimals are numbers, digit for digit. CSV is a block
    with a header for each KPI, an empty line between two.
    """
    if form == "json":
        click.echo(_json({name: frame.to_dicts() for name, frame in kpis.items()}))
    elif form == "csv":
        click.echo("\n".join(frame.write_csv() for frame in kpis.values()), nl=False)
    else:
        from abcjob import sqlfile
        from abcjob.render import tables

        for name, frame in kpis.items():
            file = sqlfile.load(job.name, "kpi", name)
            _print_table(file.require("question"), tables.from_kpi(file, frame))


def print_counts(counts: Mapping[str, int], form: Form) -> None:
    """Print rows by table."""
    if form == "json":
        click.echo(_json(dict(counts)))
    elif form == "csv":
        click.echo("\n".join(["table,rows", *(f"{name},{n}" for name, n in counts.items())]))
    else:
        for name, count in counts.items():
            click.echo(f"{name:<20} {count:>15,}")


def _print_table(title: str, table: Table) -> None:
    """Headings on as many lines as their words need, so that tables fit 80 columns."""
    from abcjob.render import tables

    click.secho("\n".join(textwrap.wrap(title, WIDTH)), bold=True)
    text = tables.aligned(table, stacked=True)
    for line in text.headings:
        click.echo(_line(line))
    click.echo(_line("─" * width for width in text.widths))
    for row in text.rows or ((" (no rows)",),):
        click.echo(_line(row))
    click.echo()


def _line(cells: Iterable[str]) -> str:
    return f" {'  '.join(cells)}".rstrip()


def _json(value: Any) -> str:
    """JSON in which a decimal is a number with all its digits, as `json` alone cannot write it."""
    if isinstance(value, dict):
        inside = ", ".join(f"{json.dumps(key)}: {_json(item)}" for key, item in value.items())
        return f"{{{inside}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_json, value))}]"
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return json.dumps(value, ensure_ascii=False, default=str)
