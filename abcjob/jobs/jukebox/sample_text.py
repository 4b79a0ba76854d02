"""How the events of a sample of the job `jukebox` are written."""

from __future__ import annotations

import polars as pl

# Ids by what they are of: the first of each. Nothing is registered under UNKNOWN or above.
CUSTOMER, LOCATION, AGENT, DEVICE, SONG = 1_000_001, 2_000_001, 3_000_001, 4_000_001, 5_000_001
PAYMENT, UNKNOWN = 6_000_000_001, 9_000_000_001

HOUR_MS = 3_600_000
# Senders write as they like: with milliseconds, to the second, or in local time.
WITH_MILLISECONDS, TO_THE_SECOND = "%Y-%m-%dT%H:%M:%S%.3fZ", "%Y-%m-%dT%H:%M:%SZ"
LOCAL = "%Y-%m-%d %H:%M:%S+01:00"


def event(event_type: str, payload: str, *values: pl.Expr, time: str) -> pl.Expr:
    """`text` of an event: its line from after its EventId on.

    Args:
        event_type: its type.
        payload: what is in its payload beside the time, with `{}` for each of the values.
        values: expressions.
        time: how `at`, milliseconds since 1970, is written.
    """
    shape = f'","EventType":"{event_type}","Payload":{{{payload},"OccurredAt":"{{}}"}}}}'
    at = pl.col("at") + HOUR_MS if time == LOCAL else pl.col("at")
    begin, *pieces = map(pl.lit, shape.split("{}"))
    parts = [begin]
    told = (*values, at.cast(pl.Datetime("ms")).dt.strftime(time))
    for value, piece in zip(told, pieces, strict=True):
        parts += [value, piece]
    return pl.concat_str(parts).alias("text")


def lines(number: pl.Expr, text: pl.Expr) -> pl.Expr:
    """`line` of events, by their numbers, and their texts as of `event`."""
    return pl.concat_str(pl.lit('{"EventId":"e-'), number, text).alias("line")


def decimal(number: pl.Expr, places: int) -> pl.Expr:
    """A number as text, of an Int64 that counts its last `places`."""
    whole = 10**places
    size = number.abs()
    sign = pl.when(number < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.format(
        "{}{}.{}", sign, size // whole, (size % whole).cast(pl.String).str.zfill(places)
    )
