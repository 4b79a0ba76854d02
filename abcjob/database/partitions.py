"""One partition of a table: a part's own rows, made apart and put in place as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abcjob import sqlfile

if TYPE_CHECKING:
    from abcjob.database.connection import Connection
    from abcjob.job import Input, Part

_SQL = sqlfile.statements("engine", "partitions")


def make(db: Connection, schema: str, item: Input, part: Part) -> None:
    """Make the table that is to be the part's partition of the input, not attached yet.

    The column that it is partitioned by has the part's name in every row, by default.
    """
    partition = f"{schema}.{item.stored(part)}"
    db.execute(sqlfile.fill(_SQL["make"], partition=partition, table=f"{schema}.{item.name}"))
    _run_written(db, "write_value", _quoted(partition), item.partition_by, part.name)


def attach(db: Connection, schema: str, item: Input, part: Part) -> None:
    """Attach the part's table, whose rows are all its own; it gets the input's keys."""
    table, partition = f"{schema}.{item.name}", f"{schema}.{item.stored(part)}"
    _run_written(db, "write_attach", _quoted(table), _quoted(partition), part.name)


def move(db: Connection, item: Input, part: Part, origin: str, target: str) -> None:
    """Let the part's partition in one schema take the place of that in another."""
    table, partition = f"{origin}.{item.name}", f"{origin}.{item.stored(part)}"
    placed = f"{target}.{item.stored(part)}"
    db.execute(sqlfile.fill(_SQL["detach"], table=table, partition=partition))
    db.execute(sqlfile.fill(_SQL["drop_old"], partition=placed))
    db.execute(sqlfile.fill(_SQL["move_in"], partition=partition, schema=target))
    attach(db, target, item, part)
    db.execute(sqlfile.fill(_SQL["drop_check"], partition=placed))


def _run_written(db: Connection, name: str, *values: object) -> None:
    """Run the statement that a query writes: a value stands in it, which cannot be a parameter."""
    db.execute(db.query(_SQL[name], *values)["statement"][0])


def _quoted(table: str) -> str:
    return sqlfile.fill("{table}", table=table)
