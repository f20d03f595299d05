"""How figures are reckoned from round-trip times: alike by provd, and by who follows its samples."""

from collections.abc import Sequence
from itertools import pairwise


def percentile(values: Sequence[float], share_pct: int) -> float | None:
    """The nearest-rank percentile; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[max(0, -(-share_pct * len(ordered) // 100) - 1)], 3)


def jitter(paths: Sequence[Sequence[float | None]]) -> float | None:
    """The mean difference between neighbouring answers on each path; None where no path has two."""
    steps = [
        abs(after - before)
        for path in paths
        for before, after in pairwise(value for value in path if value is not None)
    ]
    return round(sum(steps) / len(steps), 3) if steps else None
