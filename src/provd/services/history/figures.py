"""Figures over the samples in memory."""

from array import array
from itertools import pairwise
from statistics import fmean

from provd.probe.samples import RING, unpack
from provd.schema.history import SampleEntry, SampleFigures
from provd.schema.timestamps import to_timestamp


def sample_figures(samples: "array[int] | None") -> SampleFigures:
    """The last samples of a ring, at most RING, and figures over them."""
    if not samples:
        return SampleFigures()
    read = [unpack(packed) for packed in samples[-RING:]]
    times = [sample.rtt_ms for sample in read if sample.rtt_ms is not None]
    ordered = sorted(times)
    return SampleFigures(
        rtt_p50_ms=_percentile(ordered, 50),
        rtt_p95_ms=_percentile(ordered, 95),
        jitter_ms=round(fmean(abs(b - a) for a, b in pairwise(times)), 3) if len(times) > 1 else None,
        loss_pct=round(100.0 * (len(read) - len(times)) / len(read), 1),
        samples=[
            SampleEntry(at=to_timestamp(sample.at), rtt_ms=sample.rtt_ms, ok=sample.ok) for sample in read
        ],
    )


def _percentile(ordered: list[float], percent: int) -> float | None:
    """The nearest-rank percentile."""
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)] if ordered else None
