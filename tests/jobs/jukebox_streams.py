"""Streams of the job jukebox worked out by hand, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jukebox_streams_money import MONEY
from jukebox_streams_music import MUSIC
from jukebox_streams_state import STATE
from jukebox_streams_time import TIME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jukebox_stream import Stream

STREAMS: Mapping[str, Stream] = MONEY | TIME | MUSIC | STATE
