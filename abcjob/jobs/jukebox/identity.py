"""The id of an event that came without one: SHA-256 of its content.

The content is its type and what is kept of it, not the line: how that is written does not matter.
"""

from __future__ import annotations

import polars as pl
import polars_hash as plh

from abcjob.rejects import ROW

_UNIT = "\x1f"  # ASCII's unit separator


def identified(events: pl.DataFrame) -> pl.DataFrame:
    """The same events, whose `event_id` was null, with 64 hexadecimal digits there.

    What is null counts for nothing, so that a column more changes no id. Each value stands behind
    its length, so that no text can pass for several.
    """
    content = [
        pl.concat_str(pl.lit(f"{name}:"), written.str.len_bytes(), pl.lit("="), written)
        for name in sorted(events.columns)
        if name not in {ROW, "event_id"}
        for written in [_written(name, events.schema[name])]
    ]
    told = plh.concat_str(content, separator=_UNIT, ignore_nulls=True)
    return events.with_columns(told.chash.sha2_256().alias("event_id"))


def _written(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    return (column.dt.epoch("us") if isinstance(kind, pl.Datetime) else column).cast(pl.String)
