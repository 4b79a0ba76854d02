"""What holds the house together: floors, and where SQL, words and names belong."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from abcjob import jobs

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "abcjob"

# Lowest first; what shares a floor may import within its own folder alone.
FLOORS = (
    ("outside", "resources", "faults", "ahead", "memory", "presentation"),
    ("errors", "rejects"),
    ("settings", "sqlfile", "rules", "draws", "sampling"),
    ("job", "fields"),
    ("render", "database", "sources"),
    ("stages",),
    ("book",),
    ("arrivals",),
    ("admission",),
    ("part",),
    ("run", "jobs"),
    ("cli",),
    ("__main__",),
)


def place(module: str) -> str:
    """The floor's tenant that a module of the package belongs to."""
    return module.split(".")[1] if "." in module else "abcjob"


def imports(path: Path) -> set[str]:
    """The package's own modules that a file imports, also inside functions and for types."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "abcjob":
            found |= {
                f"{node.module}.{alias.name}" if node.module == "abcjob" else str(node.module)
                for alias in node.names
            }
        elif isinstance(node, ast.Import):
            found |= {a.name for a in node.names if a.name.split(".")[0] == "abcjob"}
    return found - {"abcjob.__version__"}


def sources() -> list[Path]:
    """Every source file of the package."""
    return sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_respect_the_floors(path: Path) -> None:
    """A module imports only from floors below its own; stages and jobs never each other."""
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts == ("abcjob", "__init__"):
        return
    own = parts[1]
    for module in imports(path):
        other = place(module)
        if own == other and own in {"render", "database", "sources", "cli"}:
            continue
        if own == other == "jobs" and module.split(".")[:3] == list(parts[:3]):
            continue
        assert floor[other] < floor[own], f"{path} imports {module}"
        assert (own, other) != ("jobs", "database"), f"{path}: a job imports the database"


def test_nothing_but_a_job_s_own_files_names_it() -> None:
    """If a stage names a job, the model lacks a field."""
    for path in sources():
        if path.is_relative_to(PACKAGE / "jobs"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and node.value in jobs.JOBS:
                pytest.fail(f"{path}:{node.lineno} names the job {node.value}")


def test_only_the_connection_imports_adbc() -> None:
    """One place knows the driver, and one beside it what the driver says when it fails."""
    naming = [
        p for p in sources() if re.search(r"^\s*(import|from) adbc", p.read_text(), re.MULTILINE)
    ]
    assert naming == [PACKAGE / "database" / name for name in ("connection.py", "failures.py")]


def test_only_the_command_line_prints_and_reads_the_clock() -> None:
    """Dates are arguments; a stage that printed could not be piped."""
    clock = re.compile(r"\bprint\(|click\.s?echo|\.now\(|\.today\(|\.utcnow\(|\btime\.time\(")
    for path in sources():
        if path.is_relative_to(PACKAGE / "cli"):
            continue
        assert not clock.search(path.read_text()), path


def test_no_sql_in_python() -> None:
    """SQL lives in files; begin and commit are the connection's own."""
    verbs = r"\b(select|insert into|update|delete from|create|drop|alter)\b"
    sql = re.compile(verbs + r" .*\b(from|table|schema|set|values|database)\b")
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                is_docstring = "\n" in node.value or node.value.endswith(".")
                in_help = path.is_relative_to(PACKAGE / "cli") or "`" in node.value
                assert is_docstring or in_help or not sql.search(node.value), (
                    f"{path}:{node.lineno}: {node.value}"
                )


def test_files_are_of_one_idea() -> None:
    """Functions fit in the eye, modules on a few screens."""
    for path in sources():
        text = path.read_text()
        assert text.count("\n") <= 400, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                body = (node.end_lineno or 0) - node.body[0].lineno
                assert body <= 45, f"{path}:{node.lineno} {node.name}"


def test_the_list_of_commands_says_what_each_says() -> None:
    """Help lists commands without importing them, in the words of their own first lines."""
    code = (
        "from abcjob.cli import COMMANDS, program\n"
        "for name, words in COMMANDS.items():\n"
        "    command = program.get_command(None, name)\n"
        "    assert command.name == name, name\n"
        "    said = command.help.split('\\n\\n')[0].replace('\\n', ' ')\n"
        "    assert said == words, (name, said)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_help_imports_nothing_heavy() -> None:
    """Speed: `--help` of the program, of a command and of a job needs no polars, arrow, driver."""
    for arguments in (["--help"], ["run", "--help"], ["run", "abc", "--help"], ["kpi", "--help"]):
        code = (
            "import sys\n"
            "from abcjob.cli import main\n"
            "try:\n"
            f"    main({arguments})\n"
            "except SystemExit as end:\n"
            "    assert not end.code\n"
            "heavy = {'polars', 'pyarrow', 'adbc_driver_manager', 'jinja2', 'vl_convert'}\n"
            "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        )
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True)
