"""Rows as CSV, for programs and for spreadsheets."""

from __future__ import annotations

import polars as pl

# What a spreadsheet takes for the beginning of a formula, as OWASP lists it ("CSV Injection").
_FORMULA = r"^[=+\-@\t\r\n]"


def csv_text(frame: pl.DataFrame) -> str:
    """Rows under a header; a text that a spreadsheet would run as a formula has a quote before."""
    return frame.with_columns(pl.col(pl.String).str.replace(_FORMULA, "'$0")).write_csv()
