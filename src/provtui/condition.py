"""The condition an operator sees: what was measured joined with what a person said."""

from enum import Enum

from provd.schema.health import HealthStatus
from provd.schema.provider import Provider


class Condition(Enum):
    """One of five conditions, worst first; glyph and word together carry it, colour only helps."""

    UNHEALTHY = ("unhealthy", "✗")
    SUSPECT = ("suspect", "!")
    UNKNOWN = ("unknown", "?")
    HEALTHY = ("healthy", "✓")
    DISABLED = ("disabled", "–")

    def __init__(self, word: str, glyph: str) -> None:
        self.word = word
        self.glyph = glyph
        self.label = f"{glyph} {word}"
        self.ink = f"ink--{word}"

    @property
    def is_problem(self) -> bool:
        """Whether someone should look at it."""
        return self in _PROBLEMS

    @property
    def severity(self) -> int:
        """Its place in the order, 0 being the worst."""
        return _ORDER[self]


_ORDER = {condition: place for place, condition in enumerate(Condition)}
_PROBLEMS = frozenset({Condition.UNHEALTHY, Condition.SUSPECT, Condition.UNKNOWN})
_MEASURED = {
    HealthStatus.UNHEALTHY: Condition.UNHEALTHY,
    HealthStatus.UNKNOWN: Condition.UNKNOWN,
    HealthStatus.HEALTHY: Condition.HEALTHY,
}


def condition_of(provider: Provider) -> Condition:
    """Tell the condition of ``provider``; a disabled one is disabled whatever was last measured."""
    if not provider.enabled:
        return Condition.DISABLED
    if provider.health.suspect and provider.health_status is not HealthStatus.UNHEALTHY:
        return Condition.SUSPECT
    return _MEASURED[provider.health_status]
