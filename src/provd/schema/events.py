"""The events of ``GET /v1.0/events``: the ``data:`` of each, by its ``event:`` name."""

from enum import StrEnum

from pydantic import Field

from provd.schema.health import Cause, CertificateInfo, HealthStatus
from provd.schema.maintenance import Maintenance
from provd.schema.model import Model
from provd.schema.provider import Provider
from provd.schema.route import Route
from provd.schema.timestamps import Timestamp


class EventType(StrEnum):
    """The names of events. Durable ones have a number, are kept, and are replayed by ``Last-Event-ID``."""

    HELLO = "hello"
    RESYNC = "resync"
    HEALTH_CHANGED = "health.changed"
    HEALTH_SAMPLE = "health.sample"
    HEALTH_FLAPPING = "health.flapping"
    HEALTH_ADDRESSES = "health.addresses"
    HEALTH_CERTIFICATE = "health.certificate"
    HEALTH_TRACE = "health.trace"
    PROVIDER_CREATED = "provider.created"
    PROVIDER_UPDATED = "provider.updated"
    PROVIDER_DELETED = "provider.deleted"
    PROVIDER_MAINTENANCE = "provider.maintenance"
    PROVIDERS_IMPORTED = "providers.imported"
    PROVIDER_DRIFT = "provider.drift"
    ROUTE_CREATED = "route.created"
    ROUTE_UPDATED = "route.updated"
    ROUTE_DELETED = "route.deleted"
    CALL_REDIRECTED = "call.redirected"
    TEST_CALL_STEP = "test_call.step"
    TEST_CALL_ENDED = "test_call.ended"
    SETUP_STEP = "setup.step"
    SETUP_CHANGED = "setup.changed"
    ALERT_OPENED = "alert.opened"
    ALERT_ACKNOWLEDGED = "alert.acknowledged"
    ALERT_CHANGED = "alert.changed"
    ALERT_ESCALATED = "alert.escalated"
    ALERT_RESOLVED = "alert.resolved"
    AUDIT = "audit"
    DAEMON_STARTED = "daemon.started"
    DAEMON_STOPPING = "daemon.stopping"
    DAEMON_UPLINK_SUSPECT = "daemon.uplink_suspect"
    DAEMON_UPLINK_RESTORED = "daemon.uplink_restored"

    @property
    def durable(self) -> bool:
        """Whether the event has a number and is kept in the store."""
        return self not in _PASSING


_PASSING = frozenset(
    {
        EventType.HELLO,
        EventType.RESYNC,
        EventType.HEALTH_SAMPLE,
        EventType.HEALTH_TRACE,
        EventType.CALL_REDIRECTED,
        EventType.TEST_CALL_STEP,
    }
)


class Hello(Model):
    """First on every stream: ``seq`` is the number of the latest durable event, 0 when there is none."""

    seq: int
    version: str


class Resync(Model):
    """Events were lost to this reader: read the lists anew. The stream goes on from ``seq``."""

    seq: int
    message: str


class HealthChanged(Model):
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


class Sample(Model):
    """The latest result of one provider."""

    provider_id: str
    at: Timestamp
    status: HealthStatus
    cause: Cause
    code: int | None = None
    rtt_ms: float | None = None


class HealthSample(Model):
    """What was measured since the last such event; a provider is in it once, with its latest result."""

    samples: list[Sample]


class HealthFlapping(Model):
    """A provider's status began to change often, or has ceased to: one event for the lot."""

    provider_id: str
    name: str
    at: Timestamp
    flapping: bool
    explanation: str


class HealthAddresses(Model):
    """A provider's name leads elsewhere; each address is ``address:port``."""

    provider_id: str
    name: str
    at: Timestamp
    addresses: list[str]
    added: list[str]
    removed: list[str]


class HealthCertificate(Model):
    """A carrier's certificate ends within ``threshold_days``; told once for 30, 14 and 7."""

    provider_id: str
    name: str
    at: Timestamp
    address: str
    threshold_days: int
    certificate: CertificateInfo
    explanation: str


class UplinkEvent(Model):
    """Everything fails at once, so our own connection is suspected; or something was answered again."""

    at: Timestamp
    failing: int = Field(description="how many providers failed in a row")
    explanation: str


class MaintenanceEvent(Model):
    """Maintenance of a provider began, changed or ended (then it is null, and ``by`` empty if by itself)."""

    provider_id: str
    name: str
    at: Timestamp
    by: str
    maintenance: Maintenance | None


class ImportEvent(Model):
    """Providers were imported: read the list anew."""

    at: Timestamp
    by: str
    created: int
    updated: int


class ProviderEvent(Model):
    """A provider was created, updated or deleted; ``tech_headers`` values read ``***``."""

    provider_id: str
    at: Timestamp
    by: str = Field(description="the user who did it")
    provider: Provider


class RouteEvent(Model):
    """A route was created, updated or deleted."""

    at: Timestamp
    by: str = Field(description="the user who did it")
    provider_id: str
    route: Route


class DaemonEvent(Model):
    """The daemon started or stops."""

    at: Timestamp
    version: str


class LoggedEvent(Model):
    """A durable event as the log keeps it; ``data`` is as on the stream."""

    seq: int
    type: EventType
    at: Timestamp
    provider_id: str | None
    data: dict[str, object]


class EventPage(Model):
    """One page of the event log, newest first."""

    result: list[LoggedEvent]
    next_page_token: str
