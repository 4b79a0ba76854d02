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
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise _refused(path, "it is no file")  # a pipe, say, would be waited for
        with path.open("rb") as file:
            content = file.read(_MOST + 1)
    except OSError as error:
        raise _refused(path, str(error.strerror)) from error
    if len(content) > _MOST:
        raise _refused(path, "it is larger")
    if content.startswith(_PNG):
        kind = "png"
    elif (root := _root(path, content)) == _SVG:
        kind = "svg+xml"
    else:
        raise _refused(path, f"its root element is {root}, that of SVG is {_SVG}")
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _root(path: Path, content: bytes) -> str:
    """The name of the root element, with its namespace.

    Raises:
        SettingsError: it is no XML.
    """
    try:
        return ET.fromstring(content).tag  # noqa: S314 - a file of the user's own choice
    except (ET.ParseError, ValueError, LookupError) as error:
        if not content:
            got = "it is empty"
        elif content.lstrip().startswith(b"<"):
            got = f"it is broken XML ({error})"
        else:
            got = f"it begins with {content[:8]!r}"
        raise _refused(path, got) from error


def _refused(path: Path, why: str) -> SettingsError:
    return SettingsError(
        f"reading the logo {path}: {why}; expected an SVG or PNG file of at most "
        f"{_MOST // 1024} KB; correct the setting theme.logo"
    )
