"""Logarithmic buckets for counting values, so that percentiles are within 1 % of the exact ones.

A value is a whole number from 0 to 2**30 - 1. Bucket ``n`` holds those from ``BOUNDS[n]`` to just below
``BOUNDS[n + 1]``: single numbers up to 100, then ranges 2 % wide. The bounds are made with whole numbers
alone and are part of the stored format.
"""

from bisect import bisect_right

_LIMIT = 1 << 30


def _bounds() -> tuple[int, ...]:
    bounds = [0]
    while bounds[-1] < _LIMIT:
        bounds.append(max(bounds[-1] + 1, bounds[-1] * 102 // 100))
    return tuple(bounds)


BOUNDS = _bounds()


def bucket_of(value: int) -> int:
    """The bucket that a value belongs to."""
    return bisect_right(BOUNDS, value) - 1


def middle_of(bucket: int) -> float:
    """The value that stands for a bucket: at most 1 % from any in it."""
    return (BOUNDS[bucket] + BOUNDS[bucket + 1] - 1) / 2
