"""The condition an operator sees: what was measured joined with what a person said."""

from enum import Enum

from provd.schema.health import HealthStatus
from provd.schema.provider import Provider


class Condition(Enum):
    """One of seven conditions, worst first; glyph and word together carry it, colour only helps."""

    UNHEALTHY = ("unhealthy", "✗")
    SUSPECT = ("suspect", "!")
    UNKNOWN = ("unknown", "?")
    IMPAIRED = ("impaired", "≠")
    HEALTHY = ("healthy", "✓")
    MAINTENANCE = ("maintenance", "◇")
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
_PROBLEMS = frozenset({Condition.UNHEALTHY, Condition.SUSPECT, Condition.UNKNOWN, Condition.IMPAIRED})
OF_STATUS = {
    HealthStatus.UNHEALTHY: Condition.UNHEALTHY,
    HealthStatus.UNKNOWN: Condition.UNKNOWN,
    HealthStatus.HEALTHY: Condition.HEALTHY,
}
"""The condition that a status alone makes."""


def condition_of(provider: Provider) -> Condition:
    """Tell the condition of ``provider``: disabled or in maintenance, whatever was last measured."""
    if not provider.enabled:
        return Condition.DISABLED
    return Condition.MAINTENANCE if provider.maintenance is not None else measured(provider)


def measured(provider: Provider) -> Condition:
    """Tell what the checks found, or where those succeed how calls went, whatever a person said about it."""
    if provider.health.suspect and provider.health_status is not HealthStatus.UNHEALTHY:
        return Condition.SUSPECT
    if provider.health.impaired and provider.health_status is HealthStatus.HEALTHY:
        return Condition.IMPAIRED
    return OF_STATUS[provider.health_status]


def state_label(provider: Provider) -> str:
    """Write its state: the glyph of its condition and, in maintenance too, the word for what was measured."""
    condition = condition_of(provider)
    word = measured(provider).word if condition is Condition.MAINTENANCE else condition.word
    return f"{condition.glyph} {word}"
