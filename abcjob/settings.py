"""The settings: options before the environment, `.env`, `abcjob.toml` and the defaults.

Each is looked up once, and where it was found is kept for `abcjob doctor`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abcjob.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TOML = Path("abcjob.toml")
DOTENV = Path(".env")


@dataclass(frozen=True)
class Settings:
    """What every command goes by.

    Attributes:
        database_url: the PostgreSQL server; None: the embedded one. May hold a password.
        home: where the embedded server keeps its data; None: where the system has such data.
        pg_bin: a folder with PostgreSQL's programs; None: looked for.
        reports: where reports go.
        templates: templates that override the program's.
        wait: seconds to wait for another run of the job.
        connect: seconds in which to connect, tries included.
        deadline: seconds after which a command is ended; None: never.
        origins: where each of these comes from, by name.
    """

    database_url: str | None = field(repr=False)
    home: Path | None
    pg_bin: Path | None
    reports: Path
    templates: Path | None
    wait: float
    connect: float
    deadline: float | None
    origins: Mapping[str, str]


def _path(value: Any) -> Path:
    if not value:
        raise ValueError
    return Path(value).expanduser()


def _full_path(value: Any) -> Path:
    return _path(value).absolute()


def _seconds(value: Any) -> float:
    seconds = float(value)
    if not 0 <= seconds < float("inf"):
        raise ValueError
    return seconds


def _some_seconds(value: Any) -> float:
    if not (seconds := _seconds(value)):
        raise ValueError
    return seconds


@dataclass(frozen=True)
class _Rule:
    """How a setting is read: `parse` raises ValueError or TypeError for what is not `expected`."""

    parse: Callable[[Any], Any]
    expected: str
    default: Any = None
    option: str = ""
    variables: tuple[str, ...] = ()


# By name. The environment's variable is ABCJOB_<NAME>, then those named here.
_RULES = {
    "database_url": _Rule(str, "a URL", None, "--database", ("DATABASE_URL",)),
    "home": _Rule(_full_path, "a folder"),
    "pg_bin": _Rule(_full_path, "a folder"),
    "reports": _Rule(_path, "a folder", Path("reports"), "--reports"),
    "templates": _Rule(_path, "a folder", None, "--templates"),
    "wait": _Rule(_seconds, "seconds, 0 or more", 10.0, "--wait"),
    "connect": _Rule(_seconds, "seconds, 0 or more", 10.0),
    "deadline": _Rule(_some_seconds, "seconds, more than 0", None, "--deadline"),
}


def load(options: Mapping[str, Any]) -> Settings:
    """The settings in force, and where each comes from.

    Args:
        options: what was given on the command line, by name; None where it was not.

    Raises:
        SettingsError: a value that cannot be used, an unknown key, or a file that cannot be read.
    """
    dotenv, toml = _dotenv(), _toml()
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name, rule in _RULES.items():
        value, origins[name] = _found(name, rule, options, dotenv, toml)
        try:
            values[name] = None if value is None else rule.parse(value)
        except (ValueError, TypeError, RuntimeError):
            # Not what was got: it may be a URL with a password.
            raise SettingsError(
                f"reading the setting {name} from {origins[name]}: expected {rule.expected}; "
                "correct it"
            ) from None
    return Settings(**values, origins=origins)


def _found(
    name: str,
    rule: _Rule,
    options: Mapping[str, Any],
    dotenv: Mapping[str, str | None],
    toml: Mapping[str, Any],
) -> tuple[Any, str]:
    """The strongest value of a setting, and where it stands; an empty variable is none."""
    if options.get(name) is not None:
        return options[name], rule.option
    variables = (f"ABCJOB_{name.upper()}", *rule.variables)
    for place, variables_there in (("the environment", os.environ), (str(DOTENV), dotenv)):
        for variable in variables:
            if variables_there.get(variable):
                return variables_there[variable], f"{variable} in {place}"
    if name in toml:
        return toml[name], str(TOML)
    return rule.default, "default"


# Most folders hold neither file: what reads them is imported when there is one.


def _dotenv() -> Mapping[str, str | None]:
    if not DOTENV.exists():
        return {}
    from dotenv import dotenv_values

    try:
        return dotenv_values(DOTENV)
    except (OSError, ValueError) as error:
        raise SettingsError(f"reading {DOTENV}: {error}; correct it") from error


def _toml() -> Mapping[str, Any]:
    if not TOML.exists():
        return {}
    import tomllib

    try:
        found = tomllib.loads(TOML.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"reading {TOML}: {error}; correct it") from error
    if unknown := sorted(set(found) - set(_RULES)):
        raise SettingsError(
            f"reading {TOML}: unknown {', '.join(unknown)}; expected some of {', '.join(_RULES)}"
        )
    return found
