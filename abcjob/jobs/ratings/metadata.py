"""The customers of the job `ratings`, as a TOML file names them: a block each, no code (4.18)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from abcjob.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Policy = Literal["quarantine", "refuse"]

DEFAULT = Path(__file__).with_name("metadata.toml")
LONGEST_NAME = 40  # so that the table's name stays below PostgreSQL's 63 bytes


@dataclass(frozen=True)
class Customer:
    """A customer who sends a file of ratings a day.

    Attributes:
        name: the end of its table's name.
        files: its files' names; `*` stands for their date.
        delimiter: what stands between two fields.
        policy: whether rejected rows are kept apart, or one of them refuses the file (4.17).
        max_invalid_percent: of its rows; above, the file is refused.
    """

    name: str
    files: str
    delimiter: str = ","
    policy: Policy = "quarantine"
    max_invalid_percent: Decimal = Decimal(20)


def load(path: Path) -> tuple[Customer, ...]:
    """The customers that a metadata file names, in order of name.

    Raises:
        SettingsError: it cannot be read, or says something that cannot be.
    """
    try:
        with path.open("rb") as file:
            found = tomllib.load(file, parse_float=Decimal)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(f"reading the metadata {path}: {said}; correct it") from error
    blocks = found.get("customer")
    if set(found) != {"customer"} or not isinstance(blocks, list) or not blocks:
        raise SettingsError(
            f"reading the metadata {path}: expected [[customer]] blocks, nothing else; correct it"
        )
    customers = tuple(_customer(path, number, block) for number, block in enumerate(blocks, 1))
    for field in ("name", "files"):
        _see_that_all_differ(path, field, [getattr(customer, field) for customer in customers])
    return tuple(sorted(customers, key=lambda customer: customer.name))


def _name(value: Any) -> str:
    is_fit = re.fullmatch(f"[a-z][a-z0-9_]{{0,{LONGEST_NAME - 1}}}", value)
    if not is_fit or re.search("(^|_)pkey[0-9]*$", value):  # so are tables' keys named
        raise ValueError
    return str(value)


def _files(value: Any) -> str:
    if value.count("*") != 1 or "/" in value or not value.isprintable():
        raise ValueError
    return str(value)


def _delimiter(value: Any) -> str:
    if value not in (",", ";", "|", "\t"):
        raise ValueError
    return str(value)


def _policy(value: Any) -> Policy:
    if value not in ("quarantine", "refuse"):
        raise ValueError
    return cast("Policy", value)


def _percent(value: Any) -> Decimal:
    if isinstance(value, bool) or not 0 <= (percent := Decimal(value)) <= 100:  # noqa: PLR2004
        raise ValueError
    return percent


# By field: how its value is read, and what is expected of it.
_FIELDS: Mapping[str, tuple[Callable[[Any], Any], str]] = {
    "name": (
        _name,
        f"up to {LONGEST_NAME} of a-z, 0-9 and _, a letter first, and not pkey at its end",
    ),
    "files": (_files, "a file's name with one * for its date"),
    "delimiter": (_delimiter, 'one of "," ";" "|" "\\t"'),
    "policy": (_policy, '"quarantine" or "refuse"'),
    "max_invalid_percent": (_percent, "a number from 0 to 100"),
}


def _customer(path: Path, number: int, block: Any) -> Customer:
    where = f"reading the metadata {path}: customer block {number}"
    given = block if isinstance(block, dict) else {}
    if unknown := sorted(set(given) - set(_FIELDS)):
        raise SettingsError(
            f"{where} has {', '.join(unknown)}, expected some of {', '.join(_FIELDS)}; correct it"
        )
    if missing := [field for field in ("name", "files") if field not in given]:
        raise SettingsError(f"{where} lacks {' and '.join(missing)}; add it")
    read: dict[str, Any] = {}
    for field, value in given.items():
        parse, expected = _FIELDS[field]
        try:
            read[field] = parse(value)
        except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
            raise SettingsError(
                f"{where}: {field} is {value!r}, expected {expected}; correct it"
            ) from error
    return Customer(**read)


def _see_that_all_differ(path: Path, field: str, values: list[str]) -> None:
    if twice := sorted({value for value in values if values.count(value) > 1}):
        raise SettingsError(
            f"reading the metadata {path}: {', '.join(twice)} stands as {field} of more than one "
            "customer, expected one; correct it"
        )
