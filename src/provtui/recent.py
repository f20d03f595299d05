"""What the latest results of a provider say together. Samples bring results and no such figures."""

from typing import NamedTuple

from provd.schema.health import HealthSummary
from provd.schema.rtt_figures import jitter, percentile


class RecentFigures(NamedTuple):
    """Figures over the results at hand, in ms; None where nothing was answered."""

    rtt_p50_ms: float | None
    rtt_p95_ms: float | None
    jitter_ms: float | None


def recent_figures(health: HealthSummary) -> RecentFigures:
    """Reckon them from the results of ``health``; its jitter, if it has several addresses, is as last read: a
    sample does not say which of them it is of."""
    answered = [rtt_ms for rtt_ms in health.recent if rtt_ms is not None]
    return RecentFigures(
        percentile(answered, 50),
        percentile(answered, 95),
        health.jitter_ms if health.targets_total > 1 else jitter([answered]),
    )
