"""The sample of the job jukebox: the same file for everybody, and what is wrong in it is told."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import jukebox_lines
import pytest
from jukebox_lines import FIELDS, understood
from jukebox_made import Event, accepted, made, read

from abcjob.errors import ReportError, SettingsError
from abcjob.job import options
from abcjob.jobs.jukebox import sample
from abcjob.jobs.jukebox.sample_parameters import SampleParameters

if TYPE_CHECKING:
    from pathlib import Path

WAITING = {"unknown_customer", "unknown_location", "unknown_device", "unknown_song"}
REJECTED = {  # the contract's rules
    "missing",
    "not_an_integer",
    "out_of_range",
    "not_a_number",
    "too_precise",
    "negative",
    "not_a_time",
    "not_a_boolean",
    "too_long",
    "unknown_type",
    "another_device",
    "not_json",
    "not_an_object",
    "repeated_key",
    "too_deep",
    "line_too_long",
    "invalid_utf8",
    "nul_character",
    "not_a_scalar",
    "repeated_with_other_content",
}
FAULTS = REJECTED | WAITING | {"repeated"}


def test_the_file_stays_as_it_is(tmp_path: Path) -> None:
    """Golden checksum: the same parameters give the same bytes, on every machine, for good."""
    values: dict[str, Any] = {"customers": 30, "months": 7, "plays": 20, "bad": Decimal("0.1")}
    lines = made(tmp_path, date(2025, 5, 13), seed=7, **values).lines
    assert (
        hashlib.sha256(b"\n".join(lines)).hexdigest()
        == "6af3688db25d85b31f1fec1ed98ac357a28953413fabf23ae104170c5843eb2e"
    )


@pytest.mark.parametrize("size", [50, 700])
def test_slices_change_nothing(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many events are made at a time is no matter of what they are, nor of what is told."""
    values: dict[str, Any] = {"customers": 12, "months": 5, "plays": 15, "bad": Decimal("0.3")}
    entire = made(tmp_path / "whole", **values)
    monkeypatch.setattr(sample, "SLICE", size)
    assert made(tmp_path / "sliced", **values) == entire


@pytest.mark.parametrize("bad", ["0.01", "0.2", "0.5"])
def test_what_is_told_is_what_is_wrong(bad: str, tmp_path: Path) -> None:
    """Each fault is there as often as told, and no line has two; an independent count."""
    values: dict[str, Any] = {"customers": 40, "plays": 90 if bad == "0.01" else 10}
    lines, told, becomes = made(tmp_path, bad=Decimal(bad), **values)
    events, faults = accepted(lines)
    assert faults == told
    assert set(told) == FAULTS
    assert {fault for fault in becomes if becomes[fault] == "rejected"} == REJECTED
    assert {fault for fault in becomes if becomes[fault] == "waiting"} == WAITING
    assert becomes["repeated"] == "skipped"
    assert len(lines) == len(events) + sum(told.values())
    again = [line for line, times in Counter(lines).items() if times > 1]
    assert len(again) == len(lines) - len(set(lines)) < told["repeated"]
    assert all(line.startswith(b'{"EventId":"e-') for line in again)
    share = float(bad)
    sigma = (len(lines) * share * (1 - share)) ** 0.5
    assert abs(sum(told.values()) - len(lines) * share) < 5 * sigma


def test_faults_are_about_equally_often(tmp_path: Path) -> None:
    """Each has its part within five sigma; but lines of a megabyte are three, for others' sake."""
    told = made(tmp_path, plays=10, bad=Decimal("0.4")).told
    assert told.pop("line_too_long") == 3
    told["not_json"] //= 2  # it stands in for them
    expected = sum(told.values()) / len(told)
    assert expected > 500
    for fault, rows in told.items():
        assert abs(rows - expected) < 5 * expected**0.5, fault


def test_faults_have_several_forms(tmp_path: Path) -> None:
    """A field of each type is missing, as null or not there at all; ids, prices, texts differ."""
    lines = made(tmp_path, plays=10, bad=Decimal("0.4")).lines
    missing, types = set(), defaultdict(set)
    for line in lines:
        reasons = understood(line)
        if reasons is None or isinstance(reasons, jukebox_lines.Event):
            continue
        for rule, column in reasons:
            if column is None:  # of the line as a whole
                continue
            event = json.loads(line)
            types[rule].add(event["EventType"])
            if rule == "missing":
                missing.add((event["EventType"], column, is_there(event, column)))
    every = {
        (name, f"Payload.{path}", has_key)
        for name, fields in FIELDS.items()
        for path in [*(field.path for field in fields if field.is_needed), "OccurredAt"]
        for has_key in (True, False)
    }
    assert missing == every
    several = {"not_an_integer", "out_of_range", "not_a_number", "negative", "not_a_time"}
    assert all(len(types[fault]) > 1 for fault in several | {"too_long", "another_device"})


