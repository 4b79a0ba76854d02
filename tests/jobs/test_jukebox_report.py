"""The report of the job jukebox: what its top says, its charts, and data that stay data."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from jukebox_answers import KPIS, Asked
from jukebox_events import (
    PRODUCT,
    allocated,
    bought,
    customer,
    location,
    paid,
    played,
    published,
)
from jukebox_tables import asked, filled, make

from abcjob import jobs
from abcjob.cli import output
from abcjob.database.ledger import CheckResult, Counts, Published
from abcjob.jobs.jukebox import summary
from abcjob.jobs.jukebox.summary import Best, Cash, Product, Summary, Unlinked
from abcjob.presentation import ENGLISH
from abcjob.render.charts import ChartPainter
from abcjob.render.page import Pages
from abcjob.stages import report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from abcjob.database.connection import Connection
    from abcjob.job import Frames

JOB = jobs.load("jukebox")
DAY = date(2026, 3, 31)
PUBLISHED = Published(
    DAY,
    {"product": "O'Box", "all_plays": "yes"},
    {"event": Counts(1_234, 1_228, rejected=4, waiting=2)},
    (CheckResult("devices_have_a_cost", "warning", 3),),
)
STREAM = (
    customer("c", "2026-01-01"),
    location("l", "2026-01-01"),
    bought("b1", "2026-01-02", 100, 400),
    bought("b2", "2026-01-02", 200, 300, "PartyBox"),
    bought("b3", "2026-01-03", 300, "300.50", "PartyBox"),
    allocated("a1", "2026-01-10", 100, 900),
    allocated("a2", "2026-01-10", 200, 500, agent=(8, "Ida"), name="PartyBox"),
    allocated("a3", "2026-01-10", 300, 500, agent=(8, "Ida"), name="PartyBox"),
    paid("p1", "2026-01-15", 1, 450, 100),
    paid("p2", "2026-02-14", 2, 450, 100),
    paid("p3", "2026-02-14", 3, 500, 200),
    paid("p4", "2026-02-15", 4, "99.50", 300),
    paid("p5", "2026-02-15", 5, 30, None),
    published("s", "2026-01-01"),
    played("m1", "2026-02-01", 100),
    played("m2", "2026-02-02", 200),
    played("m3", "2026-02-03", 200),
    played("m4", "2026-02-03", None),
)


@pytest.fixture
def db(db: Connection) -> Connection:
    """A connection to a database with the job's tables, empty."""
    make(db)
    return db


@pytest.fixture(scope="module")
def painter() -> Iterator[ChartPainter]:
    """What draws charts."""
    with ChartPainter() as found:
        yield found


def kpis(db: Connection, product: str = PRODUCT) -> Frames:
    """Every KPI."""
    return {name: asked(db, name, Asked(DAY, product)) for name in KPIS}


def written(
    frames: Frames, painter: ChartPainter, folder: Path, told: Published = PUBLISHED
) -> dict[str, str]:
    """The report, by ending."""
    paths = report.write(JOB, DAY, frames, told, Pages(), painter, folder)
    return {path.suffix: path.read_text(encoding="utf-8") for path in paths}


def svgs(page: str) -> list[str]:
    """The charts of a page."""
    return re.findall(r"<svg (?!class=\"trend\").*?</svg>", page, re.DOTALL)


def test_the_summary_is_of_the_kpis(db: Connection) -> None:
    """3.1 to 3.7: it computes nothing anew; worked out by hand."""
    assert summary.of(kpis(db)) == Summary(
        0, Decimal(0), None, None, None, 0, Decimal(0), None, Unlinked(0, Decimal(0), 0)
    )
    filled(db, STREAM)
    # In 2026-02 each of two devices is sold, of 1,900 expected 1,499.50 came for a device.
    assert summary.of(kpis(db)) == Summary(
        2, Decimal(1400),
        Best("2026-02", "Ida", 0, 2),
        Cash(Decimal("1529.50"), date(2026, 2, 15), Decimal(0)),
        Cash(Decimal("1000.50"), date(2026, 1, 3), Decimal(0)),
        1, Decimal("400.50"),
        Product(PRODUCT, "2026-02", 1, Decimal("0.5"), 1, 0.5),
        Unlinked(1, Decimal(30), 1),
        date(2026, 1, 2), date(2026, 2, 15),
    )  # fmt: skip


