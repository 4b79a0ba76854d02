"""The KPIs of the job sales, as its SQL computes them from the tables."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import sales_oracle as oracle
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sales_tables import DAY, KPIS, Sale, asked, drawn, fill, make, shop, told

from abcjob import sqlfile
from abcjob.render import tables
from abcjob.render.formats import shown

if TYPE_CHECKING:
    from sales_oracle import Shop

    from abcjob.database.connection import Connection


@pytest.fixture
def db(db: Connection) -> Connection:
    """A connection to a database with the ledger's and the job's tables, empty."""
    make(db)
    return db


def expected(given_shop: Shop, day: date, window: int, top: int) -> dict[str, list[oracle.Row]]:
    """Every KPI but the changes once more."""
    return {
        "total_revenue": oracle.total_revenue(given_shop, day),
        "revenue_by_product": oracle.revenue_by_product(given_shop, top),
        "revenue_by_region": oracle.revenue_by_region(given_shop, top),
        "revenue_by_month_and_region": oracle.revenue_by_month_and_region(given_shop, top, day),
        "revenue_by_day": oracle.revenue_by_day(given_shop, day, window),
        "key_findings": oracle.key_findings(given_shop, day, window),
    }


def agree(
    db: Connection, given_shop: Shop, day: date = DAY, window: int = 30, top: int = 10
) -> None:
    """The tables filled, the SQL says of each KPI what the oracle says."""
    fill(db, given_shop)
    for name, rows in expected(given_shop, day, window, top).items():
        assert asked(db, name, day, window=window, top=top).rows() == rows, name


@pytest.mark.parametrize(
    ("rows", "window", "top"),
    [(400, 30, 10), (400, 1, 1), (400, 91, 2), (60, 7, 3), (3, 30, 1), (2_000, 45, 4)],
)
@pytest.mark.parametrize("seed", range(2))
def test_the_sql_says_what_an_independent_count_says(
    db: Connection, seed: int, rows: int, window: int, top: int
) -> None:
    """2.11 to 2.15, 2.17: each KPI row for row and to the cent, in order, cut and not cut."""
    agree(db, drawn(seed, rows), window=window, top=top)


@st.composite
def shops(draw: st.DrawFn) -> Shop:
    """Small shops in which figures meet: ties, names shared, regions called other."""
    names = st.sampled_from(["other", "other*", "other**", "othera", "Other", "é", "z", "A"])
    regions = draw(st.lists(names, min_size=1, max_size=8))
    products = draw(st.lists(names, min_size=1, max_size=5))
    sale = st.tuples(
        st.sampled_from([f"P{n}" for n in range(len(products))]),
        st.sampled_from([f"S{n}" for n in range(len(regions))]),
        st.dates(DAY - timedelta(70), DAY + timedelta(2))
        | st.sampled_from([date(1900, 1, 1), date(2019, 3, 31), date(2019, 4, 1), date.max]),
        st.integers(1, 3),
        st.sampled_from([-1, 0, 1, 2, 3, 10**13]),
    )
    return shop(
        draw(st.lists(sale, max_size=20)),
        {f"S{n}": region for n, region in enumerate(regions)},
        {f"P{n}": product for n, product in enumerate(products)},
    )


@given(given_shop=shops(), window=st.integers(1, 40), top=st.integers(1, 9))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_shop_is_told_wrongly(db: Connection, given_shop: Shop, window: int, top: int) -> None:
    """2.11 to 2.15, 2.17: nor one whose figures tie, cancel out or are cut anywhere."""
    agree(db, given_shop, window=window, top=top)


def test_nothing_sold_is_told_as_nothing(db: Connection) -> None:
    """2.11: revenue is 0 where there is no sale; no product, region or finding is invented."""
    nothing = ("all", Decimal("0.00"), 0, 0, None, None, None, 0)
    assert asked(db, "total_revenue").rows() == [nothing]
    for name in ("revenue_by_product", "revenue_by_region", "revenue_by_month_and_region"):
        assert asked(db, name).is_empty()
    days = asked(db, "revenue_by_day", window=3).rows()
    assert days == [(DAY - timedelta(n), Decimal(0), 0, Decimal(0)) for n in (2, 1, 0)]
    assert asked(db, "key_findings").rows() == [
        ("total of the window", "2024-02-02 to 2024-03-02", Decimal(0), None),
        ("mean per day", "over 30 days", Decimal(0), None),
    ]
    assert asked(db, "changes").is_empty()


def test_one_sale_is_all_there_is(db: Connection) -> None:
    """2.15: it is the best of everything, and its region is not the weakest besides."""
    fill(db, shop([("P1", "S1", DAY, 2, 1250)]))
    euros, whole = Decimal("12.50"), Decimal(1)
    assert asked(db, "total_revenue").rows() == [("all", euros, 1, 2, euros, DAY, DAY, 0)]
    assert asked(db, "revenue_by_product").rows() == [
        ("name of P1", "P1", "C1", euros, 1, 2, whole)
    ]
    assert asked(db, "revenue_by_region").rows() == [("RS1", euros, 1, whole, 1)]
    assert asked(db, "revenue_by_month_and_region").rows() == [
        (date(2024, 3, 1), "RS1", 1, euros, whole)
    ]
    assert asked(db, "key_findings").rows() == [
        ("total of the window", "2024-02-02 to 2024-03-02", euros, whole),
        ("mean per day", "over 30 days", Decimal("0.42"), None),
        ("best region", "RS1", euros, whole),
        ("best store", "city of S1 (S1)", euros, whole),
        ("best product", "name of P1 (P1)", euros, whole),
        ("best category", "C1", euros, whole),
        ("best day", "Saturday, 2024-03-02", euros, whole),
    ]


def test_a_window_begins_with_the_calendar(db: Connection) -> None:
    """2.15: of thirty days up to the third of the first year, those three are told."""
    first = date.min
    sales: list[Sale] = [("P1", "S1", first, 1, 700), ("P1", "S1", first + timedelta(2), 1, 1400)]
    fill(db, shop(sales))
    third = first + timedelta(2)
    assert asked(db, "revenue_by_day", third).rows() == [
        (first, Decimal(7), 1, Decimal(1)),
        (first + timedelta(1), Decimal(0), 0, Decimal(1)),
        (third, Decimal(14), 1, Decimal(3)),
    ]
    total, mean, *_ = asked(db, "key_findings", third).rows()
    assert total == ("total of the window", "0001-01-01 to 0001-01-03", Decimal(21), Decimal(1))
    assert mean == ("mean per day", "over 30 days", Decimal("0.70"), None)


KNOWN = {
    "Île-de-France": (450_230, "0.3614", "36.1%"),
    "Auvergne-Rhône-Alpes": (320_150, "0.2570", "25.7%"),
    "Nouvelle-Aquitaine": (185_670, "0.1491", "14.9%"),
    "Occitanie": (120_450, "0.0967", "9.7%"),
    "Hauts-de-France": (89_450, "0.0718", "7.2%"),
    "other": (79_728, "0.0640", "6.4%"),
}


def test_the_known_shares_are_found(db: Connection) -> None:
    """2.14: of €1,245,678, by region; the brief's five, and the rest in one row."""
    regions = [*list(KNOWN)[:5], "Bretagne", "Normandie"]
    whole = [*(euros for euros, *_ in list(KNOWN.values())[:5]), 50_000, 29_728]
    sales: list[Sale] = []
    for number, euros in enumerate(whole):
        pieces = [euros * 100 // 3, euros * 100 // 7]
        pieces.append(euros * 100 - sum(pieces))
        sales += [("P1", f"S{number}", DAY, 1, cents) for cents in pieces]
    fill(db, shop(sales, {f"S{number}": region for number, region in enumerate(regions)}))
    assert shown(asked(db, "total_revenue")["revenue"][0], "euros") == "€1,245,678"
    found = asked(db, "revenue_by_region", top=5)
    for row, (name, (euros, fraction, percent)) in zip(
        found.iter_rows(named=True), KNOWN.items(), strict=True
    ):
        assert (row["region"], row["revenue"]) == (name, euros)
        assert round(row["share"], 4) == Decimal(fraction)
        assert shown(row["share"], "percent") == percent
    table = tables.from_kpi(sqlfile.load("sales", "kpi", "revenue_by_region"), found)
    assert table.rows[0] == ("Île-de-France", "€450,230", "36.1%", "3")
    assert table.rows[-1] == ("other", "€79,728", "6.4%", "6")


@pytest.mark.parametrize("top", [1, 2, 3])
def test_what_is_cut_is_in_the_last_row(db: Connection, top: int) -> None:
    """2.12 to 2.14: the rows add up to the total, and so do the shares; nothing cut, no row."""
    fill(db, shop([(f"P{n}", f"S{n}", DAY, 1, 100 * n) for n in (1, 2, 3)]))
    for name in ("revenue_by_product", "revenue_by_region"):
        found = asked(db, name, top=top)
        first = found.columns[0]
        assert found.height == min(top + 1, 3)
        assert (found[first].to_list()[-1] == "other") == (top < 3)
        assert found["revenue"].sum() == Decimal(6)
        assert found["share"].sum() == pytest.approx(Decimal(1), abs=Decimal("1e-7"))


def test_a_region_called_other_is_not_the_rest(db: Connection) -> None:
    """2.13: a store's region is taken as it stands, whatever it is called."""
    regions = {"S1": "other", "S2": "Bretagne", "S3": "other*"}
    fill(db, shop([("P1", store, DAY, 1, cents) for store, cents in
                   (("S1", 500), ("S2", 300), ("S3", 200))], regions))  # fmt: skip
    assert [row[::4] for row in asked(db, "revenue_by_region", top=1).rows()] == [
        ("other", 1), ("other**", None),
    ]  # fmt: skip
    assert asked(db, "revenue_by_month_and_region", top=2)["region"].to_list() == [
        "other", "Bretagne", "other**",
    ]  # fmt: skip
    regions["S3"] = "Centre"
    fill(db, shop([("P1", "S1", DAY, 1, 500), ("P1", "S2", DAY, 1, 300)], regions))
    assert asked(db, "revenue_by_region", top=1)["region"].to_list() == ["other", "other*"]


def test_products_of_one_name_stay_two(db: Connection) -> None:
    """2.12: a product is its id; of equal revenue, the name decides, then the id."""
    names = {"P2": "Thé", "P1": "Thé", "P3": "Café"}
    fill(db, shop([(key, "S1", DAY, 1, 100) for key in names], names=names))
    assert asked(db, "revenue_by_product")["product_id"].to_list() == ["P3", "P1", "P2"]
    assert asked(db, "key_findings")["what"].to_list()[4] == "Café (P3)"


def test_shares_of_nothing_are_none(db: Connection) -> None:
    """2.14: where what was sold was taken back, no share is told; the findings stay."""
    fill(db, shop([("P1", "S1", DAY, 1, 500), ("P2", "S2", DAY, 1, -500)]))
    for name in ("revenue_by_product", "revenue_by_region", "revenue_by_month_and_region"):
        assert asked(db, name)["share"].to_list() == [None, None]
    assert asked(db, "key_findings")["share"].to_list() == [None] * 8
    assert shown(None, "percent") == "–"  # noqa: RUF001


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2024, 3, 1), date(2025, 3, 1)])
def test_the_window_ends_with_the_date(db: Connection, day: date) -> None:
    """2.15: so many days up to it and no other, also over a leap day; the mean looks back."""
    days = [day - timedelta(n) for n in (7, 6, 3, 2, 1, 0, -1)]
    fill(db, shop([("P1", "S1", day, 1, 700 * 10**n) for n, day in enumerate(days)]))
    found = asked(db, "revenue_by_day", day, window=3).rows()
    assert [row[0] for row in found] == days[3:6]
    assert [row[1] for row in found] == [7_000, 70_000, 700_000]
    # Seven days back from each: the first has the day a week before the last among them too.
    assert [row[3] for row in found] == [1_111, 11_111, 111_110]
    findings = asked(db, "key_findings", day, window=3)
    assert findings["revenue"].to_list()[:2] == [777_000, 259_000]
    assert findings["what"][0] == f"{days[3]} to {day}"


