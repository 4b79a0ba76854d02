"""Songs and plays, and whom they reward: streams worked out by hand."""

from __future__ import annotations

from jukebox_answers import Asked
from jukebox_events import allocated, played, published, removed
from jukebox_stream import A1, BASE, END, LINUS, Stream

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
