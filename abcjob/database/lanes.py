"""Work that parts into tasks, done on two sessions at the same time.

PostgreSQL keeps one processor busy with most statements, and the smallest machine has two.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Generic, TypeVar

from abcjob.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from abcjob.database.connection import Connection

    Task = Callable[[Connection], "_T"]

_T = TypeVar("_T")
_A_MOMENT = 0.05  # seconds


def each(
    db: Connection,
    tasks: Sequence[Task[_T]],
    prepare: Callable[[Connection], None],
    needs: Mapping[Task[_T], Collection[Task[_T]]] | None = None,
) -> list[_T]:
    """Do every task, each on the session that is free for it first.

    Where the server grants no second session, all are done on the one there is. What a task
    leaves behind is to be seen by others at once: none runs inside a transaction of the caller's.

    Args:
        db: a connection, outside of a transaction.
        tasks: each is given the session that it is to use. None waits for a lock that another
            holds while it holds one that the other asks for.
        prepare: is called with the second session first.
        needs: by task, those before it that are to be done when it begins. A session that is free
            takes the first task that lacks none.

    Returns:
        What the tasks return, in their order.

    Raises:
        DatabaseError: as the tasks; those that have not begun are left undone then, and what is
            under way is cancelled.
    """
    waiting = _Waiting(tasks, needs or {})
    done: dict[int, _T] = {}

    def work(session: Connection) -> None:
        try:
            while found := waiting.next():
                number, task = found
                done[number] = task(session)
                waiting.end(task)
        except BaseException:
            waiting.drop()
            raise

    try:
        other = db.another() if len(tasks) > 1 else None
    except DatabaseError:
        other = None
    if other is None:
        work(db)
    else:
        with other:
            prepare(other)
            _both(work, db, other)
    return [done[number] for number in range(len(tasks))]


class _Waiting(Generic[_T]):
    """Tasks that nobody has begun, by their numbers."""

    def __init__(
        self, tasks: Sequence[Task[_T]], needs: Mapping[Task[_T], Collection[Task[_T]]]
    ) -> None:
        self._left = list(enumerate(tasks))
        self._needs = needs
        self._done: set[Task[_T]] = set()
        self._has_changed = threading.Condition()

    def next(self) -> tuple[int, Task[_T]] | None:
        """The first that may begin, as soon as one may; None where none is left."""
        with self._has_changed:
            while self._left:
                for found in self._left:
                    if self._done.issuperset(self._needs.get(found[1], ())):
                        self._left.remove(found)
                        return found
                self._has_changed.wait()
            return None

    def end(self, task: Task[_T]) -> None:
        """Let those begin that lacked this one alone."""
        with self._has_changed:
            self._done.add(task)
            self._has_changed.notify_all()

    def drop(self) -> None:
        """Let none begin any more."""
        with self._has_changed:
            self._left.clear()
            self._has_changed.notify_all()


def _both(work: Callable[[Connection], None], db: Connection, other: Connection) -> None:
    """Work on two sessions; where one fails, the other is cancelled, and the first error raised."""
    # The first is never the other's cancelling: that is asked for once an error stands here. By
    # its SQLSTATE it could not be told, as a statement's timeout has the same.
    failed: list[BaseException] = []
    is_idle = threading.Event()  # the work on `db` has ended

    def work_beside() -> None:
        try:
            work(other)
        except BaseException as error:
            failed.append(error)
            _cancel(db, error, is_idle.wait)
            raise

    with ThreadPoolExecutor(1, "lane") as pool:
        beside = pool.submit(work_beside)
        try:
            try:
                work(db)
            finally:
                is_idle.set()
            beside.result()
        except BaseException as error:
            failed.append(error)
            _cancel(other, error, lambda seconds: bool(wait([beside], seconds).done))
            if isinstance(error, DatabaseError) and failed[0] is not error:
                raise failed[0] from error
            raise


def _cancel(session: Connection, why: BaseException, has_ended: Callable[[float], bool]) -> None:
    """End what a session does, again and again: between two statements it cannot be told to.

    Args:
        session: the session.
        why: the error of the other.
        has_ended: waits for so many seconds at most, and says whether the work has ended.
    """
    while not has_ended(0):
        if _is_there_after(why):
            session.cancel()
        has_ended(_A_MOMENT)


def _is_there_after(error: BaseException) -> bool:
    """Whether the server can be asked to cancel anything: where it is gone, that could hang."""
    return not isinstance(error, DatabaseError) or error.sqlstate is not None
