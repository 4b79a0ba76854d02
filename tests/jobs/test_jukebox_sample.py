"""The sample of the job jukebox: the same file for everybody, and what is wrong in it is told."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import jukebox_lines
import pytest
from jukebox_lines import FIELDS, understood
from jukebox_oracle import BEATEN, judged

from abcjob.errors import ReportError, SettingsError
from abcjob.job import options
from abcjob.jobs.jukebox import sample
from abcjob.jobs.jukebox.sample_parameters import SampleParameters

DAY = date(2026, 11, 20)
END = datetime(2026, 11, 21, tzinfo=UTC)
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
PRODUCTS = {"MusicMaker3000", "TuneTower Mini", "ChromeNote 500", "BarBeat Duo", "Shellaquin 78"}


class Made(NamedTuple):
    """The file's lines, and what was told: rows by fault, and what becomes of each."""

    lines: list[bytes]
    told: dict[str, int]
    becomes: dict[str, str]


def made(folder: Path, day: date = DAY, **values: Any) -> Made:
    """A sample."""
    told = sample.write(SampleParameters(**values), day, folder)
    assert told.columns == ["file", "fault", "rows", "becomes"]
    assert [path.name for path in folder.iterdir()] == ["events.ndjson"]
    assert set(told["file"]) <= {"events.ndjson"}
    *lines, last = (folder / "events.ndjson").read_bytes().split(b"\n")
    assert last == b""
    return Made(
        lines,
        {row["fault"]: row["rows"] for row in told.to_dicts()},
        {row["fault"]: row["becomes"] for row in told.to_dicts()},
    )


class Event(NamedTuple):
    """An event that keeps the rules, times and ids read."""

    number: int
    type: str
    at: datetime
    payload: dict[str, Any]

    def id(self, name: str) -> int | None:
        """The id in a field; None: it is not there."""
        value = self.payload.get(name)
        return None if value is None else int(value)


def read(line: bytes) -> Event:
    """An event that keeps the rules, by its line."""
    event = json.loads(line, parse_float=Decimal)
    payload = event["Payload"]
    at = datetime.fromisoformat(payload["OccurredAt"])
    return Event(int(event["EventId"][2:]), event["EventType"], at, payload)


def accepted(lines: list[bytes]) -> tuple[list[Event], Counter[str]]:
    """The events that are accepted, as they come, and what is wrong with the other lines."""
    fates = judged(lines).fates
    events, faults, seen = [], Counter[str](), set()
    for line in lines:
        state, reasons = fates[line]
        is_event = state != "rejected" or reasons == BEATEN
        if state == "skipped" or (is_event and line in seen):
            faults["repeated"] += 1
        elif state == "loaded":
            events.append(read(line))
        else:
            [(rule, _)] = reasons
            faults[rule] += 1
        seen.add(line)
    return events, faults


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


@cache
def stream() -> list[Event]:
    """What a sample of 100 customers tells, as it happens; all of it is right."""
    with TemporaryDirectory() as folder:
        lines, told, _ = made(Path(folder), customers=100, bad=Decimal(0))
    assert not told
    arrived, faults = accepted(lines)
    assert not faults
    numbers = [event.number for event in arrived]
    assert sorted(numbers) == list(range(1, len(lines) + 1))
    return sorted(arrived, key=lambda event: event.number)


def of(name: str) -> list[Event]:
    """The events of a type, as they happen."""
    return [event for event in stream() if event.type.endswith(f".{name}")]


def by(events: list[Event], *names: str) -> dict[Any, list[Event]]:
    """Events by the ids in a field, perhaps one of several names."""
    found = defaultdict(list)
    for event in events:
        for name in names:
            if name in event.payload:
                found[event.id(name)].append(event)
    return found


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


def test_it_covers_the_months_up_to_the_date() -> None:
    """From the first of the twelfth month to the end of the day; in the order of its numbers."""
    times = [event.at for event in stream()]
    assert times == sorted(times)
    assert datetime(2025, 12, 1, tzinfo=UTC) <= times[0] < datetime(2025, 12, 2, tzinfo=UTC)
    assert END - timedelta(days=1) < times[-1] < END


