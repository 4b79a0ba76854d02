"""How a job's sample is written, and what is told of its faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

NO_UTF8 = "\x7f"  # stands for a byte that is no UTF-8, until the line is one of bytes
_CENTS = pl.Series([f".{cents:02d}" for cents in range(100)])
_PIECE = 2_048  # lines, some 200 KB: memory that is used again at once, and not fetched anew


def joined(lines: pl.Series) -> Iterator[bytes]:
    """Lines as they stand in a file, in pieces."""
    for part in lines.alias("line").to_frame().iter_slices(_PIECE):
        # Not by way of str, which would take four times as long.
        text: bytes = part["line"].str.join("\n").cast(pl.Binary).item()
        yield text.replace(NO_UTF8.encode(), b"\xff")
        yield b"\n"


def money(cents: pl.Expr) -> pl.Expr:
    """An amount as text, of cents as Int64."""
    size = cents.abs()
    sign = pl.when(cents < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.concat_str(sign, (size // 100).cast(pl.String), pl.lit(_CENTS).gather(size % 100))


class Tally:
    """Counts the faults of slices of rows, by labels that are told of each slice."""

    def __init__(self, *labels: str) -> None:
        types = {**dict.fromkeys([*labels, "fault"], pl.String), "rows": pl.Int64}
        self._labels = labels
        self._counts = [pl.DataFrame(schema={**types, "becomes": pl.String})]

    def counter(self, becomes: Mapping[str, str], *values: str) -> Callable[[pl.DataFrame], None]:
        """What counts the rows that have a `fault`, of slices that have these labels.

        One that repeats a key with other content is counted with the row that it repeats.

        Args:
            becomes: what becomes of a row, by its fault.
            values: the labels.
        """
        fault = pl.col("fault")
        count = pl.when(fault == "repeated_with_other_content").then(2).otherwise(1)
        labels = [
            pl.lit(value).alias(label) for label, value in zip(self._labels, values, strict=True)
        ]
        outcome = fault.replace_strict(becomes, return_dtype=pl.String).alias("becomes")

        def add(rows: pl.DataFrame) -> None:
            faulty = rows.drop_nulls("fault").group_by("fault")
            found = faulty.agg(count.sum().cast(pl.Int64).alias("rows"))
            self._counts.append(found.select(*labels, "fault", "rows", outcome))

        return add

    @property
    def counts(self) -> pl.DataFrame:
        """The labels, `fault`, `rows`, and what `becomes` of them, ordered by labels and fault."""
        by = [*self._labels, "fault"]
        found = pl.concat(self._counts).group_by(*by, "becomes").agg(pl.col("rows").sum())
        return found.select(*by, "rows", "becomes").sort(by)
