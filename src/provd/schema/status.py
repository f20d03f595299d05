"""What the daemon says about itself."""

from enum import StrEnum

from pydantic import Field

from provd.schema.model import Model
from provd.schema.timestamps import Timestamp


class Role(StrEnum):
    """What a caller may do; each includes the ones before it."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def includes(self, other: "Role") -> bool:
        """Tell whether this role may do what ``other`` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


class ApiVersions(Model):
    """The API versions that the daemon speaks."""

    current: str
    minimum: str


class Version(Model):
    """The answer of ``GET /version``."""

    version: str
    api: ApiVersions


class Caller(Model):
    """Who the kernel says the caller is."""

    uid: int
    user: str
    pid: int
    role: Role


class HealthCounts(Model):
    """How many providers are in each state. ``disabled`` ones are counted there and nowhere else."""

    healthy: int = 0
    unhealthy: int = 0
    unknown: int = 0
    disabled: int = 0


class MonitorStatus(Model):
    """How the checking goes."""

    targets: int = Field(description="resolved addresses under watch")
    in_flight: int = Field(description="checks that wait for their answer")
    checks_total: int
    checks_per_s: float = Field(description="over the last seconds")
    answers_total: int
    retransmits_total: int
    strays_total: int = Field(
        description="datagrams that answer no check: late, duplicate, forged or not SIP"
    )
    send_errors_total: int
    behind_ms: float = Field(description="how late the latest checks were sent")
    connections: int = Field(default=0, description="TCP and TLS connections that are open")
    requests_answered_total: int = Field(
        default=0, description="SIP requests that peers sent us, and got an answer to"
    )
    requests_ignored_total: int = Field(
        default=0, description="those that got none: too many at once, or not SIP"
    )
    uplink_suspect: bool = Field(
        default=False, description="whether everything failed at once, so that our own side may be"
    )


class StoreStatus(Model):
    """Whether what the daemon learns is being kept."""

    backend: str
    writable: bool
    error: str | None = Field(
        default=None, description="why writes fail, while they do; or that it is damaged"
    )
    pending: int = Field(description="health rows that wait to be written")


class HistoryStatus(Model):
    """How much history is kept."""

    targets: int = Field(default=0, description="targets under watch whose history is kept")
    left_out: int = Field(default=0, description="those beyond [history] max_targets, which have none")
    pending: int = Field(default=0, description="samples that wait to be written")


class RedirectStatus(Model):
    """The redirect server; ``listening`` is empty when there is none."""

    listening: list[str] = Field(default=[], description="like udp:127.0.0.1:5060")
    redirects_total: int = Field(default=0, description="INVITEs that were answered with 302")
    refused_total: int = Field(
        default=0, description="INVITEs that were refused: no route, nobody, or malformed"
    )
    repeated_total: int = Field(default=0, description="INVITEs that came again, and got the same answer")
    others_total: int = Field(default=0, description="answers to other requests")
    dropped_total: int = Field(default=0, description="what came from sources that [redirect] allow has not")
    ignored_total: int = Field(default=0, description="what got no answer: too much at once, or not SIP")


class AlertsStatus(Model):
    """What is wrong now, and whether it is being told."""

    open: int = Field(default=0, description="alerts that nobody has acknowledged")
    acknowledged: int = 0
    waiting: int = Field(default=0, description="messages that wait to be sent")
    failed: int = Field(default=0, description="messages that were given up")


class EventsStatus(Model):
    """The event stream."""

    seq: int = Field(description="the number of the latest durable event")
    subscribers: int
    resyncs_total: int = Field(description="times a reader was too slow and had to begin anew")


class Status(Model):
    """The answer of ``GET /v1.0/status``."""

    version: str
    started_at: Timestamp
    uptime_s: float
    loop_lag_ms: float
    providers: HealthCounts
    monitor: MonitorStatus
    store: StoreStatus
    history: HistoryStatus = HistoryStatus()
    redirect: RedirectStatus = RedirectStatus()
    alerts: AlertsStatus = AlertsStatus()
    events: EventsStatus
    you: Caller
