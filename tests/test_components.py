"""What pages are made of, each by itself: tables, KPIs, checks, rows, what charts say."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from snapshots import Document, Page

from abcjob import jobs, resources
from abcjob.database.ledger import CheckResult, Counts, Published
from abcjob.render.charts import Chart
from abcjob.render.page import Pages
from abcjob.render.tables import Heading, Table
from abcjob.sqlfile import SqlFile
from abcjob.stages.report import Section

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    Row = dict[str, Any]

PUBLISHED = Published(
    date(2026, 11, 21),
    {},
    {"sales": Counts(1_234, 1_228, skipped=1, rejected=3, waiting=4, retried=2)},
    (CheckResult("one", "error", 0), CheckResult("two", "warning", 3)),
)
CHECKS = [{"rule": f"Rule <{result.name}> holds.", "result": result} for result in PUBLISHED.checks]
TABLE = Table(
    (
        Heading("", "Month", is_number=False),
        Heading("Revenue", "small", is_number=True),
        Heading("Revenue", "<all>", is_number=True),
        Heading("Lost", "small", is_number=True),
    ),
    (("2021-01", "$19", "$118", "0"), ("2021-02", "$0", "$99", "1")),
)
KPI = SqlFile(
    "total_revenue",
    {
        "question": "How much is <it>?",
        "definition": "All | of it.",
        "why": "It is what we live on.",
        "unit": "US dollars",
    },
    "select sum(amount)\nfrom sale\nwhere amount < 10",
)
ROWS = [{"product": "<b>", "revenue": Decimal(3)}]
CHART = Chart("total_revenue", {"title": "Revenue <t>"}, ROWS, "sales/charts/revenue_by_product.j2")
SECTION = Section(KPI, TABLE, len(TABLE.rows), "", CHART, lambda: "<svg></svg>")
PIECES = {
    "table": '{{ page.table(section.table, "In <dollars>") }}',
    "kpi": "{{ page.kpi(section) }}",
    "checks": "{{ page.checks(checks) }}",
    "rows": "{% call page.rows(job, published, []) %}<p>From files.</p>{% endcall %}",
}
VALUES = {
    "section": SECTION,
    "checks": CHECKS,
    "job": jobs.load("sales"),
    "published": PUBLISHED,
}


def html(folder: Path, piece: str, values: dict[str, Any]) -> str:
    """A piece of a page."""
    start = '{% import "macros.html.j2" as page with context %}'
    (folder / "piece.html.j2").write_text(start + piece)
    return Pages(folder).html("piece.html.j2", values)


def markdown(folder: Path, piece: str, values: dict[str, Any]) -> str:
    """A piece of a document."""
    (folder / "piece.md.j2").write_text('{% import "macros.md.j2" as page %}' + piece)
    return Pages(folder).markdown("piece.md.j2", values)


@pytest.mark.parametrize("name", PIECES)
def test_a_component_looks_as_it_did(
    tmp_path: Path, name: str, snapshot: SnapshotAssertion
) -> None:
    """Each macro of a page, with data that are markup in its every text."""
    assert html(tmp_path, PIECES[name], VALUES) == snapshot(extension_class=Page)
    in_text = {
        "table": "{{ page.table(section.table) }}",
        "rows": "{% call page.rows(job, published) %}From files.{% endcall %}",
    }
    piece = in_text.get(name, PIECES[name])
    assert markdown(tmp_path, piece, VALUES) == snapshot(extension_class=Document)


@pytest.mark.parametrize(
    ("violations", "sentence"),
    [
        ((0, 0), "2 of 2 checks passed."),
        ((0, 3), "no check failed, 1 of 2 warned."),
        ((1, 3), "no check failed, 2 of 2 warned."),
    ],
)
def test_a_kpi_says_what_it_rests_on(
    tmp_path: Path, violations: tuple[int, int], sentence: str
) -> None:
    """1.2: rows in, loaded and rejected, and the checks: a warning is no failure."""
    checks = tuple(CheckResult(f"{n}", "warning", found) for n, found in enumerate(violations))
    text = html(tmp_path, PIECES["kpi"], {**VALUES, "published": replace(PUBLISHED, checks=checks)})
    said = f"of 1,234 rows in and 2 retried, 1,228 were loaded and 3 rejected; {sentence}"
    assert said in re.sub("<.*?>", "", text)


def test_a_kpi_of_cleared_tables_rests_on_nothing(tmp_path: Path) -> None:
    """1.2: the last run's rows are gone, so nothing is said of them."""
    cleared = {**VALUES, "published": replace(PUBLISHED, is_cleared=True)}
    assert "rows in" not in html(tmp_path, PIECES["kpi"], cleared)


