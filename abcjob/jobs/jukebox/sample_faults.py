"""Lines of a sample of the job `jukebox` that are wrong, each in one way that is known.

They stand beside the right ones: where one of those were spoiled itself, all that refers to it
would wait. No two are the same, and there are few, so they are made one by one.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from abcjob.jobs.jukebox import sample_fields
from abcjob.jobs.jukebox.sample_fields import PUTS, SONG_LISTENED, TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

    Form = Callable[["Beside"], str]

LONG = 2**20 + 2**16  # bytes: a line may have 2**20
DEEP = 70  # objects and arrays in one another: 64 may be
SHIFT = timedelta(minutes=30)
_UNKNOWN_TYPES = ("Sale.DeviceReturned", "Music.SongSkipped", "Music.SongListenedTo", "Event")
_WAITING = ("unknown_customer", "unknown_location", "unknown_device", "unknown_song")


class Beside(NamedTuple):
    """The right event beside which a wrong line stands.

    Attributes:
        number: its number.
        at: when it happened, milliseconds since 1970.
        line: its line.
        turn: a number by which forms of a fault take turns.
        end: up to when events happen, as `at`.
    """

    number: int
    at: int
    line: str
    turn: int
    end: int


def line(fault: str, beside: Beside) -> str:
    """A line with a fault, one of `FAULTS`; `NO_UTF8` stands for a byte that is no UTF-8."""
    if fault in _LINES:
        return _LINES[fault](beside)
    put = PUTS[fault][beside.turn % len(PUTS[fault])]
    return _written(_envelope(put.event_type, sample_fields.spoiled(put, *_told(beside)), beside))


def _told(beside: Beside) -> tuple[int, str]:
    at = datetime.fromtimestamp(beside.at / 1_000, UTC)
    return beside.number, at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _envelope(event_type: str, payload: dict[str, Any], beside: Beside) -> dict[str, Any]:
    return {"EventId": f"w-{beside.number}", "EventType": event_type, "Payload": payload}


def _right(beside: Beside) -> dict[str, Any]:
    """An event with nothing wrong, of each type in turn."""
    event_type = TYPES[beside.turn % len(TYPES)]
    return _envelope(event_type, sample_fields.payload(event_type, *_told(beside)), beside)


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _not_json(beside: Beside) -> str:
    text = _written(_right(beside))
    forms = (
        text[: len(text) // 2],
        text[:-1],
        text + "}",
        text.replace('"', "'"),
        text.replace("}}", ",}}"),
        text.replace(":", "=", 1),
        f"no event at all, {beside.number}",
    )
    return forms[beside.turn % len(forms)]


def _not_an_object(beside: Beside) -> str:
    number = beside.number
    return _written(([_right(beside)], [number], number, f"w-{number}")[beside.turn % 4])


def _repeated_key(beside: Beside) -> str:
    """A key once more: of the envelope, of the payload, of what is in that."""
    text = _written(_right(beside))
    key, value = (
        ('"Payload":{', '"EventType":"Music.SongRemoved",'),
        ('"OccurredAt":', '"OccurredAt":"2026-01-01T00:00:00Z",'),
    )[beside.turn // len(TYPES) % 2]
    text = text.replace(key, value + key)
    inner = '"Id":'
    return text.replace(inner, f"{inner}1,{inner}") if inner in text else text


def _too_deep(beside: Beside) -> str:
    event = _right(beside)
    deep: Any = 1
    for level in range(DEEP):
        deep = [deep] if (level + beside.turn) % 2 else {"More": deep}
    event["Payload"]["Note"] = deep
    return _written(event)


def _line_too_long(beside: Beside) -> str:
    event = _right(beside)
    event["Payload"]["Note"] = "x" * LONG
    return _written(event)


def _unknown_type(beside: Beside) -> str:
    event_type = _UNKNOWN_TYPES[beside.turn % len(_UNKNOWN_TYPES)]
    payload = sample_fields.payload(SONG_LISTENED, *_told(beside))
    return _written(_envelope(event_type, payload, beside))


def _repeated(beside: Beside) -> str:
    """The same event: the same line, or one that says the same."""
    if beside.turn % 2:
        return beside.line
    event = json.loads(beside.line)
    return json.dumps(dict(reversed(event.items())), ensure_ascii=False)


def _repeated_with_other_content(beside: Beside) -> str:
    """The same EventId, half an hour earlier: it loses; a play may be later, so that it wins.

    What others refer to keeps its content, as nobody may wait for what has lost.
    """
    event = json.loads(beside.line)
    payload = event["Payload"]
    is_play, end = (
        event["EventType"] == SONG_LISTENED,
        datetime.fromtimestamp(beside.end / 1_000, UTC),
    )
    at = datetime.fromisoformat(payload["OccurredAt"])
    is_later = is_play and beside.turn % 2 == 0 and at + SHIFT < end
    payload["OccurredAt"] = (at + SHIFT if is_later else at - SHIFT).isoformat()
    if is_play:
        payload["SongCompleted"] = not payload["SongCompleted"]
    return _written(event)


_LINES: dict[str, Form] = {
    "not_json": _not_json,
    "not_an_object": _not_an_object,
    "repeated_key": _repeated_key,
    "too_deep": _too_deep,
    "line_too_long": _line_too_long,
    "unknown_type": _unknown_type,
    "repeated": _repeated,
    "repeated_with_other_content": _repeated_with_other_content,
}
# What is made wrong, by the name under which the job finds it, and what becomes of such a line.
FAULTS = {
    **dict.fromkeys((*PUTS, *_LINES), "rejected"),
    **dict.fromkeys(_WAITING, "waiting"),
    "repeated": "skipped",
}
