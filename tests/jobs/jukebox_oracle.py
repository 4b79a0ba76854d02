"""What lines of the job jukebox come to, whatever their order, from the brief alone.

The second reading of the rules about several events, and of the tables made of them. Plain Python,
no frame, no SQL, and written without looking at the job's own: what that is held against. All lines
ever sent are judged together, every time; nothing is remembered.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from jukebox_lines import Event, understood

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from decimal import Decimal

    from jukebox_lines import Reasons

    Row = tuple[Any, ...]
    Fate = tuple[str, Reasons]  # loaded, skipped, rejected or waiting; and why
    Key = tuple[datetime, str]  # the greater is the later

BEATEN: Reasons = frozenset({("repeated_with_other_content", "event_id")})
WELL: Reasons = frozenset()
PRICED = {"Sale.DeviceAllocated", "Logistic.DevicePurchased"}  # they make a device known

# What a column refers to: the types that make it known, and the rule where none has.
REFERENCES = {
    "customer_id": ({"Sale.CustomerRegistered"}, "unknown_customer"),
    "location_id": ({"Sale.LocationRegistered"}, "unknown_location"),
    "device_id": (PRICED, "unknown_device"),
    "song_id": ({"Music.SongPublished"}, "unknown_song"),
}
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "event": Event._fields,
    "customers": (
        "id", "name", "legal_address", "phone_number", "identity_number", "updated_at", "event_id",
    ),
    "locations": (
        "id", "customer_id", "latitude", "longitude", "address", "updated_at", "event_id",
    ),
    "agents": ("id", "name", "updated_at", "event_id"),
    "devices": (
        "id", "name", "purchase_cost", "purchased_at", "purchase_event_id", "sale_price",
        "allocated_at", "allocation_event_id",
    ),
    "allocations": (
        "id", "device_id", "location_id", "agent_id", "price", "starts_at", "ends_at", "event_id",
    ),
    "payments": ("id", "device_id", "customer_id", "amount", "received_at", "event_id"),
    "artists": ("id", "name"),
    "albums": ("id", "artist_id", "name"),
    "songs": (
        "id", "album_id", "name", "length", "size", "is_removed", "updated_at", "event_id",
    ),
    "songs_played": ("event_id", "song_id", "device_id", "played_at", "is_completed"),
    "agent_days": ("begins_at", "agent_id", "songs_played", "songs_completed"),
    "sales": ("allocation_id", "device_id", "price", "received", "sold_at"),
}  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """What becomes of a set of lines.

    Attributes:
        fates: of each distinct line; of lines that say the same, the first one's is the event's.
        accepted: the events that are loaded.
        waiting: those that refer to what no accepted event makes known, and why.
        beaten: those of which another one has the EventId.
    """

    fates: Mapping[bytes, Fate]
    accepted: frozenset[Event]
    waiting: Mapping[Event, Reasons]
    beaten: frozenset[Event]

    @property
    def wrong(self) -> Mapping[bytes, Reasons]:
        """The lines that are no valid events, and why."""
        return {
            line: reasons
            for line, (state, reasons) in self.fates.items()
            if state == "rejected" and reasons != BEATEN
        }


def judged(lines: Iterable[bytes]) -> Judged:
    """What becomes of all the lines that were ever sent.

    Of events under one EventId the later one wins. Where these are of the same moment, the rule is
    nobody's business: such lines are not for this oracle.

    Args:
        lines: without their line feeds; any of them may come again.
    """
    said = {line: understood(line) for line in lines}
    valid = {event for event in said.values() if isinstance(event, Event)}
    winners = _winners(valid)
    accepted, waiting = _accepted(winners)
    fates: dict[bytes, Fate] = {}
    seen: set[Event] = set()
    for line, event in said.items():
        if event is None:
            fates[line] = "skipped", WELL
        elif not isinstance(event, Event):
            fates[line] = "rejected", event
        elif event not in winners:
            fates[line] = "rejected", BEATEN
        elif event in seen:
            fates[line] = "skipped", WELL
        else:
            seen.add(event)
            is_loaded = event in accepted
            fates[line] = ("loaded", WELL) if is_loaded else ("waiting", waiting[event])
    return Judged(fates, accepted, waiting, frozenset(valid - winners))


def _winners(valid: set[Event]) -> set[Event]:
    """Of events under one EventId, the later one."""
    best: dict[str, Event] = {}
    for event in valid:
        other = best.setdefault(event.event_id, event)
        assert other == event or other.occurred_at != event.occurred_at, "a tie under one EventId"
        if event.occurred_at > other.occurred_at:
            best[event.event_id] = event
    return set(best.values())


def _accepted(winners: set[Event]) -> tuple[frozenset[Event], dict[Event, Reasons]]:
    """Those that refer to what is known, until no more become known; and the others, with why.

    What waits makes nothing known.
    """
    accepted: set[Event] = set()
    waiting = winners
    while waiting:
        known = {
            (column, getattr(event, column))
            for event in accepted
            for column, (types, _) in REFERENCES.items()
            if event.event_type in types
        }
        unknown = {event: _unknown(event, known) for event in waiting}
        ready = {event for event, reasons in unknown.items() if not reasons}
        if not ready:
            return frozenset(accepted), unknown
        accepted |= ready
        waiting = waiting - ready
    return frozenset(accepted), {}


def _unknown(event: Event, known: set[tuple[str, int]]) -> Reasons:
    """The references of an event that lead nowhere."""
    return frozenset(
        (rule, column)
        for column, (types, rule) in REFERENCES.items()
        if event.event_type not in types  # it makes that known by itself
        and getattr(event, column) is not None
        and (column, getattr(event, column)) not in known
    )


def later(event: Event) -> Key:
    """The later of two events has the greater one; EventIds are compared by code point."""
    return event.occurred_at, event.event_id


def latest(events: Iterable[Event], key: str) -> dict[int, Event]:
    """The latest event for each value of a column."""
    return {getattr(event, key): event for event in sorted(events, key=later)}


def surrogate(text: str) -> int:
    """The first 64 bits of SHA-256, the first of them cleared."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:16], 16) % 2**63


