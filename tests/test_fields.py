"""Fields of JSON against Python's own parsers, as texts and bare, by patterns and without."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

import pytest
from fields import written_out
from hypothesis import example, given, settings
from hypothesis import strategies as st

from abcjob.fields import boolean, degrees, id_number, instant, text, unknown, within
from abcjob.job import Source
from abcjob.rules import Record
from abcjob.sources import objects
from abcjob.stages.validate import Intake

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    Judged = tuple[Any, set[str]]
    Found = dict[int, Judged]  # the value and the rules broken, by the line's number

# A soak gives more: ABCJOB_TEST_EXAMPLES=20000.
EXAMPLES = int(os.environ.get("ABCJOB_TEST_EXAMPLES", "30"))


class Known(Record):
    """Something with a number."""

    field = id_number()


class True_(Record):  # noqa: N801
    """A yes or a no."""

    field = boolean()


class Parallel(Record):
    """How far north."""

    field = degrees(90)


class Meridian(Record):
    """How far east."""

    field = degrees(180)


class Moment(Record):
    """When."""

    field = instant()


class Lost(Record):
    """What nobody knows."""

    field = unknown("lost")


class Pair(Record):
    """One thing that is told twice, and what need not be there."""

    field = within("Out.In", id_number())
    again = within("Again", id_number(), is_kept=False, same_as=("field", "another"))
    more = within("Out.More", text(3), is_optional=True)


def taken(
    folder: pytest.TempPathFactory, record: type[Record], lines: list[str], few: int
) -> Found:
    """What comes of lines of JSON; no pattern is made of `few` lines."""
    path = folder.getbasetemp() / "fields.ndjson"
    path.write_text("{\n" + "".join(f"{line}\n" for line in lines))
    rejected: list[pl.DataFrame] = []
    found: Found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(objects, "FEW", few)
        intake = Intake(record, Source("fields", path, None))
        for frame in intake.frames(lambda _, rows: rejected.append(rows)):
            found |= {row - 2: (values, set()) for row, *values in frame.iter_rows()}
    for frame in rejected:
        for row, failed in frame.select("_row", "failed_rules").iter_rows():
            found[row - 2] = None, {rule["rule"] for rule in json.loads(failed)}
    assert found.pop(-1)[1] == {"not_json"}
    assert found.keys() == set(range(len(lines)))
    return found


def compare(
    folder: pytest.TempPathFactory,
    record: type[Record],
    written: list[Any],
    judge: Callable[[str], Judged],
) -> None:
    """Each value, as a text or as JSON has it, comes out as `judge` says of its text."""
    lines = [json.dumps({"field": value}) for value in written]
    for few in (0, 10**9):
        found = taken(folder, record, lines, few)
        for number, value in enumerate(written):
            said = value if isinstance(value, str) else json.dumps(value)
            expected, faults = judge(said.strip(" ")) if said.strip(" ") else (None, {"missing"})
            values, broken = found[number]
            assert (value, broken) == (value, faults)
            assert (value, values) == (value, None if faults else [expected])


def known(text: str) -> Judged:
    """By Python's int, given ASCII digits."""
    if not text.isascii() or not text.lstrip("+-").isdigit() or text[1:].strip("0123456789"):
        return None, {"not_an_integer"}
    value = int(text)
    return value, set() if 0 <= value < 2**63 else {"out_of_range"}


@given(
    written=st.lists(
        st.one_of(
            st.integers(-2, 2**64),
            st.integers(-(2**63) - 2, 2**63 + 2).map(str),
            st.text("0123456789+- .e", max_size=21),
            st.floats(0, 9),
            st.sampled_from(["0" * 40 + "7", "9" * 400, "\u0663", "1_0", "0x7", "\u00b2"]),
        )
    )
)
@example([2**63 - 1, 2**63, str(2**63 - 1), str(2**63), -1, "-0", "+7", " 7 ", 7.0, 10**400])
@settings(max_examples=EXAMPLES)
def test_ids_are_whole_numbers_of_63_bits(
    tmp_path_factory: pytest.TempPathFactory, written: list[Any]
) -> None:
    """3.11: digits, as number or as text."""
    compare(tmp_path_factory, Known, written, known)


