"""What a job is. Nothing here reads or writes, and nothing here knows a job by name."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from abcjob.outside import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date
    from pathlib import Path

    import polars as pl

    from abcjob.presentation import Thresholds
    from abcjob.rules import Record, Variants

    Batches = Iterable[pl.DataFrame]
    Frames = Mapping[str, pl.DataFrame]

QUARANTINE = "quarantine"  # the table of rejected rows in a job's schema
WHOLE = "all"  # the name of a run's only part
_MOST_SEED = 2**63 - 1
MAX_BATCH_ROWS = 65_536  # rows held together: more cost memory and gain nothing


@dataclass(frozen=True)
class Source:
    """A file of records.

    Attributes:
        input: the input that its rows are for.
        path: where it is. Plain or gzip, told by content; UTF-8.
        delimiter: what stands between two fields of a line under a header; None: what kind of
            file it is, its content tells.
        url: the address that it is fetched from first; its path says nothing until then.
        called: its name, where that is not the file's.
        has_waited: its rows have waited in the quarantine.
        variant: the kind that all of its records are of, where they say none themselves.
    """

    input: str
    path: Path
    delimiter: str | None = ","
    url: str = ""
    called: str = ""
    has_waited: bool = False
    variant: str = ""

    @property
    def name(self) -> str:
        """What people know it by."""
        return visible(self.called or self.path.name)

    @property
    def place(self) -> str:
        """Where people find it."""
        return self.called or str(self.path)


@dataclass(frozen=True)
class Limits:
    """What of a part's rows may be missing for the rest to be loaded.

    Attributes:
        max_rejected: rejected rows as a share of those loaded and rejected; None: any.
        min_kept: loaded rows, as a share of those that readers see now.
        may_be_empty: no rows at all are good too.
        override: the option that lifts the last two, for the message.
    """

    max_rejected: Decimal | None = None
    min_kept: Decimal = Decimal(0)
    may_be_empty: bool = True
    override: str = ""


@dataclass(frozen=True)
class Part:
    """What is loaded, or refused, together.

    Attributes:
        name: unique within a run.
        sources: finds the files that its rows come from; where it finds none, the part stays as
            it is. None: the job makes the rows, in `Job.read`. Raises SourceError, DataError.
        limits: where they are not kept, the part is refused.
        adds: its rows come to those that readers see, and do not take their place.
        corrects: of inputs whose rows are merged: a row takes the place of one with its key.
        reading: a parameter by which more lines may be read, and what it says, as `described` has
            it: where it says something, what was read otherwise is read again.
    """

    name: str
    sources: Callable[[], tuple[Source, ...]] | None = None
    limits: Limits = Limits()
    adds: bool = False
    corrects: bool = False
    reading: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Reference:
    """A column that holds the key of another input's row; until that is there, its own row waits.

    Attributes:
        column: the column.
        input: the other input, which stands before; its key is one column.
        rule: what a row breaks that refers to nothing.
    """

    column: str
    input: str
    rule: str


@dataclass(frozen=True)
class Input:
    """A table whose rows the job brings.

    Attributes:
        name: the table's name in the job's schema.
        rules: gives the `abcjob.rules.Record` that rows from outside have to be, or its
            `Variants`, for the job's parameters; None where the job makes them.
        key: the columns that no two rows may share. Of rows that are alike the first is loaded and
            the others are skipped; rows that differ under one key are rejected, all of them.
        partition_by: the text column that the table is partitioned by, a part each, whose rows
            replace that partition's alone; None: the part replaces the table.
        is_merged: rows come to those that readers see: one whose key is known is skipped, or
            takes the known one's place where the part corrects. No column of its key may be null.
        references: to other inputs that are merged. Where rows refer to each other, they are told
            by `sql/<job>/settle/<name>.sql`.
        looked_up: the columns of which that file is given the values, each once, as
            `{parents:<column>}`: they are told while the rows go by.
        is_mixed: its records are of several kinds, `Variants`; what a source has for a header is
            the kind of all of them, if it says so.
        latest: of rows that differ under one key, the one with the greatest value in this column
            is loaded, of those the one whose content has the greatest SHA-256, and the others are
            rejected: also one that was loaded before. None: all of them are rejected.
        relied_on: with `latest`, the columns on which other rows rest. A row that takes the place
            of one with the same values in them changes nothing for others; else all rows are judged
            anew, as some may have lost what they refer to.
    """

    name: str
    rules: Callable[[Any], type[Record] | Variants] | None = None
    key: tuple[str, ...] = ()
    partition_by: str | None = None
    is_merged: bool = False
    references: tuple[Reference, ...] = ()
    looked_up: tuple[str, ...] = ()
    is_mixed: bool = False
    latest: str | None = None
    relied_on: tuple[str, ...] = ()

    @property
    def refers_by(self) -> tuple[str, ...]:
        """The columns by which rows refer to others."""
        return (*(reference.column for reference in self.references), *self.looked_up)

    def stored(self, part: Part) -> str:
        """The table in which the part's rows lie: the table itself, or its partition."""
        return f"{self.name}_{part.name}" if self.partition_by else self.name


