"""Let staged rows come to those that readers see, by key: known rows, orphans, and the joining."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abcjob import sqlfile
from abcjob.database import columns, schemas
from abcjob.job import QUARANTINE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import polars as pl

    from abcjob.database.connection import Connection
    from abcjob.job import Input, Job, Part

_SQL = sqlfile.statements("engine", "merge")
_PRICE = 16
_LAST_ROW = 2**63 - 1


def take_known(job: Job, item: Input, db: Connection) -> tuple[int, bool]:
    """Take those staged rows of an input out that readers see as they are.

    What was written down of the others, other than that they are to be taken out, still holds.

    Returns:
        How many were taken out, and whether some of the others have a published key.
    """
    if not _count(job, item, db, 1):
        return 0, False
    with db.transaction():
        schemas.share_out(db)
        db.execute(_filled("find_new", job, item, db))
        known, has_others = db.query(_filled("count_known", job, item, db)).row(0)
        if known:
            db.script(_filled("put_back", job, item, db))
            db.execute(_filled("forget_places", job, item, db), item.name)
        db.execute(_filled("drop_found", job, item, db))
    return known, has_others


def judge_known(job: Job, item: Input, part: Part, db: Connection, waited: int) -> None:
    """Write down which staged rows of an input are not taken in, as their key is published.

    To be called when those are taken out that are alike. Where the part corrects, none is; nor is
    a row with a number up to `waited`. Where the latest row is loaded, those are that are not
    later.
    """
    if item.latest:
        db.execute(_filled("judge_known_by_time", job, item, db), item.name, _named(item))
    else:
        told = (item.name, _named(item), part.corrects, waited)
        db.execute(_filled("judge_known", job, item, db), *told)


def has_rejected_known(job: Job, item: Input, db: Connection) -> bool:
    """Whether rows of an input that differ under one key, still staged, have a published one's."""
    found = db.query(_filled("has_rejected_known", job, item, db), item.name)
    return bool(found["is_true"][0])


def has_known_keys(job: Job, item: Input, db: Connection, waited: int | None = None) -> bool:
    """Whether staged rows have a published key.

    Args:
        job: the job.
        item: the input, whose rows that are known have been taken out.
        db: a connection.
        waited: of interest are rows with numbers up to this one; None: all.
    """
    if waited == 0:
        return False
    last = _LAST_ROW if waited is None else waited
    return bool(db.query(_filled("has_known_keys", job, item, db), last)["is_true"][0])


def has_upset(job: Job, item: Input, db: Connection) -> bool:
    """Whether a staged row takes the place of a published one on which others may rest."""
    return bool(db.query(_filled("has_upset", job, item, db))["is_true"][0])


def judge_again(job: Job, item: Input, db: Connection, *, is_whole: bool) -> None:
    """Let published rows be judged with the staged ones, some of which take their place.

    Args:
        job: the job.
        item: the input.
        db: a connection.
        is_whole: all of them, as what other rows refer to may be gone; else those that give way.
    """
    which = "true" if is_whole else _filled("is_replaced", job, item, db)
    db.execute(_filled("forget_places", job, item, db), item.name)
    db.execute(_filled("judge_again", job, item, db, which), item.name, _named(item))


def judge_by_rule(
    job: Job,
    item: Input,
    db: Connection,
    parents_of: Callable[[str], pl.Series | None],
    *,
    is_alone: bool,
) -> None:
    """Write down which staged rows of an input wait by the job's own rule, if it has one.

    Args:
        job: the job.
        item: the input.
        db: a connection.
        parents_of: as `judge_orphans`.
        is_alone: all rows are staged, published ones too, and no derived row is of account.
    """
    if not sqlfile.is_there(job.name, "settle", item.name):
        return
    schema = job.staging if is_alone else job.name
    parents = {
        column: _make_parents(job, item, column, parents_of(column), db)
        for column in item.looked_up
    }
    select = sqlfile.fill(
        sqlfile.load(job.name, "settle", item.name).sql,
        staged=f"{job.staging}.{item.name}",
        published=lambda table: sqlfile.quoted(f"{schema}.{table}"),
        parents=lambda column: sqlfile.quoted(parents[column]),
    )
    found = f"{job.staging}.waiting of {item.name}"  # no part's table has spaces
    db.execute(sqlfile.fill(_SQL["find_by_rule"], found=found, select=sqlfile.Sql(select)))
    filled = sqlfile.fill(_SQL["judge_by_rule"], verdict=job.verdicts, found=found)
    db.execute(filled, item.name)


def restate(job: Job, item: Input, part: Part, run_id: int, db: Connection) -> None:
    """Put published rows that were judged unfit into the staged quarantine.

    To be called before they are taken out. As nobody knows what their lines were, they are written
    anew by the job's `sql/<job>/restate/<input>.sql`.
    """
    select = sqlfile.fill(sqlfile.load(job.name, "restate", item.name).sql, staged="staged")
    filled = sqlfile.fill(
        _SQL["restate"],
        staged_quarantine=f"{job.staging}.{QUARANTINE}",
        verdict=job.verdicts,
        table=f"{job.staging}.{item.name}",
        select=sqlfile.Sql(select),
    )
    db.execute(filled, run_id, part.name, item.name, f"{job.name}.{item.name}")


