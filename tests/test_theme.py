"""The theme: a company makes reports its own by settings; templates are overridden one by one."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import struct
import zlib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal import FEW, one_line
from test_render import PUBLISHED, Outline, months

from abcjob import jobs, settings
from abcjob.errors import ReportError, SettingsError
from abcjob.presentation import COLOURS, Presentation, Theme
from abcjob.render.charts import ChartPainter
from abcjob.render.page import Pages
from abcjob.stages import report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Program

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>x()</script></svg>'


def chunk(kind: bytes, content: bytes) -> bytes:
    """A piece of a PNG."""
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0"))
    + chunk(b"IEND", b"")
)


@pytest.fixture(scope="module")
def painter() -> Iterator[ChartPainter]:
    """What draws charts."""
    with ChartPainter() as found:
        yield found


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings are read where nobody has set any."""
    monkeypatch.chdir(tmp_path)


def pages_of(toml: str, override: Path | None = None) -> Pages:
    """Pages as the settings file has them."""
    Path("abcjob.toml").write_text(toml)
    return Pages(override, settings.load({}).presentation)


def written(pages: Pages, painter: ChartPainter, folder: Path) -> dict[str, str]:
    """The job abc's report over two months, by ending."""
    paths = report.write(
        jobs.load("abc"), date(2026, 11, 21), months(2), PUBLISHED, pages, painter, folder
    )
    return {path.suffix: path.read_text(encoding="utf-8") for path in paths}