@dataclass(frozen=True)
class Derived:
    """A table made from the inputs by the one select in `sql/<job>/model/<name>.sql`.

    Where few rows come to many that are merged, it need not be made anew: of a table that grows,
    the select is asked for the rows of the new ones alone. Of a table that is touched,
    `sql/<job>/touched/<name>.sql` says for which keys its rows are to be made anew; its select has
    `{is_touched:column}` among its conditions, and perhaps `{is_from_touched:column}`: that rows of
    no key before the first of them are wanted, by a column that rises with the keys.

    Attributes:
        name: the table's name in the job's schema.
        is_small: it has few rows beside those that they are made of. Then they are made by several
            processes first, as PostgreSQL does not where it inserts, and copied after.
        reads_all: its select reads inputs alone, and all of their rows: it finds none by a key, and
            is made while the inputs get theirs.
        key: what identifies its rows, where it grows or is touched.
        grows: its rows are made of one row each; they may change with it, but are never taken back.
        touched: the column that has the keys; None: it is made anew whole, unless it grows.
    """

    name: str
    is_small: bool = False
    reads_all: bool = False
    key: tuple[str, ...] = ()
    grows: bool = False
    touched: str | None = None

    @property
    def is_kept_up(self) -> bool:
        """Whether it can be brought up to date without making it anew."""
        return self.grows or self.touched is not None

    @property
    def news(self) -> str:
        """The staged table of the rows by which it is brought up to date."""
        return f"new {self.name}"  # no table of a job has spaces

    @property
    def touched_keys(self) -> str:
        """The staged table of the keys for which its rows are made anew."""
        return f"touched {self.name}"


@dataclass(frozen=True)
class Option:
    """How a parameter is given on the command line. See `parameter`.

    Attributes:
        help: what it means, with its unit.
        parse: turns text into the value; raises ValueError with what was expected.
        show: turns the value into text that `parse` accepts.
        metavar: what stands for the value in help; empty for a mark, which is given or not.
        takes_many: several values may follow it, and it may be given again: the value is a tuple
            of what `parse` makes of each, and `show` turns that into text.
    """

    help: str
    parse: Callable[[str], Any]
    show: Callable[[Any], str] = str
    metavar: str = "N"
    takes_many: bool = False


def mark(text: str) -> Option:
    """How a parameter is given that is true or false: by its name alone."""
    return Option(text, lambda value: value == "yes", lambda value: "yes" if value else "no", "")


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A parser of whole numbers from `least` to `most`."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise ValueError(f"a whole number from {least} to {most:,}")
        return value

    return parse


def share(text: str) -> Decimal:
    """A share from 0 to 1."""
    try:
        value = Decimal(text)
        if 0 <= value <= 1:
            return value
    except ArithmeticError:  # of what is no number
        pass
    raise ValueError("a number from 0 to 1, such as 0.03")


def parameter(default: Any, option: Option) -> Any:
    """A field of a job's parameters: a frozen dataclass, one option for each field."""
    return field(default=default, metadata={"option": option})


def seed_parameter(made: str) -> Any:
    """The field of a job's parameters by which others get the same; `made` says what."""
    text = f"what the draws depend on; the same seed, the same {made}"
    return parameter(0, Option(text, whole_number(0, _MOST_SEED)))


def options(parameters: type[Any]) -> dict[str, tuple[Option, Any]]:
    """The options of a parameters class and their defaults, by the field's name."""
    return {f.name: (f.metadata["option"], f.default) for f in dataclasses.fields(parameters)}