def test_days_and_months_without_a_sale_are_there(db: Connection) -> None:
    """2.17: with a revenue of 0, from the first month to the last, over the turn of a year."""
    fill(
        db,
        shop(
            [("P1", "S1", date(2023, 11, 30), 1, 100), ("P1", "S2", date(2024, 2, 29), 1, 300)],
        ),
    )
    found = asked(db, "revenue_by_month_and_region")
    assert found.select("period", "region", "revenue", "share").rows() == [
        (date(2023, 11, 1), "RS2", Decimal(0), Decimal(0)),
        (date(2023, 11, 1), "RS1", Decimal(1), Decimal(1)),
        (date(2023, 12, 1), "RS2", Decimal(0), None),
        (date(2023, 12, 1), "RS1", Decimal(0), None),
        (date(2024, 1, 1), "RS2", Decimal(0), None),
        (date(2024, 1, 1), "RS1", Decimal(0), None),
        (date(2024, 2, 1), "RS2", Decimal(3), Decimal(1)),
        (date(2024, 2, 1), "RS1", Decimal(0), Decimal(0)),
    ]
    table = tables.from_kpi(sqlfile.load("sales", "kpi", "revenue_by_month_and_region"), found)
    assert [heading.text for heading in table.headings] == ["Month", "RS2", "RS1", "RS2", "RS1"]
    assert table.rows[0] == ("2023-11", "€0", "€1", "0.0%", "100.0%")


