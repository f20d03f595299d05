"""The history of a provider's health: what is known of each target, and figures over time."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from provd.schema.health import Cause, CertificateInfo, HealthStatus, HealthSummary, Stages
from provd.schema.model import Model
from provd.schema.provider import Transport
from provd.schema.timestamps import Timestamp

MAX_POINTS = 2000
_YEAR_10000 = 253402300800.0


def _instant(text: Any) -> float:
    try:
        read = datetime.fromisoformat(text)
        unix_s = (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError):
        raise ValueError(
            "is not a time: write 2026-04-20 03:15:00 for UTC, or 2026-04-20T03:15:00Z "
            "(a + before an offset is %2B in a URL)"
        ) from None
    if not 0 <= unix_s < _YEAR_10000:
        raise ValueError("is outside the years 1970 to 9999")
    return unix_s


Instant = Annotated[
    float,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "examples": ["2026-04-20 03:15:00.000000", "2026-04-20T03:15:00Z"]}),
]
"""A time that a caller gives, as seconds since 1970: an API timestamp, or ISO 8601."""


class Resolution(StrEnum):
    """What the points of a history are made of."""

    SAMPLE = "sample"
    MINUTE = "minute"
    HOUR = "hour"


class SampleEntry(Model):
    """One check; ``rtt_ms`` is null when there was no answer, ``ok`` says whether it was a success."""

    at: Timestamp
    rtt_ms: float | None
    ok: bool


class SampleFigures(Model):
    """The last samples of a target, oldest first, and figures over them."""

    rtt_p50_ms: float | None = None
    rtt_p95_ms: float | None = None
    jitter_ms: float | None = Field(
        default=None, description="the mean difference between neighbouring round-trip times"
    )
    loss_pct: float | None = None
    samples: list[SampleEntry] = []


class TargetHealth(SampleFigures):
    """One resolved address of a provider, as its last check found it."""

    address: str
    transport: Transport
    status: HealthStatus
    cause: Cause | None = None
    code: int | None = None
    reason: str | None = None
    server: str | None = None
    explanation: str = ""
    next_step: str | None = None
    rtt_ms: float | None = None
    stages_ms: Stages = Stages()
    checked_at: Timestamp | None = None
    priority: int | None = Field(default=None, description="of its SRV record")
    weight: int | None = Field(default=None, description="of its SRV record")
    name: str | None = Field(default=None, description="the host that its SRV record names")
    certificate: CertificateInfo | None = None


class Availability(Model):
    """The share of checks after which the provider was healthy; null where there were none.

    Over the present hour and the 24, 168 or 720 hours before it.
    """

    day_pct: float | None = None
    week_pct: float | None = None
    month_pct: float | None = None


class TransitionEntry(Model):
    """A change of a provider's status."""

    at: Timestamp
    previous: HealthStatus
    status: HealthStatus
    cause: Cause | None = None
    code: int | None = None
    reason: str | None = None
    rtt_ms: float | None = None
    address: str | None = Field(default=None, description="the target whose check made the change")
    explanation: str


class ProviderHealth(Model):
    """Everything that is known of a provider's health now, and its last transitions, newest first."""

    provider_id: str
    name: str
    health_status: HealthStatus
    health_checked_at: Timestamp | None
    health: HealthSummary
    availability: Availability
    targets: list[TargetHealth]
    transitions: list[TransitionEntry]


class HistoryPoint(Model):
    """The checks from ``at`` until the next point. Without any, ``count`` is 0 and the rest is null."""

    at: Timestamp
    count: int
    ok: int
    loss_pct: float | None = None
    min_ms: float | None = None
    mean_ms: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    max_ms: float | None = None
    availability_pct: float | None = None


class History(Model):
    """A provider's checks over a time, in points of equal width.

    A minute or an hour that begins before ``from`` or ends after ``to`` counts whole.
    """

    model_config = ConfigDict(populate_by_name=True)

    provider_id: str
    from_: Timestamp = Field(serialization_alias="from", validation_alias="from")
    to: Timestamp
    step_s: float
    resolution: Resolution
    points: list[HistoryPoint]
    transitions: list[TransitionEntry] = Field(description="newest first, at most 1,000")
