"""The sample of the job jukebox: the same file for everybody, and what is wrong in it is told."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from abcjob.errors import ReportError, SettingsError
from abcjob.job import options
from abcjob.jobs.jukebox import sample
from abcjob.jobs.jukebox.sample_parameters import SampleParameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

DAY = date(2026, 11, 20)
END = datetime(2026, 11, 21, tzinfo=UTC)
DETAILS = {"DevicePrice": "amount", "DeviceName": 300, "Id": "id"}
FIELDS: dict[str, dict[str, Any]] = {  # of the issue; a number: a text of so many characters
    "Sale.CustomerRegistered": {
        "CustomerId": "id",
        "CustomerName": 300,
        "LegalAddress": 500,
        "CustomerPhoneNumber": 50,
        "CustomerIdentityNumber": 50,
    },
    "Sale.LocationRegistered": {
        "LocationId": "id",
        "CustomerId": "id",
        "Latitude": "latitude",
        "Longitude": "longitude",
        "Address": 500,
        "ContactName": 300,
        "ContactPhoneNumber": 50,
    },
    "Sale.DeviceAllocated": {
        "DeviceId": "id",
        "LocationAllocatedId": "id",
        "SellingAgent": {"AgentId": "id", "AgentName": 300},
        "DeviceDetails": DETAILS,
    },
    "Payment.PaymentReceived": {
        "PaymentId": "id",
        "PaymentAmount": "amount",
        "DeviceId": "id or none",
        "CustomerId": "id or none",
    },
    "Music.SongListened": {"SongId": "id", "SongCompleted": "mark", "DeviceId": "id or none"},
    "Music.SongPublished": {
        "SongId": "id",
        "SongDetails": {
            "ArtistName": 300,
            "SongName": 300,
            "AlbumName": 300,
            "SongLength": "seconds",
            "SongSizeMb": "size",
        },
    },
    "Music.SongRemoved": {"SongId": "id"},
    "Logistic.DevicePurchased": {"DeviceId": "id", "DeviceDetails": DETAILS},
}
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


class Wrong(Exception):  # noqa: N818 - a verdict, no error
    """A line breaks a rule as a whole, which is named."""


class Number(str):
    """A JSON number, as it is written."""

    __slots__ = ()


def depth(value: Any) -> int:
    """How deep objects and arrays stand in one another."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return 1 + max(map(depth, inner), default=0)
    return 0


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object. Raises Wrong: a key is there twice."""
    if len(dict(pairs)) < len(pairs):
        raise Wrong("repeated_key")
    return dict(pairs)


def parsed(line: bytes) -> dict[str, Any]:
    """A line's envelope, numbers as they are written. Raises Wrong."""
    if len(line) > 2**20:
        raise Wrong("line_too_long")
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise Wrong("invalid_utf8") from error
    try:
        event = json.loads(text, object_pairs_hook=unique, parse_int=Number, parse_float=Number)
    except ValueError as error:
        raise Wrong("not_json") from error
    if not isinstance(event, dict):
        raise Wrong("not_an_object")
    if depth(event) > 64:
        raise Wrong("too_deep")
    if r"\u0000" in text:
        raise Wrong("nul_character")
    return event


def whole(bits: int, value: str) -> Iterator[str]:
    """The rules that a whole number of so many bits breaks."""
    if not re.fullmatch("[0-9]+", value):
        yield "not_an_integer"
    elif int(value) >= 2**bits:
        yield "out_of_range"


def decimal(limit: int, places: int, value: str, least: int = 0) -> Iterator[str]:
    """The rules that a number below a limit with so many decimal places breaks."""
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
        yield "not_a_number"
        return
    number = Decimal(value)
    if number >= limit or number < least < 0:
        yield "out_of_range"
    elif number < least:
        yield "negative"
    if number != round(number, places):
        yield "too_precise"


def moment(value: str) -> datetime | None:
    """A time; None: it is none."""
    if not re.fullmatch(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{8,15}(Z|\+[0-9]{2}:[0-9]{2})", value
    ):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


BREAKS: dict[str, Callable[[Any], Iterable[str]]] = {  # by the kind of a field
    "id": partial(whole, 63),
    "id or none": partial(whole, 63),
    "seconds": partial(whole, 31),
    "amount": partial(decimal, 10**12, 2),
    "size": partial(decimal, 10**7, 3),
    "latitude": partial(decimal, 90, 15, least=-90),
    "longitude": partial(decimal, 180, 15, least=-180),
    "mark": lambda value: [] if isinstance(value, bool) else ["not_a_boolean"],
    "time": lambda value: ["not_a_time"] if moment(value) is None else [],
}


def of_field(kind: Any, value: Any) -> Iterator[str]:
    """The rules that a field breaks."""
    if isinstance(kind, dict):
        for inner, inner_kind in kind.items():
            yield from of_field(inner_kind, value.get(inner))
    elif value is None:
        if kind != "id or none":
            yield "missing"
    elif isinstance(value, dict | list):
        yield "not_a_scalar"
    elif isinstance(kind, str):
        yield from BREAKS[kind](value)
    elif len(value) > kind:
        yield "too_long"


