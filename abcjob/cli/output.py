"""KPIs on stdout: as tables for people, as one JSON document, as CSV."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TextIO

import click

from abcjob.errors import ReportError
from abcjob.outside import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    import polars as pl

    from abcjob.database.ledger import Counts
    from abcjob.job import Job
    from abcjob.render.tables import Table

Form = Literal["table", "json", "csv"]
_LABEL = 9  # characters of the column in which labels stand
_WIDTH = 80  # characters of a terminal that nobody has widened


class ReaderGoneError(Exception):
    """Who read our output has closed it: they have seen enough."""


def say(text: str = "", end: str = "\n") -> None:
    """Print to stdout.

    Raises:
        ReaderGoneError: nobody reads it any more.
        ReportError: it cannot be written.
    """
    try:
        print(text, end=end, flush=True)
    except BrokenPipeError:
        _unplug(sys.stdout)
        raise ReaderGoneError from None
    except OSError as error:
        _unplug(sys.stdout)
        raise ReportError(f"writing to stdout: {error.strerror}; make room there") from error


def note(text: str, label: str = "") -> None:
    """Print to stderr, where there is one: that nobody listens is no reason to stop.

    Args:
        text: what to say.
        label: what stands before it, in a column of its own.
    """
    if sys.stderr is None:  # it was closed; `print` would take stdout
        return
    before = f"{_strong(label, sys.stderr)}{' ' * (_LABEL - len(label))}" if label else ""
    try:
        print(f"{before}{visible(text)}", file=sys.stderr, flush=True)
    except OSError:
        _unplug(sys.stderr)


def _unplug(stream: TextIO) -> None:
    """Let what is still to come go into nothing: Python flushes once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def print_kpis(
    job: Job,
    kpis: Mapping[str, pl.DataFrame],
    form: Form,
    locale: str,
    day: date | None = None,
    *,
    is_excerpt: bool = False,
) -> None:
    """Print the KPIs, asked for a day.

    JSON maps each KPI's name to its rows; decimals are numbers, digit for digit. CSV is a block
    with a header for each KPI, an empty line between two. Tables alone are written as the locale
    does; an excerpt is of what the job has shown, where that is not all of them.
    """
    if form == "json":
        say(_json({name: frame.to_dicts() for name, frame in kpis.items()}))
    elif form == "csv":
        from abcjob.render.csv_text import csv_text

        say("\n".join(map(csv_text, kpis.values())), end="")
    else:
        from abcjob import sqlfile
        from abcjob.render import formats, tables

        told = {**kpis, **job.tabled(kpis)} if is_excerpt else kpis
        for name, frame in told.items():
            file = sqlfile.load(job.name, "kpi", name)
            print_table(file.require("question"), tables.from_kpi(file, frame, locale, day))
            if frame.height < kpis[name].height:
                counts = (formats.shown(n.height, "count", locale) for n in (frame, kpis[name]))
                in_full = f"`abcjob kpi {job.name} {name}` prints all of them"
                say(f" These are {' of '.join(counts)} rows; {in_full}.\n")


def print_compared(
    job: Job,
    compared: Mapping[str, pl.DataFrame],
    form: Form,
    first: date,
    second: date,
    locale: str,
) -> None:
    """Print what `stages.compare` gives, in the forms of `print_kpis`."""
    if form == "table":
        from abcjob import sqlfile
        from abcjob.stages import compare

        for name, frame in compared.items():
            file = sqlfile.load(job.name, "kpi", name)
            table = compare.table(file, frame, first, second, locale)
            print_table(file.require("question"), table)
    elif form == "csv":
        from abcjob.render.csv_text import csv_text

        say("\n".join(csv_text(frame, is_short=True) for frame in compared.values()), end="")
    else:
        print_kpis(job, compared, form, locale)


def print_counts(job: Job, rows: Mapping[str, Mapping[str, Counts]], form: Form) -> None:
    """Print where rows went, by part and table; for a job that makes its rows, by table."""
    if job.has_quarantine:
        columns = ["part", "table", "read", "loaded", "skipped", "rejected"]
        if job.is_merged:
            columns += ["retried", "waiting"]
        lines = [
            {"part": part, "table": name, **asdict(counts)}
            for part, tables in rows.items()
            for name, counts in tables.items()
        ]
        print_rows([{column: line[column] for column in columns} for line in lines], columns, form)
    else:
        _print_totals({name: n.loaded for part in rows.values() for name, n in part.items()}, form)


def print_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], form: Form) -> None:
    """Print rows that are no KPI: a line each; in JSON, a list of objects."""
    if form == "json":
        say(_json(list(map(dict, rows))))
        return
    if form == "csv":
        import polars as pl

        from abcjob.render.csv_text import csv_text

        say(csv_text(pl.DataFrame(rows, columns, infer_schema_length=None)), end="")
        return
    heading = dict(zip(columns, columns, strict=True))
    cells = [[_cell(row[column]) for column in columns] for row in (heading, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    are_numbers = [
        all(isinstance(row[column], int | Decimal | None) for row in rows) and bool(rows)
        for column in columns
    ]
    for line in cells:
        say(
            _line(
                text.rjust(width) if is_number else text.ljust(width)
                for text, width, is_number in zip(line, widths, are_numbers, strict=True)
            )
        )


def _cell(value: object) -> str:
    if isinstance(value, int | Decimal):
        return f"{value:,}"
    return "" if value is None else visible(str(value))


def _print_totals(counts: Mapping[str, int], form: Form) -> None:
    if form == "json":
        say(_json(dict(counts)))
    elif form == "csv":
        say("\n".join(["table,rows", *(f"{name},{n}" for name, n in counts.items())]))
    else:
        for name, count in counts.items():
            say(f"{name:<20} {count:>15,}")


def print_table(title: str, table: Table) -> None:
    """Print a table no wider than the terminal, or than most are, where there is none."""
    from abcjob.render import terminal

    width = shutil.get_terminal_size((_WIDTH, 0)).columns
    say(_strong("\n".join(textwrap.wrap(title, width)), sys.stdout))
    for block in terminal.blocks(table, width - 1):
        for line in block.headings:
            say(_line(line))
        rule = _line("─" * one for one in block.widths)
        below = (rule, *map(_line, block.changes)) if block.changes else ()
        rows = map(_line, block.rows or ((" (no rows)",),))
        say("\n".join([rule, *rows, *below, ""]))


def _strong(text: str, stream: TextIO | None) -> str:
    """In bold on a terminal, unless NO_COLOR asks for plain text."""
    is_plain = os.environ.get("NO_COLOR") or stream is None or not stream.isatty()
    return text if is_plain else click.style(text, bold=True)


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
