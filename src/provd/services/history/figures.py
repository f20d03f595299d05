"""Figures over the samples in memory."""

from array import array

from provd.probe.samples import RING, unpack
from provd.schema.history import SampleEntry, SampleFigures
from provd.schema.rtt_figures import jitter, percentile
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
