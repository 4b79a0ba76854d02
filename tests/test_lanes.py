"""Tasks on two sessions at the same time."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from signal import SIGUSR1, pthread_kill, signal
from time import sleep
from typing import TYPE_CHECKING

import pytest
from proxy import Proxy

from abcjob.database import lanes
from abcjob.database.connection import connect
from abcjob.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from abcjob.database.connection import Connection
    from abcjob.database.url import DatabaseUrl

# Waits, for ten seconds at most, until another session has entered the number.
AWAIT = """
do $$
begin
    for turn in 1..1000 loop
        perform from seen where number = {number};
        exit when found;
        perform pg_sleep(0.01);
    end loop;
end
$$
"""


@pytest.fixture(autouse=True)
def seen(db: Connection) -> None:
    """A table into which tasks enter numbers."""
    db.execute("create table seen (number integer)")


def unprepared(_: Connection) -> None:
    """Nothing for the second session."""


def enter(number: int, session: Connection) -> int:
    """Enter a number; returns it."""
    session.execute("insert into seen values ($1)", number)
    return number


def meet(number: int, other: int, session: Connection) -> tuple[int, bool]:
    """Enter a number, and say whether another task entered its own meanwhile."""
    enter(number, session)
    session.execute(AWAIT.format(number=other))
    return number, numbers(session) >= {number, other}


def numbers(db: Connection) -> set[int]:
    """Those that were entered."""
    return set(db.query("select number from seen")["number"])


def sleep_and_enter(number: int, session: Connection) -> int:
    """Enter that a task is under way, and after two seconds its number."""
    enter(-number, session)
    session.execute("select pg_sleep(2)")
    return enter(number, session)


def fail_beside(number: int, session: Connection) -> int:
    """Fail when another task is under way."""
    session.execute(AWAIT.format(number=-number))
    session.execute("select 1 / 0")
    return 0


def test_two_tasks_are_done_at_the_same_time(db: Connection) -> None:
    """Each waits for what the other does: one after the other, the first would wait in vain."""
    assert lanes.each(db, [partial(meet, 1, 2), partial(meet, 2, 1)], unprepared) == [
        (1, True),
        (2, True),
    ]


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_every_task_is_done_once_and_answers_in_its_place(db: Connection, count: int) -> None:
    """Whichever session did it."""
    tasks = [partial(enter, number) for number in range(count)]
    assert lanes.each(db, tasks, unprepared) == list(range(count))
    assert sorted(db.query("select number from seen")["number"]) == list(range(count))


def test_a_task_waits_for_those_it_needs(db: Connection) -> None:
    """Though a session is free for it; it sees what they did."""

    def look(session: Connection) -> set[int]:
        return numbers(session)

    slow = partial(sleep_and_enter, 1)
    tasks: list[lanes.Task[object]] = [slow, look]
    assert lanes.each(db, tasks, unprepared, {look: [slow]}) == [1, {-1, 1}]


def test_a_session_that_is_free_takes_a_task_that_lacks_nothing(db: Connection) -> None:
    """It passes over the one that cannot begin: else the first would wait in vain."""
    first, last, needy = partial(meet, 1, 3), partial(meet, 3, 1), partial(meet, 2, 1)
    found = lanes.each(db, [first, needy, last], unprepared, {needy: [first, last]})
    assert found == [(1, True), (2, True), (3, True)]


def test_a_session_waits_for_what_can_begin_later(db: Connection) -> None:
    """Two tasks that need a third are done at the same time: neither session has left."""
    slow, one, two = partial(sleep_and_enter, 3), partial(meet, 1, 2), partial(meet, 2, 1)
    tasks: list[lanes.Task[object]] = [slow, one, two]
    found = lanes.each(db, tasks, unprepared, {one: [slow], two: [slow]})
    assert found == [3, (1, True), (2, True)]


def test_who_waits_for_a_task_that_fails_waits_no_more(db: Connection) -> None:
    """What needed it is never begun."""

    def fail(session: Connection) -> int:
        session.execute("select pg_sleep(0.5)")
        session.execute("select 1 / 0")
        return 0

    tasks: list[lanes.Task[int]] = [fail, partial(enter, 1)]
    with pytest.raises(DatabaseError, match="division by zero"):
        lanes.each(db, tasks, unprepared, {tasks[1]: tasks[:1]})
    assert numbers(db) == set()


def test_the_second_session_is_prepared(db: Connection) -> None:
    """As the first was: it finds the same tables."""

    def prepare(session: Connection) -> None:
        session.execute("set search_path to pg_temp")

    def path(session: Connection) -> str:
        session.execute("select pg_sleep(0.1)")  # so that the other is not faster with both
        return str(session.query("select current_setting('search_path') as path")["path"][0])

    before = path(db)
    assert sorted(lanes.each(db, [path, path], prepare)) == sorted([before, "pg_temp"])


@pytest.mark.parametrize("is_first", [True, False])
def test_a_failure_is_raised_and_ends_what_is_under_way(db: Connection, is_first: bool) -> None:
    """Its own words, whichever session it was; the other is cancelled, and nothing more begins."""
    pair = [partial(fail_beside, 1), partial(sleep_and_enter, 1)]
    tasks = [*(pair if is_first else reversed(pair)), partial(enter, 2), partial(enter, 3)]
    with pytest.raises(DatabaseError, match="division by zero"):
        lanes.each(db, tasks, unprepared)
    assert numbers(db) == {-1}


@pytest.mark.parametrize("is_first", [True, False])
def test_a_timeout_is_told_apart_from_what_it_cancels(db: Connection, is_first: bool) -> None:
    """Both have one SQLSTATE: the timeout is the cause, whichever session it was."""

    def time_out(session: Connection) -> int:
        session.execute(AWAIT.format(number=-1))
        session.execute("set statement_timeout = 10")
        session.execute("select pg_sleep(2)")
        return 0

    def sleep(session: Connection) -> int:
        return sleep_and_enter(1, session)

    with pytest.raises(DatabaseError, match="statement timeout"):
        lanes.each(db, (time_out, sleep) if is_first else (sleep, time_out), unprepared)


@pytest.mark.parametrize("kind", [IndexError, KeyError, ValueError])
def test_a_fault_of_a_task_is_raised_as_it_is(db: Connection, kind: type[Exception]) -> None:
    """None is taken for the end of the tasks."""

    def fail(_: Connection) -> int:
        raise kind("the task's own")

    with pytest.raises(kind, match="the task's own"):
        lanes.each(db, (fail, fail), unprepared)


def test_an_interruption_ends_both(db: Connection) -> None:
    """What is no error of the database's, such as Ctrl-C, too."""

    def interrupt(session: Connection) -> int:
        session.execute(AWAIT.format(number=-1))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lanes.each(db, (interrupt, lambda session: sleep_and_enter(1, session)), unprepared)
    assert numbers(db) == {-1}


