"""The sample of the job jukebox: what its events tell makes sense."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from jukebox_made import by, of, stream

END = datetime(2026, 11, 21, tzinfo=UTC)
PRODUCTS = {"MusicMaker3000", "TuneTower Mini", "ChromeNote 500", "BarBeat Duo", "Shellaquin 78"}


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
