"""A run on the toy job: what readers see, what the ledger says, what is left behind."""

from __future__ import annotations

import json
import threading
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import toyjob

from abcjob import run as running
from abcjob.database import ledger, schemas
from abcjob.database.connection import connect
from abcjob.errors import (
    DatabaseError,
    DataError,
    LockHeldError,
    NothingLoadedError,
    ReportError,
    SchemaVersionError,
)
from abcjob.job import WHOLE, Part
from abcjob.render.charts import ChartPainter
from abcjob.render.page import Pages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from abcjob.database.connection import Connection
    from abcjob.database.url import DatabaseUrl
    from abcjob.job import Job
    from abcjob.run import Outcome

TOY = toyjob.job()
DAY = date(2021, 5, 13)


@pytest.fixture(scope="module")
def painter() -> Iterator[ChartPainter]:
    """What draws charts."""
    with ChartPainter() as found:
        yield found


@pytest.fixture
def desk(toy_files: Path, tmp_path: Path, painter: ChartPainter) -> running.Desk:
    """Where reports go."""
    assert toy_files.is_dir()
    return running.Desk(tmp_path / "reports", Pages(), painter, (TOY,))


def run(db: Connection, desk: running.Desk, job: Any = TOY, **parameters: Any) -> Outcome:
    """A run of the toy."""
    return running.run(
        job,
        job.parameters(**parameters),
        DAY,
        db,
        desk,
        wait=0,
        dry_run=False,
        tell=lambda _: None,
    )


def loaded(outcome: Outcome) -> dict[str, int]:
    """Rows loaded by table."""
    return {name: counts.loaded for name, counts in outcome.rows[WHOLE].items()}


def turnover(db: Connection) -> dict[str, Decimal]:
    """What the toy's KPI says."""
    _, found = running.kpis(TOY, (), db)
    return dict(found["turnover"].select("name", "turnover").iter_rows())


def runs(db: Connection) -> list[tuple[Any, ...]]:
    """The ledger's runs: outcome and error, oldest first."""
    return db.query("select outcome, error from abcjob.run order by run_id").rows()


def test_rows_go_all_the_way_to_a_report(db: Connection, desk: running.Desk) -> None:
    """Loaded, modelled, checked, published, queried and written; nothing is left in staging."""
    outcome = run(db, desk, sales=9)
    assert loaded(outcome) == {"product": 3, "sale": 9}
    assert turnover(db) == dict.fromkeys(sorted(toyjob.NAMES), Decimal("7.50"))
    assert [path.name for path in outcome.reports] == ["toy_20210513.md", "toy_20210513.html"]
    assert all(path.read_text() for path in outcome.reports)
    assert runs(db) == [("published", None)]
    assert db.query("select 1 from pg_namespace where nspname = 'toy_staging'").is_empty()


def test_the_ledger_tells_of_every_step(db: Connection, desk: running.Desk) -> None:
    """Steps with rows and seconds, rows by input, every check passed or not, the parameters."""
    run(db, desk, sales=9, price="2000.00")
    steps = db.query("select part, step, rows from abcjob.run_step where seconds > 0").rows()
    assert sorted(steps, key=str) == sorted(
        [
            ("all", "load", 12),
            ("all", "model", 3),
            ("all", "check", 2),
            ("all", "publish", None),
            ("", "query", 3),
            ("", "report", None),
        ],
        key=str,
    )
    assert db.query("select input, read, loaded from abcjob.run_input order by input").rows() == [
        ("product", 3, 3),
        ("sale", 9, 9),
    ]
    checks = db.query("select name, severity, violations from abcjob.check_result order by name")
    assert checks.rows() == [
        ("price_is_plausible", "warning", 3),
        ("quantity_is_positive", "error", 0),
    ]
    parameters = json.loads(db.query("select parameters from abcjob.run")["parameters"][0])
    assert parameters == {"sales": "9", "quantity": "2", "price": "2000.00"}