@pytest.mark.parametrize("is_last", [True, False])
def test_an_interruption_is_heard_while_the_other_works_on(db: Connection, is_last: bool) -> None:
    """The first session has nothing to do (yet), and waits: a signal ends what the second does."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    def task(session: Connection) -> None:
        if session is db:
            session.execute(AWAIT.format(number=-1))
            threading.Timer(0.2, pthread_kill, [threading.get_ident(), SIGUSR1]).start()
        else:
            sleep_and_enter(1, session)

    before = signal(SIGUSR1, interrupt)  # Polars has SIGINT, under which no wait is woken
    try:
        with pytest.raises(KeyboardInterrupt):
            both, needy = [partial(task), partial(task)], partial(enter, 2)
            tasks: list[lanes.Task[object]] = [*both] if is_last else [*both, needy]
            lanes.each(db, tasks, unprepared, {needy: both})
    finally:
        signal(SIGUSR1, before)
    assert numbers(db) == {-1}


@pytest.mark.parametrize("is_first", [True, False])
def test_what_begins_while_the_other_fails_is_ended_too(db: Connection, is_first: bool) -> None:
    """A task that was between two statements when its session was cancelled goes no further."""

    def task(session: Connection) -> None:
        if (session is db) is is_first:
            session.execute(AWAIT.format(number=-1))
            session.execute("select 1 / 0")
        else:
            enter(-1, session)
            sleep(0.3)
            session.execute("select pg_sleep(2)")
            enter(1, session)

    with pytest.raises(DatabaseError, match="division by zero"):
        lanes.each(db, (task, task), unprepared)
    assert numbers(db) == {-1}


def test_a_server_that_is_gone_is_not_asked_to_cancel(url: DatabaseUrl) -> None:
    """Both sessions are lost, and who dials anew gets no answer: it fails, and does not wait."""
    with Proxy(url) as proxy, connect(proxy.url) as db:

        def lose(session: Connection) -> int:
            session.execute(AWAIT.format(number=-1))
            proxy.is_silent.set()
            proxy.cut()
            session.execute("select 1")
            return 0

        with pytest.raises(DatabaseError) as raised:
            lanes.each(db, (lose, lambda session: sleep_and_enter(1, session)), unprepared)
        assert raised.value.sqlstate is None


@pytest.fixture
def loner(db: Connection, url: DatabaseUrl) -> Iterator[Connection]:
    """A connection of a user who is granted no other."""
    db.script(
        "drop role if exists loner; create role loner login connection limit 1; "
        "grant select, insert on seen to loner"
    )
    with connect(replace(url, user="loner"), patience=60) as connection:
        yield connection
    db.script("drop owned by loner; drop role loner")


def test_one_session_does_all_where_no_other_is_granted(loner: Connection) -> None:
    """A server with its connections in use makes it slower, and nothing else."""
    tasks = [partial(enter, number) for number in range(3)]
    assert lanes.each(loner, tasks, unprepared, {tasks[2]: tasks[:2]}) == [0, 1, 2]
