"""Options that several values may follow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from abcjob.cli.per_job import JobCommand, with_parameters
from abcjob.job import Option, described, mark, options, parameter

if TYPE_CHECKING:
    from conftest import Program


def positive(text: str) -> int:
    """A number above nothing."""
    if not text.isdigit():
        raise ValueError("a whole number")
    return int(text)


@dataclass(frozen=True)
class Parameters:
    """Several of one, one of another, and a mark."""

    files: tuple[Path, ...] = parameter(
        (), Option("files", Path, lambda all_: ", ".join(map(str, all_)), "SRC", takes_many=True)
    )
    size: tuple[int, ...] = parameter((), Option("sizes", positive, takes_many=True))
    name: str | None = parameter(None, Option("a name", str, metavar="NAME"))
    is_all: bool = parameter(default=False, option=mark("all of them"))


def asked(*arguments: str) -> Parameters:
    """What a command with these arguments is given.

    Raises:
        ValueError: they are refused; what was said.
    """
    found: list[Parameters] = []

    def command(**values: object) -> None:
        found.append(Parameters(**values))  # type: ignore[arg-type]

    made = click.command("toy", cls=JobCommand)(with_parameters(options(Parameters), command))
    ran = CliRunner().invoke(made, arguments)
    if ran.exit_code:
        raise ValueError(ran.output)
    return found[0]


PATHS = Path("a"), Path("b")
SAME = {
    "one after the other": ("--files", "a", "b"),
    "each by itself": ("--files", "a", "--files", "b"),
    "with a sign": ("--files=a", "b"),
    "both ways": ("--files", "a", "--files=b"),
}


@pytest.mark.parametrize("way", SAME)
@pytest.mark.parametrize("more", [(), ("--name", "n"), ("--is-all",), ("--size", "1", "2")])
def test_several_values_follow_an_option(way: str, more: tuple[str, ...]) -> None:
    """As a shell's `*` puts them there; whatever stands before and behind."""
    for arguments in ((*SAME[way], *more), (*more, *SAME[way])):
        found = asked(*arguments)
        assert found.files == PATHS
        assert found.name == ("n" if "--name" in more else None)
        assert found.is_all == ("--is-all" in more)
        assert found.size == ((1, 2) if "--size" in more else ())


def test_nothing_is_no_value() -> None:
    """An option that is not given is empty."""
    assert asked() == Parameters()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--files",), "requires an argument"),
        (("--files", "a", "--name", "n", "b"), "unexpected extra argument"),
        (("--is-all", "b"), "unexpected extra argument"),
        (("a", "--files", "b"), "unexpected extra argument"),
        (("--files", "a", "--", "b"), "unexpected extra argument"),
        (("--size", "1", "x"), "got 'x', expected a whole number"),
        (("--files", "a", "--nosuch", "b"), "No such option"),
    ],
)
def test_values_of_no_option_are_refused(arguments: tuple[str, ...], said: str) -> None:
    """Only such an option takes more than one."""
    with pytest.raises(ValueError, match=said):
        asked(*arguments)


def test_several_values_are_told_as_one() -> None:
    """In the ledger and the report."""
    assert described(Parameters(PATHS, (1, 2))) == {
        "files": "a, b",
        "size": "(1, 2)",
        "is_all": "no",
    }


def test_help_says_that_several_may_follow(program: Program) -> None:
    """By dots behind the value's name."""
    assert "--input SRC..." in program("run", "jukebox", "--help").stdout
