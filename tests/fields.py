"""What a field's text stands for, by Python's own decimal and datetime."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal


def number(text: str) -> Decimal | None:
    """The number that a text is read as; None: it is none."""
    trimmed = written_out(text.strip(" "))
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+|,[0-9][0-9]?)?", trimmed, re.ASCII):
        return None
    return Decimal(trimmed.replace(",", "."))


def written_out(text: str) -> str:
    """A number without its exponent, by Python's decimal; any other text as it is."""
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]{1,3}", text, re.ASCII):
        return text
    return format(Decimal(text), "f")


def faults_of_amount(text: str) -> set[str]:
    """The rules that an amount of 14 digits, 2 of them decimals, breaks."""
    if not text.strip(" "):
        return {"missing"}
    if (value := number(text)) is None:
        return {"not_a_number"}
    faults = set()
    if value * 100 != (value * 100).to_integral_value():
        faults.add("too_precise")
    if abs(value) >= 10**12:
        faults.add("out_of_range")
    return faults


def instant(text: str) -> date | None:
    """The date that a text is read as; None: it is none. By strptime, given the right shape."""
    trimmed = text.strip(" ")
    shape = re.sub("[0-9]", "0", trimmed)
    offsets = ("", "Z", "+00:00", "-00:00", "+0000", "-0000")
    iso = {"0000-00-00", *(f"0000-00-00T00:00:00{end}" for end in offsets)}
    shapes = {
        "00/00/0000": "%d/%m/%Y",
        "00.00.0000": "%d.%m.%Y",
        "00-00-0000": "%d-%m-%Y",
        **dict.fromkeys(iso, "%Y-%m-%d"),
    }
    if shape not in shapes or not trimmed.isascii():
        return None
    if "T" in trimmed and not re.search("T00:00:00(?:$|Z|.00:?00)", trimmed):
        return None
    try:
        found = datetime.strptime(trimmed[:10], shapes[shape]).date()  # noqa: DTZ007
    except ValueError:
        return None
    return found if 1900 <= found.year <= 9999 else None