def test_a_wrong_year_does_not_make_months(db: Connection) -> None:
    """2.17: sixty months to the last sale by the date; what is beyond counts in the total."""
    days = [
        date(1900, 1, 1),
        date(2019, 3, 31),
        date(2019, 4, 1),
        DAY,
        DAY + timedelta(1),
        date.max,
    ]
    sales: list[Sale] = [("P1", f"S{n}", day, 1, 10**n) for n, day in enumerate(days)]
    fill(db, shop(sales))
    found = asked(db, "revenue_by_month_and_region")
    months = found["period"].unique().sort().to_list()
    assert (len(months), months[0], months[-1]) == (60, date(2019, 4, 1), date(2024, 3, 1))
    assert found["revenue"].sum() == Decimal("11.00")
    assert found["region"].unique(maintain_order=True).to_list() == ["RS3", "RS2"]
    total = asked(db, "total_revenue").row(0, named=True)
    assert total["revenue"] == Decimal("1111.11")
    assert (total["first_sale"], total["last_sale"], total["later_sales"]) == (
        date(1900, 1, 1), date.max, 2,
    )  # fmt: skip
    assert asked(db, "revenue_by_month_and_region", date(1899, 12, 31)).is_empty()


def test_large_sums_are_exact(db: Connection) -> None:
    """Money is decimal: a cent is not lost beside a hundred times the largest amount."""
    most = 10**14 - 1
    sales: list[Sale] = [("P1", "S1", DAY, 2**31 - 1, most)] * 100
    fill(db, shop([*sales, ("P1", "S1", DAY, 1, 1)]))
    [(_, revenue, count, quantity, *_)] = asked(db, "total_revenue").rows()
    assert revenue == Decimal(100 * most + 1) / 100
    assert (count, quantity) == (101, 100 * (2**31 - 1) + 1)
    for name in ("revenue_by_product", "revenue_by_region", "revenue_by_month_and_region"):
        assert asked(db, name)["revenue"].to_list() == [revenue]


def test_every_kpi_has_its_header() -> None:
    """2.19: each file says what it answers, why, and how it is shown."""
    files = {file.name: file for file in sqlfile.load_all("sales", "kpi")}
    assert set(files) == set(KPIS)
    for file in files.values():
        for key in ("question", "definition", "why", "requirement", "grain", "unit", "show"):
            assert file.require(key)


@pytest.mark.parametrize("top", [1, 3, 10])
def test_keys_of_figures_are_unique(db: Connection, top: int) -> None:
    """2.5: no two rows of a KPI have one key, whatever regions and products are called."""
    fill(db, drawn(1, 300))
    for name in KPIS:
        told(db, DAY - timedelta(1), ("Bretagne", 60, 1), total=100)
        told(db, DAY, ("Bretagne", 60, 1), total=100)
        found = asked(db, name, top=top)
        file = sqlfile.load("sales", "kpi", name)
        key = file.header.get("key", found.columns[0]).split(", ")
        assert not found.is_empty()
        assert found.select(key).is_duplicated().sum() == 0
        assert found.select(key).null_count().sum_horizontal().item() == 0
