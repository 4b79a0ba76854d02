"""What a file is, and sales as lines of JSON, against Python's json module."""

from __future__ import annotations

import gzip
import json
import os
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from fields import faults_of_amount, instant, number
from hypothesis import given, settings
from hypothesis import strategies as st
from salesfiles import AS_READ, BLOCKS, GOOD, NAMES, SALES, reasons, taken, taken_in_blocks

from abcjob.errors import DataError
from abcjob.sources import files, objects

if TYPE_CHECKING:
    from pathlib import Path

    from abcjob.sources.shapes import Doubtful

    Row = tuple[object, ...]

# A soak gives more: ABCJOB_TEST_EXAMPLES=20000 makes 100,000 cases of them.
EXAMPLES = int(os.environ.get("ABCJOB_TEST_EXAMPLES", "30"))


class Text(str):
    """A JSON number, as it is written."""

    __slots__ = ()


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys come once each."""
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError(pairs)
    return dict(pairs)


def refused(constant: str) -> None:
    """NaN is no JSON."""
    raise ValueError(constant)


def parsed(text: str) -> Any:
    """JSON by Python's parser, numbers as they are written."""
    return json.loads(
        text, object_pairs_hook=once, parse_int=Text, parse_float=Text, parse_constant=refused
    )


def fit(found: Any) -> Row | None:
    """The values of a record; None: it is to be rejected."""
    if not isinstance(found, dict):
        return None
    fields = [field for name in NAMES if isinstance(field := found.get(name), str)]
    if len(fields) < len(NAMES):
        return None
    *ids, day_, quantity, paid = fields
    try:
        "".join(fields).encode()
        whole = int(quantity.strip(" ")) if quantity.strip(" ").lstrip("+-").isdigit() else 0
    except ValueError:
        return None
    trimmed = [one.strip(" ") for one in ids]
    is_good = (
        all(1 <= len(one) <= 64 and "\0" not in one for one in trimmed)
        and instant(day_)
        and quantity.isascii()
        and 1 <= whole < 2**31
        and not faults_of_amount(paid)
    )
    return (*trimmed, instant(day_), whole, number(paid)) if is_good else None


def expected(line: bytes) -> Row | None:
    """The values of a line; None: it is to be rejected."""
    try:
        return fit(parsed(line.decode()))
    except (ValueError, RecursionError):
        return None


def written(folder: pytest.TempPathFactory, content: bytes) -> Path:
    """A file."""
    path = folder.getbasetemp() / "file"
    path.write_bytes(content)
    return path


ids = st.one_of(
    st.integers(-1, 10**6),
    st.text("aZ9é -_,:{}[]", max_size=6),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=66),
    st.sampled_from(["id", "product_id", ",", "", '"', "\\", "\n", "\0", "\x7f", "a" * 64]),
)
days = st.one_of(
    st.dates(date(1990, 1, 1), date(2030, 1, 1)).map(str),
    st.sampled_from(["2026-02-29", "20/11/2026", "2026-11-20T00:00:00Z", "11/20/2026"]),
)
quantities = st.one_of(
    st.integers(1, 99), st.integers(-1, 2**31), st.sampled_from([1.0, "7", " 7 ", "x", 10**400])
)
amounts = st.one_of(
    st.decimals(-(10**6), 10**6, places=2).map(str),
    st.floats(-1000, 1000).map(lambda one: round(one, 2)),
    st.sampled_from(
        [1e-7, 1e300, "12,50", "1.005", 0.1, 12345678901234, 999999999999.99, "1e3", "-1.5E1"]
    ),
)
odd: st.SearchStrategy[Any] = st.sampled_from([None, True, False, [], [1], {}, {"id": {"a": [1]}}])
mores = st.one_of(st.none(), odd, st.floats(allow_nan=False), st.text(max_size=5))


