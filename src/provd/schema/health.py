"""Health: what one check found, and the judgement over many."""

from enum import StrEnum

from pydantic import Field

from provd.schema.model import Model
from provd.schema.timestamps import Timestamp

RECENT_RESULTS = 30
"""How many of the last results a summary shows."""


class HealthStatus(StrEnum):
    """The judgement: ``unknown`` until a check has ended since the hostname last changed."""

    UNKNOWN = "unknown"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"


class Cause(StrEnum):
    """Why a check ended as it did."""

    OK = "ok"
    REPLY_EXCLUDED = "reply_excluded"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    DNS_NXDOMAIN = "dns_nxdomain"
    DNS_TIMEOUT = "dns_timeout"
    DNS_ERROR = "dns_error"
    TLS_VERIFY = "tls_verify"
    TLS_ERROR = "tls_error"
    PROTOCOL = "protocol"
    LOCAL = "local"


class HealthSummary(Model):
    """A provider's health now. Figures are over the ``recent`` results; null is 'not measured'."""

    cause: Cause | None = None
    code: int | None = Field(default=None, description="the last SIP status code")
    reason: str | None = Field(default=None, description="the last SIP reason phrase, as the peer sent it")
    explanation: str = Field(description="the verdict in a sentence")
    next_step: str | None = Field(default=None, description="what to do about it, when something is wrong")
    server: str | None = Field(default=None, description="the peer's Server or User-Agent header")
    rtt_ms: float | None = None
    rtt_p50_ms: float | None = None
    rtt_p95_ms: float | None = None
    jitter_ms: float | None = None
    loss_pct: float | None = None
    availability_24h_pct: float | None = None
    since: Timestamp | None = Field(default=None, description="when the present status began")
    age_s: float | None = Field(default=None, description="seconds since the last check ended")
    stale: bool = False
    suspect: bool = Field(default=False, description="failing, though not yet often enough to be unhealthy")
    flapping: bool = False
    impaired: bool = Field(default=False, description="healthy by its checks, while its calls fail")
    impaired_reason: str | None = Field(default=None, description="how its calls went, when it is impaired")
    busy_until: Timestamp | None = Field(default=None, description="the end of a 503's Retry-After")
    targets_up: int = 0
    targets_total: int = 0
    tls_days_left: int | None = Field(
        default=None, description="full days until the first of the targets' certificates ends"
    )
    resolved_age_s: float | None = Field(
        default=None, description="how old the addresses are, while looking the name up fails"
    )
    dns_problem: str | None = Field(default=None, description="why looking the name up fails at present")
    recent: list[float | None] = Field(
        default=[],
        max_length=RECENT_RESULTS,
        description="rtt_ms of the last checks, oldest first; null: no answer",
    )


class Stages(Model):
    """How long each stage of a check took, in ms; null where the check did not get there or needed none."""

    dns: float | None = None
    connect: float | None = None
    tls: float | None = None
    sip: float | None = None


class CertificateInfo(Model):
    """A TLS peer's certificate."""

    subject: str
    issuer: str
    not_after: Timestamp
    days_left: int = Field(description="full days; negative when it has ended")


class TargetResult(Model):
    """One check of one resolved address."""

    address: str | None = Field(description="address:port that the request went to; null when there was none")
    cause: Cause
    code: int | None = None
    reason: str | None = None
    explanation: str
    next_step: str | None = None
    server: str | None = None
    rtt_ms: float | None = None
    retransmits: int = 0
    stages_ms: Stages
    certificate: CertificateInfo | None = None
    checked_at: Timestamp


class CheckReport(Model):
    """The answer to 'check now': the provider's status afterwards and what each target said."""

    provider_id: str
    health_status: HealthStatus
    health_checked_at: Timestamp | None
    targets: list[TargetResult]
