"""What a file is, told by what stands at its beginning and never by its name."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from abcjob.errors import DataError

if TYPE_CHECKING:
    from typing import BinaryIO

_BOM = b"\xef\xbb\xbf"
_PARQUET = b"PAR1"
_SPACE = b" \t\r\n"
_AT_A_TIME = 65_536  # bytes that are looked at for one that is no space


class Kind(Enum):
    """The kinds of content."""

    DELIMITED = auto()
    OBJECTS = auto()
    ARRAY = auto()
    PARQUET = auto()


def told(stream: BinaryIO) -> Kind:
    """The kind of a stream's content; it is left where the content begins.

    Raises:
        DataError: it is none of them. The message is to follow on what was read.
    """
    start = pass_mark(stream)
    head = stream.read(len(_PARQUET))
    stream.seek(start)
    if head == _PARQUET:
        return Kind.PARQUET
    while (block := stream.read(_AT_A_TIME)) and not block.strip(_SPACE):
        pass
    stream.seek(start)
    first = block.lstrip(_SPACE)[:1]
    if first == b"<":
        raise DataError(
            "it is a web page or other markup, expected CSV, NDJSON, a JSON array or Parquet"
        )
    return {b"{": Kind.OBJECTS, b"[": Kind.ARRAY}.get(first, Kind.DELIMITED)


def pass_mark(stream: BinaryIO) -> int:
    """Where a stream's content begins, after its byte order mark if any; it is left there."""
    start = len(_BOM) if stream.read(len(_BOM)) == _BOM else 0
    return stream.seek(start)
