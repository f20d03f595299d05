"""An engine on a clock that the test turns, and readings to show it."""

from dataclasses import replace
from typing import Any

from provd.alerts.defaults import BUILT_IN
from provd.alerts.engine import AlertEngine, Change, Now, Timing
from provd.alerts.incident import Incident
from provd.alerts.reading import Figures, Reading
from provd.schema.alerts import Rule, RuleSpec
from provd.schema.health import Cause, HealthStatus

DOWN = HealthStatus.UNHEALTHY
UP = HealthStatus.HEALTHY
EPOCH = 1_800_000_000.0


def rule(name: str, spec: RuleSpec) -> Rule:
    return Rule(name=name, origin="config", **spec.model_dump())


def with_fields(before: Reading, fields: dict[str, Any]) -> Reading:
    """A reading in which these differ, some of which are figures."""
    figures = before.figures()._replace(**{name: fields[name] for name in fields if name in Figures._fields})
    others = {name: value for name, value in fields.items() if name not in Figures._fields}
    return replace(before, figures=lambda: figures, **others)


class Bench:
    """``rules`` are in force; time passes by ``wait``, a tick a second. The wall clock is ``ahead`` by
    so many seconds."""

    def __init__(self, timing: Timing | None = None, **rules: RuleSpec) -> None:
        self.engine = AlertEngine(timing or Timing())
        self.seconds = 0.0
        self.ahead = 0.0
        self.readings: dict[str, Reading] = {}
        self.changes: list[Change] = []
        self.engine.use({name: rule(name, spec) for name, spec in (rules or BUILT_IN).items()}, self.now)

    @property
    def now(self) -> Now:
        return Now(EPOCH + self.ahead + self.seconds, self.seconds)

    @property
    def told(self) -> list[str]:
        return [each.what for each in self.changes if each.what is not None]

    @property
    def open(self) -> list[Incident]:
        return list(self.engine.open.values())

    def shows(self, provider_id: str, **fields: Any) -> None:
        """A provider is, from now on, as ``fields`` say."""
        before = self.readings.get(provider_id, Reading(provider_id, f"carrier {provider_id}"))
        reading = with_fields(before, fields)
        if "status" in fields and "since" not in fields:
            cause = Cause.TIMEOUT if reading.status is DOWN else Cause.OK
            reading = replace(reading, since=EPOCH + self.seconds, cause=cause)
        self.readings[provider_id] = reading
        self.engine.see(reading, self.now)

    def wait(self, seconds: float) -> list[str]:
        """Let time pass; what was told meanwhile."""
        before = len(self.told)
        for _ in range(round(seconds)):
            self.seconds += 1.0
            for provider_id in self.engine.due(self.now):
                self.engine.see(self.readings[provider_id], self.now)
            self.engine.tick(self.now)
            self.changes += self.engine.take()
        return self.told[before:]