def test_the_ledger_refuses_counts_that_lose_a_row(db: Connection, desk: running.Desk) -> None:
    """read + retried = loaded + skipped + rejected + waiting, held by a constraint."""
    run(db, desk)
    with pytest.raises(DatabaseError, match="no_row_is_lost"):
        db.execute("update abcjob.run_input set loaded = loaded - 1")


def test_a_second_run_replaces_the_first(db: Connection, desk: running.Desk) -> None:
    """The same rows again are the same rows once, and the report's bytes are the same."""
    first = run(db, desk, sales=9)
    before = [path.read_bytes() for path in first.reports]
    second = run(db, desk, sales=9)
    assert [path.read_bytes() for path in second.reports] == before
    assert turnover(db) == dict.fromkeys(sorted(toyjob.NAMES), Decimal("7.50"))


def test_a_failed_check_keeps_the_old_rows(db: Connection, desk: running.Desk) -> None:
    """A violation of severity error stops the run before anyone sees its rows."""
    run(db, desk, sales=9)
    with pytest.raises(DataError, match=r"quantity_is_positive \(6 rows\) failed; nothing was"):
        run(db, desk, sales=6, quantity=0)
    assert turnover(db) == dict.fromkeys(sorted(toyjob.NAMES), Decimal("7.50"))
    assert [outcome for outcome, _ in runs(db)] == ["published", "failed"]
    assert "quantity_is_positive" in runs(db)[1][1]
    assert db.query("select 1 from pg_namespace where nspname = 'toy_staging'").is_empty()


def test_rows_that_break_a_key_keep_the_old_ones(db: Connection, desk: running.Desk) -> None:
    """Keys are added in bulk before publishing; a row that breaks one stops the run."""
    run(db, desk, sales=9)
    orphan = toyjob.job(
        read=lambda p, _: {"product": [], "sale": [toyjob.sales(p.sales)]},
    )
    with pytest.raises(DatabaseError, match=r"toy, step model: .*23503.*; mend that") as failed:
        run(db, desk, orphan)
    assert failed.value.sqlstate == "23503"
    assert len(turnover(db)) == 3


def test_a_dry_run_publishes_nothing(db: Connection, desk: running.Desk) -> None:
    """Everything up to publishing is done and counted; then it is as if it had not been."""
    outcome = running.run(
        TOY,
        toyjob.Parameters(),
        DAY,
        db,
        desk,
        wait=0,
        dry_run=True,
        tell=lambda _: None,
    )
    assert loaded(outcome) == {"product": 3, "sale": 10}
    assert runs(db) == [("dry run", None)]
    assert not desk.folder.exists()
    with pytest.raises(NothingLoadedError, match="abcjob run toy"):
        turnover(db)


def test_a_kpi_that_fails_undoes_nothing(
    db: Connection, desk: running.Desk, toy_files: Path
) -> None:
    """The rows stay published; the error says so, and how to go on without loading."""
    (toy_files / "sql" / "toy" / "kpi" / "broken.sql").write_text("select 1 / 0 as share")
    with pytest.raises(DatabaseError, match=r"toy, step query: .*; the rows are published: mend"):
        run(db, desk, toyjob.job(kpis=("broken",)), sales=9)
    assert runs(db)[0][0] == "failed"
    assert db.query("select 1 from toy.sale").height == 9


def test_a_report_that_fails_undoes_nothing(db: Connection, desk: running.Desk) -> None:
    """The rows stay published; the failure says how to make the report without loading."""
    broken = toyjob.job(conclude=lambda _, __: {"sections": [object()]})
    outcome = run(db, desk, broken)
    assert isinstance(outcome.failure, ReportError)
    assert "abcjob report toy" in str(outcome.failure)
    assert len(turnover(db)) == 3
    assert runs(db)[0][0] == "failed"
    written = running.render(TOY, None, db, desk)
    assert [path.name for path in written] == ["toy_20210513.md", "toy_20210513.html"]


