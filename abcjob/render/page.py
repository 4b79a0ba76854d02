"""Templates filled in: HTML escaped, Markdown escaped in its own way, nothing left undefined."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import jinja2

from abcjob import resources
from abcjob.errors import ReportError, SettingsError
from abcjob.outside import visible
from abcjob.render import tables
from abcjob.render.formats import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MARKDOWN_SPECIAL = re.compile(r"[\\`*_{}\[\]<>|~&]")


class Pages:
    """The templates of the program, single ones overridden by those in a folder of the user's.

    Raises:
        SettingsError: there is no such folder.
    """

    def __init__(self, override: Path | None = None) -> None:
        if override is not None and not override.is_dir():
            raise SettingsError(
                f"looking for templates: {override} is no folder; correct --templates"
            )
        own = resources.folder("templates")
        self._loader = jinja2.FileSystemLoader([override, own] if override else [own])
        # Not select_autoescape: it goes by the file's ending, and `.html.j2` is none it knows.
        self._html = self._environment(autoescape=True)
        self._markdown = self._environment(autoescape=False)
        self._markdown.filters["text"] = markdown_text
        self._markdown.filters["under"] = tables.under
        self._markdown.filters["by_group"] = tables.by_group
        self._markdown.filters["aligned"] = lambda table: tables.aligned(table, markdown_text)

    def html(self, template: str, values: Mapping[str, Any]) -> str:
        """The page, with its one style sheet inside and named by its hash in the policy.

        Raises:
            ReportError: the template fails.
        """
        style = self._source("style.css")
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        )
        return self._filled(self._html, template, {**values, "style": style, "policy": policy})

    def markdown(self, template: str, values: Mapping[str, Any]) -> str:
        """The page as Markdown.

        Raises:
            ReportError: the template fails.
        """
        return self._filled(self._markdown, template, values)

    def chart(self, job: str, name: str) -> dict[str, Any] | None:
        """The Vega-Lite spec of a KPI's chart over the common one; None where it has no chart.

        Raises:
            ReportError: it is no JSON.
        """
        path = f"{job}/charts/{name}.vl.json"
        try:
            own = json.loads(self._source(path))
            return {**json.loads(self._source("charts/base.vl.json")), **own}
        except jinja2.TemplateNotFound:
            return None
        except ValueError as error:
            raise ReportError(f"reading the chart {path}: {error}; correct it") from error

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
        environment.filters["shown"] = shown
        return environment

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
            where = getattr(error, "name", None) or template
            raise ReportError(
                f"rendering {where}: {' '.join(str(error).split())}; correct the template"
            ) from error


def _visible(value: object) -> object:
    """What a template is given: markup that is ours is left as it is."""
    return visible(value) if type(value) is str else value


def markdown_text(value: object) -> str:
    """Data as Markdown shows them: on one line, nothing in them taken as markup."""
    return _MARKDOWN_SPECIAL.sub(r"\\\g<0>", " ".join(visible(str(value)).split()))
