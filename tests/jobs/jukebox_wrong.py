"""Lines of the job jukebox that are wrong, each with every reason, by hand."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from jukebox_events import allocated, bought, customer, location, paid, played, published, removed

if TYPE_CHECKING:
    from collections.abc import Mapping

    Reasons = set[tuple[str, str | None]]

DAY = "2026-01-01"
EVENTS = {
    "customer": customer("w", DAY),
    "location": location("w", DAY),
    "allocation": allocated("w", DAY),
    "payment": paid("w", DAY, 1, 5, by=1),
    "play": played("w", DAY),
    "song": published("w", DAY),
    "removal": removed("w", DAY),
    "purchase": bought("w", DAY),
}
GONE = object()


def but(kind: str, **changes: Any) -> bytes:
    """A right event with changes by path, in which `__` stands for the points."""
    said = copy.deepcopy(json.loads(EVENTS[kind]))
    for path, value in changes.items():
        *above, last = path.split("__")
        place = said
        for name in above:
            place = place[name]
        if value is GONE:
            del place[last]
        else:
            place[last] = value
    return json.dumps(said).encode()


def payload(kind: str, **changes: Any) -> bytes:
    """The same, of paths inside of the payload."""
    return but(kind, **{f"Payload__{path}": value for path, value in changes.items()})


def nested(depth: int) -> bytes:
    """A right event, with a field nobody asked for: objects inside each other, `depth` in all."""
    more = b'{"a":' * (depth - 1) + b"1" + b"}" * (depth - 1)
    return EVENTS["customer"][:-1] + b',"More":' + more + b"}"


NEEDED = {  # 3.9: all but what may be unknown
    "customer": (
        "CustomerId", "CustomerName", "LegalAddress", "CustomerPhoneNumber",
        "CustomerIdentityNumber", "OccurredAt",
    ),
    "location": (
        "LocationId", "CustomerId", "Latitude", "Longitude", "Address", "ContactName",
        "ContactPhoneNumber", "OccurredAt",
    ),
    "allocation": (
        "DeviceId", "LocationAllocatedId", "SellingAgent.AgentId", "SellingAgent.AgentName",
        "DeviceDetails.DevicePrice", "DeviceDetails.DeviceName", "DeviceDetails.Id", "OccurredAt",
    ),
    "payment": ("PaymentId", "PaymentAmount", "OccurredAt"),
    "play": ("SongId", "SongCompleted", "OccurredAt"),
    "song": (
        "SongId", "SongDetails.ArtistName", "SongDetails.SongName", "SongDetails.AlbumName",
        "SongDetails.SongLength", "SongDetails.SongSizeMb", "OccurredAt",
    ),
    "removal": ("SongId", "OccurredAt"),
    "purchase": (
        "DeviceId", "DeviceDetails.DevicePrice", "DeviceDetails.DeviceName", "DeviceDetails.Id",
        "OccurredAt",
    ),
}  # fmt: skip

_FIELD_BY_FIELD: Mapping[bytes, Reasons] = {
    line: {("missing", f"Payload.{path}")}
    for kind, paths in NEEDED.items()
    for path in paths
    for line in (
        payload(kind, **{path.replace(".", "__"): GONE}),
        payload(kind, **{path.replace(".", "__"): None}),
    )
}
MISSING: Mapping[bytes, Reasons] = {
    **_FIELD_BY_FIELD,
    but("play", EventId=GONE): {("missing", "EventId")},
    but("play", EventId=None): {("missing", "EventId")},
    but("play", EventType=GONE): {("missing", "EventType")},
    payload("song", SongDetails__SongName=""): {("missing", "Payload.SongDetails.SongName")},
}

FIELDS: Mapping[bytes, Reasons] = {
    but("play", EventType="Music.SongSkipped"): {("unknown_type", "EventType")},
    but("play", EventType="music.songlistened"): {("unknown_type", "EventType")},
    but("play", EventId="é" * 201): {("too_long", "EventId")},
    payload("customer", CustomerId="C1"): {("not_an_integer", "Payload.CustomerId")},
    payload("customer", CustomerId=1.5): {("not_an_integer", "Payload.CustomerId")},
    payload("customer", CustomerId=2**63): {("out_of_range", "Payload.CustomerId")},
    payload("customer", CustomerId=str(2**63)): {("out_of_range", "Payload.CustomerId")},
    payload("customer", CustomerId=10**400): {("out_of_range", "Payload.CustomerId")},
    payload("customer", CustomerId=-1): {("out_of_range", "Payload.CustomerId")},
    payload("payment", DeviceId="box"): {("not_an_integer", "Payload.DeviceId")},
    payload("payment", CustomerId=2**64): {("out_of_range", "Payload.CustomerId")},
    payload("customer", CustomerId=[1]): {("not_a_scalar", "Payload.CustomerId")},
    payload("song", SongDetails__ArtistName={"a": 1}): {
        ("not_a_scalar", "Payload.SongDetails.ArtistName")
    },
    payload("customer", CustomerName="é" * 301): {("too_long", "Payload.CustomerName")},
    payload("customer", LegalAddress="a" * 501): {("too_long", "Payload.LegalAddress")},
    payload("customer", CustomerPhoneNumber="5" * 51): {
        ("too_long", "Payload.CustomerPhoneNumber")
    },
    payload("customer", OccurredAt="soon"): {("not_a_time", "Payload.OccurredAt")},
    payload("customer", OccurredAt="2026-02-29T10:00:00Z"): {("not_a_time", "Payload.OccurredAt")},
    payload("customer", OccurredAt="2026-01-01T24:01:00Z"): {("not_a_time", "Payload.OccurredAt")},
    payload("customer", OccurredAt="01/02/2026"): {("not_a_time", "Payload.OccurredAt")},
    payload("customer", OccurredAt="1899-12-31"): {("not_a_time", "Payload.OccurredAt")},
    payload("customer", OccurredAt=1767225600): {("not_a_time", "Payload.OccurredAt")},
    payload("location", Latitude="north"): {("not_a_number", "Payload.Latitude")},
    payload("location", Latitude=90.5): {("out_of_range", "Payload.Latitude")},
    payload("location", Longitude=-180.5): {("out_of_range", "Payload.Longitude")},
    payload("location", Longitude="0.1234567890123456"): {("too_precise", "Payload.Longitude")},
    payload("payment", PaymentAmount=-0.01): {("negative", "Payload.PaymentAmount")},  # 3.22
    payload("payment", PaymentAmount=-1.005): {
        ("negative", "Payload.PaymentAmount"),
        ("too_precise", "Payload.PaymentAmount"),
    },
    payload("payment", PaymentAmount=1.005): {("too_precise", "Payload.PaymentAmount")},
    payload("payment", PaymentAmount=10**12): {("out_of_range", "Payload.PaymentAmount")},
    payload("payment", PaymentAmount="five"): {("not_a_number", "Payload.PaymentAmount")},
    payload("purchase", DeviceDetails__DevicePrice=-1): {
        ("negative", "Payload.DeviceDetails.DevicePrice")
    },
    payload("allocation", DeviceDetails__Id=101): {
        ("another_device", "Payload.DeviceDetails.Id")  # 3.15
    },
    payload("purchase", DeviceDetails__Id="101"): {("another_device", "Payload.DeviceDetails.Id")},
    payload("play", SongCompleted="yes"): {("not_a_boolean", "Payload.SongCompleted")},
    payload("play", SongCompleted=1): {("not_a_boolean", "Payload.SongCompleted")},
    payload("song", SongDetails__SongLength=3.5): {
        ("not_an_integer", "Payload.SongDetails.SongLength")
    },
    payload("song", SongDetails__SongLength=2**31): {
        ("out_of_range", "Payload.SongDetails.SongLength")
    },
    payload("song", SongDetails__SongSizeMb=4.2555): {
        ("too_precise", "Payload.SongDetails.SongSizeMb")
    },
    payload("song", SongDetails__SongSizeMb=-0.5): {("negative", "Payload.SongDetails.SongSizeMb")},
    payload("customer", CustomerId="x", CustomerName=GONE, OccurredAt="soon"): {
        ("not_an_integer", "Payload.CustomerId"),
        ("missing", "Payload.CustomerName"),
        ("not_a_time", "Payload.OccurredAt"),
    },
    payload("allocation", SellingAgent__AgentId="x", DeviceDetails__DevicePrice=GONE): {
        ("not_an_integer", "Payload.SellingAgent.AgentId"),
        ("missing", "Payload.DeviceDetails.DevicePrice"),
    },
}

_START = b'{"EventId":"w","EventType":"Music.SongRemoved","Payload":{"SongId":50,'
LINES: Mapping[bytes, Reasons] = {
    b'{"EventId":"w","EventType":"Music.SongRemoved"': {("not_json", None)},
    b"{'EventId':'w'}": {("not_json", None)},
    _START + b'"OccurredAt":"2026-01-01","More":NaN}}': {("not_json", None)},
    _START + b'"OccurredAt":"2026-01-01"}} {}': {("not_json", None)},
    _START + b'"SongId":50,"OccurredAt":"2026-01-01"}}': {("repeated_key", None)},
    _START + b'"Song\\u0049d":51,"OccurredAt":"2026-01-01"}}': {("repeated_key", None)},
    b'{"EventId":"v",' + _START[1:] + b'"OccurredAt":"2026-01-01"}}': {("repeated_key", None)},
    _START + b'"OccurredAt":"2026-01-01"},"Payload":{}}': {("repeated_key", None)},
    nested(70): {("too_deep", None)},
    nested(5_000): {("too_deep", None)},
    _START + b'"OccurredAt":"2026-01-01","More":"' + b"x" * 1_100_000 + b'"}}': {
        ("line_too_long", None)
    },
    customer("w", DAY, name="Ad\xff").replace("ÿ".encode(), b"\xff"): {("invalid_utf8", None)},
    payload("customer", CustomerName="A\ud800"): {("invalid_utf8", None)},
    customer("w", DAY, name="A B").replace(b"A B", b"A\0B"): {("nul_character", None)},
    payload("customer", CustomerName="A\0B"): {("nul_character", None)},
}
NO_OBJECTS: Mapping[bytes, Reasons] = {
    b"[1]": {("not_an_object", None)},
    b'"text"': {("not_an_object", None)},
    b"17": {("not_an_object", None)},
    b"null": {("not_an_object", None)},
    b"no JSON at all": {("not_json", None)},
}

WRONG: Mapping[bytes, Reasons] = {**MISSING, **FIELDS, **LINES, **NO_OBJECTS}

# At the edge of a rule, on its right side; each under an EventId of its own.
RIGHT = tuple(
    line.replace(b'"w"', f'"right {number}"'.encode(), 1)
    for number, line in enumerate(
        (
            payload("customer", CustomerName="é" * 300, LegalAddress="a" * 500),
            payload("location", Latitude=-90, Longitude="180.000000"),
            payload("location", Latitude="1.123456789012345", Longitude="-0.0000005"),
            payload("payment", PaymentAmount=0),
            payload("payment", PaymentAmount="999999999999.99", DeviceId=None, CustomerId=None),
            payload("song", SongDetails__SongLength=2**31 - 1, SongDetails__SongSizeMb=0),
            payload("play", SongCompleted="false", DeviceId="00100"),
            payload("customer", CustomerName="x", More="y" * 990_000),
            nested(60),
            _START + b'"OccurredAt":"2026-01-01"}} \r',
        )
    )
)
