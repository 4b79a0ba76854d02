"""Field types against Python's own decimal and datetime, whichever way a field is read."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from fields import faults_of_amount, instant, number
from hypothesis import example, given, settings
from hypothesis import strategies as st

from abcjob.fields import amount, day, identifier, integer
from abcjob.job import Source
from abcjob.rules import Record
from abcjob.stages.validate import Intake

if TYPE_CHECKING:
    import polars as pl
    import pytest

# A soak gives more: ABCJOB_TEST_EXAMPLES=20000 makes 100,000 cases of them.
EXAMPLES = int(os.environ.get("ABCJOB_TEST_EXAMPLES", "30"))
Found = tuple[dict[int, object], dict[int, set[str]]]


class Paid(Record):
    """An amount, and nothing beside it."""

    field = amount(14, 2)


class Priced(Record):
    """A price: below nothing there is none."""

    field = amount(14, 2, least=0)


class Dated(Record):
    """A date."""

    field = day()


class Counted(Record):
    """A number of pieces, of which there is one at least."""

    field = integer(least=1)


class Named(Record):
    """An identifier of at most five characters."""

    field = identifier(5)


def taken(folder: pytest.TempPathFactory, record: type[Record], texts: list[str]) -> Found:
    """Values and rules broken, by the number of the text, from 0."""
    path = folder.getbasetemp() / "fields.csv"
    path.write_text("field,more\n" + "".join(f"{text},\n" for text in texts), newline="")
    rejected: list[pl.DataFrame] = []
    good: dict[int, object] = {}
    intake = Intake(record, Source("fields", path))
    for frame in intake.frames(lambda _, rows: rejected.append(rows)):
        good |= {row - 2: value for row, value in frame.select("_row", "field").iter_rows()}
    broken = {
        row - 2: {rule["rule"] for rule in json.loads(failed)}
        for frame in rejected
        for row, failed in frame.select("_row", "failed_rules").iter_rows()
    }
    assert good.keys() | broken.keys() == set(range(len(texts)))
    return good, broken


digits = st.text("0123456789", max_size=18)
amounts = st.one_of(
    st.builds(
        "{}{}{}{}{}{}".format,
        st.sampled_from(["", "", " ", "0" * 40]),
        st.sampled_from(["", "", "-", "+", "--"]),
        st.text("0123456789", min_size=1, max_size=14),
        st.sampled_from([".", ".", ",", "", "..", "e"]),
        st.text("0123456789", max_size=3),
        st.sampled_from(["", "", "0", "000000000000", " ", "€"]),
    ),
    st.decimals(-(10**12) - 1, 10**12 + 1, places=2).map(str),
    st.sampled_from(["1,234", "1 234", "NaN", "inf", "٣", "1_0", ".5", "5.", "1e3", "-0.00"]),
    digits,
)


@given(texts=st.lists(amounts, min_size=1, max_size=20))
@example(["999999999999.99", "1000000000000", "-999999999999.99", "1.500", "1.005", "1,5", "1,234"])
@settings(max_examples=EXAMPLES)
def test_amounts_are_exact(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    """A point, or a comma with one or two decimals; two decimals; never a bit of a cent off."""
    texts = [f'"{text}"' if "," in text else text for text in texts]
    inside = [text.strip('"') for text in texts]
    for record, least in ((Paid, None), (Priced, 0)):
        good, broken = taken(tmp_path_factory, record, texts)
        for row, text in enumerate(inside):
            faults, value = faults_of_amount(text), number(text)
            if least is not None and value is not None and value < least:
                faults.add("negative")
            assert broken.get(row, set()) == faults, text
            assert good.get(row) == (None if faults else value), text


days = st.one_of(
    st.dates().map(str),
    st.builds(
        "{:02}{}{:02}{}{:04}".format,
        st.integers(0, 33),
        st.sampled_from("/.-"),
        st.integers(0, 13),
        st.sampled_from("/.-"),
        st.one_of(st.integers(1896, 2104), st.integers(0, 9999)),
    ),
    st.builds(
        "{}{:04}-{:02}-{:02}{}".format,
        st.sampled_from(["", "", "", " ", "+"]),
        st.one_of(st.integers(1896, 2104), st.integers(0, 9999)),
        st.integers(0, 13),
        st.integers(0, 32),
        st.sampled_from(
            ["", "", "", " ", "T00:00:00", "T00:00:00Z", "T00:00:00+00:00", "T00:00:00-0000"]
        ),
    ),
    st.builds(
        "{}{}".format,
        st.dates(date(1899, 12, 30), date(2101, 1, 3)),
        st.sampled_from(["T00:00:00+01:00", "T00:00:01", "T00:00", "Z", " 00:00:00", "T00:00:00z"]),
    ),
    st.sampled_from(["2024-2-29", "1/2/2024", "20240229", "٢٠٢٤-٠٢-٢٩", "11/20/2026", "today"]),
)


@given(texts=st.lists(days, min_size=1, max_size=20))
@example(["1900-02-28", "1900-02-29", "2000-02-29", "2024-02-29", "2100-02-29", "9999-12-31"])
@settings(max_examples=EXAMPLES)
def test_dates_are_those_of_the_calendar(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    """ISO, with midnight too, or day first; an impossible date is none."""
    good, broken = taken(tmp_path_factory, Dated, texts)
    for row, text in enumerate(texts):
        found = instant(text)
        assert good.get(row) == found, text
        assert broken.get(row, set()) == ({"not_a_date"} if found is None else set()), text


def test_every_date_is_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    """From 1900 to 2400, six leap centuries, and the last year there is; each by its own text."""
    texts = [
        date.fromordinal(ordinal).isoformat()
        for first, last in (((1900, 1, 1), (2400, 12, 31)), ((9999, 1, 1), (9999, 12, 31)))
        for ordinal in range(date(*first).toordinal(), date(*last).toordinal() + 1)
    ]
    good, broken = taken(tmp_path_factory, Dated, texts)
    assert not broken
    assert [str(good[row]) for row in range(len(texts))] == texts


counts = st.one_of(
    st.integers(-3, 3).map(str),
    st.integers(-(2**31) - 2, 2**31 + 2).map(str),
    st.sampled_from(
        ["", " ", "+1", "-0", "007", " 5 ", "1.0", "1e3", "٣", "9" * 30, "-" + "9" * 30]
    ),
)


@given(texts=st.lists(counts, min_size=1, max_size=20))
@settings(max_examples=EXAMPLES)
def test_counts_are_positive(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    """From 1 to 2,147,483,647; what is beyond that is out of range, and no more is said of it."""
    good, broken = taken(tmp_path_factory, Counted, texts)
    for row, text in enumerate(texts):
        trimmed = text.strip(" ")
        if not trimmed:
            faults = {"missing"}
        elif not re.fullmatch("[+-]?[0-9]+", trimmed, re.ASCII):
            faults = {"not_an_integer"}
        elif not -(2**31) <= int(trimmed) < 2**31:
            faults = {"out_of_range"}
        else:
            faults = set() if int(trimmed) >= 1 else {"not_positive"}
        assert broken.get(row, set()) == faults, text
        assert good.get(row) == (None if faults else int(trimmed)), text


@given(texts=st.lists(st.text("aé 🎈\t", max_size=8), min_size=1, max_size=20))
@settings(max_examples=EXAMPLES)
def test_identifiers_are_trimmed(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    """The spaces around one are no part of it, nor count; in between they do."""
    good, broken = taken(tmp_path_factory, Named, texts)
    for row, text in enumerate(texts):
        trimmed = text.strip(" ")
        faults = set() if trimmed else {"missing"}
        faults |= {"too_long"} if len(trimmed) > 5 else set()
        assert broken.get(row, set()) == faults, text
        assert good.get(row) == (None if faults else trimmed), text


def test_a_quoted_field_is_read_as_it_would_be_without(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Many programs put everything in quotes."""
    for record, text, value in (
        (Paid, "-12.50", Decimal("-12.50")),
        (Dated, "2024-02-29", date(2024, 2, 29)),
        (Counted, "12", 12),
        (Named, "a b", "a b"),
    ):
        assert taken(tmp_path_factory, record, [text, f'"{text}"'])[0] == {0: value, 1: value}