@given(written=st.lists(st.sampled_from([True, False, "true", "false", " true ", "True", 1, "t"])))
@settings(max_examples=EXAMPLES // 4)
def test_yes_and_no(tmp_path_factory: pytest.TempPathFactory, written: list[Any]) -> None:
    """JSON's own words, or the same as text, in small letters alone."""

    def judge(text: str) -> Judged:
        return text == "true", set() if text in {"true", "false"} else {"not_a_boolean"}

    compare(tmp_path_factory, True_, written, judge)


def angle(most: int) -> Callable[[str], Judged]:
    """By Python's decimal, of a number as it is without its exponent."""

    def judge(text: str) -> Judged:
        text = written_out(text)
        whole, point, decimals = text.partition(".")
        parts = [whole[1:] if whole[:1] in {"+", "-"} else whole, *([decimals] if point else [])]
        if not all(part.isascii() and part.isdigit() for part in parts):
            return None, {"not_a_number"}
        value = Decimal(text)
        if len(decimals) > 15:
            return None, {"too_precise"}
        if abs(value) > most:
            return None, {"out_of_range"}
        return value.quantize(Decimal("0.000001"), ROUND_HALF_UP), set()

    return judge


@given(
    written=st.lists(
        st.one_of(
            st.integers(-182, 182),
            st.floats(-181, 181),
            st.decimals(-181, 181, places=7).map(str),
            st.text("0189+-. ,e", max_size=8),
            st.sampled_from(["1.123456789012345", "1.1234567890123456", "00090.0", "-0000181"]),
        )
    )
)
@example([90, 90.000001, 180, -180, 180.0000001, 9.5, 99.5, 1.0000005, -1.0000005, 1e-7, "1,5"])
@example(
    [1e-15, 1e-16, 1.5e-05, "1e+1", "-0.9E2", "9.1e1", "1e999", "1e-999", "1e1000", "0e9", "e1"]
)
@settings(max_examples=EXAMPLES)
def test_degrees_are_rounded_half_away_from_zero(
    tmp_path_factory: pytest.TempPathFactory, written: list[Any]
) -> None:
    """To six places; of more than 15 nothing is made."""
    compare(tmp_path_factory, Parallel, written, angle(90))
    compare(tmp_path_factory, Meridian, written, angle(180))


def offset(zone: str) -> timedelta:
    """How far a zone's clocks are before UTC's."""
    hours, minutes = zone[1:3], zone[3:] or "00"
    minutes = minutes.removeprefix(":")
    if not (len(hours) == len(minutes) == 2 and (hours + minutes).isdigit()):
        raise ValueError(zone)
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError(zone)
    found = timedelta(hours=int(hours), minutes=int(minutes))
    return -found if zone[0] == "-" else found


def part(digits: str) -> timedelta:
    """A part of a second, cut off behind the microseconds."""
    if not digits.isdigit() or len(digits) > 9:
        raise ValueError(digits)
    return timedelta(microseconds=int(digits[:6].ljust(6, "0")))


def moment(text: str) -> Judged:
    """By Python's strptime, piece by piece."""
    clock, zone = text[10:], ""
    for sign in "+-Z":
        if sign in clock:
            clock, _, zone = clock.partition(sign)
            zone = sign + zone
            break
    clock, point, fraction = clock.replace(",", ".").replace(" ", "T", 1).partition(".")
    forms = {0: "", 6: "T%H:%M", 9: "T%H:%M:%S"}
    try:
        form = f"%Y-%m-%d{forms[len(clock)]}"
        told = datetime.strptime(text[:10] + clock, form).replace(tzinfo=UTC)
        told += part(fraction) if point else timedelta()
        told -= timedelta() if zone in {"", "Z"} else offset(zone)
    except (ValueError, KeyError, OverflowError):
        return None, {"not_a_time"}
    shape = re.sub("[0-9]", "0", text[:10] + clock)
    is_whole = text.isascii() and shape in ("0000-00-00T00:00:00"[:end] for end in (10, 16, 19))
    is_whole = is_whole and not (zone and not clock) and not (point and len(clock) != 9)
    return told, set() if is_whole and told.year >= 1900 else {"not_a_time"}


moments = st.datetimes(datetime(1899, 12, 30), datetime(9999, 12, 31, 23, 59, 59))  # noqa: DTZ001
forms = st.builds(
    lambda one, cut, between, end: (
        one.isoformat(timespec="microseconds").replace("T", between)[:cut] + end
    ),
    moments,
    st.sampled_from([10, 16, 19, 21, 23, 26, 26]),
    st.sampled_from("TT "),
    st.sampled_from(["", "", "Z", "Z", "789", "7891", "+00:00", "-23:59", "+0130", "-05", "+24"]),
)
changed = st.builds(
    lambda text, at, new: text[: at % len(text)] + new + text[at % len(text) + 1 :],
    forms,
    st.integers(0, 40),
    st.sampled_from(
        ["0", "1", "2", "3", "6", "9", ":", ",", ".", " ", "T", "t", "-", "", "\u0663"]
    ),
)


@given(written=st.lists(st.one_of(forms, forms, changed, st.integers(0, 2**40))))
@example(["2024-02-29T00:00:00Z", "2023-02-29", "2026-01-01T24:00", "2026-01-01T23:59:60Z"])
@example(["2000-01-1", "2000-1-01", "2000-01-01T1:30"])
@example(["1899-12-31T23:30-01:00", "1900-01-01T00:00+00:01", "9999-12-31T23:59:59.9999999-00:01"])
@settings(max_examples=EXAMPLES)
def test_moments_are_those_of_the_calendar(
    tmp_path_factory: pytest.TempPathFactory, written: list[Any]
) -> None:
    """ISO 8601, to the microsecond, in UTC; by the offset that is told."""
    compare(tmp_path_factory, Moment, written, moment)


def test_every_day_is_read_with_and_without_an_offset(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Of four hundred years, leap centuries among them, each by its own text."""
    days = [datetime(1900, 1, 1, 23, tzinfo=UTC) + timedelta(one) for one in range(146_097)]
    for end, later in (("Z", 0), ("+01:30", -90), ("-11", 660)):
        lines = [json.dumps({"field": f"{day:%Y-%m-%dT%H:%M:%S}{end}"}) for day in days]
        found = taken(tmp_path_factory, Moment, lines, 64)
        wanted = [day + timedelta(minutes=later) for day in days]
        assert [found[row][0][0] for row in range(len(days))] == wanted


def test_what_is_unknown_is_never_taken(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever it is; where there is nothing, that is what is told."""
    lines = [json.dumps({"field": value}) for value in ("a", "a", "", " ", None, 7)]
    for few in (0, 10**9):
        found = taken(tmp_path_factory, Lost, lines, few)
        told = [found[row][1] for row in range(len(lines))]
        assert told == [{"lost"}, {"lost"}, {"missing"}, {"lost"}, {"missing"}, {"lost"}]


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from([1, "1", "01", 2, None, "x"]),
            st.sampled_from([1, 1, "1", " 1", 2, None, "x", -1]),
            st.sampled_from([None, ..., "abc", "abcd", 12, "a"]),
        )
    )
)
@settings(max_examples=EXAMPLES)
def test_fields_of_fields(tmp_path_factory: pytest.TempPathFactory, rows: list[Any]) -> None:
    """Deeper in an object; the same as another, whatever it is written like; not there at all."""
    lines = [
        json.dumps({"Again": again, "Out": {"In": one} | ({} if more is ... else {"More": more})})
        for one, again, more in rows
    ]
    for few in (0, 10**9):
        found = taken(tmp_path_factory, Pair, lines, few)
        for number, (one, again, more) in enumerate(rows):
            both = [
                (None, {"missing"}) if said is None else known(str(said).strip(" "))
                for said in (one, again)
            ]
            faults = both[0][1] | both[1][1] | ({"too_long"} if more == "abcd" else set())
            if not (both[0][1] or both[1][1]) and both[0][0] != both[1][0]:
                faults |= {"another"}
            kept = None if more in {None, ...} else str(more)
            expected = (None, faults) if faults else ([both[0][0], kept], set())
            assert (number, found[number]) == (number, expected)
