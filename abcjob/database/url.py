"""Database URLs, taken apart before libpq sees them: libpq repeats what it cannot parse."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import ceil
from urllib.parse import quote, unquote, urlencode, urlsplit

from abcjob.errors import SettingsError

_SCHEME = re.compile(r"postgres(ql)?(\+[a-z0-9_]+)?")
_EXPECTED = "expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE; correct --database"
_CREDENTIALS = re.compile(r"(://[^\s:/@]*):[^\s]*@")
_LEAST_TIMEOUT = 2  # seconds: libpq takes no less
_SECRET_OPTIONS = frozenset({"password", "sslpassword", "passfile", "oauth_client_secret"})


@dataclass(frozen=True)
class DatabaseUrl:
    """A database's address. Its `str` and `repr` never show a password.

    Attributes:
        user, password, database: as they are, not percent-encoded; empty where not given.
        hosts: what stands between `@` and `/`: one host and port, several, or nothing.
        options: libpq's options, such as `sslmode` or `host` for a socket's folder.
    """

    user: str
    password: str
    hosts: str
    database: str
    options: tuple[tuple[str, str], ...] = ()

    @property
    def libpq(self) -> str:
        """The whole URL, password included, for the driver alone."""
        return self._written(self.password, self.options)

    def __str__(self) -> str:
        shown = tuple((k, "***" if k in _SECRET_OPTIONS else v) for k, v in self.options)
        return self._written("***" if self.password else "", shown)

    __repr__ = __str__

    def limited(self, seconds: float) -> DatabaseUrl:
        """With a limit on connecting, where it has none: libpq would wait for ever."""
        if any(key == "connect_timeout" for key, _ in self.options):
            return self
        limit = max(ceil(seconds), _LEAST_TIMEOUT)
        return replace(self, options=(*self.options, ("connect_timeout", str(limit))))

    def hide(self, text: str) -> str:
        """`text` without the passwords that this URL holds.

        A password that is also the user's or the database's name is no secret in a sentence.
        """
        options = [value for key, value in self.options if key in _SECRET_OPTIONS]
        for secret in (self.password, *options):
            if secret and secret not in (self.user, self.database):
                for form in (secret, quote(secret, safe="")):
                    text = text.replace(form, "***")
        return without_credentials(text)

    def _written(self, password: str, options: tuple[tuple[str, str], ...]) -> str:
        shown = password if password == "***" else quote(password, safe="")  # noqa: S105
        who = quote(self.user, safe="") + (f":{shown}" if password else "")
        query = urlencode(options, quote_via=quote, safe="*" if password == "***" else "")  # noqa: S105
        return (
            f"postgresql://{who}{'@' if who else ''}{self.hosts}/{quote(self.database, safe='')}"
            f"{'?' if query else ''}{query}"
        )


def without_credentials(text: str) -> str:
    """`text` with the password of every URL in it hidden."""
    return _CREDENTIALS.sub(r"\1:***@", text)


def is_name(text: str) -> bool:
    """Whether a text is no URL, but a database's name."""
    return re.fullmatch("[A-Za-z_][A-Za-z0-9_]{0,62}", text) is not None


def parse(text: str) -> DatabaseUrl:
    """Take a URL apart; `postgres://` and `postgresql+driver://` are taken as `postgresql://`.

    Raises:
        SettingsError: it is no such URL. The message repeats nothing of it, since any piece
            of a malformed URL may be its password.
    """
    try:
        parts = urlsplit(text.strip())
        ports = [_port(host) for host in _hosts(parts.netloc)]
        options = tuple(map(_option, filter(None, parts.query.split("&"))))
    except ValueError:
        raise SettingsError(f"reading the database URL: it is malformed; {_EXPECTED}") from None
    if not _SCHEME.fullmatch(parts.scheme) or not text.strip().startswith(f"{parts.scheme}://"):
        raise SettingsError(f"reading the database URL: it is no PostgreSQL URL; {_EXPECTED}")
    if parts.fragment or not all(ports):
        raise SettingsError(
            f"reading the database URL: it is malformed (a `#`, `/`, `?` or `@` in a password "
            f"is written percent-encoded); {_EXPECTED}"
        )
    who, _, hosts = parts.netloc.rpartition("@")
    user, _, password = who.partition(":")
    return DatabaseUrl(
        unquote(user), unquote(password), hosts, unquote(parts.path.removeprefix("/")), options
    )


def _option(text: str) -> tuple[str, str]:
    """As libpq reads it: a plus is a plus."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ValueError
    return unquote(name, errors="strict"), unquote(value, errors="strict")


def _hosts(netloc: str) -> list[str]:
    return netloc.rpartition("@")[2].split(",")


def _port(host: str) -> bool:
    """Whether what follows the host's last colon, outside brackets, is a port or nothing."""
    _, colon, port = host.rpartition("]")[2].rpartition(":")
    return not colon or (port.isascii() and port.isdigit() and 0 < int(port) < 65536)  # noqa: PLR2004
