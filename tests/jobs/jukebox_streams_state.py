"""What is there after: the latest state, what waits, what is wrong: streams worked out by hand."""

from __future__ import annotations

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
from jukebox_stream import A1, BASE, SOLD, Stream, cents

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
