"""What a line of the job jukebox says, or what is wrong with it, from the contract alone.

The second reading of the rules about one line. Plain Python, and written without looking at the
job's own: what that is held against.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    Reason = tuple[str, str | None]  # the rule, and the column that it is about
    Reasons = frozenset[Reason]
    Read = Callable[[str], Any]  # a field's text to its value; raises _Wrong

LONGEST = 2**20  # bytes of a line
DEEPEST = 64  # objects and arrays inside each other, the line's own object among them
BIGINT, INTEGER = 2**63, 2**31


class Event(NamedTuple):
    """A valid event, as the row of `jukebox.event` that it is; None: of no concern to its type."""

    event_id: str
    event_type: str
    occurred_at: datetime
    customer_id: int | None = None
    location_id: int | None = None
    device_id: int | None = None
    agent_id: int | None = None
    payment_id: int | None = None
    song_id: int | None = None
    name: str | None = None
    address: str | None = None
    phone_number: str | None = None
    identity_number: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    agent_name: str | None = None
    amount: Decimal | None = None
    artist_name: str | None = None
    album_name: str | None = None
    song_length: int | None = None
    song_size: Decimal | None = None
    is_completed: bool | None = None


class _Wrong(Exception):  # noqa: N818 - not an error of ours
    def __init__(self, *rules: str) -> None:
        super().__init__(*rules)
        self.rules = rules


class _Object(dict[str, Any]):
    """A JSON object, and whether a key stands in it twice."""

    is_repeated = False


class _Field(NamedTuple):
    """A field of a payload.

    Attributes:
        column: of the event's row; empty: it has to be there, and is not kept.
        path: below `Payload`, with points.
        read: its text to its value.
        is_needed: it has to be there.
        is_trimmed: spaces around it are no part of it.
    """

    column: str
    path: str
    read: Read
    is_needed: bool = True
    is_trimmed: bool = True


def whole(text: str) -> int:
    """A whole number: ASCII digits, perhaps a sign before them."""
    if not re.fullmatch("[-+]?[0-9]+", text):
        raise _Wrong("not_an_integer")
    digits = text.lstrip("-+").lstrip("0") or "0"
    if len(digits) > 19:
        raise _Wrong("out_of_range")
    return -int(digits) if text.startswith("-") else int(digits)


def identity(text: str) -> int:
    """What something is known by."""
    found = whole(text)
    if not 0 <= found < BIGINT:
        raise _Wrong("out_of_range")
    return found


def seconds(text: str) -> int:
    """Whole seconds: below zero they are a number still."""
    found = whole(text)
    if not -INTEGER <= found < INTEGER:
        raise _Wrong("out_of_range")
    if found < 0:
        raise _Wrong("negative")
    return found


def words(longest: int) -> Read:
    """A text of so many characters."""

    def read(text: str) -> str:
        if len(text) > longest:
            raise _Wrong("too_long")
        return text

    return read


def money(digits: int, scale: int) -> Read:
    """A decimal number, not negative, exact.

    Of a comma one or two decimals may follow: three would be thousands to half of the world.
    """

    def read(text: str) -> Decimal:
        value, decimals = _decimal(re.sub(",([0-9]{1,2})$", r".\1", text))
        rules = []
        if value < 0:
            rules.append("negative")
        if len(decimals.rstrip("0")) > scale:
            rules.append("too_precise")
        if abs(value) >= 10 ** (digits - scale):
            rules.append("out_of_range")
        if rules:
            raise _Wrong(*rules)
        return value

    return read


def degrees(most: int) -> Read:
    """A decimal number from -most to most, to six places."""

    def read(text: str) -> Decimal:
        value, decimals = _decimal(text)
        if len(decimals) > 15:
            raise _Wrong("too_precise")
        if abs(value) > most:
            raise _Wrong("out_of_range")
        return value.quantize(Decimal("0.000001"), ROUND_HALF_UP)  # half away from zero

    return read


def _decimal(text: str) -> tuple[Decimal, str]:
    """The number, and its decimals as they are written, or would be without an exponent."""
    if re.fullmatch(r"[-+]?[0-9]+(?:\.[0-9]+)?[eE][-+]?[0-9]{1,3}", text):
        text = format(Decimal(text), "f")
    found = re.fullmatch(r"[-+]?[0-9]+(?:\.([0-9]+))?", text)
    if not found:
        raise _Wrong("not_a_number")
    return Decimal(text), found[1] or ""


_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    r"(?:Z|([+-])([0-9]{2})(?::?([0-9]{2}))?)?)?"
)


def instant(text: str) -> datetime:
    """A moment of the years 1900 to 9999, in UTC."""
    found = _TIME.fullmatch(text)
    if not found:
        raise _Wrong("not_a_time")
    *numbers, fraction, sign, hours, minutes = found.groups()
    year, month, day, hour, minute, second = (int(number or 0) for number in numbers)
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    micro = int((fraction or "")[:6].ljust(6, "0"))
    try:
        zone = timezone(-offset if sign == "-" else offset)
        there = datetime(year, month, day, hour, minute, second, micro, zone)
        here = there.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _Wrong("not_a_time") from None
    if here.year < 1900 or int(minutes or 0) > 59:
        raise _Wrong("not_a_time")
    return here


def truth(text: str) -> bool:
    """`true` or `false`; JSON's own come here as these texts."""
    if text not in {"true", "false"}:
        raise _Wrong("not_a_boolean")
    return text == "true"


