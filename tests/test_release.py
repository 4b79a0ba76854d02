"""What is handed over: a fresh clone, the README, the wheel, the compose file, the crontab line."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
# How this machine reaches packages is its own; all else of the environment stays away.
PACKAGES = {
    name: value
    for name, value in os.environ.items()
    if name.startswith(("PIP_", "SSL_")) or name.lower().endswith("_proxy")
}


def blocks(language: str) -> list[str]:
    """The README's code blocks in a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def bash(
    script: str, folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a script in an environment of just that."""
    return subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def environment(open_folder: Path) -> dict[str, str]:
    """A user's who has nothing yet: an empty HOME, no setting."""
    (open_folder / "user").mkdir()
    return {
        **PACKAGES,
        "PATH": f"{Path(sys.base_prefix) / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(open_folder / "user"),
        "ABCJOB_HOME": str(open_folder / "server of the user"),
    }


@pytest.fixture(scope="module")
def clone(open_folder: Path, environment: dict[str, str]) -> Path:
    """The project as git has it, in which `./start.sh` was run once."""
    folder = open_folder / "clone of abcjob"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    ran = bash("./start.sh", folder, environment)
    assert ran.returncode == 0, ran.stderr
    assert "How much revenue" in ran.stdout
    return folder


def test_start_sets_up_and_reports(clone: Path, environment: dict[str, str]) -> None:
    """Outcome: `./start.sh` alone ends in a report; a second call installs nothing again."""
    assert len(list((clone / "reports").glob("kpi_*.html"))) == 1
    again = bash("./start.sh --companies 50 --quiet --format json", clone, environment)
    assert again.returncode == 0, again.stderr
    assert again.stderr == ""
    assert '"usage"' in again.stdout


def test_the_readme_s_commands_run_in_order(clone: Path, environment: dict[str, str]) -> None:
    """0.1: every command of the README works, one after another, as it stands there."""
    commands = [block for block in blocks("console") if "build.sh --test" not in block]
    assert len(commands) >= 8
    ran = bash("set -x\n" + "\n".join(commands), clone, environment)
    assert ran.returncode == 0, ran.stderr
    assert "postgresql://abcjob@/abcjob?host=" in ran.stdout
    leftover = bash("abcjob db status", clone, {**environment, "PATH": f"{clone}/.venv/bin"})
    assert leftover.stdout.startswith("stopped")


def test_ci_runs_the_readme_s_test_command() -> None:
    """The one command that people run is the one that CI runs."""
    [test] = [block.strip() for block in blocks("console") if "--test" in block]
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == f"exec {test}"
    for script in (".ci/run", "build.sh", "start.sh"):
        assert os.access(ROOT / script, os.X_OK)


def test_the_crontab_line_runs_in_an_empty_environment(
    clone: Path, environment: dict[str, str]
) -> None:
    """The README's line, with nothing but what cron sets; its report and its log are there."""
    [line] = blocks("crontab")
    command = line.strip().split(maxsplit=5)[5].replace("/srv/abcjob", f"'{clone}'")
    shutil.rmtree(clone / "reports")
    (clone / "reports").mkdir()
    ran = bash(
        command,
        Path("/"),
        {
            "PATH": "/usr/bin:/bin",
            "HOME": environment["HOME"],
            "ABCJOB_HOME": environment["ABCJOB_HOME"],
        },
    )
    log = clone / "reports" / "cron.log"
    assert ran.returncode == 0, log.read_text()
    assert (ran.stdout, ran.stderr) == ("", "")
    assert "How much revenue" in log.read_text()
    assert len(list((clone / "reports").glob("kpi_*.html"))) == 1


def test_the_wheel_works_from_any_folder(
    clone: Path, environment: dict[str, str], open_folder: Path
) -> None:
    """1.15: installed into an empty environment, without the sources, it does all it does here."""
    elsewhere = open_folder / "elsewhere"
    elsewhere.mkdir()
    built = bash(
        ".venv/bin/python -m pip wheel --quiet --no-deps --no-build-isolation "
        f"--wheel-dir '{elsewhere}' .",
        clone,
        environment,
    )
    assert built.returncode == 0, built.stderr
    [wheel] = elsewhere.glob("abcjob-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "abcjob/sql/abc/kpi/usage.sql" in names
    assert "abcjob/templates/abc/report.html.j2" in names
    assert all(name.startswith("abcjob") for name in names)
    ran = bash(
        f"""
        python3 -m venv env
        env/bin/pip install --quiet --require-hashes --requirement '{clone}/requirements.txt'
        env/bin/pip install --quiet --no-deps --no-index '{wheel}'
        rm abcjob-*.whl
        env/bin/abcjob run --companies 100 --quiet --date 2026-11-21
        env/bin/abcjob doctor
        """,
        elsewhere,
        environment,
    )
    assert ran.returncode == 0, ran.stderr
    assert (elsewhere / "reports" / "kpi_20261121.html").is_file()
    assert str(clone) not in ran.stdout


def compose() -> dict[str, Any]:
    """The compose file."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


def test_the_compose_file_is_one() -> None:
    """7: by a parser, against the compose specification's own schema."""
    subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema"),
            *("--builtin-schema", "vendor.compose-spec", ROOT / "docker-compose.yml"),
        ],
        check=True,
        capture_output=True,
    )