def broken(event: dict[str, Any]) -> Iterator[str]:
    """The rules that an event breaks on its own."""
    assert set(event) == {"EventId", "EventType", "Payload"}
    assert re.fullmatch("[ew]-[0-9]+", event["EventId"])
    if event["EventType"] not in FIELDS:
        yield "unknown_type"
        return
    payload = event["Payload"]
    for name, kind in {**FIELDS[event["EventType"]], "OccurredAt": "time"}.items():
        yield from of_field(kind, payload.get(name))
    ids = payload.get("DeviceId"), payload.get("DeviceDetails", {}).get("Id")
    if None not in ids and "DeviceDetails" in payload and ids[0] != ids[1]:
        yield "another_device"


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
    at = moment(payload["OccurredAt"])
    assert at is not None
    return Event(int(event["EventId"][2:]), event["EventType"], at, payload)


def references(event: Event) -> Iterator[tuple[str, int | None]]:
    """What an event refers to, by the rule that is broken where that is not known."""
    if event.type in {"Sale.LocationRegistered", "Payment.PaymentReceived"}:
        yield "unknown_customer", event.id("CustomerId")
    if event.type == "Sale.DeviceAllocated":
        yield "unknown_location", event.id("LocationAllocatedId")
    if event.type in {"Music.SongListened", "Payment.PaymentReceived"}:
        yield "unknown_device", event.id("DeviceId")
    if event.type in {"Music.SongListened", "Music.SongRemoved"}:
        yield "unknown_song", event.id("SongId")


MAKES_KNOWN = {
    "Sale.CustomerRegistered": ("unknown_customer", "CustomerId"),
    "Sale.LocationRegistered": ("unknown_location", "LocationId"),
    "Sale.DeviceAllocated": ("unknown_device", "DeviceId"),
    "Logistic.DevicePurchased": ("unknown_device", "DeviceId"),
    "Music.SongPublished": ("unknown_song", "SongId"),
}


def accepted(lines: list[bytes]) -> tuple[list[Event], Counter[str]]:
    """The events that are accepted, as they come, and what is wrong with the others."""
    faults: Counter[str] = Counter()
    told: dict[str, list[Event]] = defaultdict(list)
    for line in lines:
        try:
            envelope = parsed(line)
        except Wrong as verdict:
            faults[str(verdict)] += 1
            continue
        reasons = list(broken(envelope))
        assert len(reasons) <= 1, (line[:400], reasons)
        faults.update(reasons)
        if not reasons:
            told[envelope["EventId"]].append(read(line))
    events = []
    for versions in told.values():
        contents = [event for n, event in enumerate(versions) if event not in versions[:n]]
        faults["repeated"] += len(versions) - len(contents)
        faults["repeated_with_other_content"] += len(contents) - 1
        events.append(max(contents, key=lambda event: event.at))
    while True:
        known = {(name, event.id(field)) for event in events for name, field in made_known(event)}
        fine = []
        for event in events:
            unknown = [of for of in references(event) if of[1] is not None and of not in known]
            assert len(unknown) <= 1
            faults.update(name for name, _ in unknown)
            fine += [] if unknown else [event]
        if len(fine) == len(events):
            return events, +faults
        events = fine


def made_known(event: Event) -> list[tuple[str, str]]:
    """What an event makes known."""
    return [MAKES_KNOWN[event.type]] if event.type in MAKES_KNOWN else []


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
        try:
            event = parsed(line)
        except Wrong:
            continue
        for reason in broken(event):
            types[reason].add(event["EventType"])
            if reason == "missing":
                missing |= {(event["EventType"], path) for path in none(event)}
    every = {
        (name, path, is_there)
        for name, fields in FIELDS.items()
        for path in paths({**fields, "OccurredAt": "time"})
        for is_there in (True, False)
    }
    assert missing == {(name, (path, is_there)) for name, path, is_there in every}
    several = {"not_an_integer", "out_of_range", "not_a_number", "negative", "not_a_time"}
    assert all(len(types[fault]) > 1 for fault in several | {"too_long", "another_device"})


def paths(fields: dict[str, Any]) -> Iterator[str]:
    """The paths of fields that have to be there."""
    for name, kind in fields.items():
        if isinstance(kind, dict):
            yield from (f"{name}.{inner}" for inner in kind)
        elif kind != "id or none":
            yield name


def none(event: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """The paths at which something is missing, and whether the key is there."""
    for path in paths({**FIELDS[event["EventType"]], "OccurredAt": "time"}):
        inner, name = event["Payload"], path
        if "." in path:
            inner, name = inner[path.split(".")[0]], path.split(".")[1]
        if inner.get(name) is None:
            yield path, name in inner


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
    known: dict[tuple[str, int | None], Event] = {}
    bought = set()
    for event in stream():
        for reference in references(event):
            if reference[1] is not None:
                assert reference in known, event
        if event.type == "Sale.DeviceAllocated":
            assert event.id("DeviceId") in bought
        if event.type == "Logistic.DevicePurchased":
            bought.add(event.id("DeviceId"))
        for name, field in made_known(event):
            known[name, event.id(field)] = event


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
