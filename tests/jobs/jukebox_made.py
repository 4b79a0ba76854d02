"""A sample of the job jukebox, written and read again: its lines, and the events that are right."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from jukebox_oracle import BEATEN, judged

from abcjob.jobs.jukebox import sample
from abcjob.jobs.jukebox.sample_parameters import SampleParameters

DAY = date(2026, 11, 20)


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
    at = datetime.fromisoformat(payload["OccurredAt"])
    return Event(int(event["EventId"][2:]), event["EventType"], at, payload)


def accepted(lines: list[bytes]) -> tuple[list[Event], Counter[str]]:
    """The events that are accepted, as they come, and what is wrong with the other lines."""
    fates = judged(lines).fates
    events, faults, seen = [], Counter[str](), set()
    for line in lines:
        state, reasons = fates[line]
        is_event = state != "rejected" or reasons == BEATEN
        if state == "skipped" or (is_event and line in seen):
            faults["repeated"] += 1
        elif state == "loaded":
            events.append(read(line))
        else:
            [(rule, _)] = reasons
            faults[rule] += 1
        seen.add(line)
    return events, faults


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
