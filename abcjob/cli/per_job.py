"""Commands that have a subcommand for each job, with the job's own parameters as options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from abcjob import jobs

if TYPE_CHECKING:
    from abcjob.job import Job, Option


class Value(click.ParamType[Any]):
    """A job's parameter, read by the job's own parser."""

    def __init__(self, option: Option) -> None:
        self.name = option.metavar
        self._parse = option.parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value; what cannot be parsed is a usage error that says what was expected."""
        try:
            return self._parse(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(f"got {value!r}, expected {error}", param, ctx)


class JobCommand(click.Command):
    """A job's subcommand, some of whose options several values may follow."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put such an option before each value that follows it."""
        generous = {name for param in self.params if param.multiple for name in param.opts}
        told: list[str] = []
        option = ""
        for at, arg in enumerate(args):
            if arg == "--":
                return super().parse_args(ctx, [*told, *args[at:]])
            if arg.startswith("-"):
                name = arg.partition("=")[0]
                option = name if name in generous else ""
            elif option and told[-1] != option:
                told.append(option)
            told.append(arg)
        return super().parse_args(ctx, told)


class PerJob(click.Group):
    """A subcommand for each job.

    Attributes:
        default: the job that is meant where none is named; None: there is no such job.
    """

    default: str | None = None

    def make(self, job: Job) -> click.Command | None:
        """The subcommand of a job; None where it has none."""
        raise NotImplementedError

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default job in front of options that follow on no job."""
        asks_help = bool(args) and args[0] in ctx.help_option_names
        if self.default and not asks_help and (not args or args[0].startswith("-")):
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The jobs that have the subcommand."""
        return [name for name in jobs.JOBS if self.make(jobs.load(name))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand of a job."""
        command = self.make(jobs.load(cmd_name)) if cmd_name in jobs.JOBS else None
        if command is None:
            known = ", ".join(self.list_commands(ctx))
            wrong = "nothing to do here for" if cmd_name in jobs.JOBS else "no such job"
            ctx.fail(f"{wrong} {cmd_name!r}, expected one of {known}")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in help."""
        with formatter.section("Jobs"):
            formatter.write_dl([(name, jobs.JOBS[name]) for name in self.list_commands(ctx)])


def with_parameters(parameters: dict[str, tuple[Option, Any]], command: Any) -> Any:
    """`command` with an option for each of a job's parameters, as `job.options` gives them."""
    for name, (option, default) in reversed(parameters.items()):
        flag = f"--{name.replace('_', '-')}"
        words = f"{option.help[:1].upper()}{option.help[1:]}."
        if not option.metavar:
            command = click.option(flag, is_flag=True, default=default, help=words)(command)
            continue
        command = click.option(
            flag,
            type=Value(option),
            default=None if default is None or option.takes_many else option.show(default),
            metavar=f"{option.metavar}..." if option.takes_many else option.metavar,
            multiple=option.takes_many,
            show_default=default is not None and not option.takes_many,
            help=words,
        )(command)
    return command
