"""The connection to PostgreSQL. Nothing else calls ADBC.

Polars and Arrow are imported while the driver is connecting: it begins by asking the server for
all its types, and both take their time.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, Self, TypeVar

import adbc_driver_manager
import adbc_driver_postgresql

from abcjob import __version__, sqlfile
from abcjob.database import failures
from abcjob.errors import CommitUnknownError, DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType

    import polars as pl
    import pyarrow as pa
    from adbc_driver_manager import dbapi

    from abcjob.database.url import DatabaseUrl

_T = TypeVar("_T")
_STATUS = "adbc.postgresql.transaction_status"
_A_MOMENT = 1.0  # seconds
_MADE_MEANWHILE = "42P04"  # there is such a database
_UNBOUND = (38, 16)  # for a bare `numeric`: 22 digits before the point, where a bigint has 19


class Connection:
    """One session at the server, in UTC, in autocommit but inside `transaction`.

    The driver works in a thread of the connection's own. So a signal is heard at once, while the
    server is busy; and the driver's own way with Ctrl-C, which was seen to crash, never starts.
    """

    def __init__(self, raw: dbapi.Connection, url: DatabaseUrl) -> None:
        self._raw = raw
        self._url = url
        self._thread = ThreadPoolExecutor(1, "connection")
        self.execute(sqlfile.statements("engine", "session")["prepare"], f"abcjob {__version__}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the session; what was not committed is rolled back. Safe to repeat."""
        self._raw.close()
        self._thread.shutdown()

    def server_version(self) -> str:
        """PostgreSQL's version, such as `18.4`."""
        return str(self.query(sqlfile.statements("engine", "session")["version"])["version"][0])

    def another(self) -> Connection:
        """A second session at the same server, at half the price of the first.

        Also while this one is busy: it is dialled in a thread of its own.

        Raises:
            DatabaseError: the server refused it.
        """
        try:
            raw = _begun(self._raw.adbc_clone).result()
        except adbc_driver_manager.Error as error:
            raise failures.translated(error, self._url) from error
        try:
            raw.adbc_connection.set_autocommit(True)  # which a clone does not take over
            return Connection(raw, self._url)
        except BaseException:
            raw.close()
            raise

    def query(self, sql: str, *parameters: object) -> pl.DataFrame:
        """The rows of one statement; parameters are `$1`, `$2`, ...

        `numeric(p, s)` comes back as Decimal(p, s), a bare `numeric` as Decimal(38, 16), json as
        String.

        Raises:
            DatabaseError: the server refused it, or the connection was lost.
        """

        def work() -> pa.Table:
            with self._raw.cursor() as cursor:
                cursor.execute(sql, parameters or None)
                return cursor.fetch_arrow_table()  # to the end: an error can come with any row

        return _plain(self._done(work))

    def execute(self, sql: str, *parameters: object) -> int:
        """Run one statement whose rows, if it returns any, are of no interest.

        Returns:
            How many rows it inserted, updated or deleted; -1 where the statement has parameters, as
            the driver does not say it then; of no meaning for other statements.

        Raises:
            DatabaseError: as `query`.
        """

        def work() -> int:
            with self._raw.cursor() as cursor:
                cursor.execute(sql, parameters or None)
                if cursor.description:
                    cursor.fetch_arrow_table()  # an error can come with any row
                return int(cursor.rowcount)

        return self._done(work)

    def script(self, sql: str) -> None:
        """Run several statements, parted by semicolons.

        Raises:
            DatabaseError: as `query`; the statements before the failing one have happened
                outside of a transaction.
        """

        def work() -> None:
            with self._raw.cursor() as cursor:
                # `executescript` would commit first, on a session that was cloned.
                cursor.adbc_statement.set_sql_query(sql)
                cursor.adbc_statement.execute_update()

        self._done(work)

    def append(self, schema: str, table: str, batches: pa.RecordBatchReader) -> None:
        """Bulk-load Arrow batches into an existing table, columns matched by name.

        The driver compares no types: call `columns.check` first.

        Raises:
            DatabaseError: as `query`; none of the rows is there then.
        """

        def work() -> None:
            with self._raw.cursor() as cursor:
                cursor.adbc_ingest(table, batches, mode="append", db_schema_name=schema)

        self._done(work)

    @contextmanager
    def transaction(self, mode: Literal["", "repeatable read, read only"] = "") -> Iterator[None]:
        """All statements inside happen together, or none does.

        Raises:
            CommitUnknownError: the connection was lost at the end: who needs to know whether it
                happened has to `reconnect` and look.
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
        try:
            self.execute("commit")
        except DatabaseError as error:
            if error.sqlstate is None:  # no answer from the server
                raise CommitUnknownError(str(error)) from error
            raise

    def reconnect(self, patience: float) -> None:
        """Open a session anew in place of one that was lost; its locks and settings are gone.

        Raises:
            DatabaseError: as `connect`.
        """
        fresh = connect(self._url, patience)
        with suppress(adbc_driver_manager.Error):
            self._raw.close()
        self._thread.shutdown()
        self._raw, self._thread = fresh._raw, fresh._thread  # noqa: SLF001 - another of our own

    def cancel(self) -> None:
        """End the statement that is under way, if any is; from another thread."""
        with suppress(adbc_driver_manager.Error):  # it may be done by now
            self._raw.adbc_cancel()

    def _rollback(self) -> None:
        # On a lost connection there is nothing left to roll back, and the first error is the one
        # that tells why.
        try:
            self.execute("rollback")
        except DatabaseError:
            return

    def _done(self, work: Callable[[], _T]) -> _T:
        """What `work` returns, done in the connection's thread; cancelled if we are interrupted."""
        doing = self._thread.submit(work)
        try:
            return doing.result()
        except adbc_driver_manager.Error as error:
            raise failures.translated(error, self._url) from error
        except BaseException:
            if not doing.done():
                self.cancel()
                wait([doing])
            raise


