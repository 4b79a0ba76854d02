"""The figures of the first screen: all customers together."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from abcjob.render.tiles import Tile

if TYPE_CHECKING:
    from datetime import date

    from abcjob.job import Frames
    from abcjob.render.formats import Kind
    from abcjob.render.tiles import Value


def of(kpis: Frames) -> tuple[Tile, ...]:
    """Each against the last published day before, where every customer has figures on both.

    Args:
        kpis: those of the job, as their SQL returns them.
    """
    total = kpis["aggregate"].sum().row(0, named=True)
    loaded, rating = total["count_customer_number"], total["sum_customer_rating"]
    since, change = _change(kpis["changes"])

    def before(now: int, measure: str) -> int | None:
        return now - change[measure] if change else None

    loaded_before, rating_before = before(loaded, "count_change"), before(rating, "sum_change")
    high_value, rejected = total["high_value_count"], total["invalid_customer_number_count"]
    problems = kpis["files"]["problem"].is_not_null().sum()

    def tile(name: str, kind: Kind, now: Value, then: Value) -> Tile:
        return Tile(name, kind, now, None, then, since, "date")

    return (
        tile("rows_loaded", "count", loaded, loaded_before),
        tile("mean_rating", "decimal", _mean(rating, loaded), _mean(rating_before, loaded_before)),
        tile("high_value_rows", "count", high_value, before(high_value, "high_value_change")),
        tile("rows_rejected", "count", rejected, before(rejected, "invalid_change")),
        Tile("files_refused_or_missing", "count", problems),
    )


def _change(changes: pl.DataFrame) -> tuple[date | None, dict[str, int]]:
    """The day before, and what changed since; nothing where a customer came or went."""
    measures = changes.select(pl.col("^.*_change$"))
    if changes.is_empty() or any(column.null_count() for column in measures):
        return None, {}
    return changes["since"][0], measures.sum().row(0, named=True)


def _mean(total: int | None, count: int | None) -> Decimal | None:
    return Decimal(total) / count if count and total is not None else None
