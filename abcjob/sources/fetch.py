"""Sources on the web: brought to a file first, whole or not at all."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2
import stamina

from abcjob import __version__
from abcjob.errors import SourceError
from abcjob.sources import address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_MOST_REDIRECTS = 5
_LATER = {HTTPStatus.TOO_MANY_REQUESTS, *range(500, 600)}  # it may be there then


@dataclass(frozen=True)
class Patience:
    """How long a source may take, and how large it may be.

    Attributes:
        answer: seconds to connect, and between two pieces of an answer.
        whole: seconds for all attempts together.
        attempts: how often it is tried.
        bytes: of the content, unpacked.
    """

    answer: float = 30
    whole: float = 1_800
    attempts: int = 4
    bytes: int = 20 * 2**30


@dataclass(frozen=True)
class Validators:
    """By what a server tells whether a source has changed: headers' values, or nothing."""

    etag: str = ""
    last_modified: str = ""


NOTHING_KNOWN = Validators()
USUAL = Patience()


class _LaterError(Exception):
    """The server says that it cannot answer now.

    Attributes:
        after: seconds that it asks for; None: it does not say.
    """

    def __init__(self, said: str, after: float | None) -> None:
        super().__init__(said)
        self.after = after


def fetch(
    url: str,
    into: Path,
    known: Validators = NOTHING_KNOWN,
    patience: Patience = USUAL,
    tell: Callable[[str], None] = lambda _: None,
) -> Validators | None:
    """Bring what is at a URL into a file.

    Tried again, with pauses that grow or that the server asks for: a connection that fails or is
    cut off, and an answer that says to come later (429, 5xx).

    Args:
        url: http or https; what stands before an @ in it is used and never shown.
        into: the file; what was there is gone, also where this fails.
        known: what the server said of the content that is known already.
        patience: limits.
        tell: is told of each attempt after the first.

    Returns:
        What the server says of this content; None: it has not changed, and nothing was brought.

    Raises:
        SourceError: it cannot be had, is too large, or takes too long.
    """
    give_up = time.monotonic() + patience.whole

    def wait(error: Exception) -> bool | float:
        if isinstance(error, _LaterError):
            if error.after is None:
                return True
            return error.after if time.monotonic() + error.after < give_up else False
        return isinstance(error, httpx2.TransportError) and time.monotonic() < give_up

    def notice(details: stamina.instrumentation.RetryDetails) -> None:
        again = f"again in {details.wait_for:.1f} s"
        tell(f"fetching {address.shown(url)}: {details.caused_by}; {again}")

    if not address.is_well_formed(url):
        raise _malformed()
    stamina.instrumentation.set_on_retry_hooks([notice])
    patient = stamina.retry(on=wait, attempts=patience.attempts, timeout=patience.whole)
    try:
        return patient(_attempt)(url, into, known, patience, give_up)
    except httpx2.InvalidURL:
        raise _malformed() from None
    except (httpx2.HTTPError, _LaterError) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise _failed(url, said, "see that the address is right and answers, then run again") from (
            error
        )
    except OSError as error:
        raise _failed(url, f"{into}: {error.strerror}", "make room there") from error


def _attempt(
    url: str, into: Path, known: Validators, patience: Patience, give_up: float
) -> Validators | None:
    asked = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    headers = {
        "User-Agent": f"abcjob/{__version__}",
        **{name: value for name, value in asked.items() if _plain(value)},
    }
    with (
        httpx2.Client(timeout=patience.answer, headers=headers) as client,
        _answered(client, url) as answer,
    ):
        if answer.status_code == HTTPStatus.NOT_MODIFIED:
            return None
        if answer.status_code in _LATER:
            raise _LaterError(f"got {_status(answer)}", _asked(answer.headers))
        if answer.status_code != HTTPStatus.OK:
            raise _failed(url, f"got {_status(answer)}", "correct the address")
        _save(answer, url, into, patience, give_up)
        return Validators(
            *(_plain(answer.headers.get(name, "")) for name in ("etag", "last-modified"))
        )


@contextmanager
def _answered(client: httpx2.Client, url: str) -> Iterator[httpx2.Response]:
    """The answer to a request, at the end of its redirects."""
    here = url
    for _ in range(_MOST_REDIRECTS + 1):
        with client.stream("GET", here) as answer:
            if not answer.has_redirect_location:
                yield answer
                return
            there = str(answer.url.join(answer.headers["location"]))
        now, then = urlsplit(here).scheme, urlsplit(there).scheme
        if then not in {"https", now}:
            raise _failed(url, f"it redirects from {now} to {then}", "correct the address")
        here = there
    raise _failed(url, f"more than {_MOST_REDIRECTS} redirects", "correct the address")


def _save(
    answer: httpx2.Response, url: str, into: Path, patience: Patience, give_up: float
) -> None:
    """Write the content, unpacked where it is packed for the way, as it comes."""
    size = 0
    with into.open("wb") as file:
        for piece in answer.iter_bytes():  # as they come, so that a drip is noticed
            size += len(piece)
            if size > patience.bytes:
                raise _failed(
                    url, f"more than {patience.bytes:,} bytes", "give it in smaller parts"
                )
            if time.monotonic() > give_up:
                said = f"not whole after {patience.whole:g} s, {size:,} bytes so far"
                raise _failed(url, said, "run again when it is faster")
            file.write(piece)


def _asked(headers: httpx2.Headers) -> float | None:
    """The seconds that a server asks to wait: it gives them, or a time (RFC 9110, 10.2.3)."""
    retry_after = headers.get("retry-after", "")
    if retry_after.isdecimal():
        return float(retry_after)
    try:  # by the server's own clock, which may go wrong
        then, now = (_time(headers[name]) for name in ("retry-after", "date"))
    except (KeyError, ValueError, OverflowError):
        return None
    return max(0.0, (then - now).total_seconds())


def _time(text: str) -> datetime:
    """The moment of a header; UTC where it has no zone."""
    found = parsedate_to_datetime(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _plain(value: str) -> str:
    """A header's value; empty where it could not be sent back: headers are ASCII."""
    return value if value.isascii() else ""


def _status(answer: httpx2.Response) -> str:
    return f"{answer.status_code} {answer.reason_phrase}".rstrip()


def _failed(url: str, said: str, remedy: str) -> SourceError:
    return SourceError(f"fetching {address.shown(url)}: {said}; {remedy}")


def _malformed() -> SourceError:
    """Any piece of a malformed address may be a password: nothing of it is repeated."""
    return SourceError(
        "fetching a source: its address is malformed, expected https://HOST/PATH; "
        "correct the address"
    )
