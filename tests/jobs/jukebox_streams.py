"""Streams of the job jukebox worked out by hand: what is sent, and what it must come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from jukebox_answers import Asked
from jukebox_events import (
    allocated,
    bought,
    customer,
    line,
    location,
    paid,
    played,
    published,
    removed,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    Row = tuple[Any, ...]
    Lines = tuple[bytes, ...]

END = date(2026, 3, 31)
USUAL = Asked(END)


@dataclass(frozen=True)
class Stream:
    """What is sent, and what must be there then.

    Attributes:
        requirement: what it shows.
        runs: the lines of each run.
        tables: rows by table and columns, `sales: device_id price`; in any order.
        kpis: all rows of a KPI, in order.
        kept: state and rules of events that are not loaded, by EventId.
        asked: what the KPIs are asked for.
    """

    requirement: str
    runs: tuple[Lines, ...]
    tables: Mapping[str, list[Row]] = field(default_factory=dict)
    kpis: Mapping[str, list[Row]] = field(default_factory=dict)
    kept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    asked: Asked = USUAL


def cents(text: str) -> Decimal:
    """An amount that is not whole."""
    return Decimal(text)


def quiet(month: str, first: int, last: int, mean: object) -> list[Row]:
    """Days of a month without any cash, and of one mean."""
    return [(f"{month}-{day:02}", 0, mean) for day in range(first, last + 1)]


# A customer with two locations, a device and a song; nothing has happened yet.
BASE = (
    customer("c1", "2026-01-01"),
    location("l1", "2026-01-01", 10),
    location("l2", "2026-01-01", 20, address="3 Mill Lane"),
    bought("b1", "2026-01-02"),
    published("s1", "2026-01-01"),
)
A1 = allocated("a1", "2026-01-10")  # of device 100, for 900, by agent 7
LINUS = (8, "Linus")
SOLD = "sales: device_id price received sold_at"
ALLOCATED = "allocations: event_id device_id location_id agent_id price starts_at ends_at"

MONEY = {
    "instalments": Stream(
        "3.20: a device is sold when its payments together reach its price, at the last of them",
        (
            (
                *BASE,
                A1,
                paid("p1", "2026-01-12T10:00:00Z", 1, 300),
                paid("p2", "2026-02-12T10:00:00Z", 2, 300.00),
                paid("p3", "2026-03-12T10:00:00Z", 3, "300.00"),
            ),
        ),
        {SOLD: [(100, 900, 900, "2026-03-12 10:00:00")]},
        {"total_sales": [(1, 900)], "expected_cash": [(100, "MusicMaker3000", 900, 900, 0)]},
    ),
    "not paid off": Stream(
        "3.1, 3.6: a cent less is no sale, and is still due",
        ((*BASE, A1, paid("p1", "2026-01-12", 1, 899.99)),),
        {SOLD: []},
        {
            "total_sales": [(0, 0)],
            "product_sales": [],
            "expected_cash": [(100, "MusicMaker3000", 900, cents("899.99"), cents("-0.01"))],
        },
    ),
    "an exact payment": Stream(
        "3.20: one payment of the price is a sale",
        ((*BASE, A1, paid("p1", "2026-01-12T08:30", 1, 900)),),
        {SOLD: [(100, 900, 900, "2026-01-12 08:30:00")]},
        {"product_sales": [("2026-01", "MusicMaker3000", 1, 1)]},
    ),
    "an overpayment": Stream(
        "3.6, 3.20: all that was received counts, and the date is when the price was reached",
        (
            (
                *BASE,
                A1,
                paid("p1", "2026-01-12", 1, 500),
                paid("p2", "2026-01-13", 2, 450.50),
                paid("p3", "2026-01-14", 3, 100),
            ),
        ),
        {SOLD: [(100, 900, cents("1050.50"), "2026-01-13 00:00:00")]},
        {
            "total_sales": [(1, 900)],
            "expected_cash": [(100, "MusicMaker3000", 900, cents("1050.50"), cents("150.50"))],
        },
    ),
    "a payment before the allocation": Stream(
        "3.20, 3.21: it counts for the first allocation, and the sale is of the allocation's date",
        ((*BASE, paid("p1", "2026-01-05", 1, 900), A1),),
        {SOLD: [(100, 900, 900, "2026-01-10 00:00:00")]},
    ),
    "a price of nothing": Stream(
        "3.20: what costs nothing is sold when it is allocated",
        ((*BASE, allocated("a1", "2026-01-10", price=0)),),
        {SOLD: [(100, 0, 0, "2026-01-10 00:00:00")]},
        {
            "total_sales": [(1, 0)],
            "expected_cash": [(100, "MusicMaker3000", 0, 0, 0)],
            "cash_received": [],
        },
    ),
    "a price of nothing, and a payment": Stream(
        "3.20: ... also where somebody pays for it",
        ((*BASE, allocated("a1", "2026-01-10", price=0), paid("p1", "2026-02-10", 1, 5)),),
        {SOLD: [(100, 0, 5, "2026-01-10 00:00:00")]},
        {"expected_cash": [(100, "MusicMaker3000", 0, 5, 5)]},
    ),
    "two payments of one moment": Stream(
        "3.20: the running sum goes by time, then by payment; both are there at that moment",
        (
            (
                *BASE,
                A1,
                paid("p1", "2026-01-12", 2, 500),
                paid("p2", "2026-01-12", 1, 500),
                paid("p3", "2026-01-13", 3, 1),
            ),
        ),
        {SOLD: [(100, 900, 1001, "2026-01-12 00:00:00")]},
    ),
    "two devices of one customer": Stream(
        "3.6, 3.20: each payment counts for the device it names, whoever pays",
        (
            (
                *BASE,
                bought("b2", "2026-01-03", 200, 250, "PartyBox"),
                A1,
                allocated("a2", "2026-01-11", 200, 600, name="PartyBox"),
                paid("p1", "2026-01-12", 1, 600, 100, by=1),
                paid("p2", "2026-01-13", 2, 600, 200, by=1),
                paid("p3", "2026-01-14", 3, 250, 100, by=1),
            ),
        ),
        {
            SOLD: [(200, 600, 600, "2026-01-13 00:00:00")],
            "payments: id device_id customer_id amount": [
                (1, 100, 1, 600),
                (2, 200, 1, 600),
                (3, 100, 1, 250),
            ],
        },
        {
            "expected_cash": [
                (100, "MusicMaker3000", 900, 850, -50),
                (200, "PartyBox", 600, 600, 0),
            ]
        },
    ),
    "a device allocated again": Stream(
        "3.2, 3.6, 3.20: payments and plays belong to the allocation in force at their time",
        (
            (
                *BASE,
                A1,
                allocated("a2", "2026-02-10T12:00", price=700, to=20, agent=LINUS),
                paid("p1", "2026-02-10T11:59:59.999999", 1, 400),
                paid("p2", "2026-02-10T12:00", 2, 700),
                paid("p3", "2026-03-01", 3, 50),
                played("m0", "2026-01-09T23:59"),  # it was nobody's
                played("m1", "2026-01-10"),
                played("m2", "2026-02-10T11:59:59.999999"),
                played("m3", "2026-02-10T12:00"),
                played("m4", "2026-02-11"),
            ),
        ),
        {
            ALLOCATED: [
                ("a1", 100, 10, 7, 900, "2026-01-10 00:00:00", "2026-02-10 12:00:00"),
                ("a2", 100, 20, 8, 700, "2026-02-10 12:00:00", None),
            ],
            SOLD: [(100, 700, 750, "2026-02-10 12:00:00")],
            "devices: id sale_price allocated_at allocation_event_id": [
                (100, 700, "2026-02-10 12:00:00", "a2")
            ],
        },
        {
            "agent_ranking": [
                ("2026-01", 7, "Grace", 1, 1),
                ("2026-02", 8, "Linus", 2, 1),
                ("2026-02", 7, "Grace", 1, 2),
            ],
            "expected_cash": [(100, "MusicMaker3000", 1600, 1150, -450)],
            "total_sales": [(1, 700)],
        },
    ),
    "a late allocation": Stream(
        "3.10: what comes late ends the interval before it, and payments and plays change hands",
        (
            (
                *BASE,
                A1,
                allocated("a3", "2026-03-10", price=500),
                paid("p1", "2026-02-15", 1, 900),
                played("m1", "2026-02-15"),
            ),
            (allocated("a2", "2026-02-10", price=800, to=20, agent=LINUS),),
        ),
        {
            ALLOCATED: [
                ("a1", 100, 10, 7, 900, "2026-01-10 00:00:00", "2026-02-10 00:00:00"),
                ("a2", 100, 20, 8, 800, "2026-02-10 00:00:00", "2026-03-10 00:00:00"),
                ("a3", 100, 10, 7, 500, "2026-03-10 00:00:00", None),
            ],
            SOLD: [(100, 800, 900, "2026-02-15 00:00:00")],
        },
        {"agent_ranking": [("2026-02", 8, "Linus", 1, 1)]},
    ),
    "two allocations of one moment": Stream(
        "3.10: they are ordered by EventId, capitals first; the first is in force for no time",
        (
            (
                *BASE,
                allocated("a", "2026-01-10", price=300),
                allocated("B", "2026-01-10", price=200, to=20, agent=LINUS),
                paid("p0", "2026-01-09", 1, 200),
                paid("p1", "2026-01-10", 2, 200),
            ),
        ),
        {
            ALLOCATED: [
                ("B", 100, 20, 8, 200, "2026-01-10 00:00:00", "2026-01-10 00:00:00"),
                ("a", 100, 10, 7, 300, "2026-01-10 00:00:00", None),
            ],
            SOLD: [(100, 200, 200, "2026-01-10 00:00:00")],
            "devices: id sale_price allocation_event_id": [(100, 300, "a")],
        },
    ),
    "without a device": Stream(
        "3.16, 3.18, 3.21: they are kept and counted as unlinked, and never guessed",
        (
            (
                *BASE,
                A1,
                paid("p1", "2026-01-12", 1, 900, None, by=1),
                paid("p2", "2026-01-12", 2, 0.5, None),
                played("m1", "2026-01-12", None),
                played("m2", "2026-01-12", None, is_completed=False),
                played("m3", "2026-01-13", None),
            ),
        ),
        {
            SOLD: [],
            "payments: id device_id customer_id": [(1, None, 1), (2, None, None)],
            "songs_played: event_id device_id": [("m1", None), ("m2", None), ("m3", None)],
        },
        {
            "unlinked": [("payments", 2, cents("900.50")), ("plays", 3, None)],
            "agent_ranking": [],
            "expected_cash": [(100, "MusicMaker3000", 900, 0, -900)],
            "cash_received": [
                ("2026-01-12", cents("900.50"), cents("60.03")),
                *quiet("2026-01", 13, 26, cents("60.03")),
                ("2026-01-27", 0, 0),
            ],
        },
    ),
    "a device never allocated": Stream(
        "3.6, 3.16: its payment is linked, and belongs to no sale; of nothing else is it told",
        ((*BASE, paid("p1", "2026-01-12", 1, 75)),),
        {SOLD: [], "devices: id purchase_cost sale_price": [(100, 400, None)]},
        {
            "expected_cash": [(100, "MusicMaker3000", 0, 75, 75)],
            "unlinked": [("payments", 0, 0), ("plays", 0, None)],
        },
    ),
    "a payment told again": Stream(
        "3.10: of a payment under two EventIds the later telling holds",
        (
            (
                *BASE,
                bought("b2", "2026-01-03", 200, 250, "PartyBox"),
                A1,
                paid("p1", "2026-01-12", 1, 900, 100),
                paid("p2", "2026-01-13", 1, 15, 200),
            ),
        ),
        {
            SOLD: [],
            "payments: id device_id amount received_at event_id": [
                (1, 200, 15, "2026-01-13 00:00:00", "p2")
            ],
        },
        {
            "cash_received": [
                ("2026-01-13", 15, 1),
                *quiet("2026-01", 14, 27, 1),
                ("2026-01-28", 0, 0),
            ]
        },
    ),
}

TIME = {
    "a mean over days without payments": Stream(
        "3.3, 3.5: a row for every day from the first on, a mean of fifteen days, until it is 0",
        (
            (
                *BASE,
                paid("p1", "2026-01-30T23:59:59Z", 1, 150),
                paid("p2", "2026-01-31T01:30:00+02:00", 2, 30),  # still the 30th
                paid("p3", "2026-02-02", 3, 45),
                paid("p4", "2026-02-14T00:00:00-01:00", 4, 90),
            ),
        ),
        {},
        {
            "cash_received": [
                ("2026-01-30", 180, 12),
                ("2026-01-31", 0, 12),
                ("2026-02-01", 0, 12),
                ("2026-02-02", 45, 15),
                *quiet("2026-02", 3, 13, 15),
                ("2026-02-14", 90, 9),  # what came on 30 January is fifteen days ago
                *quiet("2026-02", 15, 16, 9),
                *quiet("2026-02", 17, 28, 6),
                ("2026-03-01", 0, 0),
            ]
        },
    ),
    "what devices cost": Stream(
        "3.4: by the day of the purchase, the last one of each device, over days without one",
        (
            (
                *BASE,
                bought("b2", "2026-01-04", 200, 150),
                bought("b3", "2026-01-05T12:00", 200, 75.15),
                bought("b4", "2026-01-05", 300, 74.85),
                allocated("a9", "2026-01-01", 400, 1_000_000),  # its purchase is not known
            ),
        ),
        {},
        {
            "cash_spent": [
                ("2026-01-02", 400, cents("26.67")),
                ("2026-01-03", 0, cents("26.67")),
                ("2026-01-04", 0, cents("26.67")),
                ("2026-01-05", 150, cents("36.67")),
                *quiet("2026-01", 6, 16, cents("36.67")),
                *quiet("2026-01", 17, 19, 10),
                ("2026-01-20", 0, 0),
            ]
        },
    ),
    "shares of products": Stream(
        "3.7: the product in every month, also without a sale; others where they sold",
        (
            (
                *BASE,
                A1,
                allocated("a2", "2026-01-10", 200, 0, name="Anvil"),
                allocated("a3", "2026-01-20", 300, 0, name="PartyBox"),
                allocated("a4", "2026-03-31T23:59:59", 400, 0, name="PartyBox"),
                allocated("a5", "2026-04-01", 500, 0, name="MusicMaker3000"),  # after the date
                paid("p1", "2026-01-31T23:59:59", 1, 900),
            ),
        ),
        {},
        {
            "product_sales": [
                ("2026-01", "MusicMaker3000", 1, cents("0.33333333")),
                ("2026-01", "Anvil", 1, cents("0.33333333")),
                ("2026-01", "PartyBox", 1, cents("0.33333333")),
                ("2026-02", "MusicMaker3000", 0, None),
                ("2026-03", "MusicMaker3000", 0, 0),
                ("2026-03", "PartyBox", 1, 1),
            ],
            "total_sales": [(5, 900)],
        },
    ),
    "another product": Stream(
        "3.7: the product to compare is an option",
        (
            (
                *BASE,
                allocated("a2", "2026-01-10", 200, 10, name="PartyBox"),
                allocated("a3", "2026-02-10", 300, 10, name="Anvil"),
                allocated("a4", "2026-02-10", 400, 10, name="Anvil"),
                paid("p1", "2026-01-11", 1, 10, 200),
                paid("p2", "2026-02-11", 2, 10, 300),
                paid("p3", "2026-02-11", 3, 10, 400),
            ),
        ),
        {},
        {
            "product_sales": [
                ("2026-01", "Anvil", 0, 0),
                ("2026-01", "PartyBox", 1, 1),
                ("2026-02", "Anvil", 2, 1),
            ]
        },
        asked=Asked(END, product="Anvil"),
    ),
    "what comes after the date": Stream(
        "Days and months are told up to the report's date; totals count everything",
        (
            (
                *BASE,
                A1,
                paid("p1", "2026-03-31T23:59:59.999999", 1, 300),
                paid("p2", "2026-04-01", 2, 600),
                paid("p3", "2026-05-01", 3, 5, None),
                played("m1", "2026-03-31T23:59:59.999999"),
                played("m2", "2026-04-01"),
                played("m3", "2026-04-01", None),
                bought("b2", "2026-04-01", 200, 5),
            ),
        ),
        {SOLD: [(100, 900, 900, "2026-04-01 00:00:00")]},
        {
            "total_sales": [(1, 900)],
            "agent_ranking": [("2026-03", 7, "Grace", 1, 1)],
            "cash_received": [("2026-03-31", 300, 20)],
            "cash_spent": [
                ("2026-01-02", 400, cents("26.67")),
                *quiet("2026-01", 3, 16, cents("26.67")),
                ("2026-01-17", 0, 0),
            ],
            "expected_cash": [(100, "MusicMaker3000", 900, 900, 0)],
            "product_sales": [],
            "unlinked": [("payments", 1, 5), ("plays", 1, None)],
        },
    ),
    "ways to write a time": Stream(
        "Times are kept in UTC to the microsecond, however they are written",
        (
            (
                customer("c1", "1900-01-01"),
                customer("c2", "2026-01-01 00:30:00.5+02:00", 2),
                customer("c3", "2026-01-01T10:15-0330", 3),
                customer("c4", "2026-01-01T10:15:30.123456Z", 4),
                customer("c5", "2024-02-29T10:15:30+01", 5),
                customer("c6", "9999-12-31T23:59:59.999999", 6),
            ),
        ),
        {
            "customers: id updated_at": [
                (1, "1900-01-01 00:00:00"),
                (2, "2025-12-31 22:30:00.500000"),
                (3, "2026-01-01 13:45:00"),
                (4, "2026-01-01 10:15:30.123456"),
                (5, "2024-02-29 09:15:30"),
                (6, "9999-12-31 23:59:59.999999"),
            ]
        },
    ),
}

MUSIC = {
    "ties": Stream(
        "3.2: agents with as many plays share a rank, and the next one has the rank after both",
        (
            (
                *BASE,
                A1,
                allocated("a2", "2026-01-10", 200, 5, agent=LINUS),
                allocated("a3", "2026-01-10", 300, 5, to=20, agent=(3, "Barbara")),
                allocated("a4", "2026-01-10", 400, 5, agent=(9, "Idle")),
                *(played(f"m{n}", f"2026-01-{n}") for n in (11, 12)),
                *(played(f"n{n}", f"2026-01-{n}", 200) for n in (11, 12)),
                *(played(f"o{n}", f"2026-01-{n}", 300) for n in (13,)),
                *(played(f"q{n}", f"2026-02-{n}", 300) for n in (13, 14, 15)),
            ),
        ),
        {},
        {
            "agent_ranking": [
                ("2026-01", 7, "Grace", 2, 1),
                ("2026-01", 8, "Linus", 2, 1),
                ("2026-01", 3, "Barbara", 1, 3),
                ("2026-02", 3, "Barbara", 3, 1),
            ]
        },
    ),
    "songs not played to their end": Stream(
        "3.19: they are kept, and do not count",
        (
            (
                *BASE,
                A1,
                played("m1", "2026-01-12", is_completed=False),
                played("m2", "2026-01-13", is_completed="false"),
                played("m3", "2026-01-14", is_completed="true"),
            ),
        ),
        {"songs_played: event_id is_completed": [("m1", False), ("m2", False), ("m3", True)]},
        {"agent_ranking": [("2026-01", 7, "Grace", 1, 1)]},
    ),
    "all plays": Stream(
        "3.19: ... unless it is asked for",
        (
            (
                *BASE,
                A1,
                played("m1", "2026-01-12", is_completed=False),
                played("m2", "2026-01-13"),
            ),
        ),
        {},
        {"agent_ranking": [("2026-01", 7, "Grace", 2, 1)]},
        asked=Asked(END, all_plays=True),
    ),
    "an unpaid device": Stream(
        "3.2: plays count for the agent of the allocation, paid or not, by the agent's last name",
        (
            (
                *BASE,
                A1,
                played("m1", "2026-01-12"),
                allocated("a2", "2026-01-20", 200, agent=(7, "Grace H.")),
            ),
        ),
        {"agents: id name updated_at event_id": [(7, "Grace H.", "2026-01-20 00:00:00", "a2")]},
        {"agent_ranking": [("2026-01", 7, "Grace H.", 1, 1)]},
    ),
    "removed songs": Stream(
        "3.17: removal is soft, publishing again restores; plays of removed songs are kept",
        (
            (
                *BASE,
                published("s2", "2026-01-01", 51, name="Hum"),
                published("s3", "2026-01-01", 52, name="Whirr"),
                removed("r1", "2026-01-10"),
                removed("r2", "2026-01-10", 51),
                published("s4", "2026-01-20", 51, name="Hum II"),
                removed("r3", "2025-12-31", 52),  # what came after it holds
                played("m1", "2026-01-15", None),
            ),
        ),
        {
            "songs: id name is_removed updated_at event_id": [
                (50, "Turning", True, "2026-01-10 00:00:00", "r1"),
                (51, "Hum II", False, "2026-01-20 00:00:00", "s4"),
                (52, "Whirr", False, "2026-01-01 00:00:00", "s3"),
            ],
            "songs_played: event_id song_id": [("m1", 50)],
        },
    ),
    "artists and albums": Stream(
        "3.8, 3.11: two artists' albums may share a name; what a song was once published of stays",
        (
            (
                published("s1", "2026-01-01"),
                published("s2", "2026-01-01", 51, artist="Their Echo"),
                published("s3", "2026-01-02", 50, album="Spokes"),
            ),
        ),
        {
            "artists: id name": [
                (0x44B3C560AF203D9B, "The Gears"),
                (0x2DCF6A437B8CDDDB, "Their Echo"),
            ],
            "albums: id artist_id name": [
                (0x3AAD2C8FEB7455A9, 0x44B3C560AF203D9B, "Wheels"),
                (0x504E1297AA83CAC8, 0x2DCF6A437B8CDDDB, "Wheels"),
                (0x78FCFAC3C12E86F3, 0x44B3C560AF203D9B, "Spokes"),
            ],
            "songs: id album_id": [(50, 0x78FCFAC3C12E86F3), (51, 0x504E1297AA83CAC8)],
        },
    ),
}

STATE = {
    "one event of each type": Stream(
        "3.8, 3.9, 3.13, 3.14: its rows, with all that is kept, and no contact of a location",
        (
            (
                customer("c1", "2026-01-01"),
                location("l1", "2026-01-03"),
                bought("b1", "2026-01-02", cost=400.25),
                allocated("a1", "2026-01-10T09:00"),
                paid("p1", "2026-01-11", 1, 900, by=1),
                published("s1", "2026-01-01"),
                played("m1", "2026-01-12"),
                removed("r1", "2026-01-20"),
            ),
        ),
        {
            "customers: id name legal_address phone_number identity_number updated_at event_id": [
                (1, "Ada Byron", "1 Old Road", "555-0101", "AB-123", "2026-01-01 00:00:00", "c1")
            ],
            "locations: id customer_id latitude longitude address updated_at event_id": [
                (10, 1, cents("48.856614"), cents("-2.352222"), "2 Quay", "2026-01-03 00:00:00",
                 "l1"),
            ],
            "agents: id name updated_at event_id": [(7, "Grace", "2026-01-10 09:00:00", "a1")],
            "devices: id name purchase_cost purchased_at purchase_event_id sale_price"
            " allocated_at allocation_event_id": [
                (100, "MusicMaker3000", cents("400.25"), "2026-01-02 00:00:00", "b1", 900,
                 "2026-01-10 09:00:00", "a1"),
            ],
            "allocations: id device_id location_id agent_id price starts_at ends_at event_id": [
                (0x755FF16F66F43360, 100, 10, 7, 900, "2026-01-10 09:00:00", None, "a1"),
            ],
            "payments: id device_id customer_id amount received_at event_id": [
                (1, 100, 1, 900, "2026-01-11 00:00:00", "p1"),
            ],
            "artists: id name": [(0x44B3C560AF203D9B, "The Gears")],
            "albums: id artist_id name": [(0x3AAD2C8FEB7455A9, 0x44B3C560AF203D9B, "Wheels")],
            "songs: id album_id name length size is_removed updated_at event_id": [
                (50, 0x3AAD2C8FEB7455A9, "Turning", 215, cents("4.25"), True,
                 "2026-01-20 00:00:00", "r1"),
            ],
            "songs_played: event_id song_id device_id played_at is_completed": [
                ("m1", 50, 100, "2026-01-12 00:00:00", True),
            ],
            "sales: allocation_id device_id price received sold_at": [
                (0x755FF16F66F43360, 100, 900, 900, "2026-01-11 00:00:00"),
            ],
            "event: event_id event_type occurred_at name amount": [
                ("c1", "Sale.CustomerRegistered", "2026-01-01 00:00:00", "Ada Byron", None),
                ("l1", "Sale.LocationRegistered", "2026-01-03 00:00:00", None, None),
                ("b1", "Logistic.DevicePurchased", "2026-01-02 00:00:00", "MusicMaker3000",
                 cents("400.25")),
                ("a1", "Sale.DeviceAllocated", "2026-01-10 09:00:00", "MusicMaker3000", 900),
                ("p1", "Payment.PaymentReceived", "2026-01-11 00:00:00", None, 900),
                ("s1", "Music.SongPublished", "2026-01-01 00:00:00", "Turning", None),
                ("m1", "Music.SongListened", "2026-01-12 00:00:00", None, None),
                ("r1", "Music.SongRemoved", "2026-01-20 00:00:00", None, None),
            ],
        },
    ),
    "nothing but a customer": Stream(
        "3.1: what is told of nothing is nothing, or zero",
        ((customer("c1", "2026-01-01"),),),
        {},
        {
            "total_sales": [(0, 0)],
            "agent_ranking": [],
            "cash_received": [],
            "cash_spent": [],
            "expected_cash": [],
            "product_sales": [],
            "unlinked": [("payments", 0, 0), ("plays", 0, None)],
        },
    ),
    "the latest state": Stream(
        "3.10: the later OccurredAt holds, whenever it comes; of one moment, the greater EventId",
        (
            (
                customer("c2", "2026-02-01", name="Ada King"),
                customer("e", "2026-01-01", 2, name="by e"),
                customer("é", "2026-01-01", 2, name="by é"),
                customer("B", "2026-01-01", 3, name="by B"),
                customer("a", "2026-01-01", 3, name="by a"),
                customer("10", "2026-01-01", 4, name="by 10"),
                customer("9", "2026-01-01", 4, name="by 9"),
            ),
            (customer("c1", "2026-01-01"), location("l1", "2026-01-01", of=3)),
            (location("l0", "2025-01-01", of=1), customer("z", "2025-01-01", 2)),
        ),
        {
            "customers: id name updated_at event_id": [
                (1, "Ada King", "2026-02-01 00:00:00", "c2"),
                (2, "by é", "2026-01-01 00:00:00", "é"),
                (3, "by a", "2026-01-01 00:00:00", "a"),
                (4, "by 9", "2026-01-01 00:00:00", "9"),
            ],
            "locations: id customer_id event_id": [(10, 3, "l1")],
        },
    ),
    "two prices of a device": Stream(
        "3.15: cost by the last purchase, price by the last allocation, name by the later of both",
        (
            (
                *BASE,
                A1,
                bought("b2", "2026-02-01", cost=350, name="MusicMaker4000"),
                bought("b3", "2026-01-01", 200, 250, "PartyBox"),
                allocated("a2", "2026-01-02", 200, 600, name="PartyBox II"),
            ),
        ),
        {
            "devices: id name purchase_cost purchased_at sale_price allocated_at": [
                (100, "MusicMaker4000", 350, "2026-02-01 00:00:00", 900, "2026-01-10 00:00:00"),
                (200, "PartyBox II", 250, "2026-01-01 00:00:00", 600, "2026-01-02 00:00:00"),
            ]
        },
    ),
    "one EventId with two contents": Stream(
        "3.10, 3.26: the later OccurredAt wins, and the other one is rejected",
        ((customer("c1", "2026-01-01"),), (customer("c1", "2026-01-02", name="Ada King"),)),
        {"customers: id name": [(1, "Ada King")], "event: event_id name": [("c1", "Ada King")]},
        kept={"c1": ("rejected", "repeated_with_other_content")},
    ),
    "... in the other order": Stream(
        "3.10: ... whichever comes first",
        ((customer("c1", "2026-01-02", name="Ada King"),), (customer("c1", "2026-01-01"),)),
        {"customers: id name": [(1, "Ada King")], "event: event_id name": [("c1", "Ada King")]},
        kept={"c1": ("rejected", "repeated_with_other_content")},
    ),
    "an event turned into another": Stream(
        "3.10: what rested on the one that lost waits again, as if it had never been there",
        (
            (*BASE, customer("c9", "2026-01-01", 9), location("l9", "2026-01-01", 90, 9)),
            (customer("c9", "2026-01-02", 8),),
        ),
        {
            "customers: id": [(1,), (8,)],
            "locations: id": [(10,), (20,)],
        },
        kept={
            "c9": ("rejected", "repeated_with_other_content"),
            "l9": ("waiting", "customer_id:unknown_customer"),
        },
    ),
    "one EventId on two types": Stream(
        "3.10: an EventId is one event's, whatever its type",
        ((customer("x", "2026-01-02"), published("x", "2026-01-01")),),
        {"customers: id": [(1,)], "songs: id": []},
        kept={"x": ("rejected", "repeated_with_other_content")},
    ),
    "a replay": Stream(
        "3.10: events that come again, in another order or spelling, change nothing",
        (
            (*BASE, A1, paid("p1", "2026-01-12", 1, 900)),
            (
                paid("p1", "2026-01-12T01:00:00.000+01:00", 1, "900.00"),
                A1,
                *reversed(BASE),
                line("r1", "Music.SongRemoved", SongId="050", OccurredAt="2026-01-20", Extra=[1]),
            ),
        ),
        {SOLD: [(100, 900, 900, "2026-01-12 00:00:00")], "songs: id is_removed": [(50, True)]},
    ),
    "orphans": Stream(
        "3.10, 3.22: they wait, what waits makes nothing known, and they come in with what lacks",
        (
            (
                paid("p1", "2026-01-12", 1, 900, by=1),
                played("m1", "2026-01-12"),
                removed("r1", "2026-01-13"),
                A1,
                location("l1", "2026-01-01"),
            ),
            (customer("c1", "2026-01-01"),),
            (published("s1", "2026-01-01"),),
        ),
        {
            SOLD: [(100, 900, 900, "2026-01-12 00:00:00")],
            "songs_played: event_id": [("m1",)],
            "songs: id is_removed": [(50, True)],
        },
        {"agent_ranking": [("2026-01", 7, "Grace", 1, 1)]},
    ),
    "orphans that stay": Stream(
        "3.22, 3.26: they stand in the quarantine, with all that is unknown",
        (
            (
                paid("p1", "2026-01-12", 1, 900, by=1),
                paid("p2", "2026-01-12", 2, 900, by=2),
                played("m1", "2026-01-12"),
                played("m2", "2026-01-12", None, song=51),
                removed("r1", "2026-01-13"),
                A1,
                location("l1", "2026-01-01"),
                customer("c2", "2026-01-01", 2),
            ),
        ),
        {"customers: id": [(2,)], "event: event_id": [("c2",)]},
        kept={
            "p1": ("waiting", "customer_id:unknown_customer", "device_id:unknown_device"),
            "p2": ("waiting", "device_id:unknown_device"),
            "m1": ("waiting", "device_id:unknown_device", "song_id:unknown_song"),
            "m2": ("waiting", "song_id:unknown_song"),
            "r1": ("waiting", "song_id:unknown_song"),
            "a1": ("waiting", "location_id:unknown_location"),
            "l1": ("waiting", "customer_id:unknown_customer"),
        },
    ),
    "a reference to what comes later in time": Stream(
        "Time does not matter for a reference: a play before the purchase is fine",
        (
            (
                played("m1", "2025-12-01"),
                paid("p1", "2025-12-01", 1, 5, 100),
                bought("b1", "2026-01-02"),
                published("s1", "2026-01-01"),
            ),
        ),
        {"songs_played: event_id": [("m1",)], "payments: id": [(1,)]},
    ),
    "ids": Stream(
        "3.11: digits as number or text, up to 2^63 - 1",
        (
            (
                line(
                    12345678901234567890123,
                    "Sale.CustomerRegistered",
                    CustomerId="9223372036854775807",
                    CustomerName="Ada",
                    LegalAddress="1 Old Road",
                    CustomerPhoneNumber=5550101,
                    CustomerIdentityNumber="AB",
                    OccurredAt="2026-01-01",
                ),
                customer("c0", "2026-01-01", 0),
                location("l0", "2026-01-01", 9223372036854775807, 9223372036854775807),
            ),
        ),
        {
            "customers: id phone_number event_id": [
                (9223372036854775807, "5550101", "12345678901234567890123"),
                (0, "555-0101", "c0"),
            ],
            "locations: id customer_id": [(9223372036854775807, 9223372036854775807)],
        },
    ),
}  # fmt: skip

STREAMS: Mapping[str, Stream] = MONEY | TIME | MUSIC | STATE
