"""What is known of a record that was rejected: where it stood, how it came, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

ROW = "_row"  # the record's number among those of its input, in the order of reading; from 1
RAW = "_raw"  # the record as it came, without its line's end

FAILED, ERROR = "failed_rules", "error"  # the rules that a record broke, as JSON and in words
IS_TEXT = "is_text"  # whether what came is text that PostgreSQL can hold
REJECTED = (ROW, RAW, IS_TEXT, FAILED, ERROR)  # what is known of a rejected record


class Broken(NamedTuple):
    """A rule that a record broke, and the column that it is about; None: the whole record."""

    rule: str
    column: str | None


def explained(rows: pl.DataFrame, broken: Mapping[Broken, pl.Expr]) -> pl.DataFrame:
    """Rows with every rule that each broke: `failed_rules`, JSON, and `error`, for people.

    Args:
        rows: the rows.
        broken: whether a row broke a rule, by the rule and the column that it is about.
    """
    flags = rows.select(
        is_broken.fill_null(value=False).alias(str(number))
        for number, is_broken in enumerate(broken.values())
    )
    # Texts are made for what is broken together, which is a handful, not for each row.
    together = flags.unique()
    details = [
        json.dumps({"rule": pair.rule, "column": pair.column}, ensure_ascii=False)
        for pair in broken
    ]
    said = [": ".join(filter(None, (pair.column, words(pair.rule)))) for pair in broken]
    texts = together.with_columns(
        pl.concat_str(pl.lit("["), _joined(details, ", "), pl.lit("]")).alias(FAILED),
        _joined(said, "; ").alias(ERROR),
    )
    found = flags.join(texts, on=flags.columns, how="left", maintain_order="left")
    return rows.hstack(found.select(FAILED, ERROR))


def words(rule: str) -> str:
    """A rule's name as people read it: `not_an_integer` is `not an integer`."""
    return rule.replace("_", " ")


def _joined(texts: list[str], separator: str) -> pl.Expr:
    """Of the texts by number, those whose flag is set."""
    found = [pl.when(pl.col(str(number))).then(pl.lit(text)) for number, text in enumerate(texts)]
    return pl.concat_list(found).list.drop_nulls().list.join(separator)