@pytest.mark.parametrize(("severity", "look"), [("warning", "warned"), ("error", "failed")])
def test_a_warning_looks_otherwise_than_an_error(tmp_path: Path, severity: str, look: str) -> None:
    """By its class, for which the style sheet has a colour."""
    checks = [{"rule": "R", "result": CheckResult("one", severity, 3)}]
    text = html(tmp_path, PIECES["checks"], {**VALUES, "checks": checks})
    assert f'<td class="{look}">{severity}: 3 rows</td>' in text
    assert f".{look} {{ color: " in (resources.folder("templates") / "style.css").read_text()


@pytest.mark.parametrize(("rows", "is_folded"), [(24, False), (25, True)])
def test_long_tables_are_folded(tmp_path: Path, rows: int, is_folded: bool) -> None:
    """Two years of months are seen at once, more when they are asked for."""
    table = replace(TABLE, rows=TABLE.rows[:1] * rows)
    text = html(tmp_path, PIECES["kpi"], {**VALUES, "section": replace(SECTION, table=table)})
    assert (f"The table of these figures, {rows} rows" in text) == is_folded
    assert text.count('<th scope="row">2021-01') == rows


def test_a_chart_without_words_is_a_chart_still(tmp_path: Path) -> None:
    """A template of the user's need not say what its chart shows."""
    section = replace(SECTION, chart=replace(CHART, said="nosuch.j2"))
    assert "<svg>" in html(tmp_path, PIECES["kpi"], {**VALUES, "section": section})


def test_every_chart_says_what_it_shows() -> None:
    """Beside each spec stands the template that says what its rows come to."""
    folder = resources.folder("templates")
    specs = list(folder.glob("*/charts/*.vl.json"))
    assert len(specs) == 15
    for spec in specs:
        if spec.parent.parent != folder:
            assert spec.with_name(spec.name.replace(".vl.json", ".j2")).is_file(), spec


def said(template: str, rows: Sequence[Row]) -> list[str]:
    """What a chart says, a line for each item."""
    text = Pages().html(template, {"rows": rows})
    items = re.findall(r"(?s)<li>(.*?)</li>", text)
    return [unescape(" ".join(re.sub("<.*?>", "", item).split())) for item in items]


def month(of: int, size: str, revenue: object) -> Row:
    """A row of the KPI revenue."""
    return {"period": date(2021, of, 1), "company_size": size, "revenue": revenue}


@pytest.mark.parametrize(
    ("revenues", "sentence"),
    [
        ([19], "small: $19 in 2021-01."),
        ([38, 19], "small fell from $38 in 2021-01 to $19 in 2021-02."),
        ([19, "38.5"], "small rose from $19 in 2021-01 to $38.50 in 2021-02."),
        ([19, 19], "small was $19 in 2021-01 and $19 in 2021-02."),
        ([19, 57, 38], ("small rose from $19 in 2021-01 to $38 in 2021-03, with a peak of $57 in "
                        "2021-02.")),
        ([19, 0, 0, 38], ("small rose from $19 in 2021-01 to $38 in 2021-04, with a low of $0 in "
                          "2021-02.")),
        ([38, 57, 0, 19], ("small fell from $38 in 2021-01 to $19 in 2021-04, with a peak of $57 "
                           "in 2021-02 and a low of $0 in 2021-03.")),
        ([None, 19, None, 0, None], "small fell from $19 in 2021-02 to $0 in 2021-04."),
    ],
)  # fmt: skip
def test_a_line_is_said_by_its_ends_peak_and_low(revenues: list[Any], sentence: str) -> None:
    """First and last; the greatest and the least where they lie between; what is null is not."""
    rows = [
        month(n, "small", value if value is None else Decimal(value))
        for n, value in enumerate(revenues, 1)
    ]
    assert said("abc/charts/revenue.j2", rows) == [sentence]


