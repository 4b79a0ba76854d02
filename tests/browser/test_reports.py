"""Every report and the index in a browser: on a screen, a phone, paper; with hostile data."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import hostile
import pytest
from conftest import called_in, empty_database
from hostile import DAY, TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inside import WarmPainter
    from playwright.sync_api import Browser, Page

    from abcjob.database.connection import Connection
    from abcjob.database.embedded import EmbeddedServer

    Look = Literal["light", "dark", "phone"]

# A report's file by what it is of.
REPORTS = {
    "abc": "kpi_20261101.html",
    "abc, 120 months": "kpi_20261102.html",
    "abc, one month of many": "kpi_20261103.html",
    "abc, emptied": "kpi_20261104.html",
    "sales": "sales_20261120.html",
    "sales, emptied": "sales_20261121.html",
    "jukebox": "jukebox_20261120.html",
    "jukebox, emptied": "jukebox_20261121.html",
    "ratings": "ratings_20261120.html",
    "index": "index.html",
}
WHOLE = ("abc", "sales", "jukebox", "ratings", "index")  # what the others have is in these too
MOST_BYTES = 300_000
SCREEN = {"width": 1200, "height": 900}
LOOKS: dict[Look, dict[str, Any]] = {
    "light": {"viewport": SCREEN, "color_scheme": "light"},
    "dark": {"viewport": SCREEN, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "light"},
}
FLAGS = (
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--hide-scrollbars",
)


@pytest.fixture(scope="session")
def reports(
    server: EmbeddedServer, owner: Connection, open_folder: Path, warm_painter: WarmPainter
) -> Path:
    """The folder of the reports, made by the program."""
    folder = open_folder / "browser"
    for name in ("shop", "events", "ratings"):
        (folder / name).mkdir(parents=True)
    hostile.sales(folder / "shop")
    hostile.jukebox(folder / "events")
    metadata = hostile.ratings(folder / "ratings")
    some, many = ("--companies", "300"), ("--companies", "300000")
    commands: tuple[tuple[str, ...], ...] = (
        ("run", "--date", "2026-11-01"),
        ("run", "--date", "2026-11-02", *some, "--months", "120"),
        ("run", "--date", "2026-11-03", *many, "--months", "1"),
        ("data", "clear", "abc"),
        ("report", "abc", "--date", "2026-11-04"),
        ("run", "sales", "--input", "shop", "--date", f"{DAY}"),
        ("data", "clear", "sales"),
        ("report", "sales", "--date", "2026-11-21"),
        ("run", "jukebox", "--input", "events", "--date", f"{DAY}", "--product", TEXTS[0]),
        ("data", "clear", "jukebox"),
        ("report", "jukebox", "--date", "2026-11-21"),
        ("run", "ratings", "--input", "ratings", "--metadata", f"{metadata}", "--date", f"{DAY}"),
    )
    with empty_database(server, owner) as url:
        program = called_in(folder, url, warm_painter)
        for command in commands:
            ran = program(*command)
            # A customer's file is missing: the report tells of it, and the exit code.
            assert ran.returncode == (6 if "ratings" in command else 0), ran.stderr
    return folder / "reports"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, one for all tests."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium")
    if found is None:
        pytest.skip(
            "there is no chromium on the path; install it (Debian: apt-get install chromium)"
        )
    with sync_playwright() as driver:
        is_root = os.geteuid() == 0  # whom Chromium's sandbox refuses
        launched = driver.chromium.launch(
            executable_path=found, args=list(FLAGS), chromium_sandbox=not is_root
        )
        yield launched
        launched.close()


@pytest.fixture(params=REPORTS)
def report(request: pytest.FixtureRequest, reports: Path) -> Path:
    """Each report in turn."""
    return reports / REPORTS[request.param]


@pytest.fixture
def opened(browser: Browser, report: Path) -> Iterator[Page]:
    """A report on a screen."""
    with browser.new_context(**LOOKS["light"]) as context:
        page = context.new_page()
        page.goto(report.as_uri())
        yield page


def axe() -> str:
    """The script that looks for what keeps people from reading a page."""
    package = importlib.util.find_spec("axe_playwright_python")
    assert package is not None
    assert package.origin is not None
    return (Path(package.origin).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "look"),
    [(name, look) for name in REPORTS for look in LOOKS if look == "light" or name in WHOLE],
)
def test_everybody_can_read_it(browser: Browser, reports: Path, name: str, look: Look) -> None:
    """axe finds no violation of its rules and best practices, with what is folded unfolded."""
    with browser.new_context(**LOOKS[look]) as context:
        page = context.new_page()
        page.goto((reports / REPORTS[name]).as_uri())
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        page.evaluate(axe())
        found = page.evaluate("axe.run({resultTypes: ['violations']})")
    assert found["passes"]
    told = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found["violations"]]
    assert not told, json.dumps(told, indent=1)


def test_it_asks_for_nothing(browser: Browser, report: Path) -> None:
    """One file of at most 300 KB: no request leaves it, nothing is said on the console."""
    assert report.stat().st_size <= MOST_BYTES
    said: list[str] = []
    with browser.new_context(**LOOKS["light"]) as context:
        page = context.new_page()
        page.on("request", lambda request: said.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.goto(report.as_uri())
        page.wait_for_load_state("networkidle")
    assert said == [report.as_uri()]


@pytest.mark.parametrize("report", WHOLE, indirect=True)
def test_it_is_whole_without_script(browser: Browser, report: Path, opened: Page) -> None:
    """Where JavaScript is off, it looks the same to the pixel; tooltips are there."""
    with browser.new_context(**LOOKS["light"], java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(report.as_uri())
        assert page.screenshot(full_page=True) == opened.screenshot(full_page=True)
    if "<figure" in report.read_text():
        assert opened.locator("svg path > title").count() > 0


# Figures of the first screen that are broken over lines.
BROKEN = """[...document.querySelectorAll('.tiles dd:not([class])')].filter((figure) => {
    const range = document.createRange();
    range.selectNodeContents(figure);
    return range.getClientRects().length > 1;
}).map((figure) => figure.textContent)"""


def test_it_fits_a_phone(opened: Page) -> None:
    """Nothing scrolls sideways but tables in their frames; words in charts are at least 9 high.

    No figure of the first screen is broken over lines.
    """
    for width in (320, 360):
        opened.set_viewport_size({"width": width, "height": 740})
        assert opened.evaluate("document.scrollingElement.scrollWidth") <= width
        assert opened.evaluate(BROKEN) == []
    sizes = opened.evaluate("""[...document.querySelectorAll('svg text')].map((text) =>
        parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)""")
    assert min(sizes, default=9) >= 9


# Rows of tables in which an edge of a cell, as a selector finds it, is out of sight.
OUT_OF_SIGHT = """([cell, edge]) => [...document.querySelectorAll('.scroll')].flatMap((frame) => {
    const end = frame.getBoundingClientRect().right;
    return [...frame.querySelectorAll('tbody tr')]
        .filter((row) => row.querySelector(cell)?.getBoundingClientRect()[edge] > end)
        .map((row) => row.textContent);
})"""


@pytest.mark.parametrize(
    ("look", "cell", "edge"),
    [("light", ".number", "right"), ("phone", ":nth-child(2)", "left")],
)
@pytest.mark.parametrize("name", WHOLE)
def test_what_stands_beside_a_name_is_in_sight(
    browser: Browser, reports: Path, name: str, look: Look, cell: str, edge: str
) -> None:
    """However long it is: on a screen the first figure, on a phone the begin of what is next."""
    with browser.new_context(**LOOKS[look]) as context:
        page = context.new_page()
        page.goto((reports / REPORTS[name]).as_uri())
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert page.evaluate(OUT_OF_SIGHT, [cell, edge]) == []


# Pairs of words of one chart that lie on each other by more than a hair, and words that reach
# beyond their chart.
MISPLACED = """[...document.querySelectorAll('svg')].flatMap((svg) => {
    const frame = svg.getBoundingClientRect();
    const words = [...svg.querySelectorAll("text:not([opacity='0'])")].map((text) =>
        ({ text: text.textContent, ...text.getBoundingClientRect().toJSON() }))
        .filter((word) => word.width);
    const outside = words.filter((word) => word.left < frame.left - 1
        || word.right > frame.right + 1 || word.top < frame.top - 1
        || word.bottom > frame.bottom + 1);
    const overlapping = words.flatMap((one, at) => words.slice(at + 1)
        .filter((other) => one.left < other.right - 1 && other.left < one.right - 1
            && one.top < other.bottom - 3 && other.top < one.bottom - 3)
        .map((other) => ({ text: `${one.text} | ${other.text}` })));
    return [...outside, ...overlapping].map((word) => word.text);
})"""


def test_words_of_charts_have_their_place(opened: Page) -> None:
    """Axis labels, names and values lie within the chart and not on others."""
    assert opened.evaluate(MISPLACED) == []


def test_paper_cuts_nothing(opened: Page) -> None:
    """On A4 no chart and no row is cut by a sheet's end; a table's head stands on each sheet."""
    from paper import sheets

    opened.emulate_media(media="print")
    # 210 mm less the margins, at 96 dots an inch: beyond it, text would be lost or all made small.
    opened.set_viewport_size({"width": 672, "height": 1000})
    assert opened.evaluate("document.scrollingElement.scrollWidth") <= 672
    found, _ = sheets(opened)
    assert len([name for name in found if name[0] == "f"]) == opened.locator("figure").count()
    rows = {name: at for name, at in found.items() if name[0] not in "fh"}
    assert len(rows) == opened.locator("tbody tr").count()
    assert not {name: at for name, at in found.items() if name[0] != "h" and len(at) > 1}
    for name, at in rows.items():
        assert at <= found[f"h{name.split('.')[0]}"], name


def test_the_raw_markdown_is_even(reports: Path) -> None:
    """It is read as it is too: one empty line between blocks, never two, be there data or none."""
    texts = [page.with_suffix(".md").read_text() for page in reports.glob("*_2026*.html")]
    assert len(texts) == len(REPORTS) - 1  # the index is HTML alone
    for text in texts:
        assert "\n\n\n" not in text, text.partition("\n\n\n")[0][-200:]


@pytest.mark.parametrize("name", ["sales", "jukebox", "ratings"])
def test_data_run_nothing(browser: Browser, reports: Path, name: str) -> None:
    """Whatever a name in the data says, it is text, and as it came."""
    with browser.new_context(**LOOKS["light"]) as context:
        page = context.new_page()
        page.goto((reports / REPORTS[name]).as_uri())
        page.wait_for_load_state("networkidle")
        assert "hit" not in page.title()
        foreign = "script, img, iframe, object, embed, link, form, [src], [style], [onload]"
        assert page.locator(f"{foreign}, a:not([href^='#'])").count() == 0
        assert page.locator("style").count() == 1
        text = page.locator("body").text_content() or ""
    told = hostile.FILES if name == "ratings" else TEXTS
    assert not [one for one in told if one not in text]
