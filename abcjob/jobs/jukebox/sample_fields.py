"""What can be wrong in one field of an event of a sample of the job `jukebox`."""

from __future__ import annotations

from typing import Any, NamedTuple

from abcjob.jobs.jukebox.sample_text import (
    AGENT,
    CUSTOMER,
    DEVICE,
    LOCATION,
    PAYMENT,
    SONG,
    UNKNOWN,
)
from abcjob.sampling import NO_UTF8

Payload = dict[str, Any]

CUSTOMER_REGISTERED, LOCATION_REGISTERED = "Sale.CustomerRegistered", "Sale.LocationRegistered"
DEVICE_ALLOCATED, DEVICE_PURCHASED = "Sale.DeviceAllocated", "Logistic.DevicePurchased"
PAYMENT_RECEIVED, SONG_LISTENED = "Payment.PaymentReceived", "Music.SongListened"
SONG_PUBLISHED, SONG_REMOVED = "Music.SongPublished", "Music.SongRemoved"


class Put(NamedTuple):
    """A value in place of a right one, at a path within the payload."""

    event_type: str
    path: str
    value: Any


def payload(event_type: str, number: int, at: str) -> Payload:
    """What is right for an event of a type, number and time.

    Of ids that have to be known, a play and a removal name none but those of the first songs.
    """
    device, details = DEVICE + number % 7, {"DevicePrice": 1190.5, "DeviceName": "TuneTower Mini"}
    customer, location, agent = CUSTOMER + number % 11, LOCATION + number % 13, AGENT + number % 3
    song, phone = SONG + number % 17, f"+1-202-555-01{number % 100:02d}"
    fields: dict[str, Payload] = {
        CUSTOMER_REGISTERED: {
            "CustomerId": customer,
            "CustomerName": "Café Tislo",
            "LegalAddress": "1 Example Road, Velmora",
            "CustomerPhoneNumber": phone,
            "CustomerIdentityNumber": f"TEST-{number:09d}",
        },
        LOCATION_REGISTERED: {
            "LocationId": location,
            "CustomerId": customer,
            "Latitude": 48.25,
            "Longitude": 16.375,
            "Address": "2 Sample Street, Velmora",
            "ContactName": "Brumek Ostwen",
            "ContactPhoneNumber": phone,
        },
        DEVICE_ALLOCATED: {
            "DeviceId": device,
            "LocationAllocatedId": location,
            "SellingAgent": {"AgentId": agent, "AgentName": "Harvoly Fenoli"},
            "DeviceDetails": {**details, "Id": device},
        },
        DEVICE_PURCHASED: {"DeviceId": device, "DeviceDetails": {**details, "Id": device}},
        PAYMENT_RECEIVED: {"PaymentId": UNKNOWN + PAYMENT + number, "PaymentAmount": 45.75},
        SONG_LISTENED: {"SongId": song, "SongCompleted": number % 2 == 0},
        SONG_PUBLISHED: {
            "SongId": song,
            "SongDetails": {
                "ArtistName": "Zendrik Palumbra",
                "SongName": "Lantern for Mirelka",
                "AlbumName": "Maps of Draskel",
                "SongLength": 201,
                "SongSizeMb": 4.125,
            },
        },
        SONG_REMOVED: {"SongId": song},
    }
    return {**fields[event_type], "OccurredAt": at}


TYPES = (
    CUSTOMER_REGISTERED,
    LOCATION_REGISTERED,
    DEVICE_ALLOCATED,
    DEVICE_PURCHASED,
    PAYMENT_RECEIVED,
    SONG_LISTENED,
    SONG_PUBLISHED,
    SONG_REMOVED,
)
NOT_HERE = object()  # a field that is left out


def _fields(event_type: str) -> list[str]:
    """The paths of all fields of a type."""
    paths: list[str] = []
    for name, value in payload(event_type, 0, "").items():
        paths += [f"{name}.{inner}" for inner in value] if isinstance(value, dict) else [name]
    return paths


def _each(event_type: str, path: str, *values: Any) -> list[Put]:
    return [Put(event_type, path, value) for value in values]


