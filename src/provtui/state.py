"""What the terminal knows of the fleet: plain data, and pure functions that take it from event to event."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from provd.client import Event
from provd.schema.events import EventType, HealthChanged, HealthSample, ProviderEvent, Sample
from provd.schema.health import RECENT_RESULTS, Cause, HealthStatus, HealthSummary
from provd.schema.provider import Provider
from provd.schema.status import Status
from provtui.condition import Condition, condition_of


class LinkPhase(Enum):
    """How the connection to the daemon stands."""

    CONNECTING = "connecting"
    LIVE = "live"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Link:
    """The connection to the daemon; ``error`` says why it is away."""

    phase: LinkPhase = LinkPhase.CONNECTING
    error: str = ""


@dataclass(frozen=True, slots=True)
class FleetState:
    """All that is known. ``last_heard`` is when the daemon last said something, in UTC seconds."""

    providers: Mapping[str, Provider] = field(default_factory=dict)
    counts: Mapping[Condition, int] = field(default_factory=dict)
    loaded: bool = False
    link: Link = Link()
    last_heard: float | None = None
    status: Status | None = None

    @property
    def stale(self) -> bool:
        """Whether what is shown may no longer hold."""
        return self.link.phase is LinkPhase.AWAY


@dataclass(frozen=True, slots=True)
class Step:
    """The state after some events, and the ids of the providers that differ from before."""

    state: FleetState
    changed: frozenset[str]


def load(state: FleetState, providers: Iterable[Provider], now: float) -> FleetState:
    """Take the whole list as the daemon gave it."""
    found = {provider.id: provider for provider in providers}
    return replace(state, providers=found, counts=_count(found), loaded=True, last_heard=now)


def link_to(state: FleetState, link: Link) -> FleetState:
    """Note how the connection stands."""
    return replace(state, link=link)


def report(state: FleetState, status: Status, now: float) -> FleetState:
    """Take the daemon's word about itself."""
    return replace(state, status=status, last_heard=now)


def put(state: FleetState, provider: Provider) -> Step:
    """Take one provider as the daemon just answered it, unless a newer revision is held."""
    providers = dict(state.providers)
    if not _put(providers, provider):
        return Step(state, frozenset())
    return Step(replace(state, providers=providers, counts=_count(providers)), frozenset({provider.id}))


def drop(state: FleetState, provider_id: str) -> Step:
    """Forget a provider that was deleted."""
    if provider_id not in state.providers:
        return Step(state, frozenset())
    left = {key: provider for key, provider in state.providers.items() if key != provider_id}
    return Step(replace(state, providers=left, counts=_count(left)), frozenset({provider_id}))


def apply(state: FleetState, events: Iterable[Event], now: float) -> Step:
    """Apply events in order; those about unknown providers or older than what is held do nothing."""
    providers = dict(state.providers)
    changed: set[str] = set()
    for event in events:
        match event.data:
            case HealthChanged() as change:
                changed |= _health_changed(providers, change)
            case ProviderEvent() as written if event.type is EventType.PROVIDER_DELETED:
                changed |= {written.provider_id} if providers.pop(written.provider_id, None) else set()
            case ProviderEvent() as written:
                changed |= {written.provider_id} if _put(providers, written.provider) else set()
            case HealthSample(samples=samples):
                changed |= _samples(providers, samples)
            case _:
                pass
    if not changed:
        return Step(replace(state, last_heard=now), frozenset())
    counts = _recount(state, providers, changed)
    after = replace(state, providers=providers, counts=counts, last_heard=now)
    return Step(after, frozenset(changed))


def _put(providers: dict[str, Provider], new: Provider) -> bool:
    held = providers.get(new.id)
    if held is not None:
        if new.revision < held.revision:
            return False
        if new.hostname == held.hostname and _later(held.health_checked_at, new.health_checked_at):
            kept = {name: getattr(held, name) for name in ("health", "health_status", "health_checked_at")}
            new = new.model_copy(update=kept)
    providers[new.id] = new
    return True


def _health_changed(providers: dict[str, Provider], change: HealthChanged) -> set[str]:
    held = providers.get(change.provider_id)
    if held is None or _later(held.health.since, change.at):
        return set()
    health = held.health.model_copy(
        update={
            "cause": change.cause,
            "code": change.code,
            "reason": change.reason,
            "rtt_ms": change.rtt_ms,
            "explanation": change.explanation,
            "next_step": change.next_step,
            "since": change.at,
            "suspect": False,
            "stale": False,
        }
    )
    providers[held.id] = held.model_copy(update={"health": health, "health_status": change.status})
    return {held.id}


def _samples(providers: dict[str, Provider], samples: Iterable[Sample]) -> set[str]:
    changed = set()
    for sample in samples:
        held = providers.get(sample.provider_id)
        if held is None or not _later(sample.at, held.health_checked_at):
            continue
        providers[held.id] = held.model_copy(
            update={
                "health": _with_sample(held, sample),
                "health_status": sample.status,
                "health_checked_at": sample.at,
            }
        )
        changed.add(held.id)
    return changed


def _with_sample(held: Provider, sample: Sample) -> HealthSummary:
    recent = [*held.health.recent, sample.rtt_ms][-RECENT_RESULTS:]
    figures: dict[str, Any] = {
        "cause": sample.cause,
        "code": sample.code,
        "rtt_ms": sample.rtt_ms,
        "recent": recent,
        "loss_pct": 100.0 * sum(rtt is None for rtt in recent) / len(recent),
        "suspect": sample.cause is not Cause.OK and sample.status is not HealthStatus.UNHEALTHY,
        "stale": False,
    }
    if (sample.cause, sample.code) != (held.health.cause, held.health.code):
        # the sentences were about another outcome; a sample brings none of its own
        figures |= {"reason": None, "explanation": "", "next_step": None}
    if sample.status is not held.health_status:
        figures["since"] = sample.at
    return held.health.model_copy(update=figures)


def _later(one: str | None, other: str | None) -> bool:
    """Compare API timestamps, whose text sorts as their time does; None is before everything."""
    return one is not None and (other is None or one > other)


def _recount(before: FleetState, after: Mapping[str, Provider], changed: set[str]) -> dict[Condition, int]:
    counts = dict(before.counts) or dict.fromkeys(Condition, 0)
    for provider_id in changed:
        if provider_id in before.providers:
            counts[condition_of(before.providers[provider_id])] -= 1
        if provider_id in after:
            counts[condition_of(after[provider_id])] += 1
    return counts


def _count(providers: Mapping[str, Provider]) -> dict[Condition, int]:
    counts = dict.fromkeys(Condition, 0)
    for provider in providers.values():
        counts[condition_of(provider)] += 1
    return counts