def connect(
    url: DatabaseUrl, patience: float = 0, tell: Callable[[str], None] = lambda _: None
) -> Connection:
    """Open a session, trying again with growing pauses for up to `patience` seconds in all.

    Only what can pass is tried again: a server not there yet, starting, stopping or full.

    Args:
        url: the database.
        patience: seconds. The last try may take two more: libpq waits for no less.
        tell: is called once, where it takes more than a moment.

    Raises:
        DatabaseError: the server could not be reached, or it refused.
    """
    give_up = time.monotonic() + patience
    try:
        return _open(url, patience)
    except DatabaseError as error:
        left = give_up - time.monotonic()
        if left <= 0 or not failures.can_pass(error):
            raise
    import stamina

    told: list[str] = []

    def notice(details: stamina.instrumentation.RetryDetails) -> None:
        if details.waited_so_far >= _A_MOMENT and not told:
            told.append(f"connecting to {url} is tried again, for {patience:g} s in all")
            tell(told[0])

    stamina.instrumentation.set_on_retry_hooks([notice])  # stamina's own would log to stderr
    patient = stamina.retry(
        on=failures.can_pass,
        attempts=None,
        timeout=left,
        wait_initial=0.1,
        wait_max=2,
        wait_jitter=0.1,
    )
    return patient(lambda: _open(url, max(give_up - time.monotonic(), 0)))()


def connect_or_make(
    url: DatabaseUrl, patience: float = 0, tell: Callable[[str], None] = lambda _: None
) -> Connection:
    """As `connect`; the database that the URL names is made where it is missing.

    Raises:
        DatabaseError: as `connect`, or the user may not make it.
    """
    try:
        return connect(url, patience, tell)
    except DatabaseError as error:
        if failures.can_pass(error) or not _made(url):
            raise
    return connect(url, patience)


def _made(url: DatabaseUrl) -> bool:
    """Whether the database was missing, and is there now."""
    try:
        db = connect(replace(url, database="postgres"))
    except DatabaseError:  # who cannot get in there is told why the first way failed
        return False
    statements = sqlfile.statements("engine", "cluster")
    with db:
        if not db.query(statements["is_there"], url.database).is_empty():
            return False
        try:
            db.execute(sqlfile.fill(statements["make_database"], name=url.database))
        except DatabaseError as error:
            if error.sqlstate != _MADE_MEANWHILE:
                raise DatabaseError(
                    f"making the database {url.database}: {error}; have it made, or get the right",
                    error.sqlstate,
                ) from error
    return True


def _open(url: DatabaseUrl, patience: float) -> Connection:
    dialled = _begun(lambda: _dial(url.limited(patience)))
    import polars as _  # noqa: F401, ICN001 - the module's docstring says why
    from adbc_driver_manager import dbapi

    try:
        database, session = dialled.result()
    except adbc_driver_manager.Error as error:
        doing, remedy = f"connecting to {url}: ", "; start the server, or correct --database"
        raise failures.translated(error, url, doing, remedy) from error
    raw = dbapi.Connection(database, session, autocommit=True)
    try:
        return Connection(raw, url)
    except BaseException:
        raw.close()
        raise


def _dial(
    url: DatabaseUrl,
) -> tuple[adbc_driver_manager.AdbcDatabase, adbc_driver_manager.AdbcConnection]:
    database = adbc_driver_postgresql.connect(url.libpq)
    try:
        return database, adbc_driver_manager.AdbcConnection(database)
    except adbc_driver_manager.Error:
        database.close()
        raise


def _begun(work: Callable[[], _T]) -> Future[_T]:
    """`work` under way, in a thread that nothing waits for: not the process's end either."""
    result: Future[_T] = Future()

    def run() -> None:
        try:
            result.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised where the result is asked for
            result.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return result


def _plain(table: pa.Table) -> pl.DataFrame:
    """Rows without the driver's extension types."""
    import polars as pl

    frame = pl.DataFrame(table)
    return frame.with_columns(
        pl.col(field.name).ext.storage().cast(pl.Decimal(*_precision(_metadata(field))))
        if _metadata(field).get("POSTGRESQL:type") == "numeric"
        else pl.col(field.name).ext.storage()
        for field in table.schema
        if isinstance(frame.schema[field.name], pl.BaseExtension)
    )


def _metadata(field: pa.Field) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}


def _precision(metadata: Mapping[str, str]) -> tuple[int, int]:
    """A `numeric`'s precision and scale, which its type modifier packs."""
    modifier = int(metadata["POSTGRESQL:typmod"]) - 4
    return _UNBOUND if modifier < 0 else (modifier >> 16 & 0xFFFF, modifier & 0x7FF)