_IDS = (
    (CUSTOMER_REGISTERED, "CustomerId"),
    (LOCATION_REGISTERED, "LocationId"),
    (DEVICE_ALLOCATED, "LocationAllocatedId"),
    (DEVICE_ALLOCATED, "SellingAgent.AgentId"),
    (PAYMENT_RECEIVED, "PaymentId"),
    (PAYMENT_RECEIVED, "CustomerId"),
    (SONG_LISTENED, "SongId"),
    (SONG_LISTENED, "DeviceId"),
    (SONG_REMOVED, "SongId"),
)
_AMOUNT, _PRICE = (
    (PAYMENT_RECEIVED, "PaymentAmount"),
    (DEVICE_PURCHASED, "DeviceDetails.DevicePrice"),
)
_SALE, _SIZE = (
    (DEVICE_ALLOCATED, "DeviceDetails.DevicePrice"),
    (SONG_PUBLISHED, "SongDetails.SongSizeMb"),
)
_LATITUDE, _LONGITUDE = (LOCATION_REGISTERED, "Latitude"), (LOCATION_REGISTERED, "Longitude")
_TEXTS = {  # and how many characters they may have
    (CUSTOMER_REGISTERED, "CustomerName"): 300,
    (CUSTOMER_REGISTERED, "LegalAddress"): 500,
    (CUSTOMER_REGISTERED, "CustomerPhoneNumber"): 50,
    (CUSTOMER_REGISTERED, "CustomerIdentityNumber"): 50,
    (LOCATION_REGISTERED, "Address"): 500,
    (DEVICE_ALLOCATED, "SellingAgent.AgentName"): 300,
    (DEVICE_PURCHASED, "DeviceDetails.DeviceName"): 300,
    (SONG_PUBLISHED, "SongDetails.ArtistName"): 300,
    (SONG_PUBLISHED, "SongDetails.SongName"): 300,
    (SONG_PUBLISHED, "SongDetails.AlbumName"): 300,
}
# Faults of one field, by the rule under which the job finds them: each has several forms.
PUTS: dict[str, list[Put]] = {
    "missing": [
        Put(event_type, path, value)
        for value in (None, NOT_HERE)
        for event_type in TYPES
        for path in _fields(event_type)
    ],
    "not_an_integer": [
        Put(*field, value) for value in (1.5, "n/a", "12-B", "0x1F") for field in _IDS
    ],
    "out_of_range": [
        *(Put(*field, 2**63) for field in _IDS),
        *_each(*_LATITUDE, 90.5, -91),
        *_each(*_LONGITUDE, 180.25, -360),
        *_each(*_AMOUNT, 10**12),
        *_each(*_PRICE, 10**12),
        *_each(SONG_PUBLISHED, "SongDetails.SongLength", 2**31),
    ],
    "not_a_number": [
        Put(*field, value)
        for value in ("n/a", "12.50 $", "north")
        for field in (_AMOUNT, _PRICE, _SALE, _LATITUDE, _LONGITUDE, _SIZE)
    ],
    "too_precise": [
        *(Put(*field, 10.125) for field in (_AMOUNT, _PRICE, _SALE)),
        Put(*_SIZE, 3.1416),
        *(Put(*field, 0.12345678901234568) for field in (_LATITUDE, _LONGITUDE)),
    ],
    "negative": [
        Put(*field, value) for value in (-0.01, -45) for field in (_AMOUNT, _PRICE, _SALE)
    ],
    "not_a_time": [
        Put(event_type, "OccurredAt", value)
        for value in ("2026-02-30T10:00:00Z", "32/01/2026", "yesterday", "2026-11-20T25:00:00Z")
        for event_type in TYPES
    ],
    "not_a_boolean": _each(SONG_LISTENED, "SongCompleted", "perhaps", "J", 2),
    "too_long": [Put(*field, "long " * (most // 5) + "!") for field, most in _TEXTS.items()],
    "not_a_scalar": [
        Put(*field, value) for value in ([1], {"value": 1}) for field in (*_IDS, _AMOUNT, *_TEXTS)
    ],
    "another_device": [
        Put(event_type, "DeviceDetails.Id", DEVICE + 8)
        for event_type in (DEVICE_ALLOCATED, DEVICE_PURCHASED)
    ],
    "nul_character": [Put(*field, "nul\0") for field in _TEXTS],
    "invalid_utf8": [Put(*field, f"caf{NO_UTF8}") for field in _TEXTS],
    "unknown_customer": [
        Put(LOCATION_REGISTERED, "CustomerId", UNKNOWN),
        Put(PAYMENT_RECEIVED, "CustomerId", UNKNOWN + 1),
    ],
    "unknown_location": [Put(DEVICE_ALLOCATED, "LocationAllocatedId", UNKNOWN)],
    "unknown_device": [
        Put(PAYMENT_RECEIVED, "DeviceId", UNKNOWN),
        Put(SONG_LISTENED, "DeviceId", UNKNOWN + 1),
    ],
    "unknown_song": [
        Put(SONG_LISTENED, "SongId", UNKNOWN),
        Put(SONG_REMOVED, "SongId", UNKNOWN + 1),
    ],
}


def spoiled(put: Put, number: int, at: str) -> Payload:
    """The payload of an event that is right but for one field."""
    made = payload(put.event_type, number, at)
    *parents, name = put.path.split(".")
    inner = made
    for parent in parents:
        inner = inner[parent]
    if put.value is NOT_HERE:
        inner.pop(name)
    else:
        inner[name] = put.value
    return made
