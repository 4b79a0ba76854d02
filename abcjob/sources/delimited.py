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
from abcjob.rejects import RAW, ROW
from abcjob.sources.lines import FAULT, LONGEST, as_text

if TYPE_CHECKING:
    from collections.abc import Iterable

DELIMITERS = (",", ";", "\t", "|")
_MOST_COLUMNS = 1_000
_TEXT, _IS_QUOTED = "_text", "_is_quoted"


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


def layout(header: bytes, delimiter: str | None, wanted: Iterable[str]) -> Layout:
    """What a file's first line says of the others.

    Args:
        header: the line.
        delimiter: what stands between two fields; None: the one of `DELIMITERS` under which most
            of the columns are there.
        wanted: the columns.

    Raises:
        DataError: it cannot be read, or lacks or repeats a column. The message is to follow on
            what was read.
    """
    wanted = tuple(wanted)
    read = {one: _names(header, one) for one in ([delimiter] if delimiter else DELIMITERS)}
    delimiter = max(read, key=lambda one: sum(name in (read[one] or ()) for name in wanted))
    names = read[delimiter]
    if names is None:
        raise DataError(f"its header line cannot be read as delimited text, {expected(wanted)}")
    if wrong := faults(names, wanted):
        raise DataError(f"its header {wrong}, {expected(wanted)}")
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


def expected(wanted: Iterable[str]) -> str:
    """The columns that are wanted, in words."""
    return f"expected {', '.join(wanted)}, in any order"


def faults(names: list[str], wanted: Iterable[str]) -> str:
    """What is wrong with the names of columns, in words; empty where nothing is."""
    lacks = [name for name in wanted if name not in names]
    repeats = [name for name in wanted if names.count(name) > 1]
    return " and ".join(_said("lacks", lacks) + _said("repeats", repeats))


def _names(header: bytes, delimiter: str) -> list[str] | None:
    try:
        [names] = csv.reader([header[:LONGEST].decode()], delimiter=delimiter, strict=True)
    except (ValueError, csv.Error):
        return None
    return [name.strip(" ") for name in names]


def _said(verb: str, names: list[str]) -> list[str]:
    return [f"{verb} {', '.join(names)}"] if names else []


def fields(lines: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """`_row` and `_raw` of lines with a column of text for each that is wanted, and `FAULT`."""
    known = lines.select(ROW, RAW, as_text(lines[RAW]).alias(_TEXT))
    known = known.with_columns(_fault(), _is_quoted())
    plain = _split(known.filter(~pl.col(_IS_QUOTED)), layout)
    if plain.height == known.height:
        return plain.drop(_TEXT, _IS_QUOTED)
    quoted = _matched(known.filter(pl.col(_IS_QUOTED)), layout)
    return pl.concat([plain, quoted]).drop(_TEXT, _IS_QUOTED)


def _fault() -> pl.Expr:
    """What is wrong with a line before anybody looks for fields in it."""
    text = pl.col(_TEXT)
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
    return pl.col(_TEXT).str.contains('"', literal=True).fill_null(value=False).alias(_IS_QUOTED)


def _split(lines: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Lines without a quote: every delimiter ends a field."""
    parts = pl.col("_parts")
    is_fit = parts.list.len() == layout.width
    return (
        lines.with_columns(pl.col(_TEXT).str.split(layout.delimiter).alias("_parts"))
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
    text, parts = pl.col(_TEXT), pl.col("_parts")
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
