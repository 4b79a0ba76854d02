"""Sales in a JSON array, against Python's json module."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from salesfiles import AS_READ, GOOD, SALES, lines_of, taken, taken_in_blocks

from abcjob.errors import DataError
from abcjob.sources import array, lines

if TYPE_CHECKING:
    from pathlib import Path

# A soak gives more: ABCJOB_TEST_EXAMPLES=20000 makes 100,000 cases of them.
EXAMPLES = int(os.environ.get("ABCJOB_TEST_EXAMPLES", "30"))

values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-9, 9),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text('ab"\\[]{},:\n\r\t é', max_size=8),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text('k",[]{}\\', max_size=3), inner, max_size=3),
    ),
    max_leaves=12,
)


@given(
    elements=st.lists(values, max_size=6),
    indent=st.sampled_from([None, 0, 2, "\t"]),
    separators=st.sampled_from([(",", ":"), (" , ", " : "), (",\r\n", ":\n")]),
    block=st.sampled_from([1, 2, 3, 16, 2**20]),
    around=st.sampled_from([("", ""), (" \n", "\n"), ("\r\n\t", " \r\n\t\n")]),
)
@settings(max_examples=EXAMPLES)
def test_an_array_has_an_element_on_each_line(
    elements: list[Any],
    indent: int | str | None,
    separators: tuple[str, str],
    block: int,
    around: tuple[str, str],
) -> None:
    """Pretty-printed or not, nested, with brackets, commas and escaped quotes inside of texts."""
    text = json.dumps(elements, indent=indent, separators=separators, ensure_ascii=False)
    content = around[0].join(["", text]).encode() + around[1].encode()
    pieces = [content[at : at + block] for at in range(0, len(content), block)]
    found = b"".join(array.elements(pieces))
    assert found == b"" or found.endswith(b"\n")
    assert [json.loads(line) for line in found.splitlines()] == elements


@given(
    content=st.one_of(
        st.binary(max_size=40), st.text('[]{},"\\ \n\ra1', max_size=30).map(str.encode)
    ),
    block=st.sampled_from([1, 2, 3, 16]),
)
@settings(max_examples=EXAMPLES)
def test_where_an_array_is_parted_does_not_matter(content: bytes, block: int) -> None:
    """Whatever it is, a block's end changes nothing; what is no array is never taken for one."""

    def found(size: int) -> bytes | str:
        whole = b"[" + content
        try:
            return b"".join(
                array.elements(whole[at : at + size] for at in range(0, len(whole), size))
            )
        except DataError as error:
            return str(error)

    whole = found(100)
    assert found(block) == whole
    try:
        parsed_ = json.loads(b"[" + content)
    except ValueError:
        if isinstance(whole, bytes):  # then an element is at fault
            with pytest.raises(ValueError):  # noqa: PT011
                [json.loads(line) for line in whole.split(b"\n")[:-1]]
    else:
        assert isinstance(whole, bytes)
        assert [json.loads(line) for line in whole.split(b"\n")[:-1]] == parsed_


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("block", [1, 16, lines.BLOCK])
def test_sales_in_an_array(tmp_path: Path, indent: int | None, block: int) -> None:
    """Elements are numbered from 1; one that is wrong costs itself alone."""
    path = tmp_path / "sales"
    elements: list[Any] = [*SALES[:50], 17, {**SALES[0], "amount": [1, {"a,]": "}"}]}, SALES[50]]
    path.write_text(json.dumps(elements, indent=indent))
    good, rejected, intake = taken_in_blocks(path, block)
    assert good == dict(zip([*range(1, 51), 53], AS_READ[:51], strict=True))
    assert (rejected, intake.read) == ({51, 52}, 53)
    raw = lines_of(path)
    assert [json.loads(line) for line in raw["_raw"]] == elements
    assert raw["_row"].to_list() == list(range(1, 54))


def test_an_element_with_a_raw_line_break_in_a_text_is_rejected(tmp_path: Path) -> None:
    """JSON has none there. It costs this element alone."""
    path = tmp_path / "sales"
    path.write_bytes(b"[" + GOOD + b"," + GOOD.replace(b'"3"', b'"a\nb"') + b"," + GOOD + b"]")
    good, rejected, _ = taken(path)
    assert (set(good), rejected) == ({1, 3}, {2})
