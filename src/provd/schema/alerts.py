"""Alerts: the rules that raise them, what was raised, and where it is told."""

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, SecretStr, model_validator

from provd.schema.fields import Detail
from provd.schema.health import Cause, HealthStatus
from provd.schema.model import Model
from provd.schema.timestamps import NEVER, Timestamp

MAX_NAME = 64
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class Severity(StrEnum):
    """How bad it is, the mildest first."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Higher is worse."""
        return list(Severity).index(self)


class Metric(StrEnum):
    """What a rule looks at."""

    HEALTH = "health"
    CAUSE = "cause"
    RTT_P95_MS = "rtt_p95_ms"
    LOSS_PCT = "loss_pct"
    AVAILABILITY = "availability"
    TLS_DAYS_LEFT = "tls_days_left"
    DRIFT = "drift"
    BALANCE = "balance"
    ASR = "asr"
    PDD = "pdd"
    IMPAIRED = "impaired"
    TEST_CALL = "test_call"
    UPLINK = "uplink"


NUMBERS = frozenset(
    {
        Metric.RTT_P95_MS,
        Metric.LOSS_PCT,
        Metric.AVAILABILITY,
        Metric.TLS_DAYS_LEFT,
        Metric.BALANCE,
        Metric.ASR,
        Metric.PDD,
    }
)
"""Metrics that are compared with a bound; the others are words, or true or false."""

_WORDS = {
    Metric.HEALTH: tuple(each.value for each in HealthStatus),
    Metric.CAUSE: tuple(each.value for each in Cause),
}


class AlertState(StrEnum):
    """How far an alert is."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("must be letters, digits, '-', '_' and '.', and begin with a letter or digit")
    return text


AlertName = Annotated[str, Field(min_length=1, max_length=MAX_NAME), AfterValidator(_name)]
"""The name of a rule or a channel."""


class RuleSpec(Model):
    """When an alert is raised. A number is compared with ``above`` or ``below``, ``health`` and ``cause``
    with ``one_of``; the others need neither. It must hold for ``for_s`` seconds.
    ``tags``: only for providers with one of these. ``channels``: told there alone; empty: on all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    metric: Metric
    above: float | None = None
    below: float | None = None
    one_of: list[str] = []
    for_s: Annotated[float, Field(ge=0, le=30 * 86400)] = 0.0
    severity: Severity = Severity.WARNING
    tags: Annotated[list[str], Field(max_length=32)] = []
    channels: Annotated[list[AlertName], Field(max_length=32)] = []
    detail: Detail = ""
    enabled: bool = True

    @model_validator(mode="after")
    def _asks_what_it_can(self) -> "RuleSpec":
        metric = self.metric
        bounds = [each for each in (self.above, self.below) if each is not None]
        if metric in NUMBERS:
            if len(bounds) != 1 or self.one_of:
                raise ValueError(f"{metric} is a number: give either above or below, and no one_of")
            return self
        if bounds:
            raise ValueError(f"{metric} is no number: leave above and below out")
        words = _WORDS.get(metric)
        if words is None:
            if self.one_of:
                raise ValueError(f"{metric} either is so or is not: leave one_of out")
        elif not self.one_of and metric is Metric.CAUSE:
            raise ValueError(f"cause needs one_of: a list of {', '.join(words)}")
        for word in self.one_of:
            if word not in (words or ()):
                raise ValueError(f"{metric} is never {word!r}: use {', '.join(words or ())}")
        return self

    @property
    def wanted(self) -> frozenset[str]:
        """The words that raise it; ``health`` without any is about unhealthy providers."""
        return frozenset(self.one_of) or frozenset({HealthStatus.UNHEALTHY.value})


class Rule(RuleSpec):
    """A rule as it is in force. ``origin``: built in, of the configuration, or made over the API; only the
    last can be changed there, and its ``revision`` counts."""

    name: str
    origin: Literal["built-in", "config", "api"]
    revision: int = 0
    tm_create: Timestamp = NEVER
    tm_update: Timestamp = NEVER