def tables(accepted: Iterable[Event]) -> dict[str, list[Row]]:
    """The rows of every table, in order; columns as `COLUMNS`."""
    by_type: dict[str, list[Event]] = {}
    for event in sorted(accepted, key=later):
        by_type.setdefault(event.event_type, []).append(event)

    def of(kind: str) -> list[Event]:
        return by_type.get(kind, [])

    told = latest(of("Payment.PaymentReceived"), "payment_id").values()
    payments = [
        (e.payment_id, e.device_id, e.customer_id, e.amount, e.occurred_at, e.event_id)
        for e in told
    ]
    allocations = _allocations(of("Sale.DeviceAllocated"))
    rows: dict[str, list[Row]] = {
        "event": list(map(tuple, accepted)),
        "customers": [
            (
                e.customer_id, e.name, e.address, e.phone_number, e.identity_number, e.occurred_at,
                e.event_id,
            )
            for e in latest(of("Sale.CustomerRegistered"), "customer_id").values()
        ],
        "locations": [
            (
                e.location_id, e.customer_id, e.latitude, e.longitude, e.address, e.occurred_at,
                e.event_id,
            )
            for e in latest(of("Sale.LocationRegistered"), "location_id").values()
        ],
        "agents": [
            (e.agent_id, e.agent_name, e.occurred_at, e.event_id)
            for e in latest(of("Sale.DeviceAllocated"), "agent_id").values()
        ],
        "devices": _devices(of("Logistic.DevicePurchased"), of("Sale.DeviceAllocated")),
        "allocations": allocations,
        "payments": payments,
        "songs": _songs(of("Music.SongPublished"), of("Music.SongRemoved")),
        "songs_played": [
            (e.event_id, e.song_id, e.device_id, e.occurred_at, e.is_completed)
            for e in of("Music.SongListened")
        ],
        "agent_days": _agent_days(allocations, of("Music.SongListened")),
        "sales": _sales(allocations, payments),
    }  # fmt: skip
    rows["artists"], rows["albums"] = _works(of("Music.SongPublished"))
    return {table: sorted(rows[table]) for table in COLUMNS}


