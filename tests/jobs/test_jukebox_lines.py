"""What the engine reads in lines of events, against the oracle: values, reasons, and every line."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, NamedTuple

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jukebox_events import line, removed
from jukebox_lines import FIELDS, LONGEST, Event, understood
from jukebox_universe import otherwise
from jukebox_written import written
from jukebox_wrong import EVENTS, RIGHT, WRONG

from abcjob.job import Source
from abcjob.jobs.jukebox import events
from abcjob.sources import lines, objects
from abcjob.stages.validate import Intake

if TYPE_CHECKING:
    from pathlib import Path

    from jukebox_lines import Reasons

# A soak gives more: ABCJOB_TEST_EXAMPLES=20000 makes 100,000 events and more.
EXAMPLES = int(os.environ.get("ABCJOB_TEST_EXAMPLES", "30"))
BLOCKS = (1, 16, lines.BLOCK)
HEAD = b"{\n"  # a line that is wrong, by which the rest is never taken for something packed
BARE = sorted(FIELDS)


class Taken(NamedTuple):
    """What the engine makes of a file, by the number of the line.

    Attributes:
        good: the events; of bare ones, without their ids.
        ids: of the good ones.
        wrong: the lines as they came, and the rules that they break.
        ignored: fields that nobody asked for.
    """

    good: dict[int, Event]
    ids: dict[int, str]
    wrong: dict[int, tuple[bytes, Reasons]]
    ignored: frozenset[str]


def taken(path: Path, variant: str = "", date_format: str | None = None) -> Taken:
    """A file read by the engine; as many lines as it has come out."""
    source = Source("event", path, None, variant=variant)
    intake = Intake(events.variants(date_format), source)
    rejected: list[pl.DataFrame] = []
    good: dict[int, Event] = {}
    ids: dict[int, str] = {}
    for frame in intake.frames(lambda _, rows: rejected.append(rows)):
        nulls = [pl.lit(None).alias(name) for name in Event._fields if name not in frame.columns]
        whole = frame.with_columns(nulls).select("_row", *Event._fields)
        for row, event_id, *values in whole.iter_rows():
            assert row not in good
            good[row], ids[row] = Event("" if variant else event_id, *values), event_id
    wrong = {
        row: (raw, frozenset((one["rule"], one["column"]) for one in json.loads(failed)))
        for frame in rejected
        for row, raw, failed in frame.select("_row", "_raw", "failed_rules").iter_rows()
    }
    assert not good.keys() & wrong.keys()
    assert sum(frame.height for frame in rejected) == len(wrong)
    assert intake.read == len(good) + len(wrong) + intake.blank
    return Taken(good, ids, wrong, frozenset(intake.ignored))


def taken_in_blocks(path: Path, variant: str, block: int, *, few: int) -> Taken:
    """The same, read `block` bytes at a time; no pattern is made of `few` lines."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK", block)
        patch.setattr(objects, "FEW", few)
        patch.setattr(lines, "TOGETHER", 1 if block == BLOCKS[0] else lines.TOGETHER)
        return taken(path, variant)


def compare(folder: pytest.TempPathFactory, content: bytes, block: int, variant: str = "") -> Taken:
    """The engine and the oracle agree on every line, with patterns and without."""
    path = folder.getbasetemp() / "events"
    path.write_bytes(HEAD + content)
    found = taken_in_blocks(path, variant, block, few=0)
    slow = taken_in_blocks(path, variant, block, few=10**9)
    said = (HEAD + content).removesuffix(b"\n").split(b"\n")
    for row, one in enumerate(said, start=1):
        expected = understood(one, variant)
        for way in (found, slow):
            if isinstance(expected, Event):
                assert (one, way.good.get(row)) == (one, expected), way.wrong.get(row)
            elif expected is None:
                assert row not in way.good.keys() | way.wrong.keys()
            else:
                raw, why = way.wrong.get(row, (b"", frozenset()))
                assert (one, set(why)) == (one, set(expected)), way.good.get(row)
                assert raw == one.removesuffix(b"\r")[: LONGEST + 1]
    assert found.good.keys() | found.wrong.keys() <= set(range(1, len(said) + 1))
    assert (found.ids, found.ignored) == (slow.ids, slow.ignored)
    return found


ENDS = st.sampled_from([b"", b"\n", b"\r\n"])


@given(content=written(), block=st.sampled_from(BLOCKS), end=ENDS)
@settings(max_examples=EXAMPLES)
def test_events_in_envelopes(
    tmp_path_factory: pytest.TempPathFactory, content: list[bytes], block: int, end: bytes
) -> None:
    """3.9, 3.22, 3.26: its values, or every reason why not; and none costs another."""
    compare(tmp_path_factory, b"\n".join(content) + end, block)


