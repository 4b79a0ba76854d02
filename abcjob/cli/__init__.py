"""The command line: the only place that prints, asks for the day, and turns errors into exit codes.

Commands are loaded when they are called, so that `--help` imports nothing heavy.
"""

from __future__ import annotations

import gc
import importlib
import io
import re
import sys
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, cast

import click

from abcjob import __version__
from abcjob.cli.output import ReaderGoneError, note
from abcjob.cli.signals import exit_at_once, heard, ignore, limit, listen
from abcjob.database.url import without_credentials
from abcjob.errors import AbcjobError, InterruptedRunError, SeveralError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abcjob.settings import Settings

# By name: what help says of it. Each is `COMMAND` of the module `abcjob.cli.<name>`.
COMMANDS = {
    "run": "Get a job's rows, load them, print the KPIs, write the report.",
    "kpi": "Query what is loaded and print it; writes nothing.",
    "report": "Render the report again from what is loaded.",
    "reports": "List the reports, open one, or delete old ones.",
    "quarantine": "List rejected and waiting rows and why, or write them out.",
    "runs": "Show what ran, and how it ended.",
    "sample": "Write input files to try a job with.",
    "schema": "Create or drop a job's tables.",
    "data": "Empty a job's tables.",
    "doctor": "Say what works here and what does not, with remedies.",
    "db": "Start, stop or open the embedded server.",
}


@dataclass
class Call:
    """What one call of the program was given, by the options that commands share.

    Attributes:
        verbose: tracebacks with errors.
        quiet: no progress.
        given: settings by name; None where an option was not given.
    """

    verbose: bool = False
    quiet: bool = False
    given: dict[str, Any] = field(default_factory=dict)

    def settings(self) -> Settings:
        """The settings in force; from here on the deadline runs, if there is one.

        Raises:
            SettingsError: as `settings.load`.
        """
        from abcjob import settings

        found = settings.load(self.given)
        if found.deadline:
            limit(found.deadline)
        return found


class Program(click.Group):
    """The commands by name, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """In the order in which they are told above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command itself."""
        if cmd_name not in COMMANDS:
            return None
        return cast("click.Command", importlib.import_module(f"abcjob.cli.{cmd_name}").COMMAND)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list in help, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`abcjob COMMAND --help` tells a command's options. Exit codes: 0 done, 1 a fault of "
    "ours, 2 usage or settings, 3 data refused or nothing loaded, 4 database, 5 another run holds "
    "the lock, 6 source, 7 report, 124 past the deadline, 130 and 143 interrupted.",
)
@click.version_option(__version__, prog_name="abcjob")
def program() -> None:
    """Load business data into PostgreSQL, and report its KPIs by morning."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and end the process with its exit code; an error is one line on stderr."""
    call = Call()
    listen()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # rather a question mark than no answer
    try:
        code = program.main(
            None if arguments is None else list(arguments),
            prog_name="abcjob",
            standalone_mode=False,
            obj=call,
        )
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        code = error.exit_code
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "abcjob"
        said = _without_addresses(error.format_message(), arguments or sys.argv[1:])
        code = _failed(f"{said} (see `{command} --help`)", 2, call)
    except (AbcjobError, InterruptedRunError) as error:
        errors = error.errors if isinstance(error, SeveralError) else [error]
        code = max(_failed(str(each), each.exit_code, call) for each in errors)
    except ReaderGoneError:
        code = 0
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - the last resort: no user meets a bare traceback
        code = _failed(*_fault(error), call)
    ignore()
    code = code if isinstance(code, int) else 0
    if heard():
        exit_at_once(code)
    gc.freeze()  # else the interpreter walks through all that was imported before it ends
    sys.exit(code)


def _fault(error: BaseException) -> tuple[str, int]:
    """What is said of an error that nobody foresaw, and the exit code."""
    # A signal in the midst of an import, or of a library's work, comes out as whatever these make
    # of it.
    if stopped := heard():
        return str(stopped), stopped.exit_code
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return f"a fault of the program ({what}); report it with what --verbose says", 1


def _without_addresses(message: str, arguments: Sequence[str]) -> str:
    """A message that may repeat an argument, without those that may be a database's address."""
    for argument in arguments:
        for text in (argument, argument.partition("=")[2]):
            if re.search("@|://|password", text):
                message = message.replace(text, "***")
    return message


def _failed(message: str, code: int, call: Call) -> int:
    """Say why, in one line; a URL given where none belongs may have a password in it."""
    if call.verbose:
        note(without_credentials(traceback.format_exc()))
    note(f"abcjob: {' '.join(without_credentials(message).split())}")
    return code
