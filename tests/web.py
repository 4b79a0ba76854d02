"""A web server that does what it is told."""

from __future__ import annotations

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """Hands a request on to the answer meant for its path."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        assert isinstance(self.server, _Server)
        self.server.asked.append(self)
        self.server.answers[self.path](self)

    def give(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send a whole answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def in_turn(*answers: Callable[[Handler], None]) -> Callable[[Handler], None]:
    """One answer after the other, the last for good."""
    left = list(answers)

    def answer(request: Handler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(request)

    return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    answers: dict[str, Callable[[Handler], None]]
    asked: list[Handler]


class Web:
    """A server on this machine, over TLS where it is given a certificate.

    Attributes:
        url: its address, without a path.
        answers: what happens, by path.
        asked: the requests so far.
    """

    def __init__(self, certificate: Path | None = None) -> None:
        self._server = _Server(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Callable[[Handler], None]] = {}
        self.asked: list[Handler] = []
        self._server.answers, self._server.asked = self.answers, self.asked
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._server.server_close()