def test_nine_of_ten_events_are_plays() -> None:
    """And a device plays about as many songs a month as was asked for."""
    plays = of("SongListened")
    assert 0.88 < len(plays) / len(stream()) < 0.93
    begun = [events[0].at for events in by(of("DeviceAllocated"), "DeviceId").values()]
    months = sum((END - at).days for at in begun) / 30.44
    assert 0.9 < len(plays) / months / 60 < 1.1
    assert len({event.at.month for event in plays}) == 12


def test_evenings_and_weekends_are_loud() -> None:
    """A week: more is played at nine in the evening than at nine in the morning, and on Fridays."""
    hours = Counter(event.at.hour for event in of("SongListened"))
    assert hours[21] > 5 * hours[9]
    days = Counter(event.at.isoweekday() for event in of("SongListened"))
    assert min(days[5], days[6]) > 1.5 * max(days[1], days[2])


def test_whatever_is_named_was_there_before() -> None:
    """A device is bought before it is allocated, a location registered, a song published."""
    named_by = {
        "Sale.LocationRegistered": {"CustomerId": "customer"},
        "Sale.DeviceAllocated": {"LocationAllocatedId": "location", "DeviceId": "device"},
        "Sale.PaymentReceived": {"CustomerId": "customer", "DeviceId": "device"},
        "Music.SongListened": {"SongId": "song", "DeviceId": "device"},
        "Music.SongRemoved": {"SongId": "song"},
    }
    made_by = {
        "Sale.CustomerRegistered": ("CustomerId", "customer"),
        "Sale.LocationRegistered": ("LocationId", "location"),
        "Logistic.DevicePurchased": ("DeviceId", "device"),
        "Music.SongPublished": ("SongId", "song"),
    }
    there: set[tuple[str, int | None]] = set()
    for event in stream():
        for field, thing in named_by.get(event.type, {}).items():
            assert event.id(field) is None or (thing, event.id(field)) in there, event
        if event.type in made_by:
            field, thing = made_by[event.type]
            there.add((thing, event.id(field)))
    assert {thing for thing, _ in there} == {thing for _, thing in made_by.values()}


def test_a_device_plays_once_it_is_allocated_what_is_published() -> None:
    """No play is before the device's first allocation, none of a song that is removed."""
    begun = {key: of[0].at for key, of in by(of("DeviceAllocated"), "DeviceId").items()}
    removed: set[int | None] = set()
    for event in stream():
        if event.type == "Music.SongRemoved":
            removed.add(event.id("SongId"))
        elif event.type == "Music.SongPublished":
            removed.discard(event.id("SongId"))
        elif event.type == "Music.SongListened":
            assert event.id("SongId") not in removed
            if (device := event.id("DeviceId")) is not None:
                assert begun[device] <= event.at


