"""Settings: which source wins, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from abcjob import settings
from abcjob.errors import SettingsError


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file and no variable sets anything."""
    monkeypatch.chdir(tmp_path)
    for name in ("WAIT", "REPORTS", "DATABASE_URL", "HOME", "PG_BIN", "TEMPLATES", "CONNECT"):
        monkeypatch.delenv(f"ABCJOB_{name}", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)


def test_the_strongest_source_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Option, environment, .env, abcjob.toml, default: each gives way to those before it."""
    assert (settings.load({}).wait, settings.load({}).origins["wait"]) == (10, "default")
    Path("abcjob.toml").write_text("wait = 1\n")
    assert (settings.load({}).wait, settings.load({}).origins["wait"]) == (1, "abcjob.toml")
    Path(".env").write_text("ABCJOB_WAIT=2\nANOTHER=x\n")
    assert settings.load({}).origins["wait"] == "ABCJOB_WAIT in .env"
    monkeypatch.setenv("ABCJOB_WAIT", "3")
    assert settings.load({}).origins["wait"] == "ABCJOB_WAIT in the environment"
    found = settings.load({"wait": 4.0})
    assert (found.wait, found.origins["wait"]) == (4, "--wait")


def test_database_url_is_known_by_both_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """DATABASE_URL serves where ABCJOB_DATABASE_URL does not say otherwise."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://a")
    assert settings.load({}).database_url == "postgresql://a"
    monkeypatch.setenv("ABCJOB_DATABASE_URL", "postgresql://b")
    assert settings.load({}).database_url == "postgresql://b"


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a compose file that passes on what is not set."""
    monkeypatch.setenv("ABCJOB_DATABASE_URL", "")
    assert settings.load({}).database_url is None


def test_settings_do_not_show_the_password() -> None:
    """Not even where they are printed whole."""
    found = settings.load({"database_url": "postgresql://u:secret@h/d"})
    assert "secret" not in repr(found)


@pytest.mark.parametrize("value", ["-1", "soon", "nan", "inf"])
def test_a_wrong_value_is_refused_without_being_repeated(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """The setting, its source and what was expected."""
    monkeypatch.setenv("ABCJOB_WAIT", value)
    with pytest.raises(SettingsError) as refused:
        settings.load({})
    assert str(refused.value) == (
        "reading the setting wait from ABCJOB_WAIT in the environment: "
        "expected seconds, 0 or more; correct it"
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('reports = "a\\u0000b"', "reports"),
        ('theme.logo = "a\\u0000b"', "theme.logo"),
        ("deadline = 1e20", "deadline"),
        (f"deadline = 1{400 * '0'}", "deadline"),
    ],
)
def test_what_no_system_takes_is_no_setting(text: str, name: str) -> None:
    """A path with a NUL, and a time that no clock counts to: not a fault of the program later."""
    Path("abcjob.toml").write_text(text)
    with pytest.raises(SettingsError, match=f"the setting {name} from abcjob.toml: expected "):
        settings.load({})


@pytest.mark.parametrize("name", [".env", "abcjob.toml"])
def test_a_file_that_cannot_be_looked_at_is_refused(name: str) -> None:
    """Such as a link into a folder that may not be entered: it is not as if there were none."""
    Path(name).symlink_to("x" * 300)
    with pytest.raises(SettingsError, match=rf"reading {name}: .*File name too long"):
        settings.load({})


def test_a_folder_called_as_a_file_of_settings_is_none() -> None:
    """Some call a virtual environment `.env`."""
    Path(".env").mkdir()
    assert settings.load({}).wait == 10


@pytest.mark.parametrize("text", ["wiat = 3\n", "wait = \n", "[database]\nurl = 'x'\n"])
def test_a_wrong_file_is_refused(text: str) -> None:
    """A key that nobody knows is a slip of the pen, not a setting."""
    Path("abcjob.toml").write_text(text)
    with pytest.raises(SettingsError, match=r"reading abcjob\.toml"):
        settings.load({})