def is_there(event: dict[str, Any], path: str) -> bool:
    """Whether the key at a path is there, perhaps with nothing in it."""
    *above, name = path.split(".")
    for step in above:
        event = event[step]
    return name in event


def test_wrong_lines_stand_beside_the_right_ones(tmp_path: Path) -> None:
    """Whatever is wrong, the right events are the same, in the same order."""
    values: dict[str, Any] = {"customers": 20, "plays": 10}
    right = made(tmp_path / "right", bad=Decimal(0), **values).lines
    both = iter(made(tmp_path / "both", bad=Decimal("0.3"), **values).lines)
    assert all(line in both for line in right)


def test_a_conflict_is_won_by_either(tmp_path: Path) -> None:
    """Of two contents under one EventId, the later wins: the right one or, of plays, the other."""
    values: dict[str, Any] = {"customers": 40, "plays": 10}
    right = set(made(tmp_path / "right", bad=Decimal(0), **values).lines)
    told: dict[str, list[tuple[bool, int, Event]]] = defaultdict(list)
    for place, line in enumerate(made(tmp_path / "both", bad=Decimal("0.4"), **values).lines):
        if line.startswith(b'{"EventId":"e-'):
            told[json.loads(line)["EventId"]].append((line in right, place, read(line)))
    pairs = [sorted(of) for of in told.values() if len(of) == 2 and of[0][2] != of[1][2]]
    ways = Counter(
        (one.type, one.at > other.at, first < second)
        for (_, first, one), (_, second, other) in pairs
    )
    assert {is_won for name, is_won, _ in ways if name == "Music.SongListened"} == {True, False}
    assert not any(is_won for name, is_won, _ in ways if name != "Music.SongListened")
    assert {is_first for *_, is_first in ways} == {True, False}
    assert len({name for name, *_ in ways}) > 3


def test_it_comes_nearly_in_order(tmp_path: Path) -> None:
    """Some events come up to six hours late, most at once."""
    lines = made(tmp_path, customers=20, bad=Decimal(0)).lines
    arrived, _ = accepted(lines)
    latest, late = arrived[0].at, 0
    for event in arrived:
        assert latest - event.at < timedelta(hours=6)
        late += event.at < latest
        latest = max(latest, event.at)
    assert 0.02 < late / len(arrived) < 0.06


def test_the_smallest_stream(tmp_path: Path) -> None:
    """One customer, one day and no plays; and nothing goes wrong with what is wrong."""
    values: dict[str, Any] = {"customers": 1, "months": 1, "plays": 0}
    lines, told, _ = made(tmp_path / "day", date(2026, 11, 1), bad=Decimal("0.5"), **values)
    events, faults = accepted(lines)
    assert faults == told
    assert {event.at.date() for event in events} <= {date(2026, 10, 31), date(2026, 11, 1)}
    later = made(tmp_path / "month", date(2026, 11, 30), bad=Decimal(0), **values).lines
    assert not any(b"SongListened" in line for line in later)


def test_seeds_differ(tmp_path: Path) -> None:
    """Another seed, another stream."""
    one, other = (made(tmp_path / str(seed), customers=5, seed=seed).lines for seed in (1, 2))
    assert len(set(one) & set(other)) < len(one) / 100


def test_a_date_too_early_is_refused(tmp_path: Path) -> None:
    """The job reads no date before 1900; nothing is written."""
    with pytest.raises(SettingsError, match="1901-01"):
        made(tmp_path / "early", date(1901, 11, 30), months=12)
    assert not (tmp_path / "early").exists()
    lines = made(tmp_path / "first", date(1901, 12, 31), customers=3, plays=1).lines
    assert any(b"1901-01-01T" in line for line in lines)


def test_no_file_is_replaced(tmp_path: Path) -> None:
    """A sample never takes the place of what is there."""
    (tmp_path / "events.ndjson").write_text("mine")
    with pytest.raises(ReportError, match="there already"):
        made(tmp_path, customers=1)
    assert (tmp_path / "events.ndjson").read_text() == "mine"


def test_options_say_what_they_expect() -> None:
    """Each option parses what it shows, and refuses what it cannot be."""
    parsers = {name: option.parse for name, (option, _) in options(SampleParameters).items()}
    assert list(parsers) == ["customers", "months", "plays", "bad", "seed"]
    for name, (option, default) in options(SampleParameters).items():
        assert parsers[name](option.show(default)) == default
    refused = {"customers": "0", "months": "121", "plays": "-1", "bad": "0.51", "seed": "x"}
    for name, text in refused.items():
        with pytest.raises(ValueError, match=r"a whole number|a number from 0 to 0\.5"):
            parsers[name](text)
