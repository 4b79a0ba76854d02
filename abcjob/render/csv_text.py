"""Rows as CSV, for programs and for spreadsheets."""

from __future__ import annotations

import polars as pl
import polars.selectors as cs

_ZEROS = r"(\.\d*?)0+$"  # at the end of a decimal

# What a spreadsheet takes for the beginning of a formula, as OWASP lists it ("CSV Injection").
_FORMULA = r"^[=+\-@\t\r\n]"


def csv_text(frame: pl.DataFrame, *, is_short: bool = False) -> str:
    """Rows under a header; a text that a spreadsheet would run as a formula has a quote before.

    Args:
        frame: the rows.
        is_short: a decimal has no zeros at its end, as where counts and money share a column.
    """
    safe = frame.with_columns(pl.col(pl.String).str.replace(_FORMULA, "'$0"))
    if is_short:
        digits = cs.decimal().cast(pl.String).str.replace(_ZEROS, "$1").str.strip_suffix(".")
        safe = safe.with_columns(digits)
    return safe.write_csv()
