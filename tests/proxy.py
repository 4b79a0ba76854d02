"""A proxy before a PostgreSQL server, which can fall silent or be cut at a chosen moment."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from abcjob.database.url import DatabaseUrl

_PIECE = 65_536


class Proxy:
    """Hands bytes on between clients and a server's local socket, until told otherwise.

    Attributes:
        url: of the same database, by the proxy.
        is_silent: hands nothing on, and leaves all open.
    """

    def __init__(self, url: DatabaseUrl) -> None:
        options = dict(url.options)
        self._target = f"{options['host']}/.s.PGSQL.{options['port']}"
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = replace(url, hosts=f"127.0.0.1:{self._door.getsockname()[1]}", options=())
        self._ends: list[socket.socket] = []
        self._watch: tuple[tuple[bytes, ...], str] = ((), "")
        self._watching = threading.Lock()
        self._also: Callable[[], None] = lambda: None
        self.is_silent = threading.Event()
        self.has_struck = threading.Event()
        threading.Thread(target=self._welcome, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._door.close()
        self.cut()

    def strike(
        self, after: tuple[bytes, ...], how: str, also: Callable[[], None] = lambda: None
    ) -> None:
        """When a client has sent these, one after the other, `also` is called and `how` happens.

        `cut`: the server gets the last of them, and its client no answer. `cut before`: the server
        does not get it. `silence`: neither hears of the other any more.
        """
        self._watch, self._also = (after, how), also

    def cut(self) -> None:
        """End every connection; new ones are welcome."""
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def _welcome(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self._target)
            except OSError:  # as if nobody had opened
                server.close()
                client.close()
                continue
            self._ends += [client, server]
            threading.Thread(target=self._hand_on, args=(client, server), daemon=True).start()

    def _hand_on(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError, ValueError):  # one of them was closed
            while True:
                for end in select.select([client, server], [], [], 1)[0]:
                    piece = end.recv(_PIECE)
                    if not piece:
                        raise OSError
                    how = self._seen(piece) if end is client else ""
                    if how == "silence":
                        self.is_silent.set()
                    if how == "cut before":
                        self.cut()
                    if self.is_silent.is_set():
                        threading.Event().wait()
                    (server if end is client else client).sendall(piece)
                    if how == "cut":
                        server.recv(1)  # it has answered: so it has done it
                        self.cut()
        for end in (client, server):
            end.close()

    def _seen(self, piece: bytes) -> str:
        with self._watching:  # a client may have several connections
            after, how = self._watch
            while after and after[0] in piece:
                piece = piece[piece.index(after[0]) + len(after[0]) :]
                after = after[1:]
                if not after:
                    break
            else:
                self._watch = after, how
                return ""
            self._watch = (), ""
        self._also()
        self.has_struck.set()
        return how
