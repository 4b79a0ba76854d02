"""Runs of the job jukebox by chance, in a world so small that things collide."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from jukebox_answers import Asked
from jukebox_events import (
    PRODUCT,
    allocated,
    bought,
    customer,
    location,
    paid,
    played,
    published,
    removed,
)
from jukebox_lines import Event, understood
from jukebox_wrong import WRONG

if TYPE_CHECKING:
    Lines = tuple[bytes, ...]
    File = tuple[Lines, bool]  # whether it is packed

TIMES = (
    "2025-12-31T23:59:59.999999Z",
    "2026-01-01T00:00:00Z",
    "2026-01-31T12:00:00Z",
    "2026-02-01T00:00:00Z",
    "2026-02-12T08:00:00Z",
    "2026-02-20T00:00:00Z",
)
DAYS = (date(2026, 1, 31), date(2026, 2, 12), date(2026, 3, 31))
PRODUCTS = (PRODUCT, "PartyBox")

TIME = st.sampled_from(TIMES)
CUSTOMER, LOCATION = st.sampled_from((1, 1, 2)), st.sampled_from((10, 10, 20, 30))
DEVICE, AGENT = st.sampled_from((100, 100, 200, 300)), st.sampled_from((7, 8))
SONG, PAYMENT = st.sampled_from((50, 50, 51)), st.sampled_from((1, 2, 3, 4))
NAME = st.sampled_from(("A", "B"))
PRICE = st.sampled_from((0, 100, 100, 150.5))
AMOUNT = st.sampled_from((0, 50, 50, 100, "33.33", 200))


def own(letter: str) -> st.SearchStrategy[str]:
    """An EventId: mostly of one type, now and then of any; capitals come before small letters."""
    of_type = st.sampled_from([f"{letter}{number}" for number in range(12)])
    return st.integers(0, 9).flatmap(lambda n: st.sampled_from("xÉ") if n == 9 else of_type)


EVENTS = (
    st.builds(customer, own("c"), TIME, CUSTOMER, NAME),
    st.builds(location, own("L"), TIME, LOCATION, CUSTOMER, NAME),
    st.builds(bought, own("b"), TIME, DEVICE, PRICE, st.sampled_from(PRODUCTS)),
    st.builds(
        allocated,
        own("A"),
        TIME,
        DEVICE,
        PRICE,
        to=LOCATION,
        agent=st.tuples(AGENT, NAME),
        name=st.sampled_from(PRODUCTS),
    ),
    st.builds(
        paid, own("p"), TIME, PAYMENT, AMOUNT, st.none() | DEVICE, by=st.none() | CUSTOMER
    ),
    st.builds(published, own("s"), TIME, SONG, NAME, NAME, NAME),
    st.builds(removed, own("r"), TIME, SONG),
    st.builds(
        played,
        own("m"),
        TIME,
        st.none() | DEVICE | DEVICE,
        song=SONG,
        is_completed=st.sampled_from((True, True, False)),
    ),
)  # fmt: skip
ALLOCATION, PAID, PLAYED = EVENTS[3], EVENTS[4], EVENTS[7]

# Most of what others refer to is there, sooner or later.
COMMON = (
    customer("c0", TIMES[1], 1),
    customer("c1", TIMES[1], 2),
    location("L0", TIMES[1], 10, 1),
    location("L1", TIMES[1], 20, 2),
    bought("b0", TIMES[1], 100, 60),
    published("s0", TIMES[1], 50),
    allocated("A0", TIMES[2], 100, 100),
    allocated("A1", TIMES[1], 200, 50, to=20, agent=(8, "B"), name="PartyBox"),
)


def usurping(line: bytes, other: bytes, at: str) -> bytes:
    """An event at another time, under the EventId of another one."""
    said = json.loads(line)
    said["EventId"] = json.loads(other)["EventId"]
    said["Payload"]["OccurredAt"] = at
    return json.dumps(said).encode()


def otherwise(line: bytes) -> bytes:
    """The same event, written in another way."""
    said = json.loads(line)
    if not isinstance(said, dict) or len(line) > 2_000:
        return line
    text = json.dumps(_turned(said), separators=(" ,", ":\t"))
    return text.encode()


def _turned(said: dict[str, Any]) -> dict[str, Any]:
    """Keys in another order, ids as text, times by another offset, and a field nobody asked for."""
    turned: dict[str, Any] = {"More": {"more": [1, {}]}}
    for key, value in reversed(said.items()):
        if isinstance(value, dict):
            turned[key] = _turned(value)
        elif key.endswith("Id") and isinstance(value, int):
            turned[key] = f"0{value}"
        elif key == "OccurredAt":
            turned[key] = value.removesuffix("T00:00:00Z").replace("Z", "+00")
        else:
            turned[key] = value
    return turned


@dataclass(frozen=True)
class Run:
    """What a run is given: its files, each as lines, plain or packed."""

    files: tuple[tuple[Lines, bool], ...]

    @property
    def contents(self) -> list[bytes]:
        """The files as they lie there, none of them twice."""
        found = []
        for lines, is_packed in self.files:
            text = b"".join(line + b"\n" for line in lines)
            found.append(gzip.compress(text, mtime=0) if is_packed else text)
        return list(dict.fromkeys(found))

    @property
    def lines(self) -> list[bytes]:
        """All lines."""
        return [line for lines, _ in self.files for line in lines]


@st.composite
def events(draw: st.DrawFn) -> list[bytes]:
    """Right events, of which none has the EventId and the moment of another one."""
    most = st.sampled_from((*EVENTS, ALLOCATION, PAID, PAID, PAID, PLAYED, PLAYED, PLAYED)).flatmap(
        lambda one: one
    )
    drawn = [line for line in COMMON if draw(st.integers(0, 15)) < 15]
    drawn += draw(st.lists(most, min_size=16, max_size=32))
    some = st.sampled_from(drawn)
    victim = st.sampled_from(COMMON) | some
    drawn += [usurping(*pair) for pair in draw(st.lists(st.tuples(some, victim, TIME), max_size=3))]
    by_key: dict[object, bytes] = {}
    for line in drawn:
        event = understood(line)
        assert isinstance(event, Event)
        by_key.setdefault((event.event_id, event.occurred_at), line)
    return list(by_key.values())


WRONG_LINES = [line for line in WRONG if line.startswith(b"{") and len(line) < 2_000]


@st.composite
def sequences(draw: st.DrawFn) -> list[Run]:
    """One to five runs: events that are right, wrong, orphans, repeated, and in any order."""
    count = draw(st.sampled_from((3, 1, 2, 4, 5)))
    chance = random.Random(draw(st.integers(0, 2**32)))  # noqa: S311 - what is drawn late is plain
    right = draw(events())
    again = draw(st.lists(st.sampled_from(right), max_size=6))
    wrong = draw(st.lists(st.sampled_from([*WRONG_LINES, b"", b"  "]), max_size=4))
    lines = [*right, *map(otherwise, again), *again[:2], *wrong]
    chance.shuffle(lines)
    shares: list[list[bytes]] = [[] for _ in range(count)]
    for line in lines:
        chance.choice(shares).append(line)
    sent: list[File] = []
    runs = [_run(share, sent, chance) for share in shares]
    return [run for run in runs if run.files]


def _run(lines: list[bytes], sent: list[File], chance: random.Random) -> Run:
    """New lines in one file or two; maybe beside a file, or some lines, that were sent before."""
    cut = chance.choice((0, 0, len(lines) // 2))
    parts = [lines[:cut], lines[cut:]]
    old = [line for lines, _ in sent for line in lines]
    if old and chance.random() < 1 / 3:
        parts.append(chance.choices(old, k=8))
    found = [headed(part) for part in parts if part]
    files = [(part, chance.random() < 1 / 3) for part in found if part]
    if sent and chance.random() < 1 / 3:
        files.append(chance.choice(sent))
    sent += files
    return Run(tuple(files))


def headed(lines: list[bytes]) -> Lines:
    """The lines, one that may be an event first, as the others tell little of what a file is.

    None, where there is no such line.
    """
    found = sorted(lines, key=lambda line: not line.startswith(b"{"))
    return tuple(found) if found[0].startswith(b"{") else ()


def asked() -> st.SearchStrategy[Asked]:
    """What KPIs are asked for."""
    return st.builds(
        Asked, st.sampled_from(DAYS), st.sampled_from((*PRODUCTS, "None")), st.booleans()
    )
