"""The settings: options before the environment, `.env`, `abcjob.toml` and the defaults.

Each is looked up once, and where it was found is kept for `abcjob doctor`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abcjob.errors import SettingsError
from abcjob.presentation import COLOURS, ENGLISH, Presentation, Theme, Thresholds

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
        locale: how figures and dates are written, such as `en` or `fr_FR`.
        health: when all is not well.
        theme: how reports look.
        origins: where each of these comes from, by name; `theme.font` is that of the theme.
    """

    database_url: str | None = field(repr=False)
    home: Path | None
    pg_bin: Path | None
    reports: Path
    templates: Path | None
    wait: float
    connect: float
    deadline: float | None
    locale: str
    health: Thresholds
    theme: Theme
    origins: Mapping[str, str]

    @property
    def presentation(self) -> Presentation:
        """How reports look and speak."""
        return Presentation(self.locale, self.theme, self.health)


def _path(value: Any) -> Path:
    if not value or "\0" in str(value):
        raise ValueError
    return Path(value).expanduser()


def _full_path(value: Any) -> Path:
    return _path(value).absolute()


_MOST_SECONDS = 1e9  # some thirty years: what is more, timers do not take


def _seconds(value: Any) -> float:
    seconds = float(value)
    if not 0 <= seconds <= _MOST_SECONDS:
        raise ValueError
    return seconds


def _some_seconds(value: Any) -> float:
    if not (seconds := _seconds(value)):
        raise ValueError
    return seconds


def _share(value: Any) -> Decimal:
    try:
        share = Decimal(str(value))
        if 0 <= share <= 1:
            return share
    except ArithmeticError:  # of what is no number
        pass
    raise ValueError


def _locale(value: Any) -> str:
    name = str(value).replace("-", "_")
    if name == ENGLISH:
        return name
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(name))
    except UnknownLocaleError:
        raise ValueError from None


def _company(value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= _MAX_NAME:
        raise ValueError
    return value.strip()


# What goes into the style sheet is checked to the letter: it could close the element otherwise.
_FONTS = re.compile(r" *[A-Za-z0-9][A-Za-z0-9 -]*(?:, *[A-Za-z0-9][A-Za-z0-9 -]*)*")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_MAX_NAME = 100  # characters: a title of more is no title


def _fonts(value: Any) -> str:
    if not _FONTS.fullmatch(value):
        raise ValueError
    return ", ".join(name.strip() for name in value.split(","))


def _colours(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or set(value) - set(COLOURS):
        raise ValueError
    if not all(_COLOUR.fullmatch(colour) for colour in value.values()):
        raise ValueError
    return {name: value[name] for name in COLOURS if name in value}


@dataclass(frozen=True)
class _Rule:
    """How a setting is read: `parse` raises ValueError or TypeError for what is not `expected`."""

    parse: Callable[[Any], Any]
    expected: str
    default: Any = None
    option: str = ""
    variables: tuple[str, ...] = ()


_A_SHARE = "a share from 0 to 1, such as 0.03"
_SOME_COLOURS = f"a table of colours as #rrggbb, of {', '.join(COLOURS)}"

# By name; what stands before a point is a table. The environment's variable is ABCJOB_<NAME>, its
# point an underscore, then those named here.
_RULES = {
    "database_url": _Rule(str, "a URL", None, "--database", ("DATABASE_URL",)),
    "home": _Rule(_full_path, "a folder"),
    "pg_bin": _Rule(_full_path, "a folder"),
    "reports": _Rule(_path, "a folder", Path("reports"), "--reports"),
    "templates": _Rule(_path, "a folder", None, "--templates"),
    "wait": _Rule(_seconds, "seconds, 0 or more", 10.0, "--wait"),
    "connect": _Rule(_seconds, "seconds, 0 or more", 10.0),
    "deadline": _Rule(_some_seconds, "seconds, more than 0, at most 1e9", None, "--deadline"),
    "locale": _Rule(_locale, "a locale's name, such as fr or de_AT", ENGLISH),
    "health.watch_from": _Rule(_share, _A_SHARE),
    "health.at_risk_from": _Rule(_share, _A_SHARE),
    "health.rejected_above": _Rule(_share, _A_SHARE),
    "theme.company": _Rule(_company, f"a name of 1 to {_MAX_NAME} characters"),
    "theme.logo": _Rule(_path, "an SVG or PNG file"),
    "theme.font": _Rule(_fonts, "names of fonts: letters, digits, spaces, hyphens, commas between"),
    "theme.light": _Rule(_colours, _SOME_COLOURS),
    "theme.dark": _Rule(_colours, _SOME_COLOURS),
}
_TABLES = {name.partition(".")[0] for name in _RULES if "." in name}


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
        except (ValueError, TypeError, RuntimeError, OverflowError):
            # Not what was got: it may be a URL with a password.
            raise SettingsError(
                f"reading the setting {name} from {origins[name]}: expected {rule.expected}; "
                "correct it"
            ) from None
    found = {name: value for name, value in values.items() if "." not in name}
    health = Thresholds(**_table("health", values))
    if health.watch_from > health.at_risk_from:
        raise SettingsError(
            f"reading the setting health.watch_from from {origins['health.watch_from']}: "
            f"got {health.watch_from}, expected at most health.at_risk_from, which is "
            f"{health.at_risk_from}; correct one of them"
        )
    theme = Theme(**_table("theme", values))
    return Settings(**found, health=health, theme=theme, origins=origins)


def _table(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a table that are given; what has no default here has it in its class."""
    return {
        key.removeprefix(f"{name}."): value
        for key, value in values.items()
        if key.startswith(f"{name}.") and value is not None
    }


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
    variables = (f"ABCJOB_{name.upper().replace('.', '_')}", *rule.variables)
    for place, variables_there in (("the environment", os.environ), (str(DOTENV), dotenv)):
        for variable in variables:
            if variables_there.get(variable):
                return variables_there[variable], f"{variable} in {place}"
    if name in toml:
        return toml[name], str(TOML)
    return rule.default, "default"


# Most folders hold neither file: what reads them is imported when there is one.


def _dotenv() -> Mapping[str, str | None]:
    if not os.path.lexists(DOTENV) or os.path.isdir(DOTENV):  # some have an environment there
        return {}
    from dotenv import dotenv_values

    try:
        with DOTENV.open(encoding="utf-8") as stream:  # given its path, it passes errors over
            return dotenv_values(stream=stream)
    except (OSError, ValueError) as error:
        raise SettingsError(f"reading {DOTENV}: {error}; correct it") from error


def _toml() -> Mapping[str, Any]:
    if not os.path.lexists(TOML):
        return {}
    import tomllib

    try:
        found = tomllib.loads(TOML.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"reading {TOML}: {error}; correct it") from error
    for name in _TABLES & set(found):
        if isinstance(found[name], dict):
            found |= {f"{name}.{key}": value for key, value in found.pop(name).items()}
    if unknown := sorted(set(found) - set(_RULES)):
        raise SettingsError(
            f"reading {TOML}: unknown {', '.join(unknown)}; expected some of {', '.join(_RULES)}"
        )
    return found
