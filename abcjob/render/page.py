"""Templates filled in: HTML escaped, Markdown escaped in its own way, nothing left undefined."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import traceback
from functools import partial
from typing import TYPE_CHECKING, Any

import jinja2

from abcjob import resources
from abcjob.errors import ReportError, SettingsError
from abcjob.outside import visible
from abcjob.presentation import DEFAULT
from abcjob.render import logo, tables
from abcjob.render.formats import shown, shown_share, shown_short

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from abcjob.presentation import Presentation

_MARKDOWN_SPECIAL = re.compile(r"[\\`*_{}\[\]<>|~&]")
# At a line's start: an item's number, a heading's or an item's sign, what underlines a heading.
_MARKDOWN_START = re.compile(
    r"^(?:([0-9]{1,9})(?=[.)](?: |$))|(?=(?:#{1,6}|[-+])(?: |$)|(?:-+|=+)$))"
)


class Pages:
    """The templates of the program, single ones overridden by those in a folder of the user's.

    Attributes:
        presentation: how they look and speak.

    Raises:
        SettingsError: there is no such folder, or the logo cannot be used.
        ReportError: the folder may not be looked at.
    """

    def __init__(self, override: Path | None = None, presentation: Presentation = DEFAULT) -> None:
        if override is not None:
            _check_folder(override)
        own = resources.folder("templates")
        self.presentation = presentation
        picture = presentation.theme.logo
        self._logo = logo.address(picture) if picture else None
        self._loader = jinja2.FileSystemLoader([override, own] if override else [own])
        # Not select_autoescape: it goes by the file's ending, and `.html.j2` is none it knows.
        self._html = self._environment(autoescape=True)
        self._markdown = self._environment(autoescape=False)
        self._markdown.filters["text"] = markdown_line
        self._markdown.filters["under"] = tables.under
        self._markdown.filters["by_group"] = tables.by_group
        self._markdown.filters["aligned"] = lambda table: tables.aligned(table, markdown_text)

    def html(self, template: str, values: Mapping[str, Any]) -> str:
        """The page, with its one style sheet inside and named by its hash in the policy.

        Raises:
            ReportError: the template fails.
        """
        style = self._style()
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        )
        if self._logo:
            policy += "; img-src data:"
        own = {"style": style, "policy": policy, "logo": self._logo}
        return self._filled(self._html, template, {**values, **own})

    def markdown(self, template: str, values: Mapping[str, Any]) -> str:
        """The page as Markdown.

        Raises:
            ReportError: the template fails.
        """
        return self._filled(self._markdown, template, values)

    def chart(self, job: str, name: str) -> dict[str, Any] | None:
        """The Vega-Lite spec of a KPI's chart over the common one; None where it has no chart.

        Raises:
            ReportError: it is no JSON object.
        """
        own = self._spec(f"{job}/charts/{name}.vl.json")
        return None if own is None else {**(self._spec("charts/base.vl.json") or {}), **own}

    def _spec(self, path: str) -> dict[str, Any] | None:
        try:
            found = json.loads(self._source(path))
        except jinja2.TemplateNotFound:
            return None
        except (OSError, ValueError) as error:
            raise ReportError(f"reading the chart {path}: {error}; correct it") from error
        if not isinstance(found, dict):
            got = type(found).__name__
            raise ReportError(
                f"reading the chart {path}: got {got}, expected an object; correct it"
            )
        return found

    def _environment(self, *, autoescape: bool) -> jinja2.Environment:
        environment = jinja2.Environment(
            loader=self._loader,
            autoescape=autoescape,  # noqa: S701 - Markdown has an escaping of its own
            finalize=_visible,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        locale = self.presentation.locale
        environment.filters["shown"] = partial(shown, locale=locale)
        environment.filters["shown_share"] = partial(shown_share, locale=locale)
        environment.filters["shown_short"] = partial(shown_short, locale=locale)
        environment.globals["company"] = self.presentation.theme.company
        return environment

    def _style(self) -> str:
        """The style sheet, and after it what the theme has otherwise."""
        theme = self.presentation.theme
        try:
            sheet = self._source("style.css")
        except (OSError, ValueError) as error:
            raise ReportError(f"reading the template style.css: {error}; correct it") from error
        if not (theme.font or theme.light or theme.dark):
            return sheet
        # Without escaping: the settings let nothing in that would need it.
        return sheet + self._filled(self._markdown, "theme.css.j2", {"theme": theme})

    def _source(self, name: str) -> str:
        return self._loader.get_source(self._html, name)[0]

    def _filled(
        self, environment: jinja2.Environment, template: str, values: Mapping[str, Any]
    ) -> str:
        try:
            return environment.get_template(template).render(values)
        except ReportError:
            raise
        except Exception as error:  # an expression in a template can raise anything
            raise ReportError(
                f"rendering {_place(error, template)}: {' '.join(str(error).split())}; "
                "correct the template"
            ) from error


def _check_folder(folder: Path) -> None:
    """See that templates can be looked for there: of what may not be entered, none are found."""
    try:
        os.stat(f"{folder}/.")  # noqa: PTH116 - pathlib drops the point, which asks to enter
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SettingsError(
            f"looking for templates: {folder} is no folder; correct --templates"
        ) from error
    except OSError as error:
        raise ReportError(
            f"looking for templates in {folder}: {error.strerror}; give permission there, or "
            "correct --templates"
        ) from error


def _place(error: Exception, template: str) -> str:
    """The template's file and line where it failed, which may be one that another includes."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return f"{error.filename or error.name or template}, line {error.lineno}"
    # Jinja has put its templates into the traceback in the place of what it made of them.
    ours = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith(".j2")]
    return f"{ours[-1].filename}, line {ours[-1].lineno}" if ours else template


def _visible(value: object) -> object:
    """What a template is given: markup that is ours is left as it is."""
    return visible(value) if type(value) is str else value


def markdown_text(value: object) -> str:
    """Data as Markdown shows them within a line: on one, nothing in them taken as markup."""
    return _MARKDOWN_SPECIAL.sub(r"\\\g<0>", " ".join(visible(str(value)).split()))


def markdown_line(value: object) -> str:
    """As `markdown_text`, where a line may begin with it: it makes no heading and no list."""
    return _MARKDOWN_START.sub(r"\1\\", markdown_text(value))
