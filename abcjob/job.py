"""What a job is. Nothing here reads or writes, and nothing here knows a job by name."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    import polars as pl

    Batches = Iterable[pl.DataFrame]
    Frames = Mapping[str, pl.DataFrame]

MAX_BATCH_ROWS = 65_536  # a batch is one COPY buffer: larger ones cost memory and gain nothing


@dataclass(frozen=True)
class Part:
    """What is loaded, or refused, together.

    Attributes:
        name: unique within a run.
    """

    name: str


@dataclass(frozen=True)
class Input:
    """A table whose rows the job brings.

    Attributes:
        name: the table's name in the job's schema.
    """

    name: str


@dataclass(frozen=True)
class Derived:
    """A table made from the inputs by the one select in `sql/<job>/model/<name>.sql`."""

    name: str


@dataclass(frozen=True)
class Option:
    """How a parameter is given on the command line. See `parameter`.

    Attributes:
        help: what it means, with its unit.
        parse: turns text into the value; raises ValueError with what was expected.
        show: turns the value into text that `parse` accepts.
        metavar: what stands for the value in help.
    """

    help: str
    parse: Callable[[str], Any]
    show: Callable[[Any], str] = str
    metavar: str = "N"


def parameter(default: Any, option: Option) -> Any:
    """A field of a job's parameters: a frozen dataclass, one option for each field."""
    return field(default=default, metadata={"option": option})


def options(parameters: type[Any]) -> dict[str, tuple[Option, Any]]:
    """The options of a parameters class and their defaults, by the field's name."""
    return {f.name: (f.metadata["option"], f.default) for f in dataclasses.fields(parameters)}


def described(parameters: Any) -> dict[str, str]:
    """The parameters of a run as text, for the ledger and the report."""
    return {
        name: option.show(getattr(parameters, name))
        for name, (option, _) in options(type(parameters)).items()
    }


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
        plan: the run's parts, given the parameters and the logical date.
        read: a part's rows by input, in lazy frames of any size: the engine cuts them to batches.
        conclude: what follows from the KPIs, for the report.
    """

    name: str
    report: str
    schema_version: int
    parameters: type[Any]
    inputs: tuple[Input, ...]
    derived: tuple[Derived, ...]
    kpis: tuple[str, ...]
    plan: Callable[[Any, date], tuple[Part, ...]]
    read: Callable[[Any, Part], Mapping[str, Batches]]
    conclude: Callable[[Frames], Mapping[str, Any]]

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table that readers see, parents first."""
        return tuple([item.name for item in self.inputs] + [item.name for item in self.derived])

    @property
    def staging(self) -> str:
        """The schema in which a run works, and no reader looks."""
        return f"{self.name}_staging"
