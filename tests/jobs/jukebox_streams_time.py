"""Days, months and times, of cash, of sales, and as they are written: worked out by hand."""

from __future__ import annotations

from jukebox_answers import Asked
from jukebox_events import allocated, bought, customer, paid, played
from jukebox_stream import A1, BASE, END, SOLD, Stream, cents, quiet

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
