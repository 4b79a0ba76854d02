"""Measure the large sizes and write `docs/benchmarks.md`: `./build.sh --bench`."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import peers
import polars as pl
import psutil

from abcjob.database.connection import connect
from abcjob.database.embedded import EmbeddedServer
from abcjob.jobs.abc import generate
from abcjob.jobs.abc.parameters import Parameters
from abcjob.render.charts import Chart, ChartPainter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abcjob.database.url import DatabaseUrl

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SIZES = (180, 1_800, 18_000, 100_000, 1_000_000)  # companies; 55.5 sessions each
PEERS = Parameters(companies=18_018)  # a million sessions
PACKAGES = ("polars", "pyarrow", "adbc-driver-postgresql", "numpy", "duckdb", "pandas", "psycopg")


@dataclass(frozen=True)
class Growth:
    """One run of the program.

    Attributes:
        megabytes: the greatest sum of resident memory of the program's processes.
        steps: seconds by step, as the ledger has them.
    """

    companies: int
    sessions: int
    seconds: float
    megabytes: float
    steps: dict[str, float]


def main() -> None:
    """Measure, then write."""
    ratios = measured_ratios()
    with tempfile.TemporaryDirectory(prefix="abcjob-bench-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedServer(Path(folder) / "home")
        with server.used() as url, connect(url) as db:
            grown(SIZES[0], url, Path(folder))  # so that the tables are made
            growth = [grown(companies, url, Path(folder)) for companies in SIZES]
            rows = pl.concat(generate.sessions(PEERS))
            loading = peers.loading(PEERS, rows, url, db) | peers.pgbench(url)
            machine = machine_of(db.server_version())
    draw(growth)
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        autoescape=False,  # noqa: S701 - Markdown, of figures of our own
    )
    text = templates.get_template("benchmarks.md.j2").render(
        machine=machine,
        ratios=ratios,
        growth=growth,
        loading=loading,
        making=peers.making(Parameters(companies=100_000)),
    )
    (ROOT / "docs" / "benchmarks.md").write_text(text)


def measured_ratios() -> dict[str, dict[str, Any]]:
    """The benchmarks of pytest with their references, by name."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = [sys.executable, "-m", "pytest", "--benchmark-only"]
        subprocess.run([*command, f"--benchmark-json={file.name}"], check=True, cwd=ROOT)
        found = json.loads(Path(file.name).read_text())["benchmarks"]
    told = {bench["name"].removeprefix("test_"): bench["extra_info"] for bench in found}
    return {name: info for name, info in told.items() if "ratio" in info}


def grown(companies: int, url: DatabaseUrl, folder: Path) -> Growth:
    """A run of that size, watched."""
    command = [sys.executable, "-m", "abcjob", "run", "--companies", str(companies)]
    environment = {"PATH": os.environ["PATH"], "ABCJOB_DATABASE_URL": url.libpq}
    begin = time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=sys.stderr
    ) as running:
        peak = Peak(running.pid)
        assert running.wait() == 0
        seconds = time.perf_counter() - begin
    with connect(url) as db:
        sessions = int(db.query("select sum(sessions)::bigint as n from abc.size_month")["n"][0])
        steps = db.query(
            "select step, seconds from abcjob.run_step "
            "where run_id = (select max(run_id) from abcjob.run)"
        )
    return Growth(companies, sessions, seconds, peak.bytes / 1e6, dict(steps.iter_rows()))


class Peak:
    """The greatest memory of a process and those it started, looked at every 20 ms."""

    def __init__(self, pid: int) -> None:
        self.bytes = 0
        self._process = psutil.Process(pid)
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        with suppress(psutil.NoSuchProcess):
            while True:
                family = [self._process, *self._process.children(recursive=True)]
                self.bytes = max(self.bytes, sum(each.memory_info().rss for each in family))
                time.sleep(0.02)


def machine_of(server_version: str) -> dict[str, str]:
    """Where it was measured."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return {
        "processors": f"{os.cpu_count()}, {model}",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "PostgreSQL": f"{server_version}, embedded, with the settings it has for everybody",
        **{name: metadata.version(name) for name in PACKAGES},
    }


def draw(growth: Sequence[Growth]) -> None:
    """The chart beside the document."""
    spec = json.loads((HERE / "growth.vl.json").read_text())
    rows = [asdict(run) | {"memory": run.megabytes} for run in growth]
    with ChartPainter() as painter:
        svg = painter.paint([Chart("growth", spec, rows)])["growth"]()
    (ROOT / "docs" / "benchmarks.svg").write_text(svg)


if __name__ == "__main__":
    main()
