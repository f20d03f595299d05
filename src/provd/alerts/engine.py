"""From readings to alerts: what holds for long enough is gathered, told together, and resolved when over.

A provider waits its rule's ``for_s``, then gathers with others of the rule for a short while; those that came
together are one alert. It is resolved when all of them have been well for ``clear_s``.
"""

import math
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from provd.alerts.condition import Found, found, left_out, phrase, silent, unknown
from provd.alerts.incident import UPLINK_KEY, Incident, Member, Step, What
from provd.alerts.reading import Reading
from provd.schema.alerts import NUMBERS, AlertState, Metric, Rule
from provd.schema.health import HealthStatus

_GATHERS_AT_MOST = 4  # times the wait, while more keep coming
_ABOUT_THE_PATH = frozenset(
    {
        Metric.HEALTH,
        Metric.CAUSE,
        Metric.RTT_P95_MS,
        Metric.LOSS_PCT,
        Metric.AVAILABILITY,
        Metric.ASR,
        Metric.PDD,
        Metric.IMPAIRED,
        Metric.TEST_CALL,
    }
)


class Now(NamedTuple):
    """The time: seconds since 1970, and of a clock that never steps."""

    wall: float
    steady: float


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things take, in seconds; 0 of ``remind_s`` and ``escalate_after_s`` is never."""

    group_wait_s: float = 10.0
    clear_s: float = 60.0
    remind_s: float = 14400.0
    escalate_after_s: float = 0.0


class Change(NamedTuple):
    """An alert that has changed; ``what`` is None when only some of its members did."""

    incident: Incident
    what: What | None


class _Key(NamedTuple):
    rule: str
    provider_id: str


@dataclass(slots=True)
class _Pending:
    """``since`` is steady; ``settle_s`` is what the provider is given once the uplink is back."""

    since: float
    settle_s: float
    member: Member


class _Ending(NamedTuple):
    """Since when, steady, a rule does not hold any more, and why if it is not that all is well."""

    since: float
    why: str


@dataclass(slots=True)
class _Gathering:
    first: float
    last: float
    pending: dict[str, _Pending] = field(default_factory=dict)


class AlertEngine:
    """Told of readings, and of the time; gives what changed."""

    def __init__(self, timing: Timing) -> None:
        self.timing = timing
        self.open: dict[str, Incident] = {}
        self._rules: dict[str, Rule] = {}
        self._pending: dict[_Key, _Pending] = {}
        self._gathering: dict[str, _Gathering] = {}
        self._incident_of: dict[_Key, Incident] = {}
        self._ending: dict[_Key, _Ending] = {}
        self._suspect = False
        self._back_at = -math.inf
        self._changes: dict[tuple[str, What | None], Change] = {}

    def load(self, incidents: Iterable[Incident]) -> None:
        """Go on with alerts from before that are not resolved."""
        for incident in incidents:
            self.open[incident.id] = incident
            for provider_id in incident.members:
                self._incident_of[_Key(incident.rule, provider_id)] = incident

    def use(self, rules: Mapping[str, Rule], now: Now) -> None:
        """Have these rules in force; alerts of rules that are no longer there, or look at something else now,
        are resolved."""
        before, self._rules = self._rules, {name: rule for name, rule in rules.items() if rule.enabled}
        gone = {name for name, rule in before.items() if not self._is_of(name, rule.metric)}
        for key in [key for key in self._pending if key.rule in gone]:
            del self._pending[key]
        for name in gone:
            self._gathering.pop(name, None)
        for incident in [each for each in self.open.values() if not self._is_of(each.rule, each.metric)]:
            for member in incident.failing():
                self._clear(incident, member, now.wall, "its rule is not in force any more")
            self._resolve(incident, now)

    def _is_of(self, name: str, metric: Metric) -> bool:
        rule = self._rules.get(name)
        return rule is not None and rule.metric is metric

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Those in force, by name."""
        return self._rules

    def see(self, reading: Reading, now: Now) -> None:
        """Hold a provider against every rule."""
        for rule in self._rules.values():
            if rule.metric is Metric.UPLINK:
                continue
            key = _Key(rule.name, reading.provider_id)
            why = left_out(rule, reading)
            what = None if why else found(rule, reading)
            if what is not None:
                began = _began(rule, reading, now)
                member = Member(reading.provider_id, reading.name, now.wall - began, what)
                self._holds(key, _Pending(now.steady - began, reading.settle_s, member))
            elif why:
                self._over_at_once(key, now, why)
            elif unknown(rule, reading):
                self._wait_to_know(key)
            else:
                self._over(key, now, silent(rule, reading))

    def forget(self, provider_id: str, why: str, now: Now) -> None:
        """A provider is no longer there."""
        for name in {*self._rules, *(each.rule for each in self.open.values())}:
            self._over_at_once(_Key(name, provider_id), now, why)

    def uplink(self, what: Found | None, now: Now) -> None:
        """Everything fails at once, so that providers are not to blame (None: no longer)."""
        if self._suspect and what is None:
            self._back_at = now.steady
        elif what is not None and not self._suspect:
            self._wait_anew()
        self._suspect = what is not None
        for rule in self._rules.values():
            if rule.metric is Metric.UPLINK:
                key = _Key(rule.name, UPLINK_KEY)
                if what is None:
                    self._over_at_once(key, now, "something answered again")
                else:
                    member = Member(UPLINK_KEY, "uplink", now.wall, what)
                    self._holds(key, _Pending(now.steady, 0.0, member))

    def _wait_anew(self) -> None:
        """Have those that gather wait for the uplink, each for as long as it takes itself."""
        for name in [name for name in self._gathering if self._rules[name].metric in _ABOUT_THE_PATH]:
            for provider_id, pending in self._gathering.pop(name).pending.items():
                self._pending[_Key(name, provider_id)] = pending

    def _waited(self, now: Now) -> Iterator[_Key]:
        """Of whom a rule has held for long enough, and who is not given the benefit of the doubt because our
        uplink is suspect, or was until just now."""
        suspect, since_back_s = self._suspect, now.steady - self._back_at
        for key, pending in self._pending.items():
            rule = self._rules[key.rule]
            spared = suspect or since_back_s < pending.settle_s
            if now.steady - pending.since >= rule.for_s and not (spared and rule.metric in _ABOUT_THE_PATH):
                yield key

    def known(self) -> set[str]:
        """The providers that something holds for, or did until a moment ago."""
        found = {key.provider_id for key in (*self._pending, *self._incident_of)}
        for gathering in self._gathering.values():
            found.update(gathering.pending)
        return found - {UPLINK_KEY}

    def due(self, now: Now) -> set[str]:
        """The providers to be read again before the next ``tick``, since something is decided about them."""
        found = {key.provider_id for key in self._waited(now)}
        for gathering in self._gathering.values():
            if self._is_gathered(gathering, now):
                found.update(gathering.pending)
        return found - {UPLINK_KEY}

    def acknowledge(self, alert_id: str, by: str, note: str, now: Now) -> bool:
        """Somebody takes care of it. Whether that is news: there is such an alert, and nobody did before."""
        incident = self.open.get(alert_id)
        if incident is None or incident.state is not AlertState.OPEN:
            return False
        incident.state = AlertState.ACKNOWLEDGED
        incident.acknowledged_at, incident.acknowledged_by = now.wall, by
        self._note(incident, "acknowledged", now, by, note)
        return True

    def tick(self, now: Now) -> None:
        """Let the time that has passed have its effect."""
        self._gather(now)
        self._open_gathered(now)
        self._clear_what_is_over(now)
        self._remind(now)

    def take(self) -> list[Change]:
        """What changed since it was last asked."""
        changes, self._changes = list(self._changes.values()), {}
        return changes

    def _holds(self, key: _Key, seen: _Pending) -> None:
        self._ending.pop(key, None)
        incident = self._incident_of.get(key)
        if incident is not None:
            known = incident.members[key.provider_id]
            # a number is another each time it is measured, which is no news
            is_news = known.found.value != seen.member.found.value and incident.metric not in NUMBERS
            known.found = seen.member.found
            if is_news or known.cleared_at is not None:
                known.cleared_at, known.cleared_why = None, ""
                self._touch(incident, known)
            return
        gathering = self._gathering.get(key.rule)
        pending = None if gathering is None else gathering.pending.get(key.provider_id)
        pending = self._pending.setdefault(key, seen) if pending is None else pending
        pending.settle_s, pending.member.found = seen.settle_s, seen.member.found

    def _wait_to_know(self, key: _Key) -> None:
        """Leave an alert as it is until something is measured; nothing is raised meanwhile."""
        self._drop(key)
        self._ending.pop(key, None)

    def _over(self, key: _Key, now: Now, why: str) -> None:
        self._drop(key)
        incident = self._incident_of.get(key)
        if incident is not None and incident.members[key.provider_id].cleared_at is None:
            before = self._ending.get(key)
            self._ending[key] = _Ending(now.steady if before is None else before.since, why)

    def _over_at_once(self, key: _Key, now: Now, why: str) -> None:
        self._drop(key)
        incident = self._incident_of.get(key)
        if incident is None:
            return
        member = incident.members[key.provider_id]
        if member.cleared_at is None:
            self._clear(incident, member, now.wall, why)
            self._resolve_if_all_are_well(incident, now)

    def _drop(self, key: _Key) -> None:
        self._pending.pop(key, None)
        gathering = self._gathering.get(key.rule)
        if gathering is None:
            return
        gathering.pending.pop(key.provider_id, None)
        if not gathering.pending:
            del self._gathering[key.rule]

    def _gather(self, now: Now) -> None:
        for key in list(self._waited(now)):
            gathering = self._gathering.setdefault(key.rule, _Gathering(now.steady, now.steady))
            gathering.pending[key.provider_id] = self._pending.pop(key)
            gathering.last = now.steady

    def _open_gathered(self, now: Now) -> None:
        for name, gathering in list(self._gathering.items()):
            if not self._is_gathered(gathering, now):
                continue
            del self._gathering[name]
            rule, members = self._rules[name], {key: each.member for key, each in gathering.pending.items()}
            incident = Incident(
                id=str(uuid.uuid4()),
                rule=name,
                metric=rule.metric,
                severity=rule.severity,
                channels=tuple(rule.channels),
                phrase=phrase(rule),
                opened_at=now.wall,
                members=members,
                told_at=now.wall,
                changed=set(members),
            )
            self.open[incident.id] = incident
            for provider_id in incident.members:
                self._incident_of[_Key(name, provider_id)] = incident
            self._note(incident, "opened", now)

    def _is_gathered(self, gathering: _Gathering, now: Now) -> bool:
        wait_s = self.timing.group_wait_s
        quiet, whole = now.steady - gathering.last, now.steady - gathering.first
        return quiet >= wait_s or whole >= _GATHERS_AT_MOST * wait_s

    def _clear_what_is_over(self, now: Now) -> None:
        for key, (since, why) in list(self._ending.items()):
            over_s = now.steady - since
            if over_s < self.timing.clear_s:
                continue
            incident = self._incident_of[key]
            self._clear(incident, incident.members[key.provider_id], now.wall - over_s, why)
            self._resolve_if_all_are_well(incident, now)

    def _clear(self, incident: Incident, member: Member, at: float, why: str) -> None:
        member.cleared_at, member.cleared_why = at, why
        self._ending.pop(_Key(incident.rule, member.provider_id), None)
        self._touch(incident, member)

    def _resolve_if_all_are_well(self, incident: Incident, now: Now) -> None:
        if not any(each.cleared_at is None for each in incident.members.values()):
            self._resolve(incident, now)

    def _resolve(self, incident: Incident, now: Now) -> None:
        incident.state, incident.resolved_at = AlertState.RESOLVED, now.wall
        del self.open[incident.id]
        for provider_id in incident.members:
            self._incident_of.pop(_Key(incident.rule, provider_id), None)
            self._ending.pop(_Key(incident.rule, provider_id), None)
        self._note(incident, "resolved", now)

    def _remind(self, now: Now) -> None:
        timing = self.timing
        for incident in self.open.values():
            if incident.state is not AlertState.OPEN:
                continue
            # a clock that was ahead and was set back must not put these off by as much
            incident.opened_at = min(incident.opened_at, now.wall)
            incident.told_at = min(incident.told_at, now.wall)
            after = timing.escalate_after_s
            if after and not incident.escalated and now.wall - incident.opened_at >= after:
                incident.escalated, incident.told_at = True, now.wall
                self._note(incident, "escalated", now)
            elif timing.remind_s and now.wall - incident.told_at >= timing.remind_s:
                incident.told_at = now.wall
                self._note(incident, "reminded", now)

    def _note(self, incident: Incident, what: What, now: Now, by: str = "", note: str = "") -> None:
        incident.steps.append(Step(now.wall, what, by, note))
        self._changes[incident.id, what] = Change(incident, what)

    def _touch(self, incident: Incident, member: Member) -> None:
        incident.changed.add(member.provider_id)
        self._changes.setdefault((incident.id, None), Change(incident, None))


def _began(rule: Rule, reading: Reading, now: Now) -> float:
    """How long ago it began to hold, in seconds: what a status says of it survives a restart."""
    if rule.metric is not Metric.HEALTH or reading.since is None or reading.flapping:
        return 0.0
    if reading.status is HealthStatus.UNKNOWN:
        return 0.0
    return max(0.0, now.wall - reading.since)