def _text(column: str, path: str, longest: int) -> _Field:
    """A field that is taken as it is."""
    return _Field(column, path, words(longest), is_trimmed=False)


ID, AMOUNT = identity, money(14, 2)
_DEVICE = (
    _Field("device_id", "DeviceId", ID),
    _Field("amount", "DeviceDetails.DevicePrice", AMOUNT),
    _text("name", "DeviceDetails.DeviceName", 300),
    _Field("", "DeviceDetails.Id", ID),
)
FIELDS = {
    "Sale.CustomerRegistered": (
        _Field("customer_id", "CustomerId", ID),
        _text("name", "CustomerName", 300),
        _text("address", "LegalAddress", 500),
        _text("phone_number", "CustomerPhoneNumber", 50),
        _text("identity_number", "CustomerIdentityNumber", 50),
    ),
    "Sale.LocationRegistered": (
        _Field("location_id", "LocationId", ID),
        _Field("customer_id", "CustomerId", ID),
        _Field("latitude", "Latitude", degrees(90)),
        _Field("longitude", "Longitude", degrees(180)),
        _text("address", "Address", 500),
        _text("", "ContactName", 300),  # 3.14: asked for, and not kept
        _text("", "ContactPhoneNumber", 50),
    ),
    "Sale.DeviceAllocated": (
        *_DEVICE,
        _Field("location_id", "LocationAllocatedId", ID),
        _Field("agent_id", "SellingAgent.AgentId", ID),
        _text("agent_name", "SellingAgent.AgentName", 300),
    ),
    "Payment.PaymentReceived": (
        _Field("payment_id", "PaymentId", ID),
        _Field("amount", "PaymentAmount", AMOUNT),
        _Field("device_id", "DeviceId", ID, is_needed=False),
        _Field("customer_id", "CustomerId", ID, is_needed=False),
    ),
    "Music.SongListened": (
        _Field("song_id", "SongId", ID),
        _Field("is_completed", "SongCompleted", truth),
        _Field("device_id", "DeviceId", ID, is_needed=False),
    ),
    "Music.SongPublished": (
        _Field("song_id", "SongId", ID),
        _text("artist_name", "SongDetails.ArtistName", 300),
        _text("name", "SongDetails.SongName", 300),
        _text("album_name", "SongDetails.AlbumName", 300),
        _Field("song_length", "SongDetails.SongLength", seconds),
        _Field("song_size", "SongDetails.SongSizeMb", money(10, 3)),
    ),
    "Music.SongRemoved": (_Field("song_id", "SongId", ID),),
    "Logistic.DevicePurchased": _DEVICE,
}
_OCCURRED = _Field("occurred_at", "OccurredAt", instant)
_EVENT_ID = _Field("event_id", "EventId", words(200))
_EVENT_TYPE = _Field("event_type", "EventType", str, is_trimmed=False)


def understood(line: bytes, variant: str = "") -> Event | Reasons | None:
    """What a line says; or every rule that it breaks; None: it is blank.

    Args:
        line: an envelope; where there is a variant, what would be inside of it.
        variant: the type that the file says all its events are of; then their ids are left empty.
    """
    line = line.removesuffix(b"\r")
    if not line.strip(b" "):
        return None
    try:
        said = _parsed(line)
        return _bare(said, variant) if variant else _enveloped(said)
    except _Wrong as wrong:
        return frozenset((rule, None) for rule in wrong.rules)


