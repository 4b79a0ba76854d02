"""Files of events as programs write them, nearly all right; some lines are damaged."""

from __future__ import annotations

import json
import random
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import strategies as st
from jukebox_lines import AMOUNT, FIELDS, ID, instant, seconds, truth

if TYPE_CHECKING:
    from collections.abc import Sequence

    Fields = dict[str, Any]  # by path, with points

GONE = object()
ODD: tuple[Any, ...] = (
    None, True, False, [], [1], {}, {"Id": {"a": [1]}}, "", " ", "\0", "\ud800", "x", "\u0663", -1,
    1.5, "1e3", 10**400, float("nan"), "true", "\n", "é" * 301, "é" * 51, "a" * 201, '"', "\\",
    "+", "-", " 7 ", "+7", "007", "-0", "-7", "7,5", "2026-01-01",
)  # fmt: skip
IDS = st.one_of(
    st.integers(0, 20),
    st.integers(0, 20).map(str),
    st.integers(2**63 - 2, 2**63 + 1),
    st.sampled_from(["007", " 7 ", "+7", "-0", "0" * 40 + "1", str(2**64), "9" * 19]),
)
AMOUNTS = st.one_of(
    st.integers(0, 10**6),
    st.decimals(0, 10**12, places=2).map(str),
    st.floats(0, 1000).map(lambda one: round(one, 2)),
    st.sampled_from([1e-7, "1,5", "1.500", "1.0005", "0012.5", 10**12, "999999999999.99", "-0.00"]),
    st.sampled_from(
        [-0.01, -1.005, 10**7, 9999999.999, "9999999.9994", 1e300, "-1e3", "1_0", "1.5e1"]
    ),
)
ANGLES = st.one_of(
    st.floats(-90, 90).map(lambda one: round(one, 6)),
    st.floats(-181, 181),
    st.decimals(-91, 91, places=7).map(str),
    st.sampled_from([90, -90, 90.000001, "180.0", "-180.000001", "0045.5", "1.0000005", "-0.5e1"]),
    st.sampled_from(["1.123456789012345", "1.1234567890123456", "1.0000000000000000", "99.5"]),
)
LENGTHS = st.one_of(
    st.integers(0, 600), st.sampled_from([-1, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, "215"])
)
WORDS = st.one_of(
    st.text("aZ9é -_,:{}[]", min_size=1, max_size=6),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=4),
    st.sampled_from(["Payload", "DeviceId", ",", "\x7f", "\t", "é" * 50, "12", 12, 1.50]),
)
TRUTHS = st.sampled_from([True, False, True, False, "true", "false", "True", 1, "yes"])
MOMENTS = st.datetimes(datetime(1899, 12, 31), datetime(9999, 12, 31, 23, 59, 59))  # noqa: DTZ001


@st.composite
def times(draw: st.DrawFn) -> str:
    """A moment in one of the forms that it may have, or nearly so."""
    day, clock = draw(MOMENTS).isoformat(timespec="microseconds").split("T")
    if draw(st.booleans()):
        return f"{day}T{clock[:8]}Z"
    length = draw(st.sampled_from([0, 5, 8, 8, 10, 12, 15, 15]))
    text = f"{day}{draw(st.sampled_from('TTT t'))}{clock[:length]}" if length else day
    text += draw(st.sampled_from(["", "", "", "", "00", "789", "7890"])) if length == 15 else ""
    text += draw(st.sampled_from(["", "Z", "Z", "+00:00", "+01:30", "-1130", "+05", "+24", "z"]))
    at = draw(st.integers(0, len(text) - 1))
    if draw(st.integers(0, 9)) == 0:
        text = text[:at] + draw(st.sampled_from("0369 :-.,")) + text[at + 1 :]
    return text if draw(st.integers(0, 19)) else f" {text} "


KINDS: dict[Any, st.SearchStrategy[Any]] = {
    ID: IDS,
    AMOUNT: AMOUNTS,
    seconds: LENGTHS,
    truth: TRUTHS,
    instant: times(),
}
OTHERS = {"SongDetails.SongSizeMb": AMOUNTS, "Latitude": ANGLES, "Longitude": ANGLES}
PLAIN = {
    ID: st.integers(0, 20),
    AMOUNT: st.integers(0, 10**6).map(lambda cents: cents / 100),
    seconds: st.integers(0, 600),
    truth: st.booleans(),
    instant: MOMENTS.map(lambda one: f"{one.isoformat()}Z"),
}
PLAIN_OTHERS = {
    "SongDetails.SongSizeMb": PLAIN[AMOUNT],
    "Latitude": st.integers(-899, 899).map(lambda one: one / 10),
    "Longitude": st.integers(-1799, 1799).map(lambda one: one / 10),
}
PLAIN_WORDS = st.text("aZ9 -", min_size=1, max_size=6)


