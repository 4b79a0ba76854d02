"""Sources on the web, from a server that behaves as badly as servers do."""

from __future__ import annotations

import gzip
import subprocess
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from web import Handler, Web, in_turn

from abcjob.errors import SourceError
from abcjob.sources.fetch import Patience, Validators, fetch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SHORT = Patience(answer=1, whole=5, attempts=3, bytes=1_000_000)
DATA = b"id,name\n1,Apple\n"


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """A server; whatever proxy this machine has is not for it."""
    monkeypatch.setenv("NO_PROXY", "localhost")
    with closing(Web()) as server:
        yield server


def test_what_is_there_is_brought(web: Web, tmp_path: Path) -> None:
    """Its bytes, unpacked where they are packed for the way, whatever type it is said to have."""
    web.answers["/a"] = lambda r: r.give(200, DATA, Content_Type="image/png", ETag='"1"')
    web.answers["/b"] = lambda r: r.give(200, gzip.compress(DATA), Content_Encoding="gzip")
    for path, known in (("/a", Validators('"1"')), ("/b", Validators())):
        assert fetch(web.url + path, tmp_path / "f", patience=SHORT) == known
        assert (tmp_path / "f").read_bytes() == DATA


def test_what_has_not_changed_is_not_brought_again(web: Web, tmp_path: Path) -> None:
    """ETag and Last-Modified go back to the server, who may say so."""
    stamp = "Sat, 21 Nov 2026 01:02:03 GMT"

    def answer(request: Handler) -> None:
        is_known = request.headers["If-None-Match"] == '"1"'
        assert request.headers["If-Modified-Since"] == (stamp if is_known else None)
        request.give(304 if is_known else 200, b"", ETag='"1"', Last_Modified=stamp)

    web.answers["/"] = answer
    known = fetch(web.url, tmp_path / "f", patience=SHORT)
    assert known == Validators('"1"', stamp)
    assert fetch(web.url, tmp_path / "g", known, SHORT) is None
    assert not (tmp_path / "g").exists()


def test_what_cannot_be_sent_back_is_not_kept(web: Web, tmp_path: Path) -> None:
    """An ETag outside ASCII; nor is one sent that an earlier version has kept."""
    web.answers["/"] = lambda r: r.give(200, DATA, ETag='"café"', Last_Modified="hier à 8 h")
    for known in (Validators(), Validators('"café"', "hier à 8 h")):
        assert fetch(web.url, tmp_path / "f", known, SHORT) == Validators()
    assert [r.headers["If-None-Match"] for r in web.asked] == [None, None]


def cut_off(request: Handler) -> None:
    """Promise more than is sent."""
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    request.wfile.write(DATA)
    request.close_connection = True


def hang_up(request: Handler) -> None:
    """Say nothing."""
    request.close_connection = True


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (lambda r: r.give(500), "got 500 Internal Server Error"),
        (lambda r: r.give(503, Retry_After="never"), "got 503 Service Unavailable"),
        (lambda r: r.give(503, Retry_After=f"21 Nov {'9' * 20} 00:00:00 GMT"), "got 503"),
        (cut_off, "peer closed connection"),
        (hang_up, "disconnected"),
    ],
    ids=["500", "503", "503 in years", "cut off", "hung up"],
)
def test_what_can_pass_is_tried_again(
    web: Web, tmp_path: Path, bad: Callable[[Handler], None], said: str
) -> None:
    """It is said, and what came of the first attempt is gone; not for ever."""
    told: list[str] = []
    web.answers["/"] = in_turn(bad, lambda r: r.give(200, DATA))
    fetch(web.url, tmp_path / "f", patience=SHORT, tell=told.append)
    assert (tmp_path / "f").read_bytes() == DATA
    assert len(told) == 1
    assert said in told[0]
    web.answers["/"] = bad
    with pytest.raises(SourceError, match=f"fetching {web.url}.*{said}.*; see that"):
        fetch(web.url, tmp_path / "f", patience=SHORT)
    assert len(web.asked) == 2 + SHORT.attempts


@pytest.mark.parametrize("zone", [None, " GMT", " -0000", ""])
def test_the_pause_is_the_server_s(web: Web, tmp_path: Path, zone: str | None) -> None:
    """429 with Retry-After, in seconds or as a time by the server's own clock: UTC if not told."""

    def busy(request: Handler) -> None:
        request.send_response_only(429)
        request.send_header("Date", "Sat, 21 Nov 2020 00:00:00 GMT")
        asked = "2" if zone is None else f"Sat, 21 Nov 2020 00:00:02{zone}"
        request.send_header("Retry-After", asked)
        request.send_header("Content-Length", "0")
        request.end_headers()

    web.answers["/"] = in_turn(busy, lambda r: r.give(200, DATA))
    begin = time.monotonic()
    fetch(web.url, tmp_path / "f", patience=SHORT)
    assert time.monotonic() - begin >= 2


