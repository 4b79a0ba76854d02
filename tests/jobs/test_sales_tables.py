"""The tables, checks and kept figures of the job sales, and what changes between dates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sales_tables import DAY, Sale, asked, fill, make, shop, told

from abcjob import sqlfile
from abcjob.errors import DatabaseError

if TYPE_CHECKING:
    from abcjob.database.connection import Connection


@pytest.fixture
def db(db: Connection) -> Connection:
    """A connection to a database with the ledger's and the job's tables, empty."""
    make(db)
    return db


def changes(db: Connection, day: date) -> list[dict[str, Any]]:
    """The changes as of a date."""
    return asked(db, "changes", day).to_dicts()


def test_a_first_date_has_nothing_to_compare_with(db: Connection) -> None:
    """No rows where there is no earlier date, however often that date was run."""
    told(db, DAY, ("Bretagne", 60, 1), total=100)
    told(db, DAY, ("Bretagne", 70, 1), total=110)
    assert changes(db, DAY) == []


def test_a_date_is_compared_with_the_one_before_and_a_year_before(db: Connection) -> None:
    """2.17: by the last run of each date; a year before a leap day is the 28th of February."""
    leap = date(2024, 2, 29)
    told(db, date(2022, 2, 27), ("Bretagne", 1, 1), total=1)
    told(db, date(2023, 2, 28), ("Bretagne", 20, 1), total=40)
    told(db, date(2023, 3, 1), ("Bretagne", 30, 1), total=50)
    told(db, date(2024, 2, 20), ("Bretagne", 1, 1), total=1)
    told(
        db, date(2024, 2, 20), ("Bretagne", 50, 1), ("Centre", 30, 2), ("other", 5, None), total=80
    )
    told(db, leap, ("Bretagne", 60, 2), ("Corse", 70, 1), ("other", 9, None), total=139)
    told(db, date(2024, 3, 1), total=999)
    common = {"since": date(2024, 2, 20), "year_since": date(2023, 2, 28)}
    keys = ("revenue_of", "scope", "region", "revenue_now", "revenue_before", "change",
            "change_percent", "revenue_year_before", "year_change")  # fmt: skip
    assert changes(db, leap) == [
        dict(zip(keys, row, strict=True)) | common
        for row in (
            ("all sales", "all", "", 139, 80, 59, Decimal("0.7375"), 40, 99),
            ("Corse", "region", "Corse", 70, None, None, None, None, None),
            ("Bretagne", "region", "Bretagne", 60, 50, 10, Decimal("0.2"), 20, 40),
            ("Centre", "region", "Centre", None, 30, None, None, None, None),
        )
    ]


def test_a_year_before_is_not_two(db: Connection) -> None:
    """Figures of more than two years before, or of less than one, are none of a year before."""
    told(db, date(2022, 3, 1), total=1)
    told(db, date(2023, 3, 3), total=2)
    told(db, DAY, total=4)
    [row] = changes(db, DAY)
    assert (row["since"], row["change"], row["change_percent"]) == (date(2023, 3, 3), 2, 1)
    assert row["year_since"] is row["revenue_year_before"] is row["year_change"] is None
    told(db, date(2022, 3, 2), total=3)
    [row] = changes(db, DAY)
    assert (row["year_since"], row["year_change"]) == (date(2022, 3, 2), 1)


@pytest.mark.parametrize(("before", "percent"), [(0, None), (-5, None), (5, Decimal(-3))])
def test_a_percentage_is_of_something(db: Connection, before: int, percent: Decimal | None) -> None:
    """It is undefined where there was no revenue, or less than none."""
    told(db, date(2024, 3, 1), total=before)
    told(db, DAY, total=-10)
    [row] = changes(db, DAY)
    assert (row["change"], row["change_percent"]) == (-10 - before, percent)


def test_every_figure_of_every_run_is_kept(db: Connection) -> None:
    """2.5: k runs, k rows a metric, of this job alone."""
    runs = [told(db, DAY, ("Bretagne", 60 + n, 1), total=100) for n in range(3)]
    db.execute("update abcjob.run set job = 'other' where run_id = $1", runs[2])
    found = db.query(
        "select * from analysis_results where measure = 'revenue' and key = 'Bretagne' order by run"
    )
    assert found.drop("created_at").rows() == [
        (run, "revenue_by_region", "Bretagne", "revenue", Decimal(60 + n))
        for n, run in enumerate(runs[:2])
    ]
    assert found["created_at"].to_list() == [datetime(2024, 3, 2, 6, tzinfo=UTC)] * 2


def test_keys_are_enforced(db: Connection) -> None:
    """2.4: an id stands once, and a sale is of a known product in a known store."""
    fill(db, shop([("P1", "S1", DAY, 1, 100)]))
    for statement, constraint in (
        ("insert into products select * from products", "products_pkey"),
        ("insert into stores select * from stores", "stores_pkey"),
        ("insert into sales select * from sales", "sales_pkey"),
        ("update sales set product_id = 'p1'", "sales_product_id_fkey"),
        ("update sales set store_id = ''", "sales_store_id_fkey"),
    ):
        with pytest.raises(DatabaseError, match=constraint):
            db.execute(statement)


def test_an_amount_may_be_a_cent_off(db: Connection) -> None:
    """The section's last line: more than that is a warning."""
    sales: list[Sale] = [("P1", "S1", DAY, 3, 300 + off) for off in (0, 1, -1, 2, -2)]
    fill(db, shop(sales))
    check = sqlfile.load("sales", "checks", "amount_is_price_times_quantity")
    assert check.require("severity") == "warning"
    assert sorted(db.query(check.sql)["id"]) == ["4", "5"]
