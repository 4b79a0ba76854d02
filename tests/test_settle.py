"""Staged rows judged against each other, on a table of the tests' own."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
import toyjob
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from abcjob.fields import integer, text
from abcjob.job import WHOLE, Input, Part
from abcjob.rules import Record
from abcjob.sources import lines
from abcjob.stages import settle, suspects
from abcjob.stages.suspects import Suspects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from abcjob.database.connection import Connection

PART = Part(WHOLE)
KEY = ("number", "name")
Row = tuple[int, str, int]


class Thing(Record):
    """What is numbered within its name."""

    number = integer()
    name = text(5)
    price = integer()


TOY = toyjob.job(inputs=(Input("thing", rules=lambda _: Thing, key=KEY),), derived=())


def expected(rows: Sequence[Row]) -> dict[int, str]:
    """By number of the row what becomes of it, where it is not simply loaded."""
    found: dict[tuple[int, str], list[tuple[int, Row]]] = defaultdict(list)
    for number, row in enumerate(rows, 1):
        found[row[:2]].append((number, row))
    verdicts = {}
    for alike in found.values():
        differ = len({row for _, row in alike}) > 1
        for number, _ in alike if differ else alike[1:]:
            verdicts[number] = "reject" if differ else "skip"
    return verdicts


def frame(rows: Sequence[Row]) -> pl.DataFrame:
    """The rows, numbered."""
    schema = {"number": pl.Int32(), "name": pl.String(), "price": pl.Int32()}
    return pl.DataFrame(rows, schema, orient="row").with_row_index("_row", 1)


def judged(db: Connection, rows: Sequence[Row], found: pl.DataFrame | None) -> dict[int, str]:
    """What the engine makes of the rows, staged anew; those that it takes out are gone."""
    db.script(
        "drop schema if exists toy_staging cascade; create schema toy_staging; "
        "create table toy_staging.thing (number int, name text, price int, _row bigint)"
    )
    staged = frame(rows).with_columns(pl.col("_row").cast(pl.Int64))
    db.append("toy_staging", "thing", staged.to_arrow().to_reader())
    [thing] = TOY.inputs
    settle.make_verdicts(TOY, db)
    settle.judge(TOY, thing, PART, db, found, waited=0)
    verdicts = dict(db.query("select _row, verdict from toy_staging.verdict").iter_rows())
    said = settle.take_out(TOY, thing, PART, db)
    assert sorted(verdicts.values()) == ["reject"] * said.rejected + ["skip"] * said.skipped
    left = db.query("select _row from toy_staging.thing")["_row"]
    assert set(left) == set(range(1, len(rows) + 1)) - verdicts.keys()
    assert settle.count(TOY, thing, PART, db) == (len(left), 0)
    return verdicts


def watched(rows: Sequence[Row], size: int) -> Suspects:
    """What saw the rows go by, some at a time."""
    seen = Suspects(KEY, suspects.filter_words(0))
    assert pl.concat(seen.watch(frame(rows).iter_slices(size))).height == len(rows)
    return seen


rows = st.lists(
    st.tuples(st.integers(-2, 2), st.sampled_from(["", "a", "é"]), st.integers(0, 1)),
    min_size=1,
    max_size=30,
)


@given(data=st.data())
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_of_rows_under_one_key(db: Connection, data: st.DataObject) -> None:
    """Alike: the first stays, the others are skipped; different: all are rejected."""
    given_rows = data.draw(rows)
    found = watched(given_rows, data.draw(st.integers(1, 10))).found()
    assert judged(db, given_rows, found) == expected(given_rows)
    assert judged(db, given_rows, None) == expected(given_rows)


def test_a_value_that_is_missing_is_like_another(db: Connection) -> None:
    """Rows that have no price are alike: to compare nulls must not make them differ."""
    twice: list[Row] = [(1, "a", None), (1, "a", None), (2, "a", None), (2, "a", 1)]  # type: ignore[list-item]
    assert judged(db, twice, None) == {2: "skip", 3: "reject", 4: "reject"}


@given(
    keys=st.lists(st.integers(-(2**31), 2**31 - 1), max_size=200),
    size=st.integers(1, 50),
    words=st.sampled_from([1, 16, 256]),
)
@example(keys=[*range(500)] * 2, size=500, words=256)  # many share a word in one frame
def test_no_repeated_key_goes_by_unseen(keys: list[int], size: int, words: int) -> None:
    """What is no suspect came once, however few words there are."""
    seen = Suspects(("key",), np.zeros(words, np.uint64))
    list(seen.watch(pl.DataFrame({"key": keys}, {"key": pl.Int64}).iter_slices(size)))
    found = seen.found()
    assert found is not None
    known = set(found["key"]) if found.width else set()
    assert {key for key in keys if keys.count(key) > 1} <= known <= set(keys)
    assert found.is_unique().all()


def test_hardly_a_key_is_suspect_by_chance() -> None:
    """Of a million that come once, half a one: by the odds that others have set its bits."""
    seen = Suspects(("key",), suspects.filter_words(2**40))
    keys = pl.DataFrame({"key": pl.int_range(1_000_000, eager=True)})
    list(seen.watch(keys.iter_slices(65_536)))
    found = seen.found()
    assert found is not None
    assert len(found) <= 3


@pytest.mark.parametrize("rows", [50, 5_000, 500_000])
def test_a_filter_is_as_large_as_its_sources_ask(rows: int) -> None:
    """Speed: memory for millions is not asked for hundreds, and still hardly a key is suspect.

    With a word for each key one in 16,000 finds its bits set: of a word's 64, k keys before it
    have set 3.9 k, where k grows to one by Poisson's law, and all of its own are among them.
    """
    words = suspects.filter_words(32 * rows)
    assert len(words) <= max(2 * rows, 1_024)
    seen = Suspects(("key",), words)
    keys = pl.DataFrame({"key": pl.int_range(rows, eager=True)})
    list(seen.watch(keys.iter_slices(65_536)))
    found = seen.found()
    assert found is not None
    assert len(found) <= max(rows // 8_000, 3)


def test_too_many_suspects_are_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with the rows: then every row is compared."""
    monkeypatch.setattr(suspects, "_MOST", 10)
    assert watched([(n, "a", 1) for n in range(6)] * 2, 4).found() is not None
    assert watched([(n, "a", 1) for n in range(6)] * 3, 4).found() is None


