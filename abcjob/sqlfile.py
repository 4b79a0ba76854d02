"""SQL files: a header of `-- key: text` comments, then the SQL.

A header line that begins with two spaces or more continues the line before it:

    -- question: How much revenue did we make
    --           in month X?
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from abcjob import resources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

CONDITIONS = ("is_touched", "is_from_touched")
"""What a model's select may ask of the rows that it makes anew; see `job.Derived`."""

_KEY = re.compile(r"-- ([a-z]+): +(\S.*)")
_CONTINUED = re.compile(r"-- {3,}(\S.*)")


@dataclass(frozen=True)
class Sql:
    """Text that is SQL already, and goes into other SQL as it is."""

    text: str


@dataclass(frozen=True)
class SqlFile:
    """One SQL file.

    Attributes:
        name: the file's name without its ending.
        header: what its opening comment says, by key.
        sql: the whole text below the header, without a closing semicolon.
    """

    name: str
    header: Mapping[str, str]
    sql: str

    def require(self, key: str) -> str:
        """The header's text for `key`.

        Raises:
            KeyError: the header does not have it; a fault of the file's author.
        """
        try:
            return self.header[key]
        except KeyError:
            raise KeyError(f"sql file {self.name}: its header lacks `-- {key}: ...`") from None


def parse(name: str, text: str) -> SqlFile:
    """Split a file's text into its header and its SQL."""
    header: dict[str, str] = {}
    lines = text.splitlines()
    body = 0
    key = ""
    for body, line in enumerate(lines):  # noqa: B007
        if found := _KEY.fullmatch(line):
            key = found[1]
            header[key] = found[2].strip()
        elif key and (found := _CONTINUED.fullmatch(line)):
            header[key] += " " + found[1].strip()
        else:
            break
    return SqlFile(name, header, "\n".join(lines[body:]).strip().removesuffix(";"))


@cache
def load(*path: str) -> SqlFile:
    """The SQL file at `path` under the folder `sql`; the last part has no ending."""
    file = resources.folder("sql").joinpath(*path).with_suffix(".sql")
    return parse(file.stem, file.read_text(encoding="utf-8"))


def load_all(*path: str) -> tuple[SqlFile, ...]:
    """Every SQL file in a folder under `sql`, by name; empty where there is no such folder."""
    folder = resources.folder("sql").joinpath(*path)
    return tuple(load(*path, Path(file).stem) for file in sorted(folder.glob("*.sql")))


@cache
def statements(*path: str) -> Mapping[str, str]:
    """The statements of a file that holds several, each under a line `-- name: ...`."""
    file = resources.folder("sql").joinpath(*path).with_suffix(".sql")
    _, *named = re.split(
        r"^-- name: +(\w+)\n", file.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    return {name: parse(name, text).sql for name, text in zip(named[::2], named[1::2], strict=True)}


def parted(sql: str) -> list[str]:
    """The statements of a text, of which each but the last ends a line with its semicolon."""
    return re.split(r";\s*\n", sql)


def is_there(*path: str) -> bool:
    """Whether there is a SQL file at `path`, as `load`."""
    return resources.folder("sql").joinpath(*path).with_suffix(".sql").is_file()


def fill(sql: str, **values: str | Iterable[str] | Sql | Callable[[str], str]) -> str:
    """`sql` with each `{name}` replaced by an identifier, by several, or by SQL.

    Only for what cannot be a parameter. Identifiers are quoted; a dot parts a schema from its
    table. `{columns:staged}` puts `staged.` before each of them; a function gets what stands
    behind the colon, and gives SQL.
    """
    return sql.format_map({name: _filling(value) for name, value in values.items()})


def model(
    job: str, table: str, condition: Callable[[str, str], str] = lambda *_: "true"
) -> SqlFile:
    """The select of a job's derived table: of all of its rows, or of some by a condition.

    Args:
        job: the job's name.
        table: the table's name.
        condition: gives SQL that says of which values of a column rows are wanted, by the name of
            the condition and that of the column.
    """
    file = load(job, "model", table)
    return replace(
        file, sql=fill(file.sql, **{name: partial(condition, name) for name in CONDITIONS})
    )


class _Names(tuple[str, ...]):
    """Identifiers, which a format may put the name of a table before."""

    __slots__ = ()

    def __format__(self, table: str) -> str:
        before = f"{table}." if table else ""
        return ", ".join(f"{before}{quoted(name)}" for name in self)


class _Made:
    """SQL that a function makes."""

    def __init__(self, make: Callable[[str], str]) -> None:
        self._make = make

    def __format__(self, text: str) -> str:
        return self._make(text)


def _filling(value: str | Iterable[str] | Sql | Callable[[str], str]) -> str | _Names | _Made:
    if isinstance(value, Sql):
        return value.text
    if callable(value):
        return _Made(value)
    return _Names([value] if isinstance(value, str) else value)


def quoted(name: str) -> str:
    """An identifier; a dot parts a schema from its table."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))
