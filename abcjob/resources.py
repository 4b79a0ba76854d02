"""Where the SQL files and the templates are, in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).parent


def folder(kind: Literal["sql", "templates"]) -> Path:
    """The folder `sql` or `templates`: in the package when installed, beside it in a checkout."""
    installed = _PACKAGE / kind
    return installed if installed.is_dir() else _PACKAGE.parent / kind
