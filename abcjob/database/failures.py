"""What the driver says when something fails, in our words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from abcjob.errors import DatabaseError

if TYPE_CHECKING:
    import adbc_driver_manager

    from abcjob.database.url import DatabaseUrl

_TELL_ROWS = frozenset({"23502", "23514"})  # SQLSTATE of a null, of a check: the detail is the row

_PREFACE = re.compile(
    "^.*(?:Failed to (?:connect|prepare query|execute query '.*')|query failed): "
)

# What libpq says where the server may come to answer: it gives no SQLSTATE, nor in the server's
# own language what the server says.
_PASSING = (
    "refused",
    "No such file or directory",
    "could not translate host name",
    "timeout expired",
    "closed the connection",
    "reset by peer",
    "unreachable",
    "No route to host",
    "starting up",
    "shutting down",
    "in recovery",
    "too many clients",
    "too many connections",
    "slots are reserved",
)


def can_pass(error: Exception) -> bool:
    """Whether a failure to connect may be gone in a moment: a wrong password is not."""
    return isinstance(error, DatabaseError) and any(words in str(error) for words in _PASSING)


def translated(
    error: adbc_driver_manager.Error, url: DatabaseUrl, doing: str = "", remedy: str = ""
) -> DatabaseError:
    """One line for what the driver says in several, without the URL's password.

    And without a whole row, in which there may be what is personal.
    """
    said = {_text(key): _text(value) for key, value in error.details or ()}
    text = (said.get("PG_DIAG_MESSAGE_PRIMARY") or _libpq_words(str(error))).strip(" .?\n")
    detail = said.get("PG_DIAG_MESSAGE_DETAIL")
    if detail and error.sqlstate not in _TELL_ROWS:
        text += f" ({detail})"
    if error.sqlstate:
        text += f" [SQLSTATE {error.sqlstate}]"
    return DatabaseError(url.hide(" ".join(f"{doing}{text}{remedy}".split())), error.sqlstate)


def _libpq_words(text: str) -> str:
    """What libpq says, without the driver's preface, the query, and libpq's own advice.

    The advice is indented.
    """
    said = " ".join(line for line in text.splitlines() if not line.startswith("\t"))
    return _PREFACE.sub("", said.partition(" Query was: ")[0])


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