def _enveloped(said: _Object) -> Event | Reasons:
    reasons: set[Reason] = set()
    event_id = _value(said, _EVENT_ID, "", reasons)
    event_type = _value(said, _EVENT_TYPE, "", reasons)
    if event_type is not None and event_type not in FIELDS:
        reasons.add(("unknown_type", "EventType"))
    texts = [_at(said, field.path) for field in (_EVENT_ID, _EVENT_TYPE)]
    values = _inside(said, str(event_type), "Payload.", texts, reasons)
    return frozenset(reasons) if reasons else Event(event_id, event_type, **values)


def _bare(said: _Object, event_type: str) -> Event | Reasons:
    reasons: set[Reason] = set()
    values = _inside(said, event_type, "", [], reasons)
    return frozenset(reasons) if reasons else Event("", event_type, **values)


def _inside(
    said: _Object, event_type: str, above: str, texts: list[Any], reasons: set[Reason]
) -> dict[str, Any]:
    """The values of an event's own fields, by the columns that they are kept in.

    Raises:
        _Wrong: they, or the other texts, hold what PostgreSQL's text cannot.
    """
    fields = (_OCCURRED, *FIELDS.get(event_type, ()))
    _see_storable([*texts, *(_at(said, above + field.path) for field in fields)])
    found = {field.path: _value(said, field, above, reasons) for field in fields}
    same = found.get("DeviceId"), found.get("DeviceDetails.Id")
    if None not in same and same[0] != same[1]:
        reasons.add(("another_device", f"{above}DeviceDetails.Id"))
    return {field.column: found[field.path] for field in fields if field.column}


def _parsed(line: bytes) -> _Object:
    """The line's object, in which numbers are their texts."""
    if len(line) > LONGEST:
        raise _Wrong("line_too_long")
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise _Wrong("invalid_utf8") from None
    if "\0" in text:
        raise _Wrong("nul_character")
    found, depth = _decoded(text)
    if not isinstance(found, _Object):
        raise _Wrong("not_an_object")
    if depth > DEEPEST:
        raise _Wrong("too_deep")
    if _has_repeated(found):
        raise _Wrong("repeated_key")
    return found


def _decoded(text: str) -> tuple[Any, int]:
    """What is written as JSON, and how deep it is."""
    try:
        found = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=str,
            parse_float=str,
            parse_constant=_refused,
        )
        return found, _depth(found)
    except ValueError:
        raise _Wrong("not_json") from None
    except RecursionError:
        raise _Wrong("too_deep") from None


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    found = _Object(pairs)
    found.is_repeated = len(found) < len(pairs)
    return found


def _refused(constant: str) -> None:
    raise ValueError(constant)  # NaN and the infinities are not JSON


def _held(value: Any) -> list[Any]:
    """What an object or an array holds."""
    return list(value.values()) if isinstance(value, dict) else value


def _depth(value: Any) -> int:
    if not isinstance(value, dict | list):
        return 0
    return 1 + max(map(_depth, _held(value)), default=0)


def _has_repeated(value: Any) -> bool:
    """Whether a key stands twice in an object, at any depth."""
    if not isinstance(value, dict | list):
        return False
    own = isinstance(value, _Object) and value.is_repeated
    return own or any(map(_has_repeated, _held(value)))


def _at(said: _Object, path: str) -> Any:
    """What stands there; None where there is no such place."""
    found: Any = said
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _value(said: _Object, field: _Field, above: str, reasons: set[Reason]) -> Any:
    """A field's value; None where there is none, or a wrong one."""
    path = above + field.path
    found = _at(said, path)
    if isinstance(found, bool) and field.read is truth:
        found = "true" if found else "false"
    if isinstance(found, str) and field.is_trimmed:
        found = found.strip(" ")
    if found is None or found == "":
        if field.is_needed:
            reasons.add(("missing", path))
        return None
    if not isinstance(found, str):
        reasons.add(("not_a_scalar", path))
        return None
    try:
        return field.read(found)
    except _Wrong as wrong:
        reasons.update((rule, path) for rule in wrong.rules)
        return None


def _see_storable(texts: list[Any]) -> None:
    """See that there is nothing that a text holds by its escapes, and PostgreSQL's text cannot.

    Raises:
        _Wrong: there is.
    """
    together = "".join(text for text in texts if isinstance(text, str))
    if "\0" in together:
        raise _Wrong("nul_character")
    try:
        together.encode()
    except UnicodeEncodeError:
        raise _Wrong("invalid_utf8") from None