@st.composite
def written_files(draw: st.DrawFn) -> list[bytes]:
    """Objects of one program's writing, nearly all of them right; some are damaged."""
    order = draw(st.permutations(NAMES)) if draw(st.booleans()) else NAMES
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " : ")]))
    extra = draw(st.sampled_from([(), ("more",), ("more", 'odd"key'), ("id,", "{x:")]))
    is_ascii = draw(st.booleans())
    are_texts = draw(st.booleans())

    def one() -> bytes:
        values = {
            **{name: draw(ids) for name in NAMES[:3]},
            "sale_date": draw(days),
            "quantity": draw(quantities),
            "amount": draw(amounts),
        }
        if are_texts:
            values = {name: str(value) for name, value in values.items()}
        if draw(st.integers(0, 9)) == 0:
            values[draw(st.sampled_from(NAMES))] = draw(odd)
        record: dict[str, Any] = {name: values[name] for name in order}
        if draw(st.integers(0, 9)) == 0:
            record.pop(draw(st.sampled_from(NAMES)))
        record |= {name: draw(mores) for name in extra}
        text = json.dumps(record, ensure_ascii=is_ascii, separators=separators)
        return damaged(text.encode())

    def damaged(line: bytes) -> bytes:
        if draw(st.integers(0, 5)):
            return line
        at = draw(st.integers(0, len(line)))
        piece = draw(
            st.one_of(
                st.binary(max_size=3),
                st.sampled_from(list(b'{}[]",:\\ \r0.-+e')).map(lambda code: bytes([code])),
                st.sampled_from([b"NaN", b"\\u0000", b"\\ud800", b'"id":1,', b"007", b"\r"]),
            )
        )
        return line[:at] + piece + line[at + draw(st.integers(0, 2)) :]

    return [one() for _ in range(draw(st.integers(0, 8)))]


def compare(folder: pytest.TempPathFactory, content: bytes, block: int) -> None:
    """The engine and the oracle agree on every line, whichever way it goes; none is lost."""
    content = b"{\n" + content  # a line that is wrong, by which the kind is told
    path = written(folder, content)
    good, rejected, intake = taken_in_blocks(path, block)
    found = content.removesuffix(b"\n").split(b"\n")
    for row, line in enumerate(found, start=1):
        # The last carriage return is part of the line's end; spaces alone are nothing.
        text = line.removesuffix(b"\r")
        if not text.strip(b" "):
            assert row not in good.keys() | rejected
        elif (values := expected(text)) is None:
            assert row in rejected, line
        else:
            assert good.get(row) == values, line
    assert intake.read == len(found)
    slow = taken_in_blocks(path, block, few=10**9)
    assert (good, rejected, set(intake.ignored)) == (*slow[:2], set(slow[2].ignored))


@given(
    content=written_files(),
    block=st.sampled_from(BLOCKS),
    end=st.sampled_from([b"", b"\n", b"\r\n"]),
)
@settings(max_examples=EXAMPLES)
def test_lines_of_json(
    tmp_path_factory: pytest.TempPathFactory, content: list[bytes], block: int, end: bytes
) -> None:
    """Each line comes out as Python's json has it, or is rejected; none costs another."""
    compare(tmp_path_factory, b"\n".join(content) + end, block)


@given(
    pieces=st.lists(st.one_of(st.binary(max_size=9), st.just(GOOD), st.just(b"\n"))),
    block=st.sampled_from(BLOCKS),
)
@settings(max_examples=EXAMPLES)
def test_arbitrary_bytes_below_an_object(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], block: int
) -> None:
    """Whatever stands there: lines = loaded + rejected + blank, always."""
    compare(tmp_path_factory, b"".join(pieces), block)


DUMPED = {
    "as Python does": [json.dumps(sale) for sale in SALES],
    "without spaces": [json.dumps(sale, separators=(",", ":")) for sale in SALES],
    "by Polars": pl.DataFrame(SALES).write_ndjson().splitlines(),
    "texts alone": [json.dumps({key: str(sale[key]) for key in sale}) for sale in SALES],
    "in two orders": [
        json.dumps(dict(sorted(sale.items(), reverse=at % 2 == 0))) for at, sale in enumerate(SALES)
    ],
    "with more keys": [
        json.dumps(dict(zip(["a", *sale, "z"], [1.5e3, *sale.values(), None], strict=True)))
        for sale in SALES
    ],
    "with values that look like keys": [
        json.dumps({"x": ",", "y,": "id", "{w": ":", **sale, "z": "},{"}) for sale in SALES
    ],
}


