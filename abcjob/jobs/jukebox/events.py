"""What an event has to be, by its type (3.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from abcjob.fields import (
    amount,
    boolean,
    degrees,
    id_number,
    identifier,
    instant,
    integer,
    text,
    unknown,
    within,
)
from abcjob.jobs.jukebox import identity
from abcjob.rules import Record, Variants

if TYPE_CHECKING:
    from collections.abc import Mapping


class Event(Record):
    """What every event has."""

    event_id = within("EventId", identifier(200))
    occurred_at = within("Payload.OccurredAt", instant())


class CustomerRegistered(Event):
    """Somebody who is to have jukeboxes."""

    customer_id = within("Payload.CustomerId", id_number())
    name = within("Payload.CustomerName", text(300))
    address = within("Payload.LegalAddress", text(500))
    phone_number = within("Payload.CustomerPhoneNumber", text(50))
    identity_number = within("Payload.CustomerIdentityNumber", text(50))


class LocationRegistered(Event):
    """A place of a customer's; whom to call there is not kept (3.14)."""

    location_id = within("Payload.LocationId", id_number())
    customer_id = within("Payload.CustomerId", id_number())
    latitude = within("Payload.Latitude", degrees(90))
    longitude = within("Payload.Longitude", degrees(180))
    address = within("Payload.Address", text(500))
    contact_name = within("Payload.ContactName", text(300), is_kept=False)
    contact_phone_number = within("Payload.ContactPhoneNumber", text(50), is_kept=False)


class DeviceEvent(Event):
    """A device and its price (3.15)."""

    device_id = within("Payload.DeviceId", id_number())
    amount = within("Payload.DeviceDetails.DevicePrice", amount(14, 2, least=0))
    name = within("Payload.DeviceDetails.DeviceName", text(300))
    details_id = within(
        "Payload.DeviceDetails.Id",
        id_number(),
        is_kept=False,
        same_as=("device_id", "another_device"),
    )


class DevicePurchased(DeviceEvent):
    """A device that we bought."""


class DeviceAllocated(DeviceEvent):
    """A device that an agent gave to a location."""

    location_id = within("Payload.LocationAllocatedId", id_number())
    agent_id = within("Payload.SellingAgent.AgentId", id_number())
    agent_name = within("Payload.SellingAgent.AgentName", text(300))


class PaymentReceived(Event):
    """Money for a device, where it is known for which (3.16)."""

    payment_id = within("Payload.PaymentId", id_number())
    amount = within("Payload.PaymentAmount", amount(14, 2, least=0))
    device_id = within("Payload.DeviceId", id_number(), is_optional=True)
    customer_id = within("Payload.CustomerId", id_number(), is_optional=True)


class SongListened(Event):
    """A song played on a device, where it is known on which (3.18)."""

    song_id = within("Payload.SongId", id_number())
    is_completed = within("Payload.SongCompleted", boolean())
    device_id = within("Payload.DeviceId", id_number(), is_optional=True)


class SongPublished(Event):
    """A song that may be listened to."""

    song_id = within("Payload.SongId", id_number())
    artist_name = within("Payload.SongDetails.ArtistName", text(300))
    name = within("Payload.SongDetails.SongName", text(300))
    album_name = within("Payload.SongDetails.AlbumName", text(300))
    song_length = within("Payload.SongDetails.SongLength", integer(least=0))
    song_size = within("Payload.SongDetails.SongSizeMb", amount(10, 3, least=0))


class SongRemoved(Event):
    """A song that may be listened to no more, until it is published again (3.17)."""

    song_id = within("Payload.SongId", id_number())


class OtherEvent(Event):
    """What is of none of these types."""

    event_type = within("EventType", unknown("unknown_type"))


RECORDS: Mapping[str, type[Event]] = {
    "Sale.CustomerRegistered": CustomerRegistered,
    "Sale.LocationRegistered": LocationRegistered,
    "Sale.DeviceAllocated": DeviceAllocated,
    "Payment.PaymentReceived": PaymentReceived,
    "Music.SongListened": SongListened,
    "Music.SongPublished": SongPublished,
    "Music.SongRemoved": SongRemoved,
    "Logistic.DevicePurchased": DevicePurchased,
}


def variants(date_format: str | None) -> Variants:
    """The events.

    Args:
        date_format: another format in which times may be written, as `instant` has it.
    """
    return Variants(
        tag="EventType",
        column="event_type",
        body="Payload",
        records={name: _dated(record, date_format) for name, record in RECORDS.items()},
        other=_dated(OtherEvent, date_format),
        identify=identity.identified,
    )


def _dated(record: type[Event], also: str | None) -> type[Event]:
    """The same, whose times may be written in another format too."""
    if also is None:
        return record
    fields = {"occurred_at": within("Payload.OccurredAt", instant(also))}
    return cast("type[Event]", type(record.__name__, (record,), fields))