def judge_orphans(
    job: Job, item: Input, db: Connection, parents_of: Callable[[str], pl.Series | None]
) -> None:
    """Write down which staged rows of an input refer to what is neither published nor staged.

    Args:
        job: the job.
        item: the input.
        db: a connection.
        parents_of: the keys that staged rows refer to by a column, and perhaps more; None where
            they are to be looked for.
    """
    inputs = {other.name: other for other in job.inputs}
    for reference in item.references:
        apart = f"{reference.column} of {item.name}"  # no part's table has spaces
        names = {
            "table": f"{job.staging}.{item.name}",
            "column": reference.column,
            "parent": f"{job.name}.{reference.input}",
            "staged_parent": f"{job.staging}.{reference.input}",
            "key": inputs[reference.input].key,
            "unknown": f"{job.staging}.unknown {apart}",
            "found": f"{job.staging}.orphans by {apart}",
            "verdict": job.verdicts,
        }
        with db.transaction():
            schemas.share_out(db)
            known = parents_of(reference.column)
            names["parents"] = _make_parents(job, item, reference.column, known, db)
            db.execute(sqlfile.fill(_SQL["find_unknown"], **names))
            if db.query(sqlfile.fill(_SQL["has_unknown"], **names))["is_true"][0]:
                db.execute(sqlfile.fill(_SQL["find_orphans"], **names))
                told = (item.name, reference.rule, reference.column)
                db.execute(sqlfile.fill(_SQL["judge_orphans"], **names), *told)


def _make_parents(
    job: Job, item: Input, column: str, known: pl.Series | None, db: Connection
) -> str:
    """Make a table of the keys that staged rows refer to by a column; returns its name."""
    table = f"parents by {column} of {item.name}"  # no part's table has spaces
    parents = f"{job.staging}.{table}"
    names = {"table": f"{job.staging}.{item.name}", "column": column, "parents": parents}
    if known is None:
        db.execute(sqlfile.fill(_SQL["find_parents"], **names))
    else:
        db.execute(sqlfile.fill(_SQL["make_parents"], **names))
        columns.append(db, job.staging, table, known.to_frame("parent").to_arrow())
    return parents


def is_small(job: Job, staged: int, db: Connection) -> bool:
    """Whether the staged rows are so few beside those that readers see that they are inserted.

    A row inserted where there are keys was seen to cost some sixteen times what it costs in bulk,
    with the keys added afterwards; for which all rows, old ones too, have to be staged.
    """
    enough = _PRICE * staged
    return enough <= sum(_count(job, item, db, enough) for item in job.inputs)


def _count(job: Job, item: Input, db: Connection, most: int) -> int:
    """How many rows of an input readers see; of more than `most`, that many."""
    name = sqlfile.quoted(f"{job.name}.{item.name}")
    return int(db.query(_filled("count", job, item, db), most, name)["rows"][0])


def stay(job: Job, inputs: Iterable[Input], db: Connection) -> None:
    """Put the rows that readers see among the staged ones, but for those that are corrected."""
    for item in inputs:
        db.execute(_filled("stay", job, item, db))


def set_apart(job: Job, db: Connection, *, has_corrections: bool) -> None:
    """Let what is staged under a table's name be what readers are to see, all of it.

    The staged rows themselves are kept apart until they are added, as `added_<input>`; with
    corrections, some may take the place of published ones, `replaced_<input>`. They are found by
    the same indexes: who asks for a few keys would go through all of them for each.
    """
    seen = "see_corrected" if has_corrections else "see_together"
    schemas.search(db, job.staging)
    with db.transaction():
        for item in job.inputs:
            for statement in schemas.indexes(job, item.name):
                db.execute(statement)
            db.execute(_filled("set_apart", job, item, db))
            db.script(_filled(seen, job, item, db))


def add(job: Job, db: Connection, *, has_corrections: bool) -> None:
    """Add the staged rows to those that readers see; to be called inside a transaction.

    Where none may take the place of a published one, that is not looked for, which was seen to
    cost a fifth of it.

    Raises:
        DatabaseError: a reader held a table for too long.
    """
    schemas.limit_waiting(db)
    for item in job.inputs:
        db.execute(_filled("add_corrected" if has_corrections else "add", job, item, db))


def _filled(name: str, job: Job, item: Input, db: Connection, comes: str = "") -> str:
    """A statement about an input's staged and published rows; `comes` is a condition in it."""
    named = [column.name for column in columns.of(db, job.name, item.name)]
    return sqlfile.fill(
        _SQL[name],
        table=f"{job.staging}.{item.name}",
        published=f"{job.name}.{item.name}",
        added=f"{job.staging}.{_added(item)}",
        apart=_added(item),
        replaced=f"{job.staging}.replaced_{item.name}",
        found=f"{job.staging}.new of {item.name}",  # no part's table has spaces
        columns=named,
        key=item.key,
        latest=item.latest or "",
        relied_on=item.relied_on or item.key,  # the key never differs: nothing rests on the rows
        comes=sqlfile.Sql(comes),
        verdict=job.verdicts,
    )


def _added(item: Input) -> str:
    """What the staged rows are called when all rows have the table's name."""
    return f"added_{item.name}"


def _named(item: Input) -> str:
    return ", ".join(item.key)
