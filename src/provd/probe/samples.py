"""Samples: what one check of one target found, in 64 bits, for the ring that keeps the last ones.

From the top: 32 bits of seconds since 1970, UP, OK, 30 bits of round-trip time in units of 10 us. All ones
there mean that no answer came.
"""

from typing import NamedTuple

RING = 240
"""How many samples are kept of a target."""

UP = 1 << 31
OK = 1 << 30
UNANSWERED = OK - 1
_LONGEST = UNANSWERED - 1
_SECONDS = (1 << 32) - 1
_UNITS_PER_MS = 100.0


class Sample(NamedTuple):
    """``ok``: the check was a success. ``up``: its provider was healthy once the result was taken in."""

    at: int
    rtt_ms: float | None
    ok: bool
    up: bool


def pack(wall: float, rtt_ms: float | None, ok: bool, up: bool) -> int:
    """Make a sample of a check that ended at ``wall`` (seconds since 1970); no ``rtt_ms``: no answer."""
    if rtt_ms is None:
        value = UNANSWERED
    else:
        value = int(rtt_ms * _UNITS_PER_MS + 0.5)
        if not 0 <= value <= _LONGEST:
            value = _LONGEST if value > 0 else 0
    if ok:
        value |= OK
    if up:
        value |= UP
    return (int(wall) & _SECONDS) << 32 | value


def unpack(packed: int) -> Sample:
    """Read a sample."""
    return Sample(packed >> 32, rtt_ms(packed), bool(packed & OK), bool(packed & UP))


def rtt_ms(packed: int) -> float | None:
    """The round-trip time of a sample alone."""
    value = packed & UNANSWERED
    return None if value == UNANSWERED else value / _UNITS_PER_MS