def style_of(page: str) -> str:
    """The page's one style sheet, of which the policy has the hash."""
    [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src &#39;sha256-{digest}&#39;" in page or f"style-src 'sha256-{digest}'" in page
    return str(style)


TOML = """
[theme]
company = "Müller & <Söhne>"
font = "Source Sans 3,Inter, serif"
light = {accent = "#AA0000", series-1 = "#aa0001"}

[theme.dark]
accent = "#ff9999"
"""


def test_a_company_makes_a_report_its_own(painter: ChartPainter, tmp_path: Path) -> None:
    """Its name in titles, its font and colours after those of the style sheet, in both schemes."""
    pages = written(pages_of(TOML), painter, tmp_path)
    assert "<title>Müller &amp; &lt;Söhne&gt;: KPIs of 2026-11-21</title>" in pages[".html"]
    assert "<h1>Müller &amp; &lt;Söhne&gt;: usage" in pages[".html"]
    assert pages[".md"].startswith("# Müller \\& \\<Söhne\\>: usage")
    style = style_of(pages[".html"])
    own = Path(__file__).parent.parent / "templates" / "style.css"
    added = style.removeprefix(own.read_text())
    light, dark = added.split("@media (prefers-color-scheme: dark)")
    assert '--font: "Source Sans 3", "Inter", serif, system-ui, sans-serif;' in light
    assert "--accent: #AA0000;" in light
    assert "--series-1: #aa0001;" in light
    assert "--accent: #ff9999;" in dark
    assert written(pages_of(TOML), painter, tmp_path) == pages


@pytest.mark.parametrize("job", ["sales", "jukebox", "ratings"])
def test_every_title_has_the_company_s_name(job: str) -> None:
    """Where it is set; else the title is the job's."""
    for pages, start in ((Pages(), r"[SJC]"), (pages_of(TOML), r"Müller &amp; &lt;Söhne&gt;: ")):
        template = pages._html.get_template(f"{job}/report.html.j2")  # noqa: SLF001
        values = {"day": date(2026, 11, 21)}
        for block in ("title", "heading"):
            text = "".join(template.blocks[block](template.new_context(values)))
            assert re.search(rf"^{start}", text), (block, text)


def test_what_is_not_set_is_as_it_was(painter: ChartPainter, tmp_path: Path) -> None:
    """No theme, no trace: the style sheet is the template, the policy has no pictures."""
    own = Path(__file__).parent.parent / "templates" / "style.css"
    pages = written(Pages(), painter, tmp_path)
    assert style_of(pages[".html"]) == own.read_text()
    assert "img-src" not in pages[".html"]
    assert written(pages_of(""), painter, tmp_path) == pages


def test_every_colour_can_be_set() -> None:
    """The style sheet's custom properties that are colours are those that settings know."""
    sheet = (Path(__file__).parent.parent / "templates" / "style.css").read_text()
    light, dark = sheet.split("@media (prefers-color-scheme: dark)")
    for part in (light, dark.split("\n}\n")[0]):
        assert tuple(re.findall(r"--([\w-]+): #", part)) == COLOURS


@pytest.mark.parametrize(
    ("name", "content", "kind"), [("l.svg", SVG, "svg+xml"), ("l.png", PNG, "png")]
)
def test_a_logo_is_inside_the_page(
    painter: ChartPainter, tmp_path: Path, name: str, content: bytes, kind: str
) -> None:
    """As an image, in which no script runs; only then the policy lets pictures of the page in."""
    Path(name).write_bytes(content)
    page = written(pages_of(f'[theme]\ncompany = "M"\nlogo = "{name}"\n'), painter, tmp_path)[
        ".html"
    ]
    [image] = [attributes for tag, attributes in Outline(page).tags if tag == "img"]
    assert image["src"] == f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    assert image["alt"] == "M"
    [policy] = [a["content"] for _, a in Outline(page).tags if a.get("http-equiv")]
    assert str(policy).endswith("; img-src data:")
    assert "<script" not in page


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file or directory"),
        (PNG + bytes(50 * 1024), "it is larger"),
        (b"GIF89a", "it begins with b'GIF89a'"),
        (b"", "it is empty"),
        (b"<html/>", "its root element is html, that of SVG is {http://www.w3.org/2000/svg}svg"),
        (b"<svg/>", "its root element is svg, that of SVG is {http://www.w3.org/2000/svg}svg"),
        (b"<svg", "it is broken XML (unclosed token: line 1, column 0)"),
    ],
)
def test_a_logo_that_is_none_is_refused(content: bytes | None, why: str) -> None:
    """Before anything is loaded, with what was expected and what to correct."""
    if content is not None:
        Path("logo.png").write_bytes(content)
    with pytest.raises(SettingsError) as refused:
        pages_of('[theme]\nlogo = "logo.png"\n')
    assert str(refused.value) == (
        f"reading the logo logo.png: {why}; expected an SVG or PNG file of at most 50 KB; "
        "correct the setting theme.logo"
    )


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (os.mkfifo, "it is no file"),
        (lambda path: path.symlink_to("/dev/zero"), "it is no file"),
        (Path.mkdir, "Is a directory"),
        (lambda path: path.symlink_to(path), "Too many levels of symbolic links"),
    ],
)
def test_a_logo_is_not_waited_for(
    program: Program, tmp_path: Path, make: Callable[[Path], object], why: str
) -> None:
    """A pipe that nobody writes to, a device or a folder is no logo: one line, exit code 2."""
    make(tmp_path / "logo.png")
    (tmp_path / "abcjob.toml").write_text('[theme]\nlogo = "logo.png"\n')
    ran = program("run", *FEW, timeout=30)
    assert ran.returncode == 2
    assert one_line(ran.stderr).startswith(f"abcjob: reading the logo logo.png: {why}; expected ")


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('[theme]\nlight = {accent = "red"}', "theme.light from abcjob.toml: expected a table of"),
        ('[theme]\nlight = {accent = "#12345"}', "theme.light"),
        ('[theme]\ndark = {accent = "#123456;}"}', "theme.dark"),
        ('[theme]\ndark = {accent = "#123456\\n"}', "theme.dark"),
        ("[theme]\ndark = {accent = 123456}", "theme.dark"),
        ('[theme]\ndark = {nosuch = "#123456"}', "theme.dark"),
        ('[theme]\ndark = "#123456"', "theme.dark"),
        ('[theme]\nfont = "a;b"', "theme.font from abcjob.toml: expected names of fonts"),
        ('[theme]\nfont = "a\\"b"', "theme.font"),
        ('[theme]\nfont = "a</style>"', "theme.font"),
        ('[theme]\nfont = "a,"', "theme.font"),
        ('[theme]\nfont = " "', "theme.font"),
        ('[theme]\nfont = "a, ,b"', "theme.font"),
        ('[theme]\nfont = "a\\n"', "theme.font"),
        ("[theme]\nfont = 3", "theme.font"),
        ('[theme]\ncompany = " "', "theme.company"),
        ("[theme]\ncompany = 3", "theme.company"),
        ('[theme]\ncolour = "#123456"', "unknown theme.colour; expected some of"),
        ("theme = 3", "unknown theme"),
        ('locale = "tlh"', "the setting locale from abcjob.toml: expected a locale's name"),
        ('locale = "fr/../x"', "locale"),
        ("locale = 3", "locale"),
        ("[health]\nwatch_from = 1.5", "health.watch_from from abcjob.toml: expected a share"),
        ('[health]\nwatch_from = "x"', "health.watch_from"),
        ('[health]\nat_risk_from = "nan"', "health.at_risk_from"),
        ("[health]\nrejected_above = true", "health.rejected_above"),
        ("[health]\nwatch_from = 0.08", "got 0.08, expected at most health.at_risk_from, which is"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_refused(toml: str, said: str) -> None:
    """What goes into the style sheet is checked to the letter; a slip of the pen is named."""
    with pytest.raises(SettingsError, match=re.escape(said)):
        pages_of(toml)


@given(st.text(max_size=12))
def test_no_font_leaves_its_place(text: str) -> None:
    """Whatever a name is, the style sheet has the rules that it had."""
    try:
        font = settings._fonts(text)  # noqa: SLF001
    except ValueError:
        return
    style = Pages(None, Presentation(theme=Theme(font=font)))._style()  # noqa: SLF001
    assert style.count("{") == style.count("}") == Pages()._style().count("{") + 1  # noqa: SLF001
    assert "<" not in style.removeprefix(Pages()._style())  # noqa: SLF001


def test_settings_of_the_environment_are_as_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table's name stands before, with an underscore."""
    monkeypatch.setenv("ABCJOB_THEME_COMPANY", "M")
    monkeypatch.setenv("ABCJOB_HEALTH_WATCH_FROM", "0.01")
    monkeypatch.setenv("ABCJOB_LOCALE", "de-AT")
    found = settings.load({})
    assert (found.theme.company, str(found.health.watch_from)) == ("M", "0.01")
    assert found.locale == "de_AT"
    assert found.origins["theme.company"] == "ABCJOB_THEME_COMPANY in the environment"


def test_single_templates_are_overridden(painter: ChartPainter, tmp_path: Path) -> None:
    """Macros, a job's report and the style sheet, each alone: the others are the program's."""
    mine = tmp_path / "mine"
    (mine / "abc").mkdir(parents=True)
    program = Path(__file__).parent.parent / "templates"
    (mine / "style.css").write_text("p { color: #123456; }\n")
    pages = written(Pages(mine), painter, tmp_path)
    assert style_of(pages[".html"]) == "p { color: #123456; }\n"
    macros = (program / "macros.md.j2").read_text()
    (mine / "macros.md.j2").write_text(macros.replace("**Why this KPI.**", "**Because:**"))
    (mine / "abc" / "report.html.j2").write_text("<p>{{ tiles[0].value | shown('money') }}</p>")
    pages = written(Pages(mine), painter, tmp_path)
    assert pages[".md"].count("**Because:**") == 3
    assert pages[".html"] == "<p>$33</p>"


@pytest.mark.parametrize("name", ["style.css", "abc/charts/usage.vl.json", "abc/report.md.j2"])
def test_a_template_that_may_not_be_read_is_named(
    painter: ChartPainter, tmp_path: Path, name: str
) -> None:
    """As any that is broken; here by what not even root may read."""
    mine = tmp_path / "mine"
    (mine / name).parent.mkdir(parents=True)
    (mine / name).symlink_to("/proc/self/mem")
    with pytest.raises(ReportError, match=f"{name}: .*Input/output error.*; correct"):
        written(Pages(mine), painter, tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("macros.md.j2", b"a\n{{ nosuch }}\n", r"mine/macros.md.j2, line 2: 'nosuch' is undefined"),
        ("macros.html.j2", b"a\n\n{% nosuch %}", r"mine/macros.html.j2, line 3: .*nosuch"),
        ("tiles.j2", b"{% macro label(tile, of) %}\n{{ 1 / 0 }}\n{% endmacro %}",
         r"mine/tiles.j2, line 2: division by zero"),
        ("abc/report.md.j2", b"\xff", r"abc/report.md.j2: .*can't decode"),
        ("abc/report.html.j2", b'{% include "nosuch" %}', r"abc/report.html.j2, line 1: .*nosuch"),
        ("style.css", b"\xff", r"reading the template style.css: .*can't decode"),
        ("abc/charts/usage.vl.json", b"[]", r"usage.vl.json: got list, expected an object"),
        ("charts/base.vl.json", b"7", r"chart charts/base.vl.json: got int, expected an object"),
    ],
)  # fmt: skip
def test_a_broken_template_is_named(
    painter: ChartPainter, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    """Its file and line, also where another includes it, and what is wrong."""
    mine = tmp_path / "mine"
    (mine / name).parent.mkdir(parents=True)
    (mine / name).write_bytes(content)
    with pytest.raises(ReportError, match=said) as refused:
        written(Pages(mine), painter, tmp_path)
    assert "correct" in str(refused.value)
    assert "\n" not in str(refused.value)
