"""Events of the job jukebox as lines of NDJSON."""

from __future__ import annotations

import json
from typing import Any

Amount = float | str
PRODUCT = "MusicMaker3000"


def line(event_id: object, event_type: object, **payload: Any) -> bytes:
    """An envelope."""
    said = {"EventId": event_id, "EventType": event_type, "Payload": payload}
    return json.dumps(said, ensure_ascii=False).encode()


def customer(event_id: str, at: str, key: int = 1, name: str = "Ada Byron") -> bytes:
    """A customer registered."""
    return line(
        event_id,
        "Sale.CustomerRegistered",
        CustomerId=key,
        CustomerName=name,
        LegalAddress="1 Old Road",
        CustomerPhoneNumber="555-0101",
        CustomerIdentityNumber="AB-123",
        OccurredAt=at,
    )


def location(event_id: str, at: str, key: int = 10, of: int = 1, address: str = "2 Quay") -> bytes:
    """A customer's location registered."""
    return line(
        event_id,
        "Sale.LocationRegistered",
        LocationId=key,
        CustomerId=of,
        Latitude=48.856614,
        Longitude=-2.352222,
        Address=address,
        ContactName="Zoe",
        ContactPhoneNumber="555-0102",
        OccurredAt=at,
    )


def bought(
    event_id: str, at: str, device: int = 100, cost: Amount = 400, name: str = PRODUCT
) -> bytes:
    """A device purchased."""
    return line(
        event_id,
        "Logistic.DevicePurchased",
        DeviceId=device,
        DeviceDetails={"DevicePrice": cost, "DeviceName": name, "Id": device},
        OccurredAt=at,
    )


def allocated(
    event_id: str,
    at: str,
    device: int = 100,
    price: Amount = 900,
    *,
    to: int = 10,
    agent: tuple[int, str] = (7, "Grace"),
    name: str = PRODUCT,
) -> bytes:
    """A device given to a location by an agent."""
    return line(
        event_id,
        "Sale.DeviceAllocated",
        DeviceId=device,
        LocationAllocatedId=to,
        SellingAgent={"AgentId": agent[0], "AgentName": agent[1]},
        DeviceDetails={"DevicePrice": price, "DeviceName": name, "Id": device},
        OccurredAt=at,
    )


def paid(
    event_id: str,
    at: str,
    payment: int,
    amount: Amount,
    device: int | None = 100,
    by: int | None = None,
) -> bytes:
    """A payment; what is not known of it is left out."""
    known = {"DeviceId": device, "CustomerId": by}
    return line(
        event_id,
        "Payment.PaymentReceived",
        PaymentId=payment,
        PaymentAmount=amount,
        **{name: value for name, value in known.items() if value is not None},
        OccurredAt=at,
    )


def published(
    event_id: str,
    at: str,
    song: int = 50,
    artist: str = "The Gears",
    album: str = "Wheels",
    name: str = "Turning",
) -> bytes:
    """A song published."""
    return line(
        event_id,
        "Music.SongPublished",
        SongId=song,
        SongDetails={
            "ArtistName": artist,
            "SongName": name,
            "AlbumName": album,
            "SongLength": 215,
            "SongSizeMb": 4.25,
        },
        OccurredAt=at,
    )


def removed(event_id: str, at: str, song: int = 50) -> bytes:
    """A song removed."""
    return line(event_id, "Music.SongRemoved", SongId=song, OccurredAt=at)


def played(
    event_id: str, at: str, device: int | None = 100, *, song: int = 50, is_completed: object = True
) -> bytes:
    """A song listened to; a device that is not known is null."""
    return line(
        event_id,
        "Music.SongListened",
        SongId=song,
        SongCompleted=is_completed,
        DeviceId=device,
        OccurredAt=at,
    )
