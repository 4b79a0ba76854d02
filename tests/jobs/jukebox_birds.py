"""Canaries in all that is personal of the job `jukebox`, and streams of events that hold them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from jukebox_events import allocated, customer, location, paid, played
from jukebox_stream import BASE

PERSONAL = {
    "Sale.CustomerRegistered": (
        "CustomerName", "LegalAddress", "CustomerPhoneNumber", "CustomerIdentityNumber",
    ),
    "Sale.LocationRegistered": ("Address", "ContactName", "ContactPhoneNumber"),
}  # fmt: skip
# Nothing else spells these: no second of the clock is the 73rd, no step of a run takes 162 s.
# Fewer digits, as those behind the point alone, stand in a duration of a run by chance.
LATITUDE, LONGITUDE = "73.481941", "162.917352"
DEGREES = ("73.4819", "162.9173", "7348194", "1629173")


@dataclass
class Birds:
    """Canaries, each of them one text.

    Attributes:
        names: all that were planted.
    """

    names: list[str] = field(default_factory=list)

    def planted(self, line: bytes, **changes: Any) -> bytes:
        """The event with one in each personal field, and with changes to its payload."""
        said = json.loads(line)
        for name in PERSONAL[said["EventType"]]:
            # Its first letter and its last two are what readers are shown of it.
            self.names.append(f"canary{len(self.names):03}{name}bird")
            said["Payload"][name] = f"X{self.names[-1]}99"
        if "Latitude" in said["Payload"]:
            said["Payload"] |= {"Latitude": LATITUDE, "Longitude": LONGITUDE}
        said["Payload"] |= changes
        return json.dumps(said).encode()

    def seen(self, *texts: str) -> list[str]:
        """Those that stand in one of the texts."""
        whole = "\n".join(texts)
        return [bird for bird in (*self.names, *DEGREES) if bird in whole]


def streams(birds: Birds) -> list[list[bytes]]:
    """What four runs read: right, wrong, waiting and beaten events; then more; then corrections.

    The second adds a few rows to many; the third has other content under a known EventId, on which
    nothing rests; the fourth another customer's, so that all is made anew.
    """
    many = [birds.planted(customer(f"many {n}", "2026-01-01", 1000 + n)) for n in range(3)]
    many += [customer(f"more {n}", "2026-01-01", 2000 + n) for n in range(300)]
    first = [
        *many,
        birds.planted(customer("c1", "2026-01-01")),
        birds.planted(location("l1", "2026-01-01")),
        *BASE[2:],
        allocated("a1", "2026-01-10"),
        paid("p1", "2026-01-12", 1, 900),
        played("m1", "2026-02-01"),
        birds.planted(customer("c2", "2026-01-02"), CustomerId="x"),
        birds.planted(location("l3", "2026-01-02"), ContactName=None),
        birds.planted(location("l4", "2026-01-02"), Longitude="west"),
        birds.planted(customer("c3", "2026-01-02"))[:-2],
        birds.planted(customer("c4", "soon")),
        birds.planted(location("waits", "2026-01-01", 30, of=9)),
        birds.planted(customer("c1", "2025-12-01")),
    ]
    second = [
        birds.planted(customer("c5", "2026-02-01", 5)),
        birds.planted(location("l5", "2026-02-01", 50, of=5)),
        birds.planted(location("waits too", "2026-02-01", 60, of=8)),
    ]
    third = [
        birds.planted(customer("c1", "2026-03-01", name="other")),
        birds.planted(location("l1", "2026-03-01")),
    ]
    fourth = [birds.planted(customer("many 0", "2026-03-01", 1999))]
    return [first, second, third, fourth]