def test_the_report_shows_every_kpi(db: Connection, painter: ChartPainter, tmp_path: Path) -> None:
    """3.1 to 3.7, 3.16: a section each, in order, the figures as people read them."""
    filled(db, STREAM)
    pages = written(kpis(db), painter, tmp_path)
    titles = [name.replace("_", " ").capitalize() for name in KPIS]
    for ending, pattern in ((".md", r"^## (.*)$"), (".html", r"<h2 id=\"\w+\">(.*)</h2>")):
        found = re.findall(pattern, pages[ending], re.MULTILINE)
        rest = ["What is not loaded", "Checks", "Where the rows came from"]
        assert found == [*titles, *rest]
        for text in (
            "2 jukeboxes are sold, for 1,400.00.",
            "400.50 is still due for 1 device.",
            "Rejected, as they break a rule: 4. Waiting for a customer",
            "MusicMaker3000 made 1 sale in 2026-02, 50.0%",
            "On the jukeboxes of Ida 2 songs were played in 2026-02, the most of all agents.",
        ):
            assert text in pages[ending], (ending, text)
    assert len(svgs(pages[".html"])) == len(KPIS)
    assert "set abcjob.product to 'O&#39;&#39;Box'<" in pages[".html"]
    assert "is_touched" not in pages[".html"]
    for personal in ("Byron", "Old Road", "555-01", "AB-123", "Quay"):
        assert personal not in pages[".html"] + pages[".md"]


def test_a_report_of_nothing_says_so(db: Connection, painter: ChartPainter, tmp_path: Path) -> None:
    """3.1: totals are 0; KPIs without rows are a panel, without a chart."""
    good = replace(PUBLISHED, rows={"event": Counts(0, 0)})
    pages = written(kpis(db), painter, tmp_path, good)
    assert "no jukebox is sold yet" in pages[".md"]
    assert pages[".html"].count("There are no rows to show.") == 5
    assert svgs(pages[".html"]) == []
    assert "not loaded" not in pages[".md"] + pages[".html"]


def test_charts_tell_their_figures(db: Connection, painter: ChartPainter, tmp_path: Path) -> None:
    """3.2 to 3.7: each mark says what it stands for; colours follow the reader's scheme."""
    more = [paid("q", "2025-01-01", 9, 7, None), allocated("a4", "2026-03-05", 400, 0)]
    filled(db, [*STREAM, *more])
    charts = svgs(written(kpis(db), painter, tmp_path)[".html"])
    sold, ranking, received, spent, expected, products, unlinked = (
        re.findall(r"<title>(.*?)</title></path>", text) for text in charts
    )
    assert sold == ["2026-02: 2", "2026-03: 3"]
    assert ranking == ["1. Ida, 2026-02: 2", "2. Grace, 2026-02: 1"]
    assert len(received) == 92
    assert received[-2:] == ["2026-03-01: 0.00", "2026-03-02: 0.00"]
    assert spent[:3] == ["2026-01-02: 700.00", "2026-01-03: 300.50", "2026-01-04: 0.00"]
    assert spent[-1] == "2026-01-18: 0.00"
    assert products == [
        "MusicMaker3000, 2026-02: 1", "all others, 2026-02: 1",
        "MusicMaker3000, 2026-03: 1", "all others, 2026-03: 0",
    ]  # fmt: skip
    due = ["300 · PartyBox: 99.50 of 500.00", "100 · MusicMaker3000: 900.00 of 900.00",
           "200 · PartyBox: 500.00 of 500.00", "400 · MusicMaker3000: 0.00 of 0.00"]  # fmt: skip
    assert expected == [*due, *due]  # what is expected, then what was received
    assert kpis(db)["unlinked"].schema["amount"] == pl.Decimal(24, 2)  # as CSV has it: 37.00
    assert unlinked == ["payments: 2 · 37.00", "plays: 1"]
    for text in charts:
        assert "var(--series-1)" in text
        assert ".5</text>" not in text  # there are no halves of sales
        width, height = map(float, re.findall(r'viewBox="0 0 (\S+) (\S+)"', text)[0])
        # At 360 pixels, texts of 14 are then more than 9 high.
        assert width < 500
        assert height < 1.5 * width
        assert min(map(int, re.findall(r'font-size="(\d+)px"', text))) >= 14


NASTY = "<b>x</b> | *y* `z` \x01\x0b \U0001f600 </svg>"


def test_data_stay_data(db: Connection, painter: ChartPainter, tmp_path: Path) -> None:
    """An agent or a product with markup or control characters in its name is text, everywhere."""
    filled(db, [*STREAM, allocated("a4", "2026-02-20", 400, 0, agent=(9, NASTY), name=NASTY),
                *(played(f"n{n}", "2026-02-21", 400) for n in range(5))])  # fmt: skip
    pages = written(kpis(db, NASTY), painter, tmp_path)
    assert "<b>" not in pages[".html"]
    assert not re.search(r"(?<!\\)<b", pages[".md"])
    assert "\x01" not in pages[".html"] + pages[".md"]
    charts = [ET.fromstring(text) for text in svgs(pages[".html"])]  # noqa: S314
    names = ["".join(element.itertext()) for chart in charts for element in chart.iter()]
    assert "1. <b>x</b> | *y* `z` ?? \U0001f600 </svg>" in names
    assert "<b>x</b> | *y* `z` ?? \U0001f600 </svg>" in names


