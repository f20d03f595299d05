"""The points of a history: how fine they are, and what falls into each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from provd.probe.rollup import Rollup
from provd.probe.samples import RING
from provd.probe.series import HOUR_S, MINUTE_S
from provd.schema.history import HistoryPoint, Resolution
from provd.schema.timestamps import to_timestamp

UNITS_S = {Resolution.SAMPLE: 1, Resolution.MINUTE: MINUTE_S, Resolution.HOUR: HOUR_S}
"""How long the time is that an entry of each resolution is of."""


@dataclass(frozen=True, slots=True)
class Span:
    """A time from ``start`` to before ``end`` (seconds since 1970), to be shown in so many ``points``."""

    start: float
    end: float
    points: int

    def resolution(self, rings: Iterable[Sequence[int]], minutes_since: float) -> Resolution:
        """The finest that there is for all of it; minutes begin at ``minutes_since``."""
        if self.start < minutes_since:
            return Resolution.HOUR
        if (self.end - self.start) / self.points < MINUTE_S and all(map(self._is_covered, rings)):
            return Resolution.SAMPLE
        return Resolution.MINUTE

    def hours(self, oldest: float, newest: float) -> tuple[int, int]:
        """The first and the last hour of it (3,600 s, counted from 1970) between two times."""
        first, last = max(self.start, oldest), min(self.end, newest)
        return int(first // HOUR_S), ceil(last / HOUR_S) - 1

    def _is_covered(self, ring: Sequence[int]) -> bool:
        """Whether a ring has every sample since the start: one that was never full has all there were."""
        return len(ring) < RING or ring[0] >> 32 <= self.start


class Points:
    """Rollups side by side, each of ``step_s``: as many as the span asks for, none finer than its entries."""

    def __init__(self, span: Span, resolution: Resolution) -> None:
        self.unit_s = UNITS_S[resolution]
        self.step_s = max((span.end - span.start) / span.points, self.unit_s)
        self._span = span
        self._rollups = [Rollup() for _ in range(ceil((span.end - span.start) / self.step_s - 1e-9))]

    def at(self, unix_s: float) -> Rollup | None:
        """The rollup that an entry from ``unix_s`` on belongs to by its middle; None when it is outside."""
        if unix_s + self.unit_s <= self._span.start or unix_s >= self._span.end:
            return None
        place = int((unix_s + self.unit_s / 2 - self._span.start) / self.step_s)
        return self._rollups[max(0, min(place, len(self._rollups) - 1))]

    def shown(self) -> list[HistoryPoint]:
        """The points as the API shows them."""
        return [
            HistoryPoint(
                at=to_timestamp(self._span.start + place * self.step_s),
                count=rollup.count,
                ok=rollup.ok,
                loss_pct=_rounded(rollup.loss_pct),
                min_ms=_rounded(rollup.min_ms),
                mean_ms=_rounded(rollup.mean_ms),
                p50_ms=_rounded(rollup.percentile_ms(50)),
                p95_ms=_rounded(rollup.percentile_ms(95)),
                max_ms=_rounded(rollup.max_ms),
                availability_pct=_rounded(rollup.availability_pct),
            )
            for place, rollup in enumerate(self._rollups)
        ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
