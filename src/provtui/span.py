"""The ranges of time that a history can be looked at over."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
FEWEST_POINTS = 12


class Span(Enum):
    """A range: its name, its seconds, and the least seconds that one point of it stands for.

    A point that is narrower than the daemon's checks or figures would be empty, and look like a gap.
    """

    QUARTER = ("15 m", 15 * _MINUTE, 30)
    HOUR = ("1 h", _HOUR, _MINUTE)
    DAY = ("24 h", _DAY, 5 * _MINUTE)
    WEEK = ("7 d", 7 * _DAY, _HOUR)
    MONTH = ("30 d", 30 * _DAY, _HOUR)

    def __init__(self, label: str, seconds: int, finest_s: int) -> None:
        self.label = label
        self.seconds = seconds
        self.finest_s = finest_s

    def other(self, step: int, among: "Sequence[Span] | None" = None) -> "Span":
        """Give the range ``step`` places further, or the last there is in that direction; of all, or of
        those that it is ``among``."""
        spans = list(Span) if among is None else among
        return spans[max(0, min(len(spans) - 1, spans.index(self) + step))]

    def points(self, cells: int, interval_s: float | None) -> int:
        """Tell how many points to ask for to fill ``cells`` cells, when checks are ``interval_s`` apart."""
        least_s = max(self.finest_s, 2 * (interval_s or 0))
        return max(FEWEST_POINTS, min(cells, int(self.seconds / least_s)))


CALL_SPANS = (Span.HOUR, Span.DAY, Span.WEEK, Span.MONTH)
"""The ranges over which figures of calls are looked at."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a history was asked for, and when (``at``, UTC seconds).

    ``state_since`` is when the provider's state began, as was known then.
    """

    span: Span
    points: int
    state_since: str | None
    at: float

    def serves(self, wanted: "Asked") -> bool:
        """Whether asking for ``wanted`` would show nothing new: no other range, no change of state, and
        less than one point's time gone by."""
        same = (self.span, self.points, self.state_since) == (wanted.span, wanted.points, wanted.state_since)
        return same and wanted.at - self.at < self.span.seconds / self.points
