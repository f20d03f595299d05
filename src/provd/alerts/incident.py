"""An alert as the engine keeps it: whom it is about, and what happened to it."""

from dataclasses import dataclass, field
from typing import Literal

from provd.alerts.condition import Found
from provd.schema.alerts import AlertState, Metric, Severity

UPLINK_KEY = ""
"""Stands in the place of a provider's id for our own uplink."""

What = Literal["opened", "acknowledged", "reminded", "escalated", "resolved"]


@dataclass(slots=True)
class Member:
    """A provider that an alert is about. Times are seconds since 1970."""

    provider_id: str
    name: str
    since: float
    found: Found
    cleared_at: float | None = None
    cleared_why: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to an alert."""

    at: float
    what: What
    by: str = ""
    note: str = ""


@dataclass(slots=True, eq=False)
class Incident:
    """An alert as the engine keeps it, until it is resolved."""

    id: str
    rule: str
    metric: Metric
    severity: Severity
    channels: tuple[str, ...]
    phrase: str
    opened_at: float
    members: dict[str, Member]
    state: AlertState = AlertState.OPEN
    acknowledged_at: float | None = None
    acknowledged_by: str = ""
    resolved_at: float | None = None
    told_at: float = 0.0
    escalated: bool = False
    steps: list[Step] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    """The members that are not as they were when somebody last emptied this."""

    def failing(self) -> list[Member]:
        """The members that are not well again."""
        return [each for each in self.members.values() if each.cleared_at is None]
