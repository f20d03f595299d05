"""What the terminal knows of the fleet: plain data, and pure functions that take it from event to event."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from provd.client import Event
from provd.schema.events import (
    EventType,
    HealthAddresses,
    HealthCertificate,
    HealthChanged,
    HealthFlapping,
    HealthSample,
    MaintenanceEvent,
    ProviderEvent,
    UplinkEvent,
)
from provd.schema.provider import Provider
from provd.schema.setup import Setup, SetupChangedEvent, SetupState
from provd.schema.status import Status
from provtui import changes
from provtui.condition import Condition, condition_of
from provtui.sharing import shared

UPLINK_SUSPECT = (
    "Everything fails at once: our own connection is suspected. Check this machine's network first."
)
"""What is said of the uplink when only the daemon's status tells of it."""


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
    """All that is known. ``last_heard`` is when the daemon last said something, in UTC seconds.

    ``uplink`` says why the daemon suspects its own connection; it is empty while it does not. ``left`` has
    the ids of setups of which something could not be removed at the carrier.
    """

    providers: Mapping[str, Provider] = field(default_factory=dict)
    counts: Mapping[Condition, int] = field(default_factory=dict)
    loaded: bool = False
    link: Link = Link()
    last_heard: float | None = None
    status: Status | None = None
    uplink: str = ""
    left: frozenset[str] = frozenset()

    @property
    def stale(self) -> bool:
        """Whether what is shown may no longer hold."""
        return self.link.phase is LinkPhase.AWAY


@dataclass(frozen=True, slots=True)
class Step:
    """The state after some events, and the ids of the providers that differ from before."""

    state: FleetState
    changed: frozenset[str]


def load(
    state: FleetState, providers: Iterable[Provider], now: float, setups: Iterable[Setup] = ()
) -> FleetState:
    """Take the whole list, and the setups, as the daemon gave them."""
    found = {provider.id: provider for provider in providers}
    left = frozenset(setup.id for setup in setups if setup.state is SetupState.LEFT)
    return replace(state, providers=found, counts=_count(found), loaded=True, last_heard=now, left=left)


def link_to(state: FleetState, link: Link) -> FleetState:
    """Note how the connection stands."""
    return replace(state, link=link)


def report(state: FleetState, status: Status, now: float) -> FleetState:
    """Take the daemon's word about itself."""
    uplink = (state.uplink or UPLINK_SUSPECT) if status.monitor.uplink_suspect else ""
    return replace(state, status=status, last_heard=now, uplink=uplink)


def put(state: FleetState, provider: Provider) -> Step:
    """Take one provider as the daemon just answered it, unless a newer revision is held."""
    taken = changes.newer(state.providers.get(provider.id), provider)
    if taken is None:
        return Step(state, frozenset())
    providers = {**state.providers, taken.id: shared(taken)}
    return Step(replace(state, providers=providers, counts=_count(providers)), frozenset({taken.id}))


def drop(state: FleetState, provider_id: str) -> Step:
    """Forget a provider that was deleted."""
    if provider_id not in state.providers:
        return Step(state, frozenset())
    left = {key: provider for key, provider in state.providers.items() if key != provider_id}
    return Step(replace(state, providers=left, counts=_count(left)), frozenset({provider_id}))


def apply(state: FleetState, events: Iterable[Event], now: float) -> Step:
    """Apply events in order; those about unknown providers or older than what is held do nothing."""
    providers = dict(state.providers)
    uplink, left = state.uplink, state.left
    changed: set[str] = set()
    for event in events:
        match event.data:
            case ProviderEvent() as written if event.type is EventType.PROVIDER_DELETED:
                changed |= {written.provider_id} if providers.pop(written.provider_id, None) else set()
            case ProviderEvent() as written:
                changed |= _replace(providers, written.provider)
            case HealthSample(samples=samples):
                for sample in samples:
                    changed |= _alter(providers, sample)
            case HealthChanged() | HealthFlapping() | HealthAddresses() | HealthCertificate() as change:
                changed |= _alter(providers, change)
            case MaintenanceEvent() as maintenance:
                changed |= _alter(providers, maintenance)
            case UplinkEvent(explanation=explanation):
                uplink = explanation if event.type is EventType.DAEMON_UPLINK_SUSPECT else ""
            case SetupChangedEvent(setup_id=setup_id, state=SetupState.LEFT):
                left |= {setup_id}
            case SetupChangedEvent(setup_id=setup_id):
                left -= {setup_id}
            case _:
                pass
    heard = replace(state, last_heard=now, uplink=uplink, left=left)
    if not changed:
        return Step(heard, frozenset())
    counts = _recount(state, providers, changed)
    return Step(replace(heard, providers=providers, counts=counts), frozenset(changed))


def _replace(providers: dict[str, Provider], new: Provider) -> set[str]:
    taken = changes.newer(providers.get(new.id), new)
    if taken is None:
        return set()
    providers[taken.id] = shared(taken)
    return {taken.id}


def _alter(providers: dict[str, Provider], change: changes.Change) -> set[str]:
    held = providers.get(change.provider_id)
    altered = None if held is None else changes.after(held, change)
    if altered is None or altered is held:
        return set()
    providers[altered.id] = shared(altered)
    return {altered.id}


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
