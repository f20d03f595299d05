"""The last day of a target in a few numbers: checks, and those after which its provider was healthy, by hour.

A cell is the hour (3,600 s, counted from 1970), then 21 bits of checks and 21 bits of up. An hour may have
more than one cell.
"""

from array import array

HOURS = 24
_BITS = 21
_HOUR_AT = 2 * _BITS
_MASK = (1 << _BITS) - 1
_CHECK = 1 << _BITS
_MOST = 2 * HOURS


def count(day: "array[int]", packed: int) -> None:
    """Count a sample."""
    hour = (packed >> 32) // 3600
    cell = day[-1] if day else 0
    if cell >> _HOUR_AT == hour:
        day[-1] = cell + (_CHECK | packed >> 31 & 1)
        return
    if len(day) >= _MOST:
        del day[: _MOST - HOURS]
    day.append(hour << _HOUR_AT | _CHECK | packed >> 31 & 1)


def counted(day: "array[int]", since: int) -> tuple[int, int]:
    """The checks and the up ones since the hour ``since``."""
    checks = up = 0
    for cell in day:
        if cell >> _HOUR_AT >= since:
            checks += cell >> _BITS & _MASK
            up += cell & _MASK
    return checks, up