def _devices(bought: list[Event], allocated: list[Event]) -> list[Row]:
    """Each device as last bought, and as last allocated; its name by the later of both."""
    purchases, allocations = latest(bought, "device_id"), latest(allocated, "device_id")
    names = latest([*bought, *allocated], "device_id")
    return [
        (device, names[device].name, *_terms(purchases, device), *_terms(allocations, device))
        for device in names
    ]


def _terms(events: Mapping[int, Event], device: int) -> Row:
    """The price, when, and which event says so."""
    event = events.get(device)
    return (event.amount, event.occurred_at, event.event_id) if event else (None, None, None)


def _allocations(events: list[Event]) -> list[Row]:
    """A row for each; it ends where the device's next begins."""
    rows: list[Row] = []
    begins: dict[int | None, datetime] = {}  # of the next one of each device
    for e in sorted(events, key=later, reverse=True):
        rows.append(
            (
                surrogate(e.event_id), e.device_id, e.location_id, e.agent_id, e.amount,
                e.occurred_at, begins.get(e.device_id), e.event_id,
            )
        )  # fmt: skip
        begins[e.device_id] = e.occurred_at
    return rows


def _works(published: list[Event]) -> tuple[list[Row], list[Row]]:
    """All artists and albums that a song was ever published of."""
    artists = {(surrogate(str(e.artist_name)), e.artist_name) for e in published}
    albums = {
        (
            surrogate(f"{e.artist_name}\n{e.album_name}"),
            surrogate(str(e.artist_name)),
            e.album_name,
        )
        for e in published
    }
    return list(artists), list(albums)


def _songs(published: list[Event], removed: list[Event]) -> list[Row]:
    """Each as last published; removed, if that is what was last said of it."""
    last = latest([*published, *removed], "song_id")
    return [
        (
            song, surrogate(f"{e.artist_name}\n{e.album_name}"), e.name, e.song_length, e.song_size,
            last[song] != e, last[song].occurred_at, last[song].event_id,
        )
        for song, e in latest(published, "song_id").items()
    ]  # fmt: skip


def _agent_days(allocations: list[Row], plays: list[Event]) -> list[Row]:
    """How many songs, and how many to their end, were played on a day on an agent's devices."""
    played: Counter[tuple[datetime, int]] = Counter()
    completed: Counter[tuple[datetime, int]] = Counter()
    for play in plays:
        at = play.occurred_at.astimezone(UTC)
        for _, device, _, agent, _, starts_at, ends_at, _ in allocations:
            if device == play.device_id and starts_at <= at and (not ends_at or at < ends_at):
                day = (at.replace(hour=0, minute=0, second=0, microsecond=0), agent)
                played[day] += 1
                completed[day] += bool(play.is_completed)
    return [(*day, played[day], completed[day]) for day in played]


def _sales(allocations: list[Row], payments: list[Row]) -> list[Row]:
    """The allocations of which the payments reach the price."""
    paid: dict[int, list[tuple[datetime, int, Decimal]]] = {}
    for payment, device, _, amount, received_at, _ in payments:
        if (allocation := _paid_for(device, received_at, allocations)) is not None:
            paid.setdefault(allocation, []).append((received_at, payment, amount))
    rows: list[Row] = []
    for key, device, _, _, price, starts_at, _, _ in allocations:
        received, reached_at = price * 0, None
        for received_at, _, amount in sorted(paid.get(key, [])):
            received += amount
            if reached_at is None and received >= price > 0:
                reached_at = received_at
        if received >= price:
            rows.append((key, device, price, received, max(starts_at, reached_at or starts_at)))
    return rows


def _paid_for(device: int | None, at: datetime, allocations: list[Row]) -> int | None:
    """The allocation of a device in force at a moment, or its first one; None: it has none."""
    own = sorted(
        (starts_at, e, key) for key, d, _, _, _, starts_at, _, e in allocations if d == device
    )
    if device is None or not own:
        return None
    begun = [key for starts_at, _, key in own if starts_at <= at]
    return int(begun[-1] if begun else own[0][2])
