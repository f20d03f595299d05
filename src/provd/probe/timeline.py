"""Timelines: from samples to the rollups of minutes, as each sample is taken.

The rule that everything which counts samples relies on: the newest samples in the ring that are of one
minute are the *open* minute, and are in no rollup yet; every sample before them is.
"""

from array import array
from typing import Protocol

from provd.probe.rollup import encoded
from provd.probe.samples import RING
from provd.probe.series import HOUR_S, MINUTE_S, add_entry, mark_hour

MAX_OPEN = 4096
"""How many samples an open minute may have before it is rolled up in parts."""

_FULL = RING + RING // 4
_MINUTE = MINUTE_S << 32  # a sample by this is the minute that it is of


class Timeline(Protocol):
    """What is in memory of one target.

    ``samples`` is the ring, ``minutes`` a series of minutes that the store does not have yet; both are None
    while no history is kept. ``number`` is the target's in the store.
    """

    samples: "array[int] | None"
    minutes: bytearray | None
    number: int | None


def take(timeline: Timeline, packed: int) -> bool:
    """Take a sample in; when it is not of the minute of the last one, that minute is rolled up first. False,
    and nothing is done, when no history is kept."""
    samples = timeline.samples
    if samples is None:
        return False
    if samples and samples[-1] // _MINUTE != packed // _MINUTE:
        _close(timeline)
    samples.append(packed)
    if len(samples) > _FULL:
        _trim(timeline)
    return True


def open_minute(samples: "array[int]") -> int:
    """Where in the ring the open minute begins; 0 when the ring is empty."""
    if not samples:
        return 0
    from_s = (samples[-1] >> 32) // MINUTE_S * MINUTE_S
    first, beyond = from_s << 32, (from_s + MINUTE_S) << 32
    start = len(samples)
    while start and first <= samples[start - 1] < beyond:
        start -= 1
    return start


def open_hour(samples: "array[int]") -> int | None:
    """The hour (3,600 s, counted from 1970) that the open minute is in; None when the ring is empty."""
    return (samples[-1] >> 32) // HOUR_S if samples else None


def close_minute(samples: "array[int]", minutes: bytearray) -> None:
    """Roll the open minute up and append it to the series. What comes next must not be of that minute."""
    start = open_minute(samples)
    at = samples[-1] >> 32
    hour, within = divmod(at, HOUR_S)
    if not minutes or not start or (samples[start - 1] >> 32) // HOUR_S != hour:
        mark_hour(minutes, hour)
    add_entry(minutes, within // MINUTE_S, encoded(samples[start:]))


def _close(timeline: Timeline) -> None:
    if timeline.samples is not None and timeline.minutes is not None:
        close_minute(timeline.samples, timeline.minutes)


def _trim(timeline: Timeline) -> None:
    samples = timeline.samples
    if samples is None:
        return
    surplus = len(samples) - RING
    if samples[surplus - 1] // _MINUTE != samples[-1] // _MINUTE:
        del samples[:surplus]
    elif len(samples) >= MAX_OPEN:  # many checks on demand: count them, and begin the minute again
        _close(timeline)
        del samples[:]
