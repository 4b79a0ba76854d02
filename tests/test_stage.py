"""Loading into the staging schema."""

from __future__ import annotations

import weakref
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest
import toyjob

from abcjob.database import schemas
from abcjob.database.connection import connect
from abcjob.errors import DatabaseError
from abcjob.job import WHOLE, Part
from abcjob.stages import stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from abcjob.database.connection import Connection
    from abcjob.database.url import DatabaseUrl

TOY = toyjob.job()
PART = Part(WHOLE)


@pytest.fixture(autouse=True)
def staging(toy_files: Path, db: Connection) -> None:
    """The toy's staging schema, empty."""
    assert toy_files.is_dir()
    schemas.make_staging(db, TOY, PART)


def sold(db: Connection) -> pl.DataFrame:
    """What is in the staged table."""
    return db.query("select * from toy_staging.sale order by sale_id")


@pytest.mark.parametrize("connections", [1, 2, 5])
@pytest.mark.parametrize("slice_size", [70_000, 200_000, 999])
def test_every_row_arrives_as_it_was(db: Connection, connections: int, slice_size: int) -> None:
    """The same rows arrive whatever their slices and however many connections load them."""
    rows = toyjob.sales(200_000)
    given = {"product": [toyjob.products()], "sale": rows.iter_slices(slice_size)}
    read, loaded = stage.load(TOY, PART, given, db, connections)
    assert read == loaded == {"product": 3, "sale": 200_000}
    assert sold(db).equals(rows)


def test_no_rows_are_no_error(db: Connection) -> None:
    """An input may be empty, in no frame or in an empty one."""
    given = {"product": [], "sale": [toyjob.sales(0)]}
    assert stage.load(TOY, PART, given, db) == ({"product": 0, "sale": 0},) * 2


def test_a_server_that_grants_one_connection_gets_all_by_it(
    db: Connection, url: DatabaseUrl
) -> None:
    """As many connections as there are: a limit of the server's loses no row."""
    db.script(
        "drop role if exists loner; create role loner login connection limit 1; "
        "grant usage on schema toy_staging to loner; "
        "grant all on all tables in schema toy_staging to loner"
    )
    with connect(replace(url, user="loner"), patience=60) as only:
        given = {"product": [], "sale": toyjob.sales(400_000).iter_slices(65_536)}
        assert stage.load(TOY, PART, given, only)[1]["sale"] == 400_000
    db.script("drop owned by loner; drop role loner")


def test_an_error_of_the_source_is_raised_as_it_is(db: Connection) -> None:
    """What the job raises comes through, not the driver's words for it."""

    def broken() -> Iterator[pl.DataFrame]:
        yield toyjob.sales(70_000)
        raise ZeroDivisionError("the source broke")

    with pytest.raises(ZeroDivisionError, match="the source broke"):
        stage.load(TOY, PART, {"product": [], "sale": broken()}, db)


def test_frames_are_drawn_as_they_are_needed(db: Connection) -> None:
    """Memory does not grow with rows: no more frames are alive than batches are on their way."""
    alive: list[weakref.ref[pl.DataFrame]] = []
    most = 0

    def slices() -> Iterator[pl.DataFrame]:
        nonlocal most
        for _ in range(20):
            frame = toyjob.sales(65_536)
            alive.append(weakref.ref(frame))
            yield frame
            del frame
            most = max(most, sum(ref() is not None for ref in alive))

    stage.load(TOY, PART, {"product": [], "sale": slices()}, db, connections=2)
    assert most <= 3


def test_a_wrong_type_loads_nothing(db: Connection) -> None:
    """An integer meant for a date, or the like, is refused before the driver sees it."""
    wrong = toyjob.sales(5).with_columns(sold_at=pl.col("sale_id"))
    with pytest.raises(DatabaseError, match=r"toy.sale: sold_at: got int64, expected timestamp"):
        stage.load(TOY, PART, {"product": [], "sale": [wrong]}, db)
    assert sold(db).is_empty()


def test_what_arrives_changed_is_noticed(db: Connection) -> None:
    """Rows, least and greatest values are compared afterwards, with the server's own count."""
    db.script(
        "create function toy_staging.spoil() returns trigger language plpgsql as "
        "$$ begin new.quantity := new.quantity + 1; return new; end $$; "
        "create trigger spoil before insert on toy_staging.sale "
        "for each row execute function toy_staging.spoil()"
    )
    with pytest.raises(
        DatabaseError,
        match=r"min_quantity: sent 2, there 3; max_quantity: sent 2, there 3\); nothing",
    ):
        stage.load(TOY, PART, {"product": [], "sale": [toyjob.sales(5)]}, db)


def test_a_row_that_vanishes_is_noticed(db: Connection) -> None:
    """As many rows must be there as were sent."""
    db.script(
        "create function toy_staging.drop_one() returns trigger language plpgsql as "
        "$$ begin if new.sale_id = 3 then return null; end if; return new; end $$; "
        "create trigger drop_one before insert on toy_staging.sale "
        "for each row execute function toy_staging.drop_one()"
    )
    with pytest.raises(DatabaseError, match="rows: sent 5, there 4"):
        stage.load(TOY, PART, {"product": [], "sale": [toyjob.sales(5)]}, db)


def test_a_text_that_is_cut_is_noticed(db: Connection) -> None:
    """As many bytes of text must be there as were sent, whatever the server's collation."""
    products = toyjob.products().with_columns(name=pl.Series(["a", "B", "é"]))
    stage.load(TOY, PART, {"product": [products], "sale": []}, db)
    db.script(
        "create function toy_staging.cut() returns trigger language plpgsql as "
        "$$ begin new.name = left(new.name, 1); return new; end $$; "
        "create trigger cut before insert on toy_staging.product "
        "for each row execute function toy_staging.cut(); truncate toy_staging.product"
    )
    longer = products.with_columns(name=pl.Series(["a", "Bé", "é"]))
    with pytest.raises(DatabaseError, match="bytes_name: sent 6, there 4"):
        stage.load(TOY, PART, {"product": [longer], "sale": []}, db)