def test_long_tables_end(
    db: Connection, painter: ChartPainter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page of many days or devices can be opened: it shows 400 rows, and says where all are.

    So does what a run prints; all of them are printed where they are asked for.
    """
    day = date(2026, 1, 1)
    more = [paid("q", f"{day - timedelta(500)}", 9, 7, None),
            *(allocated(f"a{n}", "2026-01-10", n, 10) for n in range(1_000, 1_500))]  # fmt: skip
    filled(db, [*STREAM, *more])
    told = kpis(db)
    pages = written(told, painter, tmp_path)
    for text in ("These are 400 of 561 rows", "These are 400 of 503 rows"):
        assert text in pages[".md"]
        assert text in pages[".html"]
    assert pages[".md"].count("\n| 2026-02-15 ") == 1
    assert pages[".md"].count("\n| 2024-") == 0
    assert pages[".html"].count("prints all of them") == 2
    output.print_kpis(JOB, told, "table", ENGLISH, DAY, is_excerpt=True)
    printed = capsys.readouterr().out
    for kpi, count in (("cash_received", 561), ("expected_cash", 503)):
        told_all = (
            f"\n These are 400 of {count} rows; `abcjob kpi jukebox {kpi}` prints all of them.\n"
        )
        assert told_all in printed
    assert printed.count("prints all of them") == 2
    output.print_kpis(JOB, told, "table", ENGLISH, DAY)
    whole = capsys.readouterr().out
    assert "prints all of them" not in whole
    assert whole.count("\n") == printed.count("\n") + 161 + 103 - 2 * 2
    output.print_kpis(JOB, told, "csv", ENGLISH, DAY, is_excerpt=True)
    assert capsys.readouterr().out.count("\n") > 561 + 503


BASE: dict[str, Any] = {
    "sales": 1, "revenue": Decimal(900), "best": None, "received": None, "spent": None,
    "owing": 0, "due": Decimal(0), "product": None, "unlinked": Unlinked(0, Decimal(0), 0),
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({}, "1 jukebox is sold, for 900.00."),
        ({"sales": 0, "revenue": Decimal(0)}, ""),
        ({"sales": 2_000, "owing": 2, "due": Decimal("1234.5")},
         "2,000 jukeboxes are sold, for 900.00. 1,234.50 is still due for 2 devices."),
        ({"received": Cash(Decimal(5), DAY, Decimal("0.33")),
          "spent": Cash(Decimal(4), DAY, Decimal("0.27"))},
         ("1 jukebox is sold, for 900.00. 5.00 came in up to 2026-03-31, lately 0.33 a day. "
          "4.00 went out for jukeboxes up to 2026-03-31, lately 0.27 a day.")),
        ({"unlinked": Unlinked(1, Decimal(30), 2_000)},
         ("1 jukebox is sold, for 900.00. Nobody said for which device 1 payment (30.00) was, "
          "nor on which device 2,000 songs were played.")),
        ({"unlinked": Unlinked(0, Decimal(0), 1)},
         ("1 jukebox is sold, for 900.00. Nobody said on which device 1 song was played.")),
        ({"unlinked": Unlinked(2, Decimal(30), 0)},
         ("1 jukebox is sold, for 900.00. Nobody said for which device 2 payments (30.00) were.")),
    ],
)  # fmt: skip
def test_the_top_says_what_it_comes_to(changed: dict[str, Any], sentence: str) -> None:
    """3.1 to 3.7: in a line."""
    values = {"summary": Summary(**{**BASE, **changed})}
    assert Pages().markdown("jukebox/summary.j2", values).strip() == sentence


WELL = report.Unloaded(0, 0, Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    ("sales", "unloaded", "sentence"),
    [
        (1, WELL, "Healthy: no event of the last run was rejected, and none waits."),
        (0, WELL, "To be watched: no jukebox is sold yet, none is paid to its price."),
        (1, report.Unloaded(1, 1, Decimal("0.5"), Decimal(0)),
         ("To be watched: 1 event was rejected (50.0% of those that came) and 1 event waits for "
          "what it refers to.")),
        (1, replace(WELL, waiting=2),
         "To be watched: 2 events wait for what they refer to."),
    ],
)  # fmt: skip
def test_the_health_line_says_why(sales: int, unloaded: report.Unloaded, sentence: str) -> None:
    """One sentence, with its reason."""
    values = {"summary": Summary(**{**BASE, "sales": sales}), "unloaded": unloaded}
    assert Pages().markdown("jukebox/health.j2", values).strip() == sentence


def test_the_first_screen_has_the_figures(
    db: Connection, painter: ChartPainter, tmp_path: Path
) -> None:
    """What it covers, then the tiles; of cash the mean of 15 days. Worked out by hand."""
    filled(db, STREAM)
    page = written(kpis(db), painter, tmp_path)[".html"]
    assert "Cash from 2026-01-02 to 2026-02-15, in UTC." in page
    tiles = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", re.sub("</?span.*?>", "", page))
    assert tiles == [
        ("Sales", "2"), ("Revenue", "1,400"), ("Still due", "400.50"),
        ("Mean cash received a day, 2026-03-02", "0.00"),
        ("Mean cash spent a day, 2026-01-18", "0.00"),
        ("Events without a device", "2"),
    ]  # fmt: skip
