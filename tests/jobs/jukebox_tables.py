"""The tables of the job jukebox, made in a test by its SQL alone, without the engine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jukebox_answers import KPIS, Asked
from jukebox_compare import in_any_order
from jukebox_lines import Event, understood
from jukebox_oracle import COLUMNS

from abcjob import sqlfile

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl
    from jukebox_oracle import Row

    from abcjob.database.connection import Connection

MODELS = (
    "customers", "locations", "agents", "artists", "albums", "songs", "devices", "allocations",
    "payments", "songs_played", "agent_days", "sales",
)  # fmt: skip


def make(db: Connection) -> None:
    """Make the job's tables, empty, with their keys and views; events have a number besides."""
    db.script("create schema jukebox; set search_path to jukebox")
    db.script(sqlfile.load("jukebox", "schema").sql)
    keys = sqlfile.statements("jukebox", "keys")
    assert set(keys) == {"event", *MODELS}
    for statements in keys.values():
        db.script(statements)
    db.script(sqlfile.load("jukebox", "views").sql)
    db.script("alter table event add column _row bigint generated always as identity")


def read(lines: Iterable[bytes]) -> list[Event]:
    """Lines that are events."""
    events = [understood(line) for line in lines]
    return [event for event in events if isinstance(event, Event)]


def put(db: Connection, events: Iterable[Event], table: str = "event") -> None:
    """Let events be the rows of a table, and no others."""
    columns = ", ".join(Event._fields)
    rows = json.dumps([event._asdict() for event in events], default=str)
    db.execute(f"truncate {table}")
    db.execute(
        f"insert into {table} ({columns}) select {columns} "
        "from jsonb_populate_recordset(null::event, $1::text::jsonb)",
        rows,
    )


def modelled(db: Connection, model: str, keys: str | None = None) -> pl.DataFrame:
    """A model's rows: all of them, or those of the keys in a table."""

    def condition(name: str, column: str) -> str:
        if keys is None:
            return "true"
        is_from = f"{column} >= (select min(key) from {keys})"
        return is_from if name == "is_from_touched" else f"{column} in (select key from {keys})"

    return db.query(sqlfile.model("jukebox", model, condition).sql)


def build(db: Connection) -> None:
    """Make every table anew of the events, in order."""
    db.execute(f"truncate {', '.join(MODELS)}")
    for model in MODELS:
        columns = ", ".join(COLUMNS[model])
        sql = sqlfile.model("jukebox", model).sql
        db.execute(f"insert into {model} ({columns}) select {columns} from ({sql}) as made")


def filled(db: Connection, lines: Iterable[bytes]) -> None:
    """Make every table of lines, all of which are events that are accepted."""
    put(db, read(lines))
    build(db)


def stored(db: Connection, table: str) -> list[Row]:
    """A table's rows, as they may be compared."""
    return in_any_order(db.query(f"select {', '.join(COLUMNS[table])} from {table}").iter_rows())


def touched(db: Connection, table: str) -> set[Any]:
    """The keys of which a table's rows are to be made anew; left in a table as well.

    The added events are those in the table `added_event`; they are among the others already.
    """
    sql = sqlfile.load("jukebox", "touched", table).sql
    found = sqlfile.fill(sql, published=lambda name: name)
    db.script(f"drop table if exists touched; create table touched as {found}")
    return set(db.query("select key from touched")["key"])


def waiting(db: Connection, known: str) -> set[tuple[str, str, str]]:
    """The events that wait, by what, of which column; what readers see is in another schema."""
    sql = sqlfile.load("jukebox", "settle", "event").sql
    found = sqlfile.fill(
        sql,
        staged="event",
        published=lambda table: f"{known}.{table}",
        parents=lambda column: f"(select distinct {column} as parent from event)",
    )
    rows = db.query(
        "select event_id, rule, column_name "
        f"from ({found}) as found inner join event on event.ctid = found.place "
        "where event._row = found._row"
    )
    return set(rows.rows())


def asked(db: Connection, name: str, asked_for: Asked) -> pl.DataFrame:
    """A KPI's rows, asked for as the engine does."""
    settings = {
        "date": str(asked_for.day),
        "product": asked_for.product,
        "all_plays": "yes" if asked_for.all_plays else "no",
    }
    with db.transaction("repeatable read, read only"):
        for key, value in settings.items():
            db.execute("select set_config($1, $2, true)", f"abcjob.{key}", value)
        found = db.query(sqlfile.load("jukebox", "kpi", name).sql)
    assert tuple(found.columns) == KPIS[name]
    return found