@given(data=st.data(), variant=st.sampled_from(BARE), block=st.sampled_from(BLOCKS), end=ENDS)
@settings(max_examples=EXAMPLES)
def test_bare_events(
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
    variant: str,
    block: int,
    end: bytes,
) -> None:
    """A file that is named after its type: the same rules; ids as many as there are contents."""
    content = data.draw(written(variant))
    again = [otherwise(line) for line in content if isinstance(understood(line, variant), Event)]
    found = compare(tmp_path_factory, b"\n".join([*content, *again]) + end, block, variant)
    assert len({*found.good.values()}) == len({*found.ids.values()})
    pairs = {(found.ids[row], event) for row, event in found.good.items()}
    assert len(pairs) == len({*found.ids.values()})


@given(
    pieces=st.lists(
        st.one_of(st.binary(max_size=9), st.sampled_from([*EVENTS.values()]), st.just(b"\n"))
    ),
    block=st.sampled_from(BLOCKS),
)
@settings(max_examples=EXAMPLES)
def test_arbitrary_bytes(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], block: int
) -> None:
    """Whatever stands there: lines = loaded + rejected + blank, always, and no traceback."""
    compare(tmp_path_factory, b"".join(pieces), block)


@pytest.mark.parametrize("few", [0, 10**9])
def test_what_all_lines_of_a_file_share_is_told_of_each(tmp_path: Path, few: int) -> None:
    """However many are written alike, and whatever is wrong with all of them."""
    path = tmp_path / "events"
    for one in [*WRONG, *RIGHT]:
        if len(one) < 10_000:
            path.write_bytes(b"\n".join([one] * 3))
            found = taken_in_blocks(path, "", lines.BLOCK, few=few)
            told = [*found.good.values(), *(why for _, why in found.wrong.values())]
            assert (one, told) == (one, [understood(one)] * 3)


def test_what_is_of_no_type_takes_nothing_along(tmp_path: Path) -> None:
    """3.26: events of known types that are written as those of an unknown one are theirs still."""
    path = tmp_path / "events"
    ways = {"Music.SongSkipped": ",", "Music.SongRemoved": "", "Music.SongKept": ","}
    some = [
        line(number, event_type, SongId=1, OccurredAt=f"2026-01-01{comma} 08:00")
        for number in range(100)
        for event_type, comma in ways.items()
    ]
    path.write_bytes(b"\n".join(some))
    found = taken(path)
    assert len(found.good) == 100
    assert {why for _, why in found.wrong.values()} == {
        frozenset({("unknown_type", "EventType"), ("not_a_time", "Payload.OccurredAt")})
    }


def test_a_field_that_is_no_scalar_hides_nothing(tmp_path: Path) -> None:
    """3.26: all that is wrong is told; that such a field is missing is not."""
    path = tmp_path / "events"
    path.write_bytes(line([], "Music.SongListened", SongId={}, DeviceId=[1], SongCompleted=7))
    assert next(iter(taken(path).wrong.values()))[1] == {
        *(("not_a_scalar", name) for name in ("EventId", "Payload.SongId", "Payload.DeviceId")),
        ("not_a_boolean", "Payload.SongCompleted"),
        ("missing", "Payload.OccurredAt"),
    }


def test_times_in_a_format_of_one_s_own(tmp_path: Path) -> None:
    """`--date-format` is read besides ISO 8601, in UTC; of events of no type too."""
    path = tmp_path / "events"
    path.write_bytes(
        b"\n".join(
            [
                removed("1", "20/11/2026 08:30"),
                removed("2", "2026-11-20T09:30:00+01:00"),
                removed("3", "11/20/2026 08:30"),
                line("4", "Music.SongSkipped", OccurredAt="20/11/2026 08:30"),
            ]
        )
    )
    found = taken(path, date_format="%d/%m/%Y %H:%M")
    assert [str(event.occurred_at) for event in found.good.values()] == [
        "2026-11-20 08:30:00+00:00"
    ] * 2
    assert [set(why) for _, why in found.wrong.values()] == [
        {("not_a_time", "Payload.OccurredAt")},
        {("unknown_type", "EventType")},
    ]


def test_no_text_passes_for_several_values(tmp_path: Path) -> None:
    """Bare events of other content have other ids, whatever control characters are in them."""
    first = ["customer_id=1", "event_type=Sale.CustomerRegistered", "identity_number=i", "name=n"]
    last = ["occurred_at=1767225600000000", "phone_number=p"]
    second = ["address=b", first[0].replace("1", "2"), *first[1:]]
    common = {
        "CustomerIdentityNumber": "i",
        "CustomerPhoneNumber": "p",
        "OccurredAt": "2026-01-01",
    }
    one = {"LegalAddress": "a", "CustomerId": 1, "CustomerName": ["n", *last, *second]}
    other = {"LegalAddress": ["a", *first, *last, "address=b"], "CustomerId": 2}
    path = tmp_path / "Sale.CustomerRegistered.ndjson"
    path.write_text(
        "\n".join(
            json.dumps(
                {
                    name: "\x1f".join(said) if isinstance(said, list) else said
                    for name, said in ({"CustomerName": "n"} | common | own).items()
                }
            )
            for own in (one, other)
        )
    )
    assert len({*taken(path, "Sale.CustomerRegistered").ids.values()}) == 2
