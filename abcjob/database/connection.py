"""The connection to PostgreSQL. Nothing else imports ADBC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, Self

import adbc_driver_manager
import polars as pl
import pyarrow as pa
import stamina
from adbc_driver_postgresql import dbapi

from abcjob import __version__
from abcjob.errors import DatabaseError

if TYPE_CHECKING:
    from types import TracebackType

    from abcjob.database.url import DatabaseUrl

_STATUS = "adbc.postgresql.transaction_status"
# For a `numeric` of no given precision: 22 digits before the point, where a bigint has 19.
_UNBOUND = pl.Decimal(38, 16)


class Connection:
    """One session at the server, in UTC, in autocommit but inside `transaction`."""

    def __init__(self, raw: dbapi.Connection, url: DatabaseUrl) -> None:
        self._raw = raw
        self._url = url
        self.script(
            f"set timezone to 'UTC'; set client_min_messages to warning; "
            f"set application_name to 'abcjob {__version__}'"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the session; what was not committed is rolled back. Safe to repeat."""
        self._raw.close()

    def query(self, sql: str, *parameters: object) -> pl.DataFrame:
        """The rows of one statement; parameters are `$1`, `$2`, ...

        `numeric(p, s)` comes back as Decimal(p, s), a bare `numeric` as Decimal(38, 16), json as
        String.

        Raises:
            DatabaseError: the server refused it, or the connection was lost.
        """
        with self._translated(), self._raw.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            # Fetched to the end: an error can come with any row.
            return _plain(cursor.fetch_arrow_table())

    def execute(self, sql: str, *parameters: object) -> None:
        """Run one statement that returns no rows.

        Raises:
            DatabaseError: as `query`.
        """
        with self._translated(), self._raw.cursor() as cursor:
            cursor.execute(sql, parameters or None)

    def script(self, sql: str) -> None:
        """Run several statements, parted by semicolons.

        Raises:
            DatabaseError: as `query`; the statements before the failing one have happened
                outside of a transaction.
        """
        with self._translated(), self._raw.cursor() as cursor:
            cursor.executescript(sql)

    def append(self, schema: str, table: str, batches: pa.RecordBatchReader) -> None:
        """Bulk-load Arrow batches into an existing table, columns matched by name.

        The driver compares no types: call `columns.check` first.

        Raises:
            DatabaseError: as `query`; none of the rows is there then.
        """
        with self._translated(), self._raw.cursor() as cursor:
            cursor.adbc_ingest(table, batches, mode="append", db_schema_name=schema)

    @contextmanager
    def transaction(self, mode: Literal["", "repeatable read, read only"] = "") -> Iterator[None]:
        """All statements inside happen together, or none does.

        Raises:
            DatabaseError: as `query`; or the server had rolled back already, which a plain
                commit would pass over in silence.
        """
        self.execute(f"begin{f' isolation level {mode}' if mode else ''}")
        try:
            yield
        except BaseException:
            self._rollback()
            raise
        if (status := self._raw.adbc_connection.get_option(_STATUS)) != "intrans":
            self._rollback()
            raise DatabaseError(
                f"committing: the server had given the transaction up (it is {status}); "
                "nothing was changed; run again"
            )
        self.execute("commit")

    def _rollback(self) -> None:
        # On a lost connection there is nothing left to roll back, and the first error is the one
        # that tells why.
        try:
            self.execute("rollback")
        except DatabaseError:
            return

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except adbc_driver_manager.Error as error:
            raise _translate(error, self._url) from error


def connect(url: DatabaseUrl, patience: float = 0) -> Connection:
    """Open a session, trying again with growing pauses for up to `patience` seconds in all.

    Only what can pass is tried again: a server not there yet, starting, stopping or full.

    Raises:
        DatabaseError: the server could not be reached, or it refused.
    """
    attempts = stamina.retry_context(
        on=_can_pass,
        attempts=None if patience else 1,
        timeout=patience or None,
        wait_initial=0.1,
        wait_max=2.0,
        wait_jitter=0.1,
    )
    for attempt in attempts:
        with attempt:
            return _open(url)
    raise AssertionError  # the last attempt returns or raises


def _open(url: DatabaseUrl) -> Connection:
    try:
        raw = dbapi.connect(url.libpq, autocommit=True)
    except adbc_driver_manager.Error as error:
        raise _translate(error, url, f"connecting to {url}: ") from error
    try:
        return Connection(raw, url)
    except BaseException:
        raw.close()
        raise


# libpq gives no SQLSTATE for a connection refused by the server, so its words must do.
_PASSING = ("starting up", "shutting down", "in recovery", "too many clients", "slots are reserved")


def _can_pass(error: Exception) -> bool:
    """Whether a failure to connect may be gone in a moment: a wrong password is not."""
    said = str(error)
    return isinstance(error, DatabaseError) and (
        "FATAL" not in said or any(words in said for words in _PASSING)
    )


def _translate(error: adbc_driver_manager.Error, url: DatabaseUrl, doing: str = "") -> DatabaseError:
    """One line for what the driver says in several, without a password."""
    diagnostics = dict(error.details or ())
    primary = diagnostics.get(b"PG_DIAG_MESSAGE_PRIMARY") or str(error).encode()
    text = " ".join(primary.decode(errors="replace").split())
    detail = diagnostics.get(b"PG_DIAG_MESSAGE_DETAIL", b"").decode(errors="replace")
    if detail:
        text += f" ({' '.join(detail.split())})"
    if error.sqlstate:
        text += f" [SQLSTATE {error.sqlstate}]"
    return DatabaseError(url.hide(f"{doing}{text}"), error.sqlstate)


def _plain(table: pa.Table) -> pl.DataFrame:
    """Rows without the driver's extension types."""
    frame = pl.DataFrame(table)
    return frame.with_columns(
        pl.col(field.name).ext.storage().cast(_decimal(field.metadata))
        if (field.metadata or {}).get(b"POSTGRESQL:type") == b"numeric"
        else pl.col(field.name).ext.storage()
        for field in table.schema
        if isinstance(frame.schema[field.name], pl.BaseExtension)
    )


def _decimal(metadata: Mapping[bytes, bytes]) -> pl.Decimal:
    """The decimal that holds a `numeric`, from its type modifier: precision and scale, packed."""
    modifier = int(metadata[b"POSTGRESQL:typmod"]) - 4
    return _UNBOUND if modifier < 0 else pl.Decimal(modifier >> 16 & 0xFFFF, modifier & 0x7FF)