def test_each_line_is_said_in_order() -> None:
    """One sentence for each series, in the order of the rows; names that differ by case are two."""
    rows = [month(1, "b", 1), month(1, "B", 2), month(1, "<a>", None), month(1, "<A>", 3)]
    assert said("abc/charts/revenue.j2", rows) == [
        "b: $1 in 2021-01.", "B: $2 in 2021-01.", "<A>: $3 in 2021-01.",
    ]  # fmt: skip


def test_bars_of_the_first_agents_are_not_those_of_all() -> None:
    """The chart has ten of them at most: what all others come to, nobody can say of it."""
    rows = [{"agent": f"A{n}", "songs_played": 90 - n} for n in range(10)]
    for count, rest in ((4, "The next: 87"), (10, "The next 7 together: 588")):
        told = said("jukebox/charts/agent_ranking.j2", rows[:count])
        assert told == ["A0: 90", "A1: 89", "A2: 88", rest]


@pytest.mark.parametrize(
    ("count", "items"),
    [
        (1, ["P0: €9"]),
        (3, ["P0: €9", "P1: €8", "P2: €7"]),
        (4, ["P0: €9", "P1: €8", "P2: €7", "The other: €6"]),
        (6, ["P0: €9", "P1: €8", "P2: €7", "All others together: €15"]),
    ],
)
def test_bars_are_said_by_the_first_three(count: int, items: list[str]) -> None:
    """And what the others come to."""
    rows = [{"product": f"P{n}", "revenue": Decimal(9 - n)} for n in range(count)]
    assert said("sales/charts/revenue_by_product.j2", rows) == items


def test_what_was_received_is_said_of_what_is_expected() -> None:
    """The first three devices, and what the others come to: both sums."""
    rows = [
        {"device_id": str(n), "device": f"<D{n}>", "received": Decimal(n), "expected": Decimal(9)}
        for n in range(5)
    ]
    first = ["0 · <D0>: 0.00 of 9.00", "1 · <D1>: 1.00 of 9.00", "2 · <D2>: 2.00 of 9.00"]
    assert said("jukebox/charts/expected_cash.j2", rows[:3]) == first
    told = said("jukebox/charts/expected_cash.j2", rows[:4])
    assert told == [*first, "The other: 3.00 of 9.00"]
    told = said("jukebox/charts/expected_cash.j2", rows)
    assert told == [*first, "The other 2 together: 7.00 of 18.00"]


def test_events_without_a_device_are_said_by_kind() -> None:
    """The sum where there are payments; plays have none."""
    rows = [
        {"kind": "payments", "events": 2, "amount": Decimal("37.5")},
        {"kind": "plays", "events": 1_000, "amount": None},
    ]
    told = ["Payments: 2, of 37.50 in all", "Plays: 1,000"]
    assert said("jukebox/charts/unlinked.j2", rows) == told
    none = {"kind": "payments", "events": 0, "amount": Decimal(0)}
    assert said("jukebox/charts/unlinked.j2", [none]) == ["Payments: 0"]


def test_a_product_is_set_against_all_others() -> None:
    """The product that is compared stands first in each month, also where it sold nothing."""
    rows = [
        {"month": at, "product": name, "sales": sales}
        for at, name, sales in (
            ("2026-01", "M", 0), ("2026-01", "m", 2), ("2026-01", "b", 3),
            ("2026-02", "M", 4), ("2026-03", "M", 1), ("2026-03", "b", 1),
        )
    ]  # fmt: skip
    assert said("jukebox/charts/product_sales.j2", rows) == [
        "M rose from 0 in 2026-01 to 1 in 2026-03, with a peak of 4 in 2026-02.",
        "All others fell from 5 in 2026-01 to 1 in 2026-03, with a low of 0 in 2026-02.",
    ]


def test_rules_are_added_up_over_customers() -> None:
    """The rule that most rows broke first."""
    rows = [
        {"rule": rule, "broken_rows": count}
        for rule, count in (("a", 1), ("b", 2), ("a", 3), ("b", 3))
    ]
    assert said("ratings/charts/rejections.j2", rows) == ["b: 5", "a: 4"]