@given(
    verdicts=st.dictionaries(
        st.integers(1, 40), st.sampled_from(["reject", "wait", "skip"]), max_size=30
    ),
    size=st.integers(1, 40),
    ahead=st.integers(1, 20),
    together=st.integers(1, 20),
    before=st.sampled_from([0, 40]),
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_unfit_rows_come_once_each_as_they_were(
    db: Connection,
    monkeypatch: pytest.MonkeyPatch,
    verdicts: dict[int, str],
    size: int,
    ahead: int,
    together: int,
    before: int,
) -> None:
    """However the lines are cut, and however many verdicts are asked for together."""
    monkeypatch.setattr(settle, "_ASKED_AHEAD", ahead)
    monkeypatch.setattr(lines, "TOGETHER", together)
    db.script("drop schema if exists toy_staging cascade; create schema toy_staging")
    settle.make_verdicts(TOY, db)
    for row, verdict in verdicts.items():
        told = f"('thing', {row + before}, '{verdict}', 'repeated', 'number', '(0,1)')"
        db.execute(f"insert into toy_staging.verdict values {told}")

    def some(wanted: Callable[[int, int], pl.Series]) -> Iterator[pl.DataFrame]:
        for first in range(1, 41, size):
            rows = wanted(first, min(first + size - 1, 40))
            if not rows.is_empty():
                raw = [f"line {row}".encode() for row in rows]
                yield pl.DataFrame({"_row": rows, "_raw": raw})

    [thing] = TOY.inputs
    found = [
        (row, state, raw, error)
        for state, frame in settle.unfit(TOY, thing, db, some, before)
        for row, raw, error in frame.select("_row", "_raw", "error").iter_rows()
    ]
    states = {"reject": "rejected", "wait": "waiting"}
    assert sorted(found) == [
        (row, states[verdict], f"line {row}".encode(), "number: repeated")
        for row, verdict in sorted(verdicts.items())
        if verdict in states
    ]
