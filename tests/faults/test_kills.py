"""Kill -9, at every named point and at random moments: all of a run, or nothing, and no debris."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from killer import KILLS, Killer
from terminal import FEW

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program

    from abcjob.database.connection import Connection
    from abcjob.database.url import DatabaseUrl

DAY = ("--date", "2021-04-01")
NEW = ("--companies", "77", "--months", "3")

STEPS = ("load", "model", "check", "publish", "query", "report")
BEFORE = ["in load", *(f"{when} {step}" for step in STEPS[:3] for when in ("before", "after"))]
BEFORE += ["before publish", "in publish"]
AFTER = ["after publish", "after all parts", "before query", "after query", "before report"]
AFTER += ["before the report's .html", "before the report's .md", "after report", "before the end"]


def tables(db: Connection) -> list[int]:
    """How many rows readers see in each table, of one moment."""
    found = db.query(
        "select (select count(*) from abc.company) as company, "
        "(select count(*) from abc.session) as session, "
        "(select count(*) from abc.company_month) as company_month"
    )
    return list(found.row(0))


def reports(folder: Path) -> dict[str, bytes]:
    """Every file in the reports folder, hidden ones too."""
    return {path.name: path.read_bytes() for path in (folder / "reports").iterdir()}


@pytest.fixture
def states(
    called: Program, tmp_path: Path, db: Connection
) -> tuple[dict[str, object], dict[str, object]]:
    """Tables and reports of a run undisturbed, and those of the run before it, which stand now."""
    found: list[dict[str, object]] = []
    for size in (NEW, FEW):
        assert called("run", *size, *DAY, "--quiet").returncode == 0
        found.append({"tables": tables(db), **reports(tmp_path)})
    return found[1], found[0]


def mended(
    called: Program, tmp_path: Path, db: Connection, old: dict[str, object], new: dict[str, object]
) -> None:
    """What a kill left is of the old run or of the new one, and the next run needs no help."""
    assert tables(db) in (old["tables"], new["tables"])
    for name, content in reports(tmp_path).items():
        assert content in (old.get(name), new.get(name)), name
    assert called("run", *NEW, *DAY, "--quiet").returncode == 0
    assert {"tables": tables(db), **reports(tmp_path)} == new
    assert db.query("select 1 from pg_namespace where nspname like '%staging%'").is_empty()
    outcomes = db.query("select outcome from abcjob.run order by run_id")["outcome"].to_list()
    assert set(outcomes[:-1]) <= {"published", "killed"}
    assert outcomes[-1] == "published"


@pytest.mark.parametrize("point", [*BEFORE, *AFTER])
def test_a_kill_at_a_named_point(
    program: Program,
    called: Program,
    tmp_path: Path,
    db: Connection,
    states: tuple[dict[str, object], dict[str, object]],
    point: str,
) -> None:
    """The old rows until the swap is committed, the new ones from then on."""
    old, new = states
    ran = program("run", *NEW, *DAY, "--quiet", environment={"ABCJOB_FAULT": point})
    assert ran.returncode == -signal.SIGKILL
    assert tables(db) == (old if point in BEFORE else new)["tables"]
    mended(called, tmp_path, db, old, new)


def test_kills_at_random_moments(
    called: Program,
    tmp_path: Path,
    url: DatabaseUrl,
    db: Connection,
    states: tuple[dict[str, object], dict[str, object]],
) -> None:
    """However often, whenever: each run is whole or has not been; together they leave one state."""
    old, new = states
    killers = [Killer(tmp_path, url, ("run", *size, *DAY, "--quiet")) for size in (FEW, NEW)]
    for number in range(KILLS):
        killers[number % 2].strike()  # one after the other, so that there is always a change
        assert tables(db) in (old["tables"], new["tables"])
        for name, content in reports(tmp_path).items():
            assert content in (old.get(name), new.get(name)), name
    mended(called, tmp_path, db, old, new)


SAMPLE = ("sample", "ratings", "--out", "in", "--customers", "3", "--date")
INBOX = ("run", "ratings", "--input", "in", "--metadata", "m.toml", "--quiet", "--date")


@pytest.fixture
def old_ratings(called: Program, tmp_path: Path, db: Connection) -> dict[str, int]:
    """What readers see of three customers, of whom newer files have come since."""
    assert called(*SAMPLE, "2021-04-01", "--rows", "100").returncode == 0
    (tmp_path / "in" / "metadata.toml").rename(tmp_path / "m.toml")
    assert called(*SAMPLE, "2021-04-02", "--rows", "200").returncode == 0
    assert called(*INBOX, "2021-04-01").returncode == 0
    return ratings(db)


def ratings(db: Connection) -> dict[str, int]:
    """By customer the rows that readers see, and their rejected ones; none is in both."""
    found = db.query("select customer, count(*) as n from ratings.customer_rating group by 1")
    return dict(found.iter_rows())


def every_row_is_told_once(db: Connection) -> None:
    """In the ledger's counts, and in the quarantine; no debris."""
    lost = db.query("select 1 from abcjob.run_input where read <> loaded + skipped + rejected")
    assert lost.is_empty()
    once = db.query(
        "select count(*) - count(distinct (customer, file, line_number)) as n "
        "from ratings.file_invalid_rows"
    )
    assert once["n"][0] == 0
    assert db.query("select 1 from pg_namespace where nspname like '%staging%'").is_empty()


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("point", ["in load", "after settle", "in publish", "after publish"])
def test_a_kill_between_parts(
    program: Program,
    called: Program,
    tmp_path: Path,
    db: Connection,
    old_ratings: dict[str, int],
    point: str,
    number: int,
) -> None:
    """Each customer's rows are the old or the new ones, whole; the next run brings the rest."""
    ran = program(*INBOX, "2021-04-02", environment={"ABCJOB_FAULT": f"{point}:{number}"})
    assert ran.returncode == -signal.SIGKILL
    left = ratings(db)
    assert called(*INBOX, "2021-04-02").returncode == 0
    new = ratings(db)
    published = number if point == "after publish" else number - 1
    assert left == {
        part: new[part] if at < published else old
        for at, (part, old) in enumerate(sorted(old_ratings.items()))
    }
    assert len(list((tmp_path / "reports").glob("*_20*"))) == 6
    every_row_is_told_once(db)


def test_kills_of_several_parts_at_random_moments(
    called: Program, tmp_path: Path, url: DatabaseUrl, db: Connection, old_ratings: dict[str, int]
) -> None:
    """However often, whenever: the parts become new in their order, each whole."""
    killer = Killer(tmp_path, url, (*INBOX, "2021-04-02"))
    new, reports_of_new = ratings(db), reports(tmp_path)
    parts = sorted(new)
    for _ in range(KILLS // 3):
        assert called("data", "clear", "ratings").returncode == 0
        assert called(*INBOX, "2021-04-01").returncode == 0
        killer.strike()
        left = ratings(db)
        assert left in [
            {part: (new if at < count else old_ratings)[part] for at, part in enumerate(parts)}
            for count in range(len(parts) + 1)
        ]
    assert called(*INBOX, "2021-04-02").returncode == 0
    assert (ratings(db), reports(tmp_path)) == (new, reports_of_new)
    every_row_is_told_once(db)