def test_songs_come_and_go() -> None:
    """Some are removed, of those some published again; some are told again, otherwise."""
    published, removed = by(of("SongPublished"), "SongId"), by(of("SongRemoved"), "SongId")
    again = {song for song, events in published.items() if len(events) > 1}
    assert len(removed) > 30
    assert len(again & set(removed)) > 10
    assert len(set(removed) - again) > 5
    assert len(again - set(removed)) > 10
    first, second, *_ = next(of for song, of in published.items() if song in again)
    assert first.payload["SongDetails"] != second.payload["SongDetails"]
    details = [event.payload["SongDetails"] for event in of("SongPublished")]
    artists = {one["ArtistName"] for one in details}
    albums = {(one["ArtistName"], one["AlbumName"]) for one in details}
    assert 10 < len(artists) < len(albums) < len(published)
    counts = sorted(map(len, by(of("SongListened"), "SongId").values()))
    assert counts[-1] > 10 * counts[len(counts) // 2]
    completed = sum(event.payload["SongCompleted"] for event in of("SongListened"))
    assert 0.8 < completed / len(of("SongListened")) < 0.9


def test_customers_have_several_places_and_devices() -> None:
    """One to three of each; some are registered again, corrected."""
    customers, locations = by(of("CustomerRegistered"), "CustomerId"), of("LocationRegistered")
    assert len(customers) == 100
    places = {
        key: {event.id("LocationId") for event in told}
        for key, told in by(locations, "CustomerId").items()
    }
    assert {len(of) for of in places.values()} == {1, 2, 3}
    devices = by(of("DeviceAllocated"), "LocationAllocatedId")
    assert {1, 2, 3} <= {len(of) for of in devices.values()}
    for told in (customers, by(locations, "LocationId")):
        again = [of for of in told.values() if len(of) > 1]
        assert len(again) > 5
        assert all(first.payload != second.payload for first, second in again)


def test_products_agents_and_moves() -> None:
    """Five products, the brief's most often; agents sell unevenly; some devices move on."""
    bought = [event.payload["DeviceDetails"]["DeviceName"] for event in of("DevicePurchased")]
    assert set(bought) == PRODUCTS
    assert Counter(bought).most_common(1)[0][0] == "MusicMaker3000"
    allocated = of("DeviceAllocated")
    agents = Counter(event.payload["SellingAgent"]["AgentId"] for event in allocated)
    assert len(agents) == 7
    assert max(agents.values()) > 3 * min(agents.values())
    moved = [of for of in by(allocated, "DeviceId").values() if len(of) > 1]
    assert len(moved) > 10
    for first, second in moved:
        assert first.id("LocationAllocatedId") != second.id("LocationAllocatedId")
        agents_of = [event.payload["SellingAgent"]["AgentId"] for event in (first, second)]
        assert agents_of[0] != agents_of[1]
    margin = {
        event.id("DeviceId"): Decimal(event.payload["DeviceDetails"]["DevicePrice"])
        for event in of("DevicePurchased")
    }
    for first, *_ in by(allocated, "DeviceId").values():
        price = Decimal(first.payload["DeviceDetails"]["DevicePrice"])
        assert margin[first.id("DeviceId")] < price


def test_payments_are_of_every_kind() -> None:
    """Exact, too much, in instalments, before the allocation, never paid off, and all positive."""
    allocated = by(of("DeviceAllocated"), "DeviceId")
    paid = by(of("PaymentReceived"), "DeviceId")
    seen: Counter[str] = Counter()
    for device, [first, *more] in allocated.items():
        if more:
            continue
        price = Decimal(first.payload["DeviceDetails"]["DevicePrice"])
        payments = paid.get(device, [])
        amounts = [Decimal(event.payload["PaymentAmount"]) for event in payments]
        assert all(amount > 0 for amount in amounts)
        seen["exact at once"] += amounts == [price]
        seen["exact in parts"] += sum(amounts) == price and len(amounts) > 5
        seen["too much"] += sum(amounts) > price
        seen["before"] += any(event.at < first.at for event in payments)
        is_old = END - first.at > timedelta(days=300)
        seen["never"] += is_old and sum(amounts) < price / 2
    assert all(seen[kind] >= 3 for kind in ("exact at once", "exact in parts", "too much"))
    assert all(seen[kind] >= 3 for kind in ("before", "never"))
    ids = [event.id("PaymentId") for event in of("PaymentReceived")]
    assert len(set(ids)) == len(ids)


def test_some_say_no_device() -> None:
    """Payments without a device, without a customer, without both; plays without a device."""
    payments, plays = of("PaymentReceived"), of("SongListened")
    said = Counter(
        (event.id("DeviceId") is None, event.id("CustomerId") is None) for event in payments
    )
    assert all(
        30 < said[of] < len(payments) / 20 for of in [(True, False), (False, True), (True, True)]
    )
    unlinked = sum(event.id("DeviceId") is None for event in plays)
    assert 0.01 < unlinked / len(plays) < 0.03


def test_persons_are_plainly_invented() -> None:
    """Phones are of a range that nobody has, identities tests, streets examples."""
    for event in of("CustomerRegistered") + of("LocationRegistered"):
        payload = event.payload
        phone = payload.get("CustomerPhoneNumber") or payload["ContactPhoneNumber"]
        assert re.fullmatch(r"\+1-202-555-01\d\d", phone)
        address = payload.get("LegalAddress") or payload["Address"]
        assert re.search("Example|Sample|Placeholder|Trial|Invented", address)
        assert payload.get("CustomerIdentityNumber", "TEST-").startswith("TEST-")


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
