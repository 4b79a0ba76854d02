"""Formats by locale: figures, money and dates as people of a country write them, in one place."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from babel import localedata
from hypothesis import given
from hypothesis import strategies as st

from abcjob.outside import visible
from abcjob.render import changes, locales
from abcjob.render.charts import Chart, ChartPainter
from abcjob.render.formats import NUMERIC, Kind, for_charts, shown, shown_share, shown_short

if TYPE_CHECKING:
    from conftest import Program

ROOT = Path(__file__).resolve().parent.parent
NARROW = "\u202f"  # a narrow space that does not break a line: French groups digits by it
SPACE = "\u00a0"  # a space that does not break a line


# By hand, as either language has it: a space or a point between thousands, a comma before the
# decimals, the sign behind, the day first.
@pytest.mark.parametrize(
    ("value", "kind", "english", "french", "german"),
    [
        (1_245_678, "euros", "€1,245,678", "1_245_678~€", "1.245.678~€"),
        (Decimal("-19.5"), "euros", "-€19.50", "-19,50~€", "-19,50~€"),
        (Decimal(20_271), "money", "$20,271", "20_271~$US", "20.271~$"),
        (Decimal("0.07049"), "percent", "7.0%", "7,0~%", "7,0~%"),
        (Decimal("-0.5"), "percent", "-50.0%", "-50,0~%", "-50,0~%"),
        (1_234_567, "count", "1,234,567", "1_234_567", "1.234.567"),
        (Decimal("1234.005"), "decimal", "1,234.00", "1_234,00", "1.234,00"),
        (0, "count", "0", "0", "0"),
        (date(2021, 3, 9), "month", "2021-03", "03/2021", "3/2021"),
        (date(2021, 3, 9), "date", "2021-03-09", "09/03/2021", "9.3.2021"),
        (date(2021, 3, 9), "text", "2021-03-09", "09/03/2021", "9.3.2021"),
        ("1,5", "money", "1,5", "1,5", "1,5"),
        (None, "count", "–", "–", "–"),  # noqa: RUF001
    ],
)
def test_each_locale_has_its_form(
    value: object, kind: Kind, english: str, french: str, german: str
) -> None:
    """_ is a narrow space, ~ a wide one."""
    forms = [shown(value, kind, locale) for locale in ("en", "fr", "de")]
    wanted = [text.replace("_", NARROW).replace("~", SPACE) for text in (english, french, german)]
    assert forms == wanted


@pytest.mark.parametrize("kind", sorted(NUMERIC))
@pytest.mark.parametrize("locale", ["en", "fr", "de", "sv", "ar", "fa", "en_IN", "he", "tr"])
def test_zero_has_no_sign(kind: Kind, locale: str) -> None:
    """What rounds to zero is shown as the same amount above it is; what does not keeps its sign."""
    for value in (Decimal("-0.0004"), -0.0004, -0.0, Decimal("-0.00")):
        assert shown(value, kind, locale) == shown(abs(value), kind, locale)
        assert shown_short(value, kind, locale) == shown(abs(value), kind, locale)
    assert shown(Decimal(-1), kind, locale) != shown(Decimal(1), kind, locale)
    assert shown(Decimal("-0.004"), "money") == "$0.00"


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        ("0.07", "7.0%", "7,0~%"),
        ("0.0725", "7.25%", "7,25~%"),
        ("0.0004000", "0.04%", "0,04~%"),
        ("0", "0.0%", "0,0~%"),
        ("1", "100.0%", "100,0~%"),
        ("1E-7", "0.00001%", "0,00001~%"),
    ],
)
def test_a_threshold_is_shown_exactly(value: str, english: str, french: str) -> None:
    """All of its decimals, one at least: what is compared with it is not read as reaching it."""
    assert shown_share(Decimal(value)) == english
    assert shown_share(Decimal(value), "fr") == french.replace("~", SPACE)


@given(st.decimals(-(10**15), 10**15, places=2))
def test_a_locale_changes_no_digit(value: Decimal) -> None:
    """What is left of a figure without its signs are the digits that English has."""
    for kind in ("count", "decimal", "money", "euros", "percent"):
        digits = {
            "".join(filter(str.isdigit, shown(value, kind, locale)))
            for locale in ("en", "fr", "de", "en_IN")
        }
        assert len(digits) == 1, kind


@given(st.dates())
def test_a_locale_changes_no_date(day: date) -> None:
    """Day, month and year are all there."""
    for locale in ("fr", "de", "en_GB"):
        text = shown(day, "date", locale).replace(".", "/")
        assert [int(piece) for piece in text.split("/")] == [day.day, day.month, day.year]


SPEC: dict[str, Any] = {
    "title": "T",
    "description": "D",
    "usermeta": {"currency": "EUR"},
    "encoding": {
        "x": {"field": "x", "type": "temporal", "scale": {"type": "utc"},
              "axis": {"format": "%Y-%m", "values": ["2021-03-01"]}},
        "y": {"field": "y", "type": "quantitative", "axis": {"format": "$,.0f", "values": [5000]}},
    },
    "mark": "bar",
}  # fmt: skip


@pytest.mark.parametrize(
    ("locale", "currency", "month", "money"),
    [
        ("en", "EUR", "2021-03", "€5,000"),
        ("en", "USD", "2021-03", "$5,000"),
        ("fr", "EUR", "03/2021", f"5{NARROW}000{SPACE}€"),
        ("de", "USD", "3/2021", f"5.000{SPACE}$"),
        ("en", "GBP", "2021-03", f"GBP{SPACE}5,000"),
    ],
)
def test_charts_are_written_as_the_rest(locale: str, currency: str, month: str, money: str) -> None:
    """Axes have the locale's months, and the sign of the spec's currency, or its code."""
    spec = {**SPEC, "usermeta": {"currency": currency}}
    rows = [{"x": "2021-03-01", "y": 5000}]
    with ChartPainter() as painter:
        svg = painter.paint([Chart("c", spec, rows)], locale)["c"]()
    assert f">{month}</text>" in svg
    assert f">{money}</text>" in svg


def test_rows_are_not_taken_for_formats() -> None:
    """A product that is called %Y-%m stays so: the spec's formats alone are the locale's."""
    spec = {**SPEC, "mark": "text", "encoding": {"text": {"field": "name"}}}
    with ChartPainter() as painter:
        assert (
            ">%Y-%m</text>" in painter.paint([Chart("c", spec, [{"name": "%Y-%m"}])], "fr")["c"]()
        )


def test_charts_group_digits_as_the_locale_does() -> None:
    """India: three digits, then pairs."""
    assert for_charts("USD", "en_IN")["grouping"][:3] == [3, 2, 2]
    assert locales.in_charts('"%Y-%m-%d %Y-%m"', "de") == '"%-d.%-m.%Y %-m/%Y"'


def test_no_locale_turns_the_direction() -> None:
    """Pages go from left to right: marks of the other direction would be shown written out.

    And a sign would stand on the figure's other side.
    """
    for locale in localedata.locale_identifiers():
        for kind in sorted(NUMERIC):
            for value in (Decimal("-0.5"), Decimal(1_234_567)):
                text = shown(value, kind, locale)
                assert visible(text) == text, (locale, kind)
        day = shown(date(2021, 3, 9), "date", locale) + shown(date(2021, 3, 9), "month", locale)
        assert visible(day) == day, locale
        written = [for_charts("EUR", locale), locales.in_charts("%Y-%m-%d %Y-%m", locale)]
        assert not re.search("[\u061c\u200e\u200f]", str(written)), locale
        assert not re.search(r"\\u(061c|200[ef])", json.dumps(written)), locale


def test_no_locale_is_too_strange_for_a_chart() -> None:
    """Each that a setting may name: year, month and day as directives, and no quotation marks."""
    for locale in localedata.locale_identifiers():
        written = locales.in_charts("%Y-%m-%d %Y-%m", locale)
        assert sorted(re.findall("%-?([Ymd])", written)) == ["Y", "Y", "d", "m", "m"], locale
        assert "'" not in written, locale
        for format_, is_month in (("%Y-%m-%d", False), ("%Y-%m", True)):
            shown_so = locales.day(date(2021, 1, 2), locale, is_month=is_month)
            in_chart = date(2021, 1, 2).strftime(locales.in_charts(format_, locale))
            assert in_chart == shown_so.replace("I", "1"), locale  # a Roman month of Mongolia's
        assert not re.search("[0-9]", for_charts("EUR", locale).get("percent", "")), locale
    assert locales.in_charts("%Y-%m", "fi") == "%-m.%Y"


@pytest.mark.parametrize(("locale", "points"), [("fr", "+5,5 pp"), ("tr", "+5,5 pp")])
def test_percentage_points_stand_behind(locale: str, points: str) -> None:
    """Also where the sign of percent stands before its figure."""
    found = changes.shown_difference(Decimal("0.2"), Decimal("0.255"), "percent", locale)
    assert found == points


def test_english_does_without_babel() -> None:
    """Speed: its import is for those who ask for another locale."""
    code = (
        "import sys\n"
        "from abcjob import settings\n"
        "from abcjob.render import charts, page\n"
        "from abcjob.render.formats import shown\n"
        "page.Pages(None, settings.load({}).presentation)\n"
        "shown(1, 'euros')\n"
        "assert 'babel' not in sys.modules\n"
        "shown(1, 'euros', 'fr')\n"
        "assert 'babel' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_programs_read_the_same_in_every_locale(program: Program, tmp_path: Path) -> None:
    """Tables and reports are written as the locale does; JSON, CSV and the SQL to run never."""
    french = {"ABCJOB_LOCALE": "fr"}
    arguments = ("--companies", "900", "--months", "2", "--date", "2026-11-21")
    ran = program("run", *arguments, environment=french)
    assert ran.returncode == 0, ran.stderr
    assert "03/2021" not in ran.stdout
    assert "02/2021" in ran.stdout
    assert "$US" in ran.stdout
    for form in ("json", "csv"):
        plain = program("kpi", "abc", "--format", form).stdout
        assert program("kpi", "abc", "--format", form, environment=french).stdout == plain
    page = (tmp_path / "reports" / "kpi_20261121.html").read_text()
    assert f"{SPACE}$US" in page
    assert '<time datetime="2026-11-21">21/11/2026</time>' in page
    assert "2021-0" not in page.replace("from 2021-01, seed", "")
    again = program("report", "abc", environment=french)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "reports" / "kpi_20261121.html").read_text() == page
    assert json.loads(program("kpi", "abc", "revenue", "--format", "json").stdout)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "money", "–"),  # noqa: RUF001
        (date(2021, 3, 1), "month", "2021-03"),
        (1234567, "count", "1,234,567"),
        (Decimal("7.0043"), "decimal", "7.00"),
        (Decimal("20271.00"), "money", "$20,271"),
        (Decimal("-19.5"), "money", "-$19.50"),
        (Decimal("0.07049"), "percent", "7.0%"),
        ("small", "text", "small"),
    ],
)
def test_values_are_shown_as_people_read_them(value: object, kind: Any, text: str) -> None:
    """Each kind of value has one form, with its unit."""
    assert shown(value, kind) == text