class RuleList(Model):
    """All rules, by name."""

    result: list[Rule]


class AlertedProvider(Model):
    """A provider that an alert is about; ``cleared_at`` is when it ceased to be so."""

    provider_id: str
    name: str
    since: Timestamp
    cleared_at: Timestamp = NEVER
    cleared_why: str = ""
    value: str = Field(description="what was found, like 'timeout' or '310 ms'")
    explanation: str
    next_step: str | None = None


class AlertStep(Model):
    """One thing that happened to an alert; ``by`` is empty for what happened by itself."""

    at: Timestamp
    what: Literal["opened", "acknowledged", "reminded", "escalated", "resolved"]
    by: str = ""
    note: str = ""


class DeliveryState(StrEnum):
    """How far a message to a channel is; ``failed``: given up."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Delivery(Model):
    """A message to a channel. While it waits, ``error`` is why it did not go the last time."""

    id: int
    alert_id: str | None
    channel: str
    what: Literal["opened", "reminded", "escalated", "resolved"]
    title: str
    state: DeliveryState
    attempts: int
    error: str = ""
    next_attempt_at: Timestamp = NEVER
    tm_create: Timestamp
    tm_done: Timestamp = NEVER


class DeliveryPage(Model):
    """One page of deliveries, newest first."""

    result: list[Delivery]
    next_page_token: str


class Alert(Model):
    """Something that is, or was, wrong: with the providers of one rule that began to be so together.

    A list shows the first of ``providers``; GET one shows up to 1,000.
    """

    id: str
    rule: str
    metric: Metric
    severity: Severity
    state: AlertState
    title: str
    providers_total: int
    providers_failing: int
    providers: list[AlertedProvider]
    opened_at: Timestamp
    acknowledged_at: Timestamp = NEVER
    acknowledged_by: str = ""
    resolved_at: Timestamp = NEVER
    history: list[AlertStep]
    undelivered: int = Field(description="messages about it that wait, or were given up")


class AlertPage(Model):
    """One page of alerts, newest first."""

    result: list[Alert]
    next_page_token: str


class AckRequest(Model):
    """What ``POST /alerts/{id}/ack`` takes."""

    model_config = ConfigDict(extra="forbid")

    note: Detail = ""


class ChannelRequest(Model):
    """What ``PUT /alerts/channels/{name}`` takes. ``url`` is an Apprise URL, or the https address of a
    webhook, whose messages are signed with ``secret`` (one is made when there is none). Both go into the
    keyring, and are never shown again; without them those that are there stay."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: Literal["apprise", "webhook"]
    url: SecretStr | None = Field(default=None, min_length=1, max_length=2048)
    secret: SecretStr | None = Field(default=None, min_length=1, max_length=256)
    min_severity: Severity = Severity.INFO
    enabled: bool = True


class Channel(Model):
    """Where alerts are told. ``address`` is what may be shown of it."""

    name: str
    kind: Literal["apprise", "webhook", "command", "journal"]
    address: str
    min_severity: Severity
    enabled: bool
    origin: Literal["config", "api"]
    waiting: int = Field(description="messages that wait to be sent")
    error: str = Field(default="", description="why the last attempt failed; empty when it did not")
    last_sent_at: Timestamp | None = None
    revision: int = 0
    tm_create: Timestamp = NEVER
    tm_update: Timestamp = NEVER


class ChannelWithSecret(Channel):
    """A channel just saved: ``secret`` is the signing secret that was made for it, shown this once."""

    secret: str | None = None


class ChannelList(Model):
    """All channels, by name."""

    result: list[Channel]


class ChannelTest(Model):
    """What became of a test message."""

    channel: str
    sent: bool
    error: str = ""
    took_ms: float


class AlertEvent(Model):
    """An alert was opened, acknowledged, escalated or resolved, or some of its providers are well again."""

    alert_id: str
    rule: str
    severity: Severity
    state: AlertState
    at: Timestamp
    by: str = ""
    title: str
    providers_total: int
    providers_failing: int
