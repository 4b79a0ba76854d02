"""Two periods of a job's KPIs beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from abcjob import sqlfile
from abcjob.errors import NothingLoadedError, SettingsError
from abcjob.presentation import ENGLISH
from abcjob.render import changes
from abcjob.render.formats import NUMERIC, sentence_case, shown
from abcjob.render.tables import measures, under

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from abcjob.job import Frames, Job
    from abcjob.render.formats import Kind
    from abcjob.render.tables import Table
    from abcjob.sqlfile import SqlFile

_PERIOD = "period"  # the column by which a KPI's rows can be compared
_BETWEEN = "between"
_FIGURES = ("first", "second", "difference", "change")
_DIGITS = 38  # as many as a decimal can have
_CHANGE = pl.Decimal(_DIGITS, 16)


def compared(job: Job, kpis: Frames, first: date, second: date) -> dict[str, pl.DataFrame]:
    """The KPIs that are told by period, those of two periods against each other.

    Args:
        job: the job.
        kpis: rows by KPI; those without a column `period` are left out.
        first: the first day of a period.
        second: the first day of the one that is compared with it; it may be the earlier one.

    Returns:
        By KPI a row for each measure that its header shows, and for each value of what it tells
        apart besides, such as the company's size: `measure`; its value in the `first` and in the
        `second` period, null where there is none; their `difference`, the second less the first;
        and the `change`, that as a fraction of the first, null where the first is not above zero.
        Of a KPI whose header says `-- between: MEASURE, ...`, `between` is the sum of that measure
        over the periods after the earlier one up to the later one, and null for other measures.

    Raises:
        SettingsError: no KPI is told by period, or one has no rows of one of the two.
        NothingLoadedError: there are no rows at all.
    """
    told = {name: frame for name, frame in kpis.items() if _PERIOD in frame.columns}
    doing = f"comparing {shown(first, 'month')} and {shown(second, 'month')} of {job.name}"
    if not told:
        raise SettingsError(
            f"{doing}: no month in {', '.join(kpis)}; name a KPI that is told by month, or leave "
            "--compare out"
        )
    for name, frame in told.items():
        there = frame[_PERIOD].unique().sort().to_list()
        if not there:
            raise NothingLoadedError(
                f"{doing}: {name} has no rows; run `abcjob run {job.name}` first"
            )
        for period in (first, second):
            if period not in there:
                raise SettingsError(
                    f"{doing}: {name} has no {shown(period, 'month')}, expected months from "
                    f"{shown(there[0], 'month')} to {shown(there[-1], 'month')}; correct --compare"
                )
    return {
        name: _compared(sqlfile.load(job.name, "kpi", name), frame, first, second)
        for name, frame in told.items()
    }


def table(
    kpi: SqlFile, frame: pl.DataFrame, first: date, second: date, locale: str = ENGLISH
) -> Table:
    """What `compared` gives of a KPI, as people read it: a line for each measure and size."""
    kinds = measures(kpi)
    keys = frame.columns[: frame.columns.index("measure")]
    figures = [*(shown(period, "month", locale) for period in (first, second)), "Change", "%"]
    if _BETWEEN in frame.columns:
        figures.append("Sum between")
    rows = [
        (
            ", ".join([sentence_case(line["measure"]), *(str(line[key]) for key in keys)]),
            *_shown(line, kinds[line["measure"]], locale),
        )
        for line in frame.to_dicts()
    ]
    return under(rows, ["Measure"], figures)


def _shown(line: Mapping[str, Any], kind: Kind, locale: str) -> list[str]:
    first, second = line["first"], line["second"]
    cells = [
        shown(first, kind, locale),
        shown(second, kind, locale),
        changes.shown_difference(first, second, kind, locale),
        changes.shown_change(first, second, kind, locale),
    ]
    return [*cells, shown(line[_BETWEEN], kind, locale)] if _BETWEEN in line else cells


def _compared(kpi: SqlFile, frame: pl.DataFrame, first: date, second: date) -> pl.DataFrame:
    keys = _keys(kpi)
    names = [name for name, kind in measures(kpi).items() if kind in NUMERIC]
    summed = [name for name in kpi.header.get(_BETWEEN, "").split(", ") if name]
    at = {
        period: {_key(row, keys): row for row in _rows(frame, pl.col(_PERIOD) == period)}
        for period in (first, second)
    }
    early, late = sorted((first, second))
    between = _rows(frame, pl.col(_PERIOD).is_between(early, late, closed="right"))
    lines = []
    for name in names:
        for key in dict.fromkeys([*at[first], *at[second]]):
            one, other = (at[period].get(key, {}).get(name) for period in (first, second))
            values = [row[name] or 0 for row in between if _key(row, keys) == key]
            line = [
                one,
                other,
                changes.difference(one, other),
                _rounded(changes.change(one, other)),
            ]
            lines.append([*key, name, *line, sum(values) if name in summed else None])
    figure = pl.Decimal(_DIGITS, max((_scale(frame.schema[name]) for name in names), default=0))
    schema = dict.fromkeys([*keys, "measure"], pl.String()) | dict.fromkeys(_FIGURES, figure)
    schema |= {"change": _CHANGE, _BETWEEN: figure}
    found = pl.DataFrame(lines, schema, orient="row")
    return found if summed else found.drop(_BETWEEN)


def _keys(kpi: SqlFile) -> list[str]:
    """The columns that tell the rows of a period apart."""
    told = kpi.header.get("across") or kpi.header.get("key", "")
    return [name for name in told.split(", ") if name not in {"", _PERIOD}]


def _rows(frame: pl.DataFrame, which: pl.Expr) -> list[dict[str, Any]]:
    return frame.filter(which).to_dicts()


def _key(row: Mapping[str, Any], keys: list[str]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in keys)


def _scale(kind: pl.DataType) -> int:
    return kind.scale if isinstance(kind, pl.Decimal) else 0


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else round(value, _CHANGE.scale)
