"""Server-Sent Events from the daemon, as typed values."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from provd.schema.alerts import AlertEvent
from provd.schema.audit import AuditEntry
from provd.schema.events import (
    DaemonEvent,
    EventType,
    HealthAddresses,
    HealthCertificate,
    HealthChanged,
    HealthFlapping,
    HealthSample,
    Hello,
    ImportEvent,
    MaintenanceEvent,
    ProviderEvent,
    Resync,
    RouteEvent,
    UplinkEvent,
)
from provd.schema.redirect import CallRedirected
from provd.schema.setup import DriftEvent, SetupChangedEvent, SetupStepEvent
from provd.schema.test_calls import CallTestEnded, CallTestStep
from provd.schema.trace import TracedExchange

if TYPE_CHECKING:
    from httpx_sse import EventSource, ServerSentEvent

Announced = (
    HealthChanged
    | HealthFlapping
    | HealthAddresses
    | HealthCertificate
    | ProviderEvent
    | MaintenanceEvent
    | ImportEvent
    | DaemonEvent
    | UplinkEvent
    | SetupStepEvent
    | SetupChangedEvent
    | DriftEvent
    | RouteEvent
    | AuditEntry
    | AlertEvent
    | CallTestEnded
)
"""The data of durable events; each has ``at``."""

EventData = Hello | Resync | HealthSample | TracedExchange | CallRedirected | CallTestStep | Announced

ANNOUNCED: Mapping[EventType, type[Announced]] = {
    EventType.HEALTH_CHANGED: HealthChanged,
    EventType.HEALTH_FLAPPING: HealthFlapping,
    EventType.HEALTH_ADDRESSES: HealthAddresses,
    EventType.HEALTH_CERTIFICATE: HealthCertificate,
    EventType.PROVIDER_CREATED: ProviderEvent,
    EventType.PROVIDER_UPDATED: ProviderEvent,
    EventType.PROVIDER_DELETED: ProviderEvent,
    EventType.PROVIDER_MAINTENANCE: MaintenanceEvent,
    EventType.PROVIDERS_IMPORTED: ImportEvent,
    EventType.PROVIDER_DRIFT: DriftEvent,
    EventType.ROUTE_CREATED: RouteEvent,
    EventType.ROUTE_UPDATED: RouteEvent,
    EventType.ROUTE_DELETED: RouteEvent,
    EventType.SETUP_STEP: SetupStepEvent,
    EventType.SETUP_CHANGED: SetupChangedEvent,
    EventType.TEST_CALL_ENDED: CallTestEnded,
    EventType.AUDIT: AuditEntry,
    EventType.ALERT_OPENED: AlertEvent,
    EventType.ALERT_ACKNOWLEDGED: AlertEvent,
    EventType.ALERT_CHANGED: AlertEvent,
    EventType.ALERT_ESCALATED: AlertEvent,
    EventType.ALERT_RESOLVED: AlertEvent,
    EventType.DAEMON_STARTED: DaemonEvent,
    EventType.DAEMON_STOPPING: DaemonEvent,
    EventType.DAEMON_UPLINK_SUSPECT: UplinkEvent,
    EventType.DAEMON_UPLINK_RESTORED: UplinkEvent,
}
"""What the data of each durable event is."""

_MODELS: dict[EventType, type[EventData]] = {
    EventType.HELLO: Hello,
    EventType.RESYNC: Resync,
    EventType.HEALTH_SAMPLE: HealthSample,
    EventType.HEALTH_TRACE: TracedExchange,
    EventType.CALL_REDIRECTED: CallRedirected,
    EventType.TEST_CALL_STEP: CallTestStep,
    **ANNOUNCED,
}


@dataclass(frozen=True, slots=True)
class Event:
    """One event. ``seq`` is its number when it is durable, else None."""

    type: EventType
    seq: int | None
    data: EventData


async def read_events(source: "EventSource") -> AsyncIterator[Event]:
    """Yield the events of a stream; those that only a newer daemon knows are passed over."""
    async for sse in source.aiter_sse():
        event = _decode(sse)
        if event is not None:
            yield event


def _decode(sse: "ServerSentEvent") -> Event | None:
    try:
        kind = EventType(sse.event)
        data = _MODELS[kind].model_validate_json(sse.data)
    except (ValueError, ValidationError):
        return None
    seq = int(sse.id) if kind.durable and sse.id.isdigit() else None
    return Event(kind, seq, data)
