"""Several runs of the job jukebox, one after another, against an oracle of all lines so far."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jukebox_answers import Asked, kpis
from jukebox_bench import DAY, Bench, opened
from jukebox_compare import answer, in_any_order, is_beaten, quarantine, stored
from jukebox_events import allocated, bought, customer, location, paid, played, published, removed
from jukebox_lines import Event, understood
from jukebox_oracle import COLUMNS, judged, tables
from jukebox_universe import Run, asked, otherwise, sequences

from abcjob.database import ledger
from abcjob.sources import passages
from abcjob.stages import merge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jukebox_oracle import Judged

    from abcjob.database.embedded import EmbeddedServer

# A soak gives more: ABCJOB_TEST_EXAMPLES=1000.
EXAMPLES = int(os.environ.get("ABCJOB_TEST_EXAMPLES", "5"))


@given(runs=sequences(), order=st.randoms())
@settings(max_examples=EXAMPLES, derandomize=True)
def test_the_oracle_forgets_order_and_repetition(runs: list[Run], order: Any) -> None:
    """3.10: what it says is of the set of lines; each has one fate, and each event one line."""
    lines = [line for run in runs for line in run.lines]
    found = judged(lines)
    again = lines * 2
    order.shuffle(again)
    other = judged(again)
    assert (other.accepted, other.waiting) == (found.accepted, found.waiting)
    assert (other.beaten, other.wrong) == (found.beaten, found.wrong)
    assert tables(other.accepted) == tables(found.accepted)
    fates = Counter(state for state, _ in found.fates.values())
    assert sum(fates.values()) == len(set(lines))
    assert (fates["loaded"], fates["waiting"]) == (len(found.accepted), len(found.waiting))


def compare(bench: Bench, runs: list[Run], wanted: Asked) -> None:
    """After each run the program's tables and quarantine are the oracle's; at last, its KPIs."""
    bench.clear()
    sent: list[bytes] = []
    for step in runs:
        bench.run(step)
        sent += step.lines
        expected = judged(sent)
        made = tables(expected.accepted)
        for table, columns in COLUMNS.items():
            assert (table, stored(bench.db, table, columns)) == (table, in_any_order(made[table]))
        compare_quarantine(bench, expected)
    answers = kpis(made, wanted)
    right = {name: answer(name, rows) for name, rows in answers.items()}
    assert bench.answers(wanted) == right


def compare_quarantine(bench: Bench, expected: Judged) -> None:
    """What waits is there once, what is wrong as it came; what was beaten says what it said.

    A line of what was loaded once may be written otherwise than it came.
    """
    waiting: list[Any] = []
    beaten: list[Any] = []
    wrong: list[Any] = []
    for raw, state, why in quarantine(bench.db):
        event = understood(raw)
        if state == "waiting":
            waiting.append((event, why))
        elif is_beaten(why):
            beaten.append(event)
        else:
            wrong.append((raw, why))
        assert isinstance(event, Event) == (state == "waiting" or is_beaten(why)), raw
    assert Counter(waiting) == Counter(expected.waiting.items())
    assert set(beaten) == expected.beaten
    assert Counter(wrong) == Counter(expected.wrong.items())


@pytest.fixture(scope="module")
def bench(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """For all sequences."""
    with opened(server, tmp_path_factory.mktemp("runs")) as made:
        yield made


def compare_so(bench: Bench, runs: list[Run], wanted: Asked, passage: int, price: int) -> None:
    """As `compare`, with passages of so many lines in the mean; 0: none is known again.

    `price` is what decides whether rows are inserted (0: always) or tables made anew.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merge, "_PRICE", price)
        patch.setattr(passages, "_LINES", passage or 2)
        if not passage:
            patch.setattr(ledger, "known_blocks", lambda *_: frozenset())
        compare(bench, runs, wanted)


@given(
    runs=sequences(),
    wanted=asked(),
    passage=st.sampled_from([0, 2, 2, 1]),
    price=st.sampled_from([16, 0]),
)
@settings(max_examples=EXAMPLES, derandomize=True)
def test_the_tables_are_a_function_of_the_events(
    bench: Bench, runs: list[Run], wanted: Asked, passage: int, price: int
) -> None:
    """3.10: any order, any splitting into runs and files, any repetition; and every KPI of them."""
    compare_so(bench, runs, wanted, passage, price)


def of(*lines: bytes) -> Run:
    """A run with one file of these lines."""
    return Run(((lines, False),))


