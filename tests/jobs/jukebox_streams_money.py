"""What jukeboxes bring and cost: sales, payments, prices: streams worked out by hand."""

from __future__ import annotations

from jukebox_events import allocated, bought, paid, played
from jukebox_stream import A1, ALLOCATED, BASE, LINUS, SOLD, Stream, cents, quiet

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
