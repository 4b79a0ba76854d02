"""Addresses of sources on the web: told from paths, and shown without what may be secret."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_WEB = ("http://", "https://")


def is_address(text: str) -> bool:
    """Whether a source's name means the web, well formed or not."""
    return text.lower().startswith(_WEB)


def is_well_formed(url: str) -> bool:
    """Whether there is a host to be asked, and what may be a password stands before it.

    A / or # in a password would end the host, and leave the rest of it, up to an @, in the path.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return False
    is_apart = not re.search("[^/]@", parts.path) and "@" not in parts.fragment
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and is_apart


def shown(url: str) -> str:
    """An address without the part before an @, and the query.

    Any piece of a malformed one may be a password: nothing of it is repeated.
    """
    if not is_well_formed(url):
        return "a malformed address"
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