def test_a_reports_folder_that_cannot_be_written_stops_the_run_at_once(
    db: Connection, desk: running.Desk
) -> None:
    """Found out before anything is loaded: nothing half done."""
    desk.folder.parent.mkdir(exist_ok=True)
    desk.folder.write_text("a file where the folder should be")
    with pytest.raises(ReportError, match="--reports"):
        run(db, desk)
    assert db.query("select 1 from pg_namespace where nspname = 'toy'").is_empty()


def test_a_second_run_at_once_waits_or_names_the_first(
    url: DatabaseUrl, db: Connection, desk: running.Desk
) -> None:
    """The lock has one holder, who is named; it dies with the holder's connection."""
    run(db, desk)
    with connect(url) as second, pytest.raises(LockHeldError, match=r"after 0.2 s of waiting"):
        ledger.lock(second, TOY, 0.2)
    with connect(url) as second:
        closing = threading.Timer(0.3, db.close)
        closing.start()
        ledger.lock(second, TOY, 30)


def test_a_killed_run_is_shown_as_such_by_the_next(db: Connection, desk: running.Desk) -> None:
    """A run that left without a word is marked when the next has the lock, and cleaned up after."""
    run(db, desk)
    ledger.start(db, TOY, DAY, "0", {})
    schemas.make_staging(db, TOY, Part(WHOLE))
    run(db, desk)
    assert [outcome for outcome, _ in runs(db)] == ["published", "killed", "published"]


def test_privileges_survive_publishing(db: Connection, desk: running.Desk) -> None:
    """A reader who was granted a table may read it after the next run too."""
    run(db, desk)
    db.script(
        "do $$ begin if not exists (select 1 from pg_roles where rolname = 'toy reader') "
        'then create role "toy reader"; end if; end $$; '
        'grant select on toy.sale to "toy reader"; grant update on toy.product to public; '
        'grant select (name) on toy.product to "toy reader" with grant option'
    )
    granted = (
        "select relname::text, relacl::text, attname::text, attacl::text from pg_class "
        "inner join pg_attribute on pg_class.oid = attrelid "
        "where (relacl is not null and attnum = 1 or attacl is not null) "
        "and relnamespace = 'toy'::regnamespace order by 1, 3"
    )
    before = db.query(granted).rows()
    assert len(before) == 3
    run(db, desk)
    assert db.query(granted).rows() == before


VIEWS = """-- question: What may the toy's reader see?
-- grain: a sale

-- name: readable_sale
create view readable_sale as
select sale_id from sale;

-- name: readable_product
create view readable_product as
select name from product
"""


@pytest.fixture
def viewed(toy_files: Path, db: Connection) -> Iterator[Job]:
    """The toy with views, and a role that reads them and nothing else."""
    (toy_files / "sql" / "toy" / "views.sql").write_text(VIEWS)
    yield toyjob.job(reader="toy_viewer")
    db.script("drop owned by toy_viewer; drop role toy_viewer")


def test_views_are_there_after_every_run_with_all_who_may_read_them(
    db: Connection, desk: running.Desk, viewed: Job
) -> None:
    """Their tables are put in the old ones' place below them; a grant of one's own stays too."""
    run(db, desk, viewed, sales=9)
    db.execute("grant select on toy.readable_product to public")
    granted = (
        "select relname::text, array(select unnest(relacl)::text order by 1)::text from pg_class "
        "where relnamespace = 'toy'::regnamespace and relkind = 'v' order by 1"
    )
    before = db.query(granted).rows()
    assert [name for name, _ in before] == ["readable_product", "readable_sale"]
    run(db, desk, viewed, sales=3)
    assert db.query(granted).rows() == before
    with db.transaction():
        db.execute("set local role toy_viewer")
        assert db.query("select count(*) as n from toy.readable_sale")["n"][0] == 3
    with pytest.raises(DatabaseError, match="permission denied"), db.transaction():
        db.execute("set local role toy_viewer")
        db.query("select * from toy.sale")


def test_a_view_that_somebody_dropped_is_made_again(
    db: Connection, desk: running.Desk, viewed: Job
) -> None:
    """With its reader's right to it."""
    run(db, desk, viewed)
    db.execute("drop view toy.readable_sale")
    run(db, desk, viewed)
    assert db.query("select count(*) as n from toy.readable_sale")["n"][0] == 10


