"""Text in CSV: no spreadsheet takes it for a formula."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from abcjob.render.csv_text import csv_text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    """A quote goes before what a spreadsheet would run; numbers are numbers still."""
    row = (text, "a=1", "", -1, None, Decimal("-0.50"), date(2021, 3, 1), 'say "a,b"')
    told = csv_text(pl.DataFrame([row], list("abcdefgh"), orient="row"))
    [head, read] = csv.reader(io.StringIO(told, newline=""))
    assert head == list("abcdefgh")
    assert read == [f"'{text}", "a=1", "", "-1", "", "-0.50", "2021-03-01", 'say "a,b"']
