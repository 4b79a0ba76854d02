"""Lines of delimited text (CSV and its kin) taken apart into fields, as text.

The grammar is that of RFC 4180 but for the line break in quotes, which ends the line: a field
is plain, and a quote inside of it is a character; or it begins and ends with a quote, and quotes
inside are doubled. Every line is read on its own; what is wrong with one is named in `FAULT`.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from abcjob.errors import DataError
from abcjob.rules import RAW, ROW
from abcjob.sources.lines import LONGEST, SEEN, as_text

if TYPE_CHECKING:
    from collections.abc import Iterable

FAULT = "_fault"  # the rule that a line as a whole breaks; null where it could be taken apart
FAULTS = (
    "line_too_long",
    "invalid_utf8",
    "nul_character",
    "carriage_return",
    "quotes_do_not_match",
    "wrong_number_of_fields",
)
NO_TEXT = ("line_too_long", "invalid_utf8", "nul_character")  # with these, it may be no text
_MOST_COLUMNS = 1_000
TEXT, _IS_QUOTED = "_text", "_is_quoted"


@dataclass(frozen=True)
class Layout:
    """How a file's lines are laid out.

    Attributes:
        delimiter: what stands between two fields: one character.
        positions: of the columns that are wanted, from 0, by name.
        width: how many fields a line has.
        ignored: the columns that nobody asked for.
    """

    delimiter: str
    positions: dict[str, int]
    width: int
    ignored: tuple[str, ...] = ()


def layout(header: bytes, delimiter: str, wanted: Iterable[str]) -> Layout:
    """What a file's first line says of the others.

    Raises:
        DataError: it cannot be read, or lacks or repeats a column. The message is to follow on
            what was read.
    """
    wanted = tuple(wanted)
    expected = f"expected {', '.join(wanted)}, in any order"
    try:
        [names] = csv.reader([header[:LONGEST].decode()], delimiter=delimiter, strict=True)
    except (ValueError, csv.Error) as error:
        raise DataError(f"its header line cannot be read as delimited text, {expected}") from error
    names = [name.strip(" ") for name in names]
    if wrong := (
        _said("lacks", [name for name in wanted if name not in names])
        + _said("repeats", [name for name in wanted if names.count(name) > 1])
    ):
        raise DataError(f"its header {' and '.join(wrong)}, {expected}")
    if len(names) > _MOST_COLUMNS:
        raise DataError(
            f"its header has {len(names):,} columns, expected {_MOST_COLUMNS:,} at most"
        )
    return Layout(
        delimiter,
        {name: names.index(name) for name in wanted},
        len(names),
        tuple(name for name in names if name not in wanted),
    )


def _said(verb: str, names: list[str]) -> list[str]:
    return [f"{verb} {', '.join(names)}"] if names else []


def is_blank() -> pl.Expr:
    """Whether a line has nothing but spaces in it."""
    return pl.col(SEEN).str.contains("^ *$")


def fields(lines: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """`_row` and `_raw` of lines with a column of text for each that is wanted, and `FAULT`."""
    known = lines.select(ROW, RAW, as_text(lines[RAW]).alias(TEXT))
    known = known.with_columns(_fault(), _is_quoted())
    plain = _split(known.filter(~pl.col(_IS_QUOTED)), layout)
    if plain.height == known.height:
        return plain.drop(TEXT, _IS_QUOTED)
    quoted = _matched(known.filter(pl.col(_IS_QUOTED)), layout)
    return pl.concat([plain, quoted]).drop(TEXT, _IS_QUOTED)


def _fault() -> pl.Expr:
    """What is wrong with a line before anybody looks for fields in it."""
    text = pl.col(TEXT)
    return (
        pl.when(pl.col(RAW).bin.size() > LONGEST)
        .then(pl.lit("line_too_long"))
        .when(text.is_null())
        .then(pl.lit("invalid_utf8"))
        .when(text.str.contains("\0", literal=True))
        .then(pl.lit("nul_character"))
        .when(text.str.contains("\r", literal=True))
        .then(pl.lit("carriage_return"))
        .alias(FAULT)
    )


def _is_quoted() -> pl.Expr:
    return pl.col(TEXT).str.contains('"', literal=True).fill_null(value=False).alias(_IS_QUOTED)


def _split(lines: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Lines without a quote: every delimiter ends a field."""
    parts = pl.col("_parts")
    is_fit = parts.list.len() == layout.width
    return (
        lines.with_columns(pl.col(TEXT).str.split(layout.delimiter).alias("_parts"))
        .with_columns(
            pl.when(pl.col(FAULT).is_null() & ~is_fit)
            .then(pl.lit("wrong_number_of_fields"))
            .otherwise(pl.col(FAULT))
            .alias(FAULT),
            *(
                pl.when(is_fit).then(parts.list.get(at, null_on_oob=True)).alias(name)
                for name, at in layout.positions.items()
            ),
        )
        .drop("_parts")
    )


def _matched(lines: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Lines with quotes, by the grammar."""
    delimiter = re.escape(layout.delimiter)
    field = f'(?:"(?:[^"]|"")*"|[^"{delimiter}][^{delimiter}]*|)'
    every = f"^{field}(?:{delimiter}{field})*$"
    asked = set(layout.positions.values())
    captured = [f"({field})" if at in asked else field for at in range(layout.width)]
    columns = sorted(layout.positions, key=lambda name: layout.positions[name])
    text, parts = pl.col(TEXT), pl.col("_parts")
    return (
        lines.with_columns(
            text.str.extract_groups(f"^{delimiter.join(captured)}$").alias("_parts"),
            text.str.contains(every).alias("_is_text"),
        )
        .with_columns(
            pl.when(pl.col(FAULT).is_not_null())
            .then(pl.col(FAULT))
            .when(~pl.col("_is_text"))
            .then(pl.lit("quotes_do_not_match"))
            .when(parts.struct.field("1").is_null())
            .then(pl.lit("wrong_number_of_fields"))
            .alias(FAULT),
            *(
                _unquoted(parts.struct.field(str(columns.index(name) + 1))).alias(name)
                for name in layout.positions
            ),
        )
        .drop("_parts", "_is_text")
    )


def _unquoted(field: pl.Expr) -> pl.Expr:
    inside = field.str.slice(1, field.str.len_chars() - 2).str.replace_all('""', '"', literal=True)
    return pl.when(field.str.starts_with('"')).then(inside).otherwise(field)
