"""A KPI's rows as a table that people read: a line for each period, sizes side by side."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from typing import TYPE_CHECKING

from abcjob.presentation import ENGLISH
from abcjob.render import changes
from abcjob.render.formats import KINDS, NUMERIC, Kind, sentence_case, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    import polars as pl

    from abcjob.sqlfile import SqlFile

_NO_DATA = "\0"  # PostgreSQL has no text with it


@dataclass(frozen=True)
class Heading:
    """A column's heading.

    Attributes:
        group: what several columns have in common, such as the measure; empty where nothing.
        text: what sets this one apart.
        is_number: whether it is set to the right.
    """

    group: str
    text: str
    is_number: bool


@dataclass(frozen=True)
class Table:
    """Formatted cells under headings.

    Attributes:
        headings: one for each column.
        rows: empty where there are no data.
        changes: where the rows are periods, what stands below them in a terminal: the change of
            the last that is over on the one before, absolute and relative; its name stands there
            if another follows.
    """

    headings: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]
    changes: tuple[tuple[str, ...], ...] = ()

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """Each heading group with the number of columns that it spans, in order."""
        spans: list[tuple[str, int]] = []
        for heading in self.headings:
            if spans and spans[-1][0] == heading.group:
                spans[-1] = (heading.group, spans[-1][1] + 1)
            else:
                spans.append((heading.group, 1))
        return tuple(spans)


def from_kpi(
    kpi: SqlFile, frame: pl.DataFrame, locale: str = ENGLISH, day: date | None = None
) -> Table:
    """The table of a KPI, as its header asks, its values as the locale writes them.

    The KPI's first column stands first. `-- show: MEASURE KIND, ...` names the columns to show and
    how; `-- across: COLUMN` sets the values of that column side by side, for each measure in turn,
    in the order in which they come: the first column tells the rows apart then.

    Args:
        kpi: its SQL, with the header.
        frame: its rows.
        locale: how values are written.
        day: the date of the rows: a month in which it lies is not over before its last day, and
            is compared with none. None: all months are over.
    """
    key = frame.columns[0]
    kind: Kind = "month" if key == "period" else "text"
    across = kpi.header.get("across")
    headings = [Heading("", sentence_case("month" if kind == "month" else key), is_number=False)]
    told = frame[key].unique(maintain_order=True) if across else frame[key]
    columns = [[shown(value, kind, locale) for value in told]]
    over = _months_over(told, day) if kind == "month" else 0
    has_changes = over > 1
    below = [(_label(columns[0], over), "in %")]
    for measure, measure_kind in measures(kpi).items():
        name, is_number = sentence_case(measure), measure_kind in NUMERIC
        for series in _series(frame, key, measure, across):
            columns.append([shown(value, measure_kind, locale) for value in series])
            heading = ("", name) if across is None else (name, series.name)
            headings.append(Heading(*heading, is_number))
            if has_changes:
                below.append(_changes(series[:over], measure_kind, locale))
    return Table(
        tuple(headings),
        tuple(zip(*columns, strict=True)),
        tuple(zip(*below, strict=True)) if has_changes else (),
    )


def under(
    rows: Iterable[Iterable[str]], words: Iterable[str], numbers: Iterable[str] = ()
) -> Table:
    """A table of cells that are formatted: columns of words first, then columns of numbers."""
    headings = [Heading("", text, is_number=False) for text in words]
    headings += [Heading("", text, is_number=True) for text in numbers]
    return Table(tuple(headings), tuple(tuple(row) for row in rows))


def _series(frame: pl.DataFrame, key: str, measure: str, across: str | None) -> Iterable[pl.Series]:
    """A measure's columns, each with its heading for a name."""
    if across is None:
        return [frame[measure]]
    frame = frame.rename({key: _NO_DATA})  # a column may come to be called as the key is
    return frame.pivot(across, index=_NO_DATA, values=measure, maintain_order=True)[:, 1:]


def _months_over(months: pl.Series, day: date | None) -> int:
    """How many of the months, in order, are over on a day: all but perhaps the last."""
    if day is None or months.is_empty() or months[-1] != day.replace(day=1):
        return len(months)
    is_last_day = day.day == monthrange(day.year, day.month)[1]
    return len(months) if is_last_day else len(months) - 1


def _label(months: list[str], over: int) -> str:
    """What stands before the changes; the month where it is not the last row's."""
    return f"Change, {months[over - 1]}" if 0 < over < len(months) else "Change"


def _changes(series: pl.Series, kind: Kind, locale: str) -> tuple[str, str]:
    """The last value against the one before."""
    if kind not in NUMERIC:
        return "", ""
    before, last = series[-2], series[-1]
    return (
        changes.shown_difference(before, last, kind, locale),
        changes.shown_change(before, last, kind, locale),
    )


def measures(kpi: SqlFile) -> dict[str, Kind]:
    """What to show, and as what."""
    measures: dict[str, Kind] = {}
    for item in kpi.require("show").split(","):
        name, kind = item.split()
        if kind not in KINDS:
            raise ValueError(f"sql file {kpi.name}: `-- show:` has {kind}, expected one of {KINDS}")
        measures[name] = kind
    return measures


def by_group(table: Table) -> list[tuple[str, Table]]:
    """The table in parts, each the first column with a group's, and what the group is called.

    One part that is called nothing, where there are not several groups to tell apart.
    """
    groups = dict.fromkeys(heading.group for heading in table.headings[1:])
    if len(groups) == 1:
        return [("", table)]
    return [(group, _part(table, group)) for group in groups]


def _part(table: Table, group: str) -> Table:
    columns = [at for at, heading in enumerate(table.headings) if at == 0 or heading.group == group]
    return Table(
        tuple(table.headings[at] for at in columns),
        tuple(tuple(row[at] for at in columns) for row in table.rows),
    )


@dataclass(frozen=True)
class Aligned:
    """A table for plain text: every cell of a column padded to the column's width.

    Attributes:
        headings: one line of cells, or several where headings are stacked.
        changes: as a table's, where they are shown.
    """

    widths: tuple[int, ...]
    headings: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[str, ...], ...]
    changes: tuple[tuple[str, ...], ...] = ()


def aligned(table: Table, escape: Callable[[str], str]) -> Aligned:
    """The table's texts, escaped, then padded: numbers on their left, words on their right.

    Args:
        table: the table.
        escape: what makes data safe in the text.
    """
    head = tuple(escape(", ".join(title(heading, table))) for heading in table.headings)
    rows = [tuple(escape(cell) for cell in row) for row in table.rows]
    widths = tuple(max(map(len, column)) for column in zip(head, *rows, strict=True))

    def padded(line: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(
            cell.rjust(width) if heading.is_number else cell.ljust(width)
            for cell, width, heading in zip(line, widths, table.headings, strict=True)
        )

    return Aligned(widths, (padded(head),), tuple(map(padded, rows)))


def title(heading: Heading, table: Table) -> list[str]:
    """A heading in pieces; the group only where there are several to tell apart."""
    has_groups = len(table.groups) > 2  # noqa: PLR2004 - the first column's, and one measure's
    return [heading.group, heading.text] if has_groups and heading.group else [heading.text]