def test_the_compose_file_says_what_it_should() -> None:
    """1.5, 2.2, 7: its credentials suffice, nothing is open to the network, the job runs once."""
    database, job = compose()["services"]["database"], compose()["services"]["job"]
    secrets = database["environment"]
    assert job["environment"]["ABCJOB_DATABASE_URL"] == (
        f"postgresql://{secrets['POSTGRES_USER']}:{secrets['POSTGRES_PASSWORD']}"
        f"@database:5432/{secrets['POSTGRES_DB']}"
    )
    assert database["image"] == "postgres:18"
    assert all(port.startswith("127.0.0.1:") for port in database["ports"])
    assert "ports" not in job
    assert job["depends_on"]["database"]["condition"] == "service_healthy"
    assert "pg_isready" in database["healthcheck"]["test"]
    assert job["restart"] == "no"
    assert job["read_only"] is True
    assert "ABCJOB_USER" in job["user"]


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """`start.sh` beside programs that only write down how they were called, in `calls`.

    No Docker engine runs here: `docker` answers while there is a file `engine`.
    """
    shutil.copy2(ROOT / "start.sh", tmp_path / "start.sh")
    programs = {
        "bin/docker": 'echo "docker $* ${ABCJOB_USER:-}" >>calls; test -e engine',
        "build.sh": 'echo "build" >>calls',
        ".venv/bin/python": 'echo "python $*" >>calls',
    }
    for name, text in programs.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"#!/bin/bash\n{text}\n")
        (tmp_path / name).chmod(0o755)
    return tmp_path


def started(folder: Path, arguments: str = "", **environment: str) -> list[str]:
    """What `start.sh` called last, oldest first."""
    path = f"{folder}/bin:/usr/bin:/bin"
    ran = bash(f"./start.sh {arguments}", folder, {"PATH": path, **environment})
    assert ran.returncode == 0, ran.stderr
    return (folder / "calls").read_text().splitlines()[-2:]


def test_start_uses_a_docker_engine_that_answers(recorded: Path) -> None:
    """Outcome: with one, by compose; the database stays up, reports belong to the caller."""
    (recorded / "engine").touch()
    who = f"{os.getuid()}:{os.getgid()}"
    assert started(recorded, "--companies 7") == [
        f"docker compose up --detach --wait database {who}",
        f"docker compose run --build --rm job run --companies 7 {who}",
    ]


def test_start_without_an_engine_uses_the_embedded_server(recorded: Path) -> None:
    """Outcome: neither URL nor engine; options are passed on."""
    assert started(recorded, "--companies 7") == [
        "build",
        "python -m abcjob run --companies 7",
    ]


@pytest.mark.parametrize("named", ["DATABASE_URL", "ABCJOB_DATABASE_URL"])
@pytest.mark.parametrize("place", ["environment", ".env", "option"])
def test_start_uses_a_server_that_is_named_before_all_else(
    recorded: Path, named: str, place: str
) -> None:
    """Outcome: a URL comes before an engine, wherever the program would find it."""
    (recorded / "engine").touch()
    if place == ".env":
        (recorded / ".env").write_text(f"{named}=postgresql://h/d\n")
    option = "--database postgresql://h/d" if place == "option" else ""
    environment = {named: "postgresql://h/d"} if place == "environment" else {}
    calls = started(recorded, option, **environment)
    assert calls == ["build", f"python -m abcjob run {option}".strip()]


def test_nothing_of_this_machine_is_in_a_file() -> None:
    """Locked with hashes; no index, no registry's host, no path of the machine that made it."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    private = re.compile(r"/root\b|/home/\w|pypi\.org|files\.pythonhosted|--(extra-)?index-url")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.is_file() and name != "tests/test_release.py":
            assert not private.search(path.read_text(errors="replace")), name
    for lock in ("requirements.txt", "requirements-dev.txt"):
        pins = re.findall(
            r"^\w\S*==\S+.*?(?=^\w|\Z)", (ROOT / lock).read_text(), re.MULTILINE | re.DOTALL
        )
        assert len(pins) > 10
        assert all("--hash=sha256:" in pin for pin in pins)


def test_reports_and_data_are_kept_out_of_git() -> None:
    """1.4: no database file, and no report, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "reports"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert listed.stdout.split() == ["reports/.gitignore"]
    assert stat.S_ISDIR((ROOT / "reports").stat().st_mode)
