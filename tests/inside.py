"""The program called in the tests' own process, where nothing is asked of a process."""

from __future__ import annotations

import gc
import os
import subprocess
import tempfile
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from typing import IO, TYPE_CHECKING, Any, Self
from unittest import mock

import jinja2

from abcjob import cli
from abcjob.cli import options
from abcjob.render import charts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import CodeType

    from jinja2.bccache import Bucket


class WarmPainter(charts.ChartPainter):
    """Draws the charts of one run after the other: to warm up takes half of a run's time."""

    def __init__(self) -> None:
        super().__init__()
        self._awaited = 0

    def __enter__(self) -> Self:
        """A run begins; what another one has left undrawn must not come into its report."""
        if self._awaited:
            self.close()
            self.__init__()  # type: ignore[misc]
        return self

    def __exit__(self, *_: object) -> None:
        """A run is over."""

    def paint(self, charts: Sequence[charts.Chart], *more: Any) -> Mapping[str, Callable[[], str]]:
        """As the painter does."""
        self._awaited += len(charts)
        return super().paint(charts, *more)

    def _receive(self, chart: charts.Chart) -> str:
        drawn = super()._receive(chart)
        self._awaited -= 1
        return drawn

    def close(self) -> None:
        """Draw no more."""
        super().__exit__()


class CompiledTemplates(jinja2.BytecodeCache):
    """What Jinja made of each template, by all that it depends on: half of a run's time.

    HTML and Markdown differ in their escaping; figures that stand in a template, by locale.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Nothing, where the template is new or was changed."""
        bucket.code = self._made.get(self._name(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        if bucket.code:
            self._made[self._name(bucket)] = bucket.code

    def _name(self, bucket: Bucket) -> tuple[object, ...]:
        shown = bucket.environment.filters["shown"]
        return bucket.key, bucket.checksum, bucket.environment.autoescape, str(shown)


_environment = partial(jinja2.Environment, bytecode_cache=CompiledTemplates())


def call(
    arguments: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str],
    painter: WarmPainter,
) -> subprocess.CompletedProcess[str]:
    """What a process would print and end with: all of the program but its start and its signals."""
    code: object = None
    with (
        chdir(folder),
        mock.patch.dict(os.environ, environment, clear=True),
        mock.patch.multiple(cli, listen=_nothing, ignore=_nothing),
        mock.patch.object(options, "listen", _nothing),
        mock.patch.object(charts, "ChartPainter", return_value=painter),
        mock.patch.object(jinja2, "Environment", _environment),
        _caught(1) as stdout,
        _caught(2) as stderr,
        redirect_stdout(stdout),
        redirect_stderr(stderr),
    ):
        try:
            cli.main([os.fspath(argument) for argument in arguments])
        except SystemExit as ended:
            code = ended.code
        finally:
            gc.unfreeze()
        assert isinstance(code, int)
        return subprocess.CompletedProcess(arguments, code, _read(stdout), _read(stderr))


@contextmanager
def _caught(number: int) -> Iterator[IO[str]]:
    """A file to which goes what is written to this descriptor, by libraries in C too."""
    kept = os.dup(number)
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as file:
        os.dup2(file.fileno(), number)
        try:
            yield file
        finally:
            os.dup2(kept, number)
            os.close(kept)


def _read(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def _nothing() -> None:
    """Signals are for the tests."""