def test_a_pause_that_is_too_long_is_not_made(web: Web, tmp_path: Path) -> None:
    """Who asks for an hour where seconds are left is told at once."""
    web.answers["/"] = lambda r: r.give(429, Retry_After="3600")
    with pytest.raises(SourceError, match="got 429 Too Many Requests"):
        fetch(web.url, tmp_path / "f", patience=SHORT)
    assert len(web.asked) == 1


def test_what_is_not_there_is_not_tried_again(web: Web, tmp_path: Path) -> None:
    """404 will not pass; neither the password nor the query is shown."""
    web.answers["/x?key=hunter2"] = lambda r: r.give(404)
    address = web.url.replace("://", "://user:hunter2@") + "/x?key=hunter2"
    with pytest.raises(SourceError, match=f"fetching {web.url}/x: got 404 Not Found; ") as caught:
        fetch(address, tmp_path / "f", patience=SHORT)
    assert "hunter2" not in str(caught.value)
    assert [r.headers["Authorization"] for r in web.asked] == ["Basic dXNlcjpodW50ZXIy"]


@pytest.mark.parametrize(
    "address",
    [
        "ftp://localhost/x",
        "localhost/x",
        "http://",
        "http://[::1",
        "http://user:hunter2/",
        "user:hunter2@localhost/x",
        "http://[hunter2@localhost/",
        "http://user:hunter2\x01@localhost/",
    ],
)
def test_what_is_no_address_of_the_web_is_said_at_once(tmp_path: Path, address: str) -> None:
    """Nothing to wait for; and nothing is repeated that may be a password in the wrong place."""
    told: list[str] = []
    with pytest.raises(SourceError, match=r"fetching a source: .*; correct") as caught:
        fetch(address, tmp_path / "f", patience=SHORT, tell=told.append)
    assert "hunter2" not in str(caught.value)
    assert not told


def test_redirects_are_followed_to_a_limit(web: Web, tmp_path: Path) -> None:
    """Five; a loop is none that ends."""
    web.answers["/file"] = lambda r: r.give(302, Location="file:///etc/passwd")
    with pytest.raises(SourceError, match="it redirects from http to file; "):
        fetch(f"{web.url}/file", tmp_path / "f", patience=SHORT)
    for number in range(6):
        to = f"/{number + 1}"
        web.answers[f"/{number}"] = lambda r, to=to: r.give(302, Location=to)  # type: ignore[misc]
    web.answers["/6"] = lambda r: r.give(200, DATA)
    fetch(f"{web.url}/1", tmp_path / "f", patience=SHORT)
    assert (tmp_path / "f").read_bytes() == DATA
    with pytest.raises(SourceError, match="more than 5 redirects"):
        fetch(f"{web.url}/0", tmp_path / "f", patience=SHORT)


def test_nothing_leads_from_https_to_http(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was to be safe stays so."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    openssl = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *names, *files]
    subprocess.run(openssl, check=True, capture_output=True)
    both = tmp_path / "both.pem"
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    web.answers["/"] = lambda r: r.give(200, DATA)
    with closing(Web(both)) as safe:
        safe.answers["/"] = lambda r: r.give(301, Location=web.url)
        safe.answers["/data"] = lambda r: r.give(200, DATA)
        fetch(f"{safe.url}/data", tmp_path / "f", patience=SHORT)
        with pytest.raises(SourceError, match="it redirects from https to http; "):
            fetch(safe.url, tmp_path / "f", patience=SHORT)
    assert not web.asked


def test_a_source_that_drips_is_given_up(web: Web, tmp_path: Path) -> None:
    """Each piece is in time, and all together are not."""

    def drip(request: Handler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        for _ in range(100):
            request.wfile.write(b"x")
            time.sleep(0.2)

    web.answers["/"] = drip
    patience = Patience(answer=1, whole=1.5, attempts=3)
    with pytest.raises(SourceError, match=r"not whole after 1.5 s"):
        fetch(web.url, tmp_path / "f", patience=patience)


def test_a_source_that_is_silent_is_given_up(web: Web, tmp_path: Path) -> None:
    """The time for an answer is limited."""
    web.answers["/"] = lambda _: time.sleep(20)
    with pytest.raises(SourceError, match="timed out"):
        fetch(web.url, tmp_path / "f", patience=Patience(answer=0.3, whole=5, attempts=2))


def test_a_source_that_is_too_large_is_given_up(web: Web, tmp_path: Path) -> None:
    """Of its bytes on the way, or unpacked: a bomb of some kilobytes goes off nowhere."""
    bomb = gzip.compress(bytes(100_000_000))
    assert len(bomb) < SHORT.bytes
    web.answers["/bomb"] = lambda r: r.give(200, bomb, Content_Encoding="gzip")
    web.answers["/large"] = lambda r: r.give(200, bytes(SHORT.bytes + 1))
    for path in ("/bomb", "/large"):
        with pytest.raises(SourceError, match="more than 1,000,000 bytes"):
            fetch(web.url + path, tmp_path / "f", patience=SHORT)
        assert (tmp_path / "f").stat().st_size <= SHORT.bytes