@pytest.mark.parametrize("way", DUMPED)
def test_lines_that_a_program_wrote_are_plain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """What is as it should be is not looked at line by line, in whatever way it is written."""
    looked_at = 0
    close = objects.Objects.fields

    def counted(self: objects.Objects, lines: pl.DataFrame) -> list[Doubtful]:
        nonlocal looked_at
        looked_at += lines.height
        return close(self, lines)

    monkeypatch.setattr(objects.Objects, "fields", counted)
    path = tmp_path / "sales"
    path.write_text("\n".join(DUMPED[way]))
    good, rejected, _ = taken(path)
    assert (list(good.values()) if way != "in two orders" else sorted(good.values())) == (
        AS_READ if way != "in two orders" else sorted(AS_READ)
    )
    assert not rejected
    assert looked_at <= objects.FEW


FAULTS = [
    (b"nothing", "not_json", None),
    (GOOD[:-1], "not_json", None),
    (GOOD.replace(b"1.10", b"NaN"), "not_json", None),
    (GOOD.replace(b"1.10", b"01.10"), "not_json", None),
    (GOOD.replace(b'"3"', b'"a\tb"'), "not_json", None),
    (b'{"more":' + b"[" * 200_000, "too_deep", None),
    (GOOD.replace(b"{", b'{"more":' + b"[" * 64 + b"]" * 64 + b","), "too_deep", None),
    (GOOD.replace(b"{", b'{"more":{"a":{"b":1,"b":1}},'), "repeated_key", None),
    (b"," + GOOD[1:], "not_json", None),
    (GOOD.replace(b',"quantity"', b'{"quantity"'), "not_json", None),
    (GOOD.replace(b',"quantity"', b'"quantity"'), "not_json", None),
    (GOOD + b"}", "not_json", None),
    (GOOD[:-1] + b",}", "not_json", None),
    (b"[" + GOOD + b"]", "not_an_object", None),
    (b"17", "not_an_object", None),
    (GOOD.replace(b'"id"', b'"id":"2","id"'), "repeated_key", None),
    (GOOD.replace(b"{", b'{"more":1,"more":1,'), "repeated_key", None),
    (GOOD.replace(b'"3"', b'"\xff"'), "invalid_utf8", None),
    (GOOD.replace(b'"3"', b'"\\ud800"'), "invalid_utf8", None),
    (GOOD.replace(b'"3"', b'"\0"'), "nul_character", None),
    (GOOD.replace(b'"3"', b'"\\u0000"'), "nul_character", None),
    (GOOD.replace(b'"3"', b'"' + b"3" * 2**20 + b'"'), "line_too_long", None),
    (GOOD.replace(b'"3"', b"true"), "not_a_scalar", "store_id"),
    (GOOD.replace(b'"3"', b'{"id":"3"}'), "not_a_scalar", "store_id"),
    (GOOD.replace(b'"3"', b'["3"]'), "not_a_scalar", "store_id"),
    (GOOD.replace(b'"3"', b"null"), "missing", "store_id"),
    (GOOD.replace(b'"3"', b'" "'), "missing", "store_id"),
    (GOOD.replace(b',"store_id":"3"', b""), "missing", "store_id"),
    (GOOD.replace(b'"3"', b'"' + b"3" * 65 + b'"'), "too_long", "store_id"),
    (GOOD.replace(b"2026-11-20", b"2026-11-31"), "not_a_date", "sale_date"),
    (GOOD.replace(b'"quantity":1', b'"quantity":1.0'), "not_an_integer", "quantity"),
    (GOOD.replace(b'"quantity":1', b'"quantity":0'), "not_positive", "quantity"),
    (GOOD.replace(b'"quantity":1', b'"quantity":2147483648'), "out_of_range", "quantity"),
    (GOOD.replace(b"1.10", b"1e"), "not_json", None),
    (GOOD.replace(b"1.10", b'"1e"'), "not_a_number", "amount"),
    (GOOD.replace(b"1.10", b"1e-3"), "too_precise", "amount"),
    (GOOD.replace(b"1.10", b"0.105"), "too_precise", "amount"),
    (GOOD.replace(b"1.10", b"1000000000000.00"), "out_of_range", "amount"),
]


def test_each_fault_of_a_line_has_its_name(tmp_path: Path) -> None:
    """The reasons that users see; a line's fault is all there is to say of it."""
    path = tmp_path / "sales"
    path.write_bytes(b"\n".join([GOOD, *(line for line, _, _ in FAULTS), GOOD]))
    assert reasons(path) == [(rule, column) for _, rule, column in FAULTS]


