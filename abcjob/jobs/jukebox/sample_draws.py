"""How the sample of the job `jukebox` draws: what there is to draw, and of what."""

from __future__ import annotations

import tomllib
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

NAMES = Path(__file__).with_name("sample_names.toml")


class Stream(IntEnum):
    """What a sample draws; the numbers stay as they are for good."""

    REGISTERED = 1
    REGISTERED_EARLIER = 2
    LOCATIONS = 3
    CORRECTION = 4
    LOCATION_WAIT = 5
    LOCATION_LATER = 6
    DEVICES = 7
    LOCATION_CORRECTION = 8
    ALLOCATION_WAIT = 9
    ALLOCATION_LATER = 10
    PURCHASE = 11
    PRODUCT = 12
    COST = 13
    PRICE = 14
    LIKED = 15
    AGENT = 16
    MOVE = 17
    MOVE_WAIT = 18
    MOVE_LOCATION = 19
    MOVE_AGENT = 20
    PLAN = 21
    PUBLISHED = 22
    SONG_LIKED = 23
    REMOVAL = 24
    REMOVAL_WAIT = 25
    RESTORE_WAIT = 26
    SONG_CORRECTION = 27
    PAYMENT_WAIT = 28
    PAYMENT_UNLINKED = 29
    PLAY_WAIT = 30
    PLAY_HOUR = 31
    PLAY_SONG = 32
    PLAY_END = 33
    PLAY_UNLINKED = 34
    DELAYED = 35
    DELAY = 36
    IS_BAD = 37
    FAULT = 38
    BAD_DELAY = 39
    NAME = 40
    PLACE = 41
    LATITUDE = 42
    LONGITUDE = 43
    SONG_NAME = 44
    PLAY_MILLISECOND = 45


@cache
def names() -> dict[str, Any]:
    """The parts of names, the products and the plans."""
    return tomllib.loads(NAMES.read_text(encoding="utf-8"))


def table(name: str) -> pl.DataFrame:
    """A list of names' file that has several columns: `product` or `plan`."""
    return pl.DataFrame(names()[name])
