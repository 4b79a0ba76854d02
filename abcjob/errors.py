"""The errors a user can meet. Each class has its exit code; each message is one line.

A message says what was being done, on what, what was found against what was expected,
and what to do next. No message holds a password.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from abcjob.outside import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class AbcjobError(Exception):
    """Anything that ends a command; as itself, a fault of the program."""

    exit_code: int = 1

    def __init__(self, message: str) -> None:
        super().__init__(visible(message))


class SettingsError(AbcjobError):
    """An option, a setting or a job's parameter that cannot be used."""

    exit_code = 2


class DataError(AbcjobError):
    """Rows were refused, or a data check failed."""

    exit_code = 3


class NothingLoadedError(AbcjobError):
    """There is no published run to query or to report on, or no report to open."""

    exit_code = 3


class DatabaseError(AbcjobError):
    """The database cannot be reached, or it fails.

    Attributes:
        sqlstate: PostgreSQL's five-letter code, or None where the connection failed or was lost.
        is_explained: the message says what was being done, and what to do next.
    """

    exit_code = 4
    is_explained = False

    def __init__(self, message: str, sqlstate: str | None = None) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


@contextmanager
def doing(what: str, remedy: str) -> Iterator[None]:
    """A database's error inside says what was being done, and what to do next."""
    try:
        yield
    except DatabaseError as error:
        if error.is_explained:
            raise
        explained = DatabaseError(f"{what}: {error}; {remedy}", error.sqlstate)
        explained.is_explained = True
        raise explained from error


class SchemaVersionError(DatabaseError):
    """The schema was made by another version of the program, or by somebody else."""

    is_explained = True


class CommitUnknownError(DatabaseError):
    """The connection was lost when a transaction was to be committed: it may have been."""


class LockHeldError(AbcjobError):
    """Another run of the same job holds its lock."""

    exit_code = 5


class SourceError(AbcjobError):
    """A source of rows cannot be read."""

    exit_code = 6


class ReportError(AbcjobError):
    """The report cannot be rendered or written."""

    exit_code = 7


class SeveralError(AbcjobError):
    """Parts of a run that ended in errors of their own, to be told in a line each.

    Attributes:
        errors: each of them.
        exit_code: that of the most severe, which has the greatest.
    """

    def __init__(self, errors: Sequence[AbcjobError]) -> None:
        super().__init__(" / ".join(map(str, errors)))
        self.errors = tuple(errors)
        self.exit_code = max(error.exit_code for error in errors)


def together(errors: Sequence[AbcjobError]) -> AbcjobError:
    """One error for all of them, of which there is one at least; what several say is told once."""
    told = list({str(error): error for error in errors}.values())
    return told[0] if len(told) == 1 else SeveralError(told)


class InterruptedRunError(BaseException):
    """A signal, or the deadline, ended the run; what was not published was rolled back.

    No AbcjobError, nor an Exception: what handles those is not to go on after it.

    Attributes:
        signal_number: the signal's.
        exit_code: 128 plus that, as a shell has it; 124 past the deadline, as `timeout` has it.
    """

    def __init__(self, cause: str, signal_number: int, exit_code: int) -> None:
        super().__init__(f"stopped by {cause}: what was not published was rolled back")
        self.signal_number = signal_number
        self.exit_code = exit_code
