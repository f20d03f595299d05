"""The events of ``GET /v1.0/events``: the ``data:`` of each, by its ``event:`` name."""

from enum import StrEnum

from pydantic import BaseModel, Field

from provd.schema.health import Cause, HealthStatus
from provd.schema.provider import Provider
from provd.schema.timestamps import Timestamp


class EventType(StrEnum):
    """The names of events. Durable ones have a number, are kept, and are replayed by ``Last-Event-ID``."""

    HELLO = "hello"
    RESYNC = "resync"
    HEALTH_CHANGED = "health.changed"
    HEALTH_SAMPLE = "health.sample"
    PROVIDER_CREATED = "provider.created"
    PROVIDER_UPDATED = "provider.updated"
    PROVIDER_DELETED = "provider.deleted"
    DAEMON_STARTED = "daemon.started"
    DAEMON_STOPPING = "daemon.stopping"

    @property
    def durable(self) -> bool:
        """Whether the event has a number and is kept in the store."""
        return self not in (EventType.HELLO, EventType.RESYNC, EventType.HEALTH_SAMPLE)


class Hello(BaseModel):
    """First on every stream: ``seq`` is the number of the latest durable event, 0 when there is none."""

    seq: int
    version: str


class Resync(BaseModel):
    """Events were lost to this reader: read the lists anew. The stream goes on from ``seq``."""

    seq: int
    message: str


class HealthChanged(BaseModel):
    """A provider's status changed."""

    provider_id: str
    name: str
    at: Timestamp
    previous: HealthStatus
    status: HealthStatus
    cause: Cause | None
    code: int | None = None
    reason: str | None = None
    rtt_ms: float | None = None
    explanation: str
    next_step: str | None = None


class Sample(BaseModel):
    """The latest result of one provider."""

    provider_id: str
    at: Timestamp
    status: HealthStatus
    cause: Cause
    code: int | None = None
    rtt_ms: float | None = None


class HealthSample(BaseModel):
    """What was measured since the last such event; a provider is in it once, with its latest result."""

    samples: list[Sample]


class ProviderEvent(BaseModel):
    """A provider was created, updated or deleted; ``tech_headers`` values read ``***``."""

    provider_id: str
    at: Timestamp
    by: str = Field(description="the user who did it")
    provider: Provider


class DaemonEvent(BaseModel):
    """The daemon started or stops."""

    at: Timestamp
    version: str


class LoggedEvent(BaseModel):
    """A durable event as the log keeps it; ``data`` is as on the stream."""

    seq: int
    type: EventType
    at: Timestamp
    provider_id: str | None
    data: dict[str, object]


class EventPage(BaseModel):
    """One page of the event log, newest first."""

    result: list[LoggedEvent]
    next_page_token: str
