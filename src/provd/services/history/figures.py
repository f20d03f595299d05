"""Figures over the samples in memory."""

from array import array
from collections.abc import Sequence
from itertools import pairwise

from provd.probe.samples import RING, unpack
from provd.schema.history import SampleEntry, SampleFigures
from provd.schema.timestamps import to_timestamp


def sample_figures(samples: "array[int] | None") -> SampleFigures:
    """The last samples of a ring, at most RING, and figures over them."""
    if not samples:
        return SampleFigures()
    read = [unpack(packed) for packed in samples[-RING:]]
    times = [sample.rtt_ms for sample in read if sample.rtt_ms is not None]
    return SampleFigures(
        rtt_p50_ms=percentile(times, 50),
        rtt_p95_ms=percentile(times, 95),
        jitter_ms=jitter([times]),
        loss_pct=round(100.0 * (len(read) - len(times)) / len(read), 1),
        samples=[
            SampleEntry(at=to_timestamp(sample.at), rtt_ms=sample.rtt_ms, ok=sample.ok) for sample in read
        ],
    )


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
