"""Server-Sent Events from the daemon, as typed values."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from httpx_sse import EventSource, ServerSentEvent
from pydantic import BaseModel, ValidationError

from provd.schema.events import (
    DaemonEvent,
    EventType,
    HealthChanged,
    HealthSample,
    Hello,
    ProviderEvent,
    Resync,
)

EventData = Hello | Resync | HealthChanged | HealthSample | ProviderEvent | DaemonEvent

_MODELS: dict[EventType, type[BaseModel]] = {
    EventType.HELLO: Hello,
    EventType.RESYNC: Resync,
    EventType.HEALTH_CHANGED: HealthChanged,
    EventType.HEALTH_SAMPLE: HealthSample,
    EventType.PROVIDER_CREATED: ProviderEvent,
    EventType.PROVIDER_UPDATED: ProviderEvent,
    EventType.PROVIDER_DELETED: ProviderEvent,
    EventType.DAEMON_STARTED: DaemonEvent,
    EventType.DAEMON_STOPPING: DaemonEvent,
}


@dataclass(frozen=True, slots=True)
class Event:
    """One event. ``seq`` is its number when it is durable, else None."""

    type: EventType
    seq: int | None
    data: EventData


async def read_events(source: EventSource) -> AsyncIterator[Event]:
    """Yield the events of a stream; those that only a newer daemon knows are passed over."""
    async for sse in source.aiter_sse():
        event = _decode(sse)
        if event is not None:
            yield event


def _decode(sse: ServerSentEvent) -> Event | None:
    try:
        kind = EventType(sse.event)
        data = _MODELS[kind].model_validate_json(sse.data)
    except (ValueError, ValidationError):
        return None
    seq = int(sse.id) if kind.durable and sse.id.isdigit() else None
    return Event(kind, seq, data)  # type: ignore[arg-type]  # _MODELS holds the members of EventData alone