D1, D2, D3, D4 = (f"2026-01-0{day}" for day in (1, 2, 3, 4))
C1, L1 = customer("c1", D1), location("l1", D1)
A1, S1, B1 = allocated("a1", D1, price=100), published("s1", D1), bought("b1", D1)
MADE = of(C1, L1, A1, S1, paid("p1", D2, 1, 100), played("m1", D2))
SEQUENCES = {
    "a customer who becomes another": [MADE, of(customer("c1", D2, 2)), of(customer("c9", D1))],
    "... and is told of again as before": [MADE, of(customer("c1", D2, 2)), of(C1, otherwise(C1))],
    "an event that loses to one that waits": [of(C1), of(location("c1", D2, of=9)), of(C1)],
    "... which loses in its turn": [of(location("c1", D2, of=9)), of(C1), of(customer("c1", D3))],
    "one that waits loses and comes again": [
        of(L1),
        of(location("l1", D2, of=2)),
        of(otherwise(L1), customer("c2", D1, 2)),
        of(C1),
    ],
    "one that waits is told in two ways": [of(L1), of(otherwise(L1)), of(L1, C1)],
    "one that waits again is told in another way": [
        MADE,
        of(customer("c1", D2, 2)),
        of(otherwise(L1), otherwise(A1)),
        of(customer("c3", D1)),
    ],
    "three contents of one EventId": [
        of(customer("c1", D2, name="B")),
        of(customer("c1", D1, name="A"), customer("c1", D3, name="C")),
        of(customer("c1", D4, name="D"), customer("c1", D2, name="B")),
    ],
    "all of them at once": [
        of(*(customer("c1", day, name=day) for day in (D3, D4, D2)), C1, otherwise(C1))
    ],
    "a song whose publishing was another's": [
        of(S1, played("m1", D2, None), removed("r1", D3)),
        of(published("s1", D2, 51)),
        of(published("s2", D1)),
    ],
    "a device known by an allocation that waits again": [
        MADE,
        of(location("l1", D2, 11)),
        of(B1),
        of(location("l3", D1)),
    ],
    "told anew, each alone, and nothing for others": [
        MADE,
        of(played("m1", D3, is_completed=False), played("m2", D2)),
        of(paid("p1", D3, 1, 40)),
        of(allocated("a1", D2, price=30, agent=(7, "Ida"))),
        of(customer("c1", D2, name="B")),
        of(location("l1", D2, address="y")),
        of(published("s1", D2, name="Turned")),
        of(played("m1", D4)),
    ],
    "a play told anew beside one that waits": [
        MADE,
        of(played("m1", D3, is_completed=False), played("m2", D2, 200)),
        of(bought("b2", D1, 200)),
    ],
    "a song told anew of another artist": [of(S1), of(published("s1", D2, artist="Others"))],
    "a play told anew of another song": [
        of(S1, published("s2", D1, 51), played("m1", D2, None)),
        of(played("m1", D3, None, song=51)),
    ],
    "an allocation moved to another device": [
        of(C1, L1, A1, B1, paid("p1", D2, 1, 100)),
        of(allocated("a1", D2, 200, 50)),
    ],
    "a payment moved to another device": [
        of(C1, L1, A1, allocated("a2", D1, 200, 100), paid("p1", D2, 1, 100)),
        of(paid("p2", D3, 1, 100, 200)),
        of(paid("p0", D1, 1, 7, 100), paid("p3", D4, 1, 40, None)),
    ],
    "a late allocation, and a later one": [
        of(C1, L1, S1, allocated("a2", D2, price=100), paid("p1", D1, 1, 100), played("m1", D1)),
        of(A1),
        of(allocated("a3", D3, price=0), paid("p2", D3, 2, 5)),
    ],
    "days whose plays become another agent's": [
        of(C1, L1, S1, A1, *(played(f"m{day}", day) for day in (D1, D2, D3, D4))),
        of(allocated("a3", D3, agent=(8, "Linus"))),
        of(allocated("a1", D2, agent=(7, "Grace"))),
        of(allocated("a0", D1, agent=(9, "Ida")), played("m5", D2, is_completed=False)),
        of(allocated("a3", D4, agent=(7, "Grace"))),
        of(allocated("a1", D4, 200, agent=(7, "Grace"))),
    ],
    "days whose plays are told anew": [
        of(C1, L1, S1, A1, allocated("a2", D1, 200, agent=(8, "Linus")), played("m1", D2)),
        of(played("m1", D4)),
        of(bought("m1", "2026-01-05", 300), played("m2", D3, 200)),
        of(played("m2", D4, None), played("m3", D3, 200)),
    ],
    "a customer's correction that comes first": [
        of(customer("c2", D2, name="B")),
        of(C1, L1),
        of(location("l0", D1, address="x"), location("L9", D1, address="y")),
    ],
    "a play under the EventId of what it needs": [of(S1, played("s1", D2, None)), of(S1)],
    "a removal before what it removes": [of(removed("r1", D1)), of(S1), of(published("s2", D2))],
    "nothing right": [of(b"{"), of(b"{", C1), of(b"", C1)],
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_what_came_before_is_never_in_the_way(bench: Bench, name: str) -> None:
    """3.10, 3.26: sequences in which what an event came to has to be undone, or matters later."""
    for price in (16, 0):
        compare_so(bench, SEQUENCES[name], Asked(DAY), 1, price)
