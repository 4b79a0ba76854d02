"""The settings: options before the environment, `.env`, `abcjob.toml` and the defaults."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dotenv import dotenv_values
from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from abcjob.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

TOML = "abcjob.toml"
DOTENV = ".env"


class Settings(BaseSettings):
    """What every command goes by. A field's setting is `ABCJOB_<FIELD>`, or its name in the TOML."""

    model_config = SettingsConfigDict(
        env_prefix="ABCJOB_",
        env_file=DOTENV,
        env_ignore_empty=True,
        toml_file=TOML,
        frozen=True,
        extra="ignore",  # a .env serves other programs too; unknown keys of ours are refused below
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    database_url: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("ABCJOB_DATABASE_URL", "DATABASE_URL"),
        description="the PostgreSQL server; none: the embedded one",
    )
    home: Path | None = Field(None, description="where the embedded server keeps its data")
    pg_bin: Path | None = Field(None, description="folder of PostgreSQL's programs")
    reports: Path = Field(Path("reports"), description="where reports go")
    templates: Path | None = Field(None, description="templates that override the program's")
    wait: float = Field(10, ge=0, description="seconds to wait for another run of the job")
    connect: float = Field(10, ge=0, description="seconds in which to connect, tries included")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Strongest first."""
        toml = TomlConfigSettingsSource(settings_cls)
        return init_settings, env_settings, dotenv_settings, toml


def load(options: Mapping[str, Any]) -> Settings:
    """The settings in force.

    Args:
        options: what was given on the command line, by field; None where it was not.

    Raises:
        SettingsError: a value that cannot be used, an unknown key, or a file that is no TOML.
    """
    _check_toml()
    try:
        return Settings(**{name: value for name, value in options.items() if value is not None})
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False)
        said = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in wrong)
        raise SettingsError(f"reading the settings: {said}; correct it") from error


def origins(options: Mapping[str, Any]) -> dict[str, str]:
    """Where each setting in force comes from, by field."""
    dotenv = dotenv_values(DOTENV)
    toml = _toml()

    def origin(name: str) -> str:
        if options.get(name) is not None:
            return f"--{name.replace('database_url', 'database')}"
        variables = [f"ABCJOB_{name.upper()}", *(["DATABASE_URL"] if name == "database_url" else [])]
        for variable in variables:
            if os.environ.get(variable):
                return f"environment, {variable}"
        for variable in variables:
            if dotenv.get(variable):
                return f"{DOTENV}, {variable}"
        return TOML if name in toml else "default"

    return {name: origin(name) for name in Settings.model_fields}


def _toml() -> dict[str, Any]:
    try:
        return tomllib.loads(Path(TOML).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def _check_toml() -> None:
    try:
        unknown = sorted(set(_toml()) - set(Settings.model_fields))
    except (OSError, ValueError) as error:
        raise SettingsError(f"reading {TOML}: {error}; correct it") from error
    if unknown:
        raise SettingsError(
            f"reading {TOML}: unknown {', '.join(unknown)}; "
            f"expected {', '.join(Settings.model_fields)}"
        )