class Style(NamedTuple):
    """How a program writes its events.

    Attributes:
        seed: of the order of keys.
        extra: where it puts fields that nobody asked for.
        lacks: what it leaves out where that is unknown; else it is null.
        is_text: numbers are texts.
    """

    separators: tuple[str, str]
    is_ascii: bool
    seed: int
    extra: tuple[str, ...]
    lacks: bool
    is_text: bool


STYLES = st.builds(
    Style,
    st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " : ")]),
    st.booleans(),
    st.integers(0, 3),
    st.sampled_from([(), (), ("More",), ("Payload.More", "A"), ('Payload.O"', "Payload.More.Id")]),
    st.booleans(),
    st.booleans(),
)
PIECES = st.one_of(
    st.binary(max_size=3),
    st.sampled_from([bytes([code]) for code in b'{}[]",:\\ \r0.-+e']),
    st.sampled_from(
        [b"NaN", b"\\u0000", b"\\ud800", b'"SongId":1,', b"007", b"\r", b'"EventId":"e",', b"null"]
    ),
)


@st.composite
def written(draw: st.DrawFn, variant: str = "") -> list[bytes]:
    """Lines, none of which has an end; of bare events where there is a variant."""
    style = draw(STYLES)
    types = [variant] if variant else draw(st.lists(st.sampled_from([*FIELDS]), min_size=1))[:2]
    return [
        draw(one_line(style, draw(st.sampled_from(types)), is_bare=bool(variant)))
        for _ in range(draw(st.integers(0, 8)))
    ]


@st.composite
def one_line(draw: st.DrawFn, style: Style, event_type: str, *, is_bare: bool) -> bytes:
    """An event: half of them are plain."""
    fields = draw(payload(event_type, style, is_plain=draw(st.booleans())))
    if not is_bare:
        fields = {f"Payload.{path}": value for path, value in fields.items()}
        fields["EventId"] = draw(st.integers(0, 10**6).map("e-{}".format) | WORDS)
        fields["EventType"] = event_type
    if draw(st.integers(0, 9)) == 0:
        path = draw(st.sampled_from(sorted(fields)))
        fields[path] = draw(st.sampled_from(ODD) | st.just(GONE))
    if draw(st.integers(0, 39)) == 0:
        fields["EventType"] = draw(st.sampled_from(["Music.SongSkipped", " Music.SongRemoved", 5]))
    fields |= {path: draw(st.sampled_from(ODD)) for path in style.extra}
    if draw(st.integers(0, 29)) == 0:  # the place of an object is taken
        fields["Payload.DeviceDetails"] = fields["Payload"] = draw(st.sampled_from(ODD))
    return draw(damaged(text_of(fields, style)))


@st.composite
def payload(draw: st.DrawFn, event_type: str, style: Style, *, is_plain: bool) -> Fields:
    """The fields of an event, by path; what is unknown is left out or null."""
    found: Fields = {"OccurredAt": draw(PLAIN[instant] if is_plain else KINDS[instant])}
    kinds, others, words = (
        (PLAIN, PLAIN_OTHERS, PLAIN_WORDS) if is_plain else (KINDS, OTHERS, WORDS)
    )
    for field in FIELDS[event_type]:
        kind = others.get(field.path, kinds.get(field.read, words))
        found[field.path] = draw(kind)
        if not field.is_needed and draw(st.booleans()):
            found[field.path] = GONE if style.lacks else None
    if "DeviceDetails.Id" in found and draw(st.integers(0, 9)):
        found["DeviceDetails.Id"] = found["DeviceId"]
    if style.is_text:
        is_number = (int, float)
        found |= {
            path: str(value)
            for path, value in found.items()
            if isinstance(value, is_number) and not isinstance(value, bool)
        }
    return found


def text_of(fields: Fields, style: Style) -> bytes:
    """The fields as JSON, keys in the style's order."""
    said: dict[str, Any] = {}
    for path, value in fields.items():
        *above, last = path.split(".")
        place = said
        for name in above:
            inner = place.setdefault(name, {})
            place = inner if isinstance(inner, dict) else {}
        if value is not GONE:
            place[last] = value
    ordered = turned(said, random.Random(style.seed)) if style.seed else said  # noqa: S311
    text = json.dumps(ordered, ensure_ascii=style.is_ascii, separators=style.separators)
    return text.encode(errors="surrogatepass")


def turned(said: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same with its keys in another order, at any depth."""
    keys: Sequence[str] = chance.sample(list(said), len(said))
    return {
        key: turned(said[key], chance) if isinstance(said[key], dict) else said[key] for key in keys
    }


@st.composite
def damaged(draw: st.DrawFn, line: bytes) -> bytes:
    """A line, now and then with something else in the midst of it."""
    if draw(st.integers(0, 7)):
        return line
    at = draw(st.integers(0, len(line)))
    return line[:at] + draw(PIECES) + line[at + draw(st.integers(0, 2)) :]
