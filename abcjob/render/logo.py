"""A company's logo as an address that holds the picture itself."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from abcjob.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

_MOST = 50 * 1024  # bytes: it is in every report, which has 300 KB in all
_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = "{http://www.w3.org/2000/svg}svg"


def address(path: Path) -> str:
    """The file as a `data:` address for an `img` element, in which no script of an SVG runs.

    Raises:
        SettingsError: it cannot be read, is too large, or is neither SVG nor PNG.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST + 1)
    except OSError as error:
        raise _refused(path, str(error.strerror)) from error
    if len(content) > _MOST:
        raise _refused(path, "it is larger")
    if content.startswith(_PNG):
        kind = "png"
    elif _is_svg(content):
        kind = "svg+xml"
    else:
        raise _refused(path, "it is neither")
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _is_svg(content: bytes) -> bool:
    try:
        return ET.fromstring(content).tag == _SVG  # noqa: S314 - a file of the user's own choice
    except (ET.ParseError, ValueError, LookupError):
        return False


def _refused(path: Path, why: str) -> SettingsError:
    return SettingsError(
        f"reading the logo {path}: {why}; expected an SVG or PNG file of at most "
        f"{_MOST // 1024} KB; correct the setting theme.logo"
    )