def test_values_that_are_not_plain_are_judged_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dates day first and decimal commas are right too, and whole files have them."""
    monkeypatch.setattr(objects.Objects, "_taken", lambda *_: pytest.fail("it was looked at"))
    path = tmp_path / "sales"
    path.write_text(
        "\n".join(
            json.dumps(
                {
                    **sale,
                    "sale_date": "/".join(reversed(str(sale["sale_date"]).split("-"))),
                    "amount": f"{sale['amount']:.2f}".replace(".", ","),
                }
            )
            for sale in SALES
        )
    )
    assert [*taken(path)[0].values()] == AS_READ


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault[0][:40].decode(errors="replace"))
def test_a_fault_that_all_lines_share_is_found_in_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: tuple[bytes, str, str | None]
) -> None:
    """However many lines are written alike, no pattern is made of what is wrong."""
    monkeypatch.setattr(objects, "FEW", 0)
    line, rule, column = fault
    path = tmp_path / "sales"
    path.write_bytes(b"\n".join([b"{", *[line] * 3]))
    assert reasons(path) == [("not_json", None), *[(rule, column)] * 3]


def test_keys_that_nobody_asked_for_are_named_but_not_all_of_many(tmp_path: Path) -> None:
    """A file whose keys are data would fill the log."""
    path = tmp_path / "sales"
    path.write_bytes(b"\n".join(GOOD[:-1] + b',"key%d":1}' % one for one in range(1000)))
    good, _, intake = taken(path)
    assert len(good) == 1000
    assert len(intake.ignored) == 21
    assert intake.ignored[-1] == "..."


@pytest.mark.parametrize("content", [b"[]", b" [ \n ] \n", b"", b"\xef\xbb\xbf[]"])
def test_nothing_in_it(tmp_path: Path, content: bytes) -> None:
    """No records, and nothing wrong."""
    path = tmp_path / "sales"
    path.write_bytes(content)
    good, rejected, intake = taken(path)
    assert (good, rejected, intake.read) == ({}, set(), 0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[" + GOOD, "a JSON array, but cut off before its end; get the file again"),
        (b"[" + GOOD[:-5], "a JSON array, but cut off"),
        (b'[{"id":"]', "a JSON array, but cut off"),
        (b"[" + GOOD + b"] " + GOOD, "a JSON array, but there is more after its end"),
        (b"[" + GOOD + b"]]", "a JSON array, but there is more after its end"),
        (b"[" + GOOD + b"}", "a JSON array, but its brackets do not match"),
        (b"\n<!DOCTYPE html><html>", "a web page or other markup, expected CSV, NDJSON, a JSON"),
        (b"PAR1 and no more", "Parquet, but broken or cut off"),
        (b"id;product_id;store_id;sale_date;amount\n", "its header lacks quantity, expected id"),
        (gzip.compress(GOOD)[:-9], "gzip, but broken or cut off"),
        (gzip.compress(b"PAR1" * 9), "Parquet packed by gzip"),
    ],
)
def test_a_file_that_is_refused_is_named_with_what_it_is(
    tmp_path: Path, content: bytes, said: str
) -> None:
    """What was read, what was found, what to do."""
    path = tmp_path / "sales"
    path.write_bytes(content)
    with pytest.raises(DataError, match=said) as caught:
        taken(path)
    assert str(caught.value).startswith(f"reading {path}: it")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_under_which_the_columns_are_there(
    tmp_path: Path, delimiter: str
) -> None:
    """Also where another stands in a name that nobody asked for."""
    path = tmp_path / "sales"
    header = delimiter.join(['"a,b;c\td|e"', *NAMES])
    path.write_text(f"{header}\n{delimiter.join(['x', *map(str, SALES[0].values())])}\n")
    assert taken(path)[0] == {2: AS_READ[0]}


@pytest.mark.parametrize("most", [100, 10_000])
def test_what_comes_out_of_a_packed_file_has_a_limit(tmp_path: Path, most: int) -> None:
    """A megabyte can stand for a gigabyte."""
    path = tmp_path / "sales"
    path.write_bytes(gzip.compress(b" " * (most + 1)))
    said = f"reading {path}: more than {most:,} bytes come out of it"
    with pytest.raises(DataError, match=said), files.opened(path, most=most) as stream:
        while stream.read(64):
            pass
    path.write_bytes(gzip.compress(b" " * most))
    with files.opened(path, most=most) as stream:
        assert len(stream.read()) == most