def test_what_others_built_on_a_table_is_not_dropped(db: Connection, desk: running.Desk) -> None:
    """A view of a user's on a table stops publishing with its name, and both stay."""
    run(db, desk, sales=9)
    db.execute("create view public.mine as select * from toy.sale")
    with pytest.raises(DatabaseError, match=r"step publish: .*view public.mine depends on"):
        run(db, desk, sales=3)
    assert db.query("select count(*) as n from public.mine")["n"][0] == 9


def test_a_schema_of_another_version_is_refused(db: Connection, desk: running.Desk) -> None:
    """Found and expected version, and what to do, before anything is touched."""
    run(db, desk)
    newer = toyjob.job(schema_version=2)
    with pytest.raises(
        SchemaVersionError,
        match=r"toy: found version 1, expected 2; drop it by `abcjob schema drop toy`",
    ):
        run(db, desk, newer)
    assert len(turnover(db)) == 3
    assert schemas.drop(db, TOY)
    run(db, desk, newer)


def test_a_schema_that_is_not_ours_is_left_alone(db: Connection, desk: running.Desk) -> None:
    """A schema of the job's name that somebody else made is neither used nor dropped."""
    db.script("create schema toy; create table toy.sale (theirs text)")
    with pytest.raises(SchemaVersionError, match="did not make"):
        run(db, desk)
    with pytest.raises(SchemaVersionError, match="did not make"):
        schemas.drop(db, TOY)
    assert db.query("select * from toy.sale").columns == ["theirs"]


def test_the_schema_can_be_made_dropped_and_cleared_any_number_of_times(
    db: Connection, desk: running.Desk
) -> None:
    """All safe to repeat; the ledger outlives the job's tables."""
    assert [schemas.ensure(db, TOY), schemas.ensure(db, TOY)] == [True, False]
    run(db, desk)
    for _ in range(2):
        schemas.clear(db, TOY)
        assert turnover(db) == {}
    assert [schemas.drop(db, TOY), schemas.drop(db, TOY)] == [True, False]
    assert [schemas.ensure(db, TOY), schemas.ensure(db, TOY)] == [True, False]
    assert runs(db) == [("published", None)]
    with pytest.raises(NothingLoadedError):
        turnover(db)


def test_a_schema_that_somebody_dropped_is_made_again(db: Connection, desk: running.Desk) -> None:
    """What is there counts, not what was once: a schema gone is made, a table gone is named."""
    run(db, desk, sales=9)
    db.execute("drop schema toy cascade")
    run(db, desk, sales=9)
    db.execute("drop table toy.sale cascade")
    with pytest.raises(SchemaVersionError, match=r"sale of its tables are missing; run `abcjob"):
        run(db, desk, sales=9)
    assert schemas.drop(db, TOY)
    run(db, desk, sales=9)
    assert len(turnover(db)) == 3


def test_readers_see_the_old_rows_or_the_new(
    url: DatabaseUrl, db: Connection, desk: running.Desk
) -> None:
    """A reader who polls all through several runs sees whole tables and no other count."""
    run(db, desk, sales=9)
    seen: set[tuple[int, int]] = set()
    polled: list[int] = []
    stop = threading.Event()

    def poll() -> None:
        with connect(url) as reader:
            while not stop.is_set():
                found = reader.query(
                    "select (select count(*) from toy.sale) as sales, "
                    "(select sum(quantity)::bigint from toy.product_total) as pieces"
                )
                seen.add(found.row(0))
                polled.append(1)

    reading = threading.Thread(target=poll)
    reading.start()
    try:
        for sales in (12, 9, 12, 9, 12):
            run(db, desk, sales=sales)
            before = len(polled)
            while len(polled) < before + 2:  # the reader has seen this run's rows
                assert reading.is_alive()
    finally:
        stop.set()
        reading.join()
    assert seen == {(9, 18), (12, 24)}