def described(parameters: Any) -> dict[str, str]:
    """The parameters of a run as text, for the ledger and the report; what is None is left out."""
    return {
        name: visible(option.show(getattr(parameters, name)))
        for name, (option, _) in options(type(parameters)).items()
        if getattr(parameters, name) is not None
    }


@dataclass(frozen=True)
class Export:
    """A KPI's rows as a file of its own: `<file>_YYYYMMDD.csv`, its columns as they are."""

    kpi: str
    file: str


@dataclass(frozen=True)
class Sample:
    """Input files to try a job with.

    Attributes:
        parameters: a frozen dataclass of `parameter` fields; `sample`'s options for the job.
        write: writes the files of a logical date into a folder, and says what it made wrong.
    """

    parameters: type[Any]
    write: Callable[[Any, date, Path], pl.DataFrame]


@dataclass(frozen=True)
class Job:
    """A job, whole. Everything else that it is stands in `sql/<name>` and `templates/<name>`.

    Attributes:
        name: its name on the command line; its schema in the database.
        report: its report's file name begins with it: `<report>_YYYYMMDD.html`.
        schema_version: to be raised with every change of `schema.sql`, `keys.sql`.
        parameters: a frozen dataclass of `parameter` fields; `run`'s options for the job.
        inputs: its tables, parents first.
        derived: the tables made from them, in the order in which they are made.
        kpis: its KPI files, in the order in which people ask.
        plan: the run's parts, given the parameters and the logical date. Raises SettingsError,
            SourceError, of which no ledger tells.
        conclude: what follows from the KPIs, for the report: values of its templates, by name.
            `tiles`, if it is among them, are the figures of the first screen. The thresholds are
            for words alone.
        tabled: what the tables of a run and of its report show in place of their KPIs' rows, where
            those are too many to be read; by KPI, given all KPIs.
        charted: likewise what charts show.
        read: the rows of a part that has no sources, by input, in lazy frames of any size: the
            engine cuts them to batches.
        expects: about how many rows that will be, to tell how long it takes; 0: nobody knows.
        kept: the KPIs whose figures are kept of every run, to be compared with later ones.
        exports: KPIs that are written as files beside the report.
        sample: how to make input files; None where the job needs none.
        database: what its brief calls the database; one of that name is made where it is missing.
        reports_old_rows: a report may be made of the rows of another date, also after a run that
            published none.
        reader: a role that may read the views of `sql/<name>/views.sql`, and nothing else of the
            job's.
    """

    name: str
    report: str
    schema_version: int
    parameters: type[Any]
    inputs: tuple[Input, ...]
    derived: tuple[Derived, ...]
    kpis: tuple[str, ...]
    plan: Callable[[Any, date], tuple[Part, ...]]
    conclude: Callable[[Frames, Thresholds], Mapping[str, Any]]
    tabled: Callable[[Frames], Frames] = lambda _: {}
    charted: Callable[[Frames], Frames] = lambda _: {}
    read: Callable[[Any, Part], Mapping[str, Batches]] = lambda _, __: {}
    expects: Callable[[Any], int] = lambda _: 0
    kept: tuple[str, ...] = ()
    exports: tuple[Export, ...] = ()
    sample: Sample | None = None
    database: str | None = None
    reports_old_rows: bool = True
    reader: str | None = None

    def report_files(self, day: date) -> tuple[str, ...]:
        """The names of a date's report: its page, its Markdown, then its exports."""
        date = day.isoformat().replace("-", "")  # %Y has no four digits before the year 1000
        exports = (f"{export.file}_{date}.csv" for export in self.exports)
        return (f"{self.report}_{date}.html", f"{self.report}_{date}.md", *exports)

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table that readers see, parents first."""
        return tuple([item.name for item in self.inputs] + [item.name for item in self.derived])

    @property
    def has_quarantine(self) -> bool:
        """Whether rows come from outside, so that some may be rejected."""
        return any(item.rules is not None for item in self.inputs)

    @property
    def is_merged(self) -> bool:
        """Whether rows come to those that readers see, rather than in their place."""
        return any(item.is_merged for item in self.inputs)

    @property
    def staging(self) -> str:
        """The schema in which a run works, and no reader looks."""
        return f"{self.name}_staging"

    @property
    def verdicts(self) -> str:
        """The table there that says what becomes of rows that are not simply loaded."""
        return f"{self.staging}.verdict"
