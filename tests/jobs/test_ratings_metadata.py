"""The metadata that names the customers (4.18)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from abcjob.errors import SettingsError
from abcjob.jobs.ratings import metadata
from abcjob.jobs.ratings.metadata import Customer

if TYPE_CHECKING:
    from pathlib import Path

ACME = '[[customer]]\nname = "acme"\nfiles = "acme_*.csv"\n'


def load(folder: Path, text: str) -> tuple[Customer, ...]:
    """The customers that a file of this text names."""
    path = folder / "metadata.toml"
    path.write_text(text)
    return metadata.load(path)


def test_a_customer_is_a_block(tmp_path: Path) -> None:
    """What is not said is as the issue has it; in order of name."""
    text = f"{ACME}[[customer]]\nname = 'abel'\nfiles = 'a-*.txt'\ndelimiter = \"\\t\"\n"
    text += "policy = 'refuse'\nmax_invalid_percent = 0.5\n"
    assert load(tmp_path, text) == (
        Customer("abel", "a-*.txt", "\t", "refuse", Decimal("0.5")),
        Customer("acme", "acme_*.csv", ",", "quarantine", Decimal(20)),
    )


def test_the_one_that_ships_names_those_of_the_sample() -> None:
    """So that the two commands of the README go together."""
    found = [customer.name for customer in metadata.load(metadata.DEFAULT)]
    assert found == ["acme", "borealis", "cygnus", "dorado", "elara"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", r"expected \[\[customer\]\] blocks"),
        ("customer = 1", r"expected \[\[customer\]\] blocks"),
        ("[customer]\nname = 'acme'", r"expected \[\[customer\]\] blocks"),
        (f"title = 'x'\n{ACME}", r"expected \[\[customer\]\] blocks"),
        ("[[customer]", "metadata.toml: "),
        ("customer = [1]", "customer block 1 lacks name and files"),
        ("[[customer]]\nname = 'acme'", "customer block 1 lacks files"),
        (f"{ACME}{ACME}", "acme stands as name of more than one"),
        (f"{ACME}{ACME.replace('acme', 'abel', 1)}", r"acme_\*.csv stands as files of more than"),
        (f"{ACME}colour = 'red'", "has colour, expected some of name, files, delimiter"),
        (ACME.replace('"acme"', '"Acme"'), "name is 'Acme', expected up to 40 of a-z"),
        (ACME.replace('"acme"', '"' + "a" * 41 + '"'), "expected up to 40 of a-z"),
        (ACME.replace('"acme"', '"pkey"'), "and not pkey at its end"),
        (ACME.replace('"acme"', '"a_pkey1"'), "and not pkey at its end"),
        (ACME.replace("_*.csv", "_\\u0000*.csv"), "expected a file's name with one"),
        (ACME.replace('"acme"', "7"), "name is 7, expected"),
        (ACME.replace("_*.csv", ".csv"), "files is 'acme.csv', expected a file's name with one"),
        (ACME.replace("acme_", "../acme_"), "expected a file's name with one"),
        (f"{ACME}delimiter = ':'", "delimiter is ':', expected one of"),
        (f"{ACME}policy = 'ignore'", "policy is 'ignore', expected"),
        (f"{ACME}max_invalid_percent = 101", "max_invalid_percent is 101, expected a number"),
        (f"{ACME}max_invalid_percent = nan", "expected a number from 0 to 100"),
        (f"{ACME}max_invalid_percent = true", "expected a number from 0 to 100"),
    ],
)
def test_what_cannot_be_is_named(tmp_path: Path, text: str, why: str) -> None:
    """One line: the file, the block, the field, what was got and what is expected."""
    with pytest.raises(SettingsError, match=why) as error:
        load(tmp_path, text)
    assert "\n" not in str(error.value)


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    """A file of another kind is refused like a missing one."""
    path = tmp_path / "metadata.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="correct it"):
        metadata.load(path)
    with pytest.raises(SettingsError, match="No such file"):
        metadata.load(tmp_path / "nowhere.toml")
