"""The tables.

Times are API timestamps (text, UTC), in the history's tables seconds since 1970. JSON columns are replaced
whole, not in place. What the bytes in the history's tables mean is known to those who write them alone.
"""

from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, Text, text
from sqlmodel import Field, SQLModel

from provd.schema.timestamps import NEVER


class ProviderRow(SQLModel, table=True):
    """One provider; a deleted one stays, with its ``tm_delete``."""

    __tablename__ = "provider"
    __table_args__ = (
        Index("ix_provider_page", "tm_delete", "tm_create", "id"),
        Index(
            "ix_provider_maintenance",
            "maintenance_until",
            sqlite_where=text("maintenance_until IS NOT NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    name: str
    detail: str = Field(default="", sa_type=Text)
    type: str = "sip"
    hostname: str
    tech_prefix: str = ""
    tech_postfix: str = ""
    tech_headers: dict[str, str] = Field(default={}, sa_column=Column(JSON, nullable=False))
    carrier_metadata: dict[str, Any] = Field(default={}, sa_column=Column(JSON, nullable=False))
    carrier: str = ""
    codecs: str = ""
    transport: str = "udp"
    enabled: bool = True
    tags: list[str] = Field(default=[], sa_column=Column(JSON, nullable=False))
    probe: dict[str, Any] = Field(default={}, sa_column=Column(JSON, nullable=False))
    revision: int = 1
    tm_create: str
    tm_update: str
    tm_delete: str = NEVER
    maintenance_until: str | None = None
    maintenance_reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    maintenance_by: str = Field(default="", sa_column_kwargs={"server_default": ""})


class HealthRow(SQLModel, table=True):
    """What was measured of one provider. No row: nothing since the hostname last changed."""

    __tablename__ = "health"

    provider_id: str = Field(sa_column=Column(Text, ForeignKey("provider.id"), primary_key=True))
    status: str
    cause: str
    code: int | None = None
    reason: str | None = None
    server: str | None = None
    rtt_ms: float | None = None
    since: str
    checked_at: str
    tls_not_after: float | None = None
    tls_threshold: int | None = None


class EventRow(SQLModel, table=True):
    """One durable event; ``data`` is its JSON as it goes on the stream."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_provider", "provider_id", "seq"), {"sqlite_autoincrement": True})

    seq: int | None = Field(default=None, primary_key=True)
    type: str
    at: str
    provider_id: str | None = None
    data: str = Field(sa_type=Text)


class IdempotencyRow(SQLModel, table=True):
    """The first answer to a POST with an Idempotency-Key, by caller and key."""

    __tablename__ = "idempotency"

    uid: int = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_hash: str
    answer: str = Field(sa_type=Text)
    at: str


class TargetRow(SQLModel, table=True):
    """One address of a provider that was ever checked, and the number it has in the other tables.

    ``retired_at`` is the time of its last sample, once it has no checkpoint any more.
    """

    __tablename__ = "target"
    __table_args__ = (Index("ix_target_provider", "provider_id", "address", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    provider_id: str
    address: str
    retired_at: int | None = None


class SampleLogRow(SQLModel, table=True):
    """Everything that was measured in about a second, until each target in it has a newer checkpoint."""

    __tablename__ = "sample_log"

    id: int | None = Field(default=None, primary_key=True)
    at: int
    data: bytes


class CheckpointRow(SQLModel, table=True):
    """What memory held of a target when everything up to row ``upto`` of the sample log was in it.

    ``at`` is the time of its last sample.
    """

    __tablename__ = "checkpoint"

    target_id: int | None = Field(default=None, primary_key=True)
    upto: int
    at: int
    samples: bytes
    minutes: bytes
    day: bytes


class HourRollupRow(SQLModel, table=True):
    """The rollup of one target's hour that is over.

    ``slot`` is the hour, then 32 bits of the target's number, so that the rows of an hour lie side by side:
    that is how they are written, and how they are forgotten.
    """

    __tablename__ = "rollup_hour"

    slot: int | None = Field(default=None, primary_key=True)
    data: bytes


class MinuteRollupsRow(SQLModel, table=True):
    """The rollups of the minutes of one target's hour that is over; ``slot`` as for the hour."""

    __tablename__ = "rollup_minute"

    slot: int | None = Field(default=None, primary_key=True)
    data: bytes


class TransitionRow(SQLModel, table=True):
    """A change of a provider's status; ``sent`` and ``received`` are the exchange that made it, if kept."""

    __tablename__ = "transition"
    __table_args__ = (
        Index("ix_transition_provider", "provider_id", "at"),
        Index("ix_transition_trace", "id", sqlite_where=text("sent IS NOT NULL")),
    )

    id: int | None = Field(default=None, primary_key=True)
    provider_id: str
    at: str
    previous: str
    status: str
    cause: str | None = None
    code: int | None = None
    reason: str | None = None
    rtt_ms: float | None = None
    address: str | None = None
    sent: str | None = Field(default=None, sa_type=Text)
    received: str | None = Field(default=None, sa_type=Text)


class SetupRow(SQLModel, table=True):
    """One run that sets a trunk up at a carrier, and its undoing.

    ``uid`` and ``idempotency_key`` are the caller's while it runs, so that a repetition finds it.
    ``credential_ref`` names its credentials in the keyring. ``drift`` is what the last comparison with the
    carrier found; ``balance`` is that of the account when it was last asked for, if the carrier tells.
    """

    __tablename__ = "setup"
    __table_args__ = (
        Index("ix_setup_page", "tm_create", "id"),
        Index("ix_setup_provider", "provider_id"),
        Index("ix_setup_state", "state", sqlite_where=text("state NOT IN ('done', 'undone')")),
    )

    id: str = Field(primary_key=True)
    carrier: str
    name: str
    detail: str = Field(default="", sa_type=Text)
    state: str
    provider_id: str | None = None
    draft: dict[str, Any] = Field(default={}, sa_column=Column(JSON, nullable=False))
    by_hand: list[str] = Field(default=[], sa_column=Column(JSON, nullable=False))
    credential_ref: str | None = None
    error: str = Field(default="", sa_type=Text)
    uid: int
    by: str
    idempotency_key: str | None = None
    request_hash: str = ""
    drift: list[dict[str, Any]] = Field(default=[], sa_column=Column(JSON, nullable=False))
    verified_at: str | None = None
    balance: float | None = None
    balance_at: str | None = None
    tm_create: str
    tm_update: str


class SetupStepRow(SQLModel, table=True):
    """One step of a setup; ``resource`` is what it makes."""

    __tablename__ = "setup_step"

    setup_id: str = Field(sa_column=Column(Text, ForeignKey("setup.id"), primary_key=True))
    number: int = Field(primary_key=True)
    resource: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    state: str
    carrier_id: str = ""
    note: str = Field(default="", sa_type=Text)


class CredentialRow(SQLModel, table=True):
    """A reference to credentials in the keyring, written before they are, and deleted after.

    ``setup_id`` is empty when they are those of a channel that alerts are told on, or of a login.
    ``backend`` is the keyring that has them; ``ends`` are the last characters of the key.
    """

    __tablename__ = "credential"

    ref: str = Field(primary_key=True)
    setup_id: str
    backend: str
    ends: str = ""
    tm_create: str
    verified_at: str | None = None


class RouteRow(SQLModel, table=True):
    """One route; a deleted one stays, with its ``tm_delete``."""

    __tablename__ = "route"
    __table_args__ = (
        Index("ix_route_page", "tm_delete", "tm_create", "id"),
        Index("ix_route_provider", "provider_id"),
    )

    id: str = Field(primary_key=True)
    customer_id: str
    name: str
    detail: str = Field(default="", sa_type=Text)
    provider_id: str
    priority: int
    weight: int
    target: str
    enabled: bool = True
    revision: int = 1
    tm_create: str
    tm_update: str
    tm_delete: str = NEVER


class AuditRow(SQLModel, table=True):
    """One line of the audit log, which is added to alone; a trigger holds to that.

    ``before`` and ``after`` are JSON. ``hash`` is over the line and ``previous``, the hash of the one before.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_object", "object_id", "seq"),
        Index("ix_audit_uid", "uid", "seq"),
        {"sqlite_autoincrement": True},
    )

    seq: int | None = Field(default=None, primary_key=True)
    at: str
    uid: int
    user: str
    pid: int
    role: str
    method: str
    action: str
    kind: str
    object_id: str
    name: str = Field(sa_type=Text)
    revision: int
    request_id: str
    outcome: str
    message: str = Field(sa_type=Text)
    before: str = Field(sa_type=Text)
    after: str = Field(sa_type=Text)
    previous: str
    hash: str


class AuditAnchorRow(SQLModel, table=True):
    """The last line of the audit log that was forgotten for its age, from which the others still verify."""

    __tablename__ = "audit_anchor"

    id: int | None = Field(default=None, primary_key=True)
    seq: int
    hash: str
    at: str


class RevisionRow(SQLModel, table=True):
    """What could be written of a provider or a route, as it was at one revision.

    Without a ``uid`` it was kept when the record was next changed, by who did not know who made it so.
    """

    __tablename__ = "revision"

    kind: str = Field(primary_key=True)
    object_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    at: str
    uid: int | None = None
    user: str
    action: str
    fields: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class AlertRow(SQLModel, table=True):
    """An alert: what is or was wrong with the providers in its members.

    ``told_at`` is when it was last told of. ``steps`` is what happened to it.
    """

    __tablename__ = "alert"
    __table_args__ = (
        Index("ix_alert_page", "opened_at", "id"),
        Index("ix_alert_open", "state", sqlite_where=text("state != 'resolved'")),
    )

    id: str = Field(primary_key=True)
    rule: str
    metric: str
    severity: str
    channels: list[str] = Field(default=[], sa_column=Column(JSON, nullable=False))
    phrase: str = Field(sa_type=Text)
    title: str = Field(sa_type=Text)
    state: str
    total: int
    failing: int
    opened_at: str
    acknowledged_at: str = NEVER
    acknowledged_by: str = ""
    resolved_at: str = NEVER
    told_at: str
    escalated: bool = False
    steps: list[dict[str, Any]] = Field(default=[], sa_column=Column(JSON, nullable=False))


class AlertMemberRow(SQLModel, table=True):
    """A provider that an alert is about."""

    __tablename__ = "alert_member"
    __table_args__ = (Index("ix_alert_member_provider", "provider_id"),)

    alert_id: str = Field(sa_column=Column(Text, ForeignKey("alert.id"), primary_key=True))
    provider_id: str = Field(primary_key=True)
    name: str
    since: str
    cleared_at: str = NEVER
    cleared_why: str = ""
    value: str = Field(sa_type=Text)
    explanation: str = Field(sa_type=Text)
    next_step: str | None = Field(default=None, sa_type=Text)


class DeliveryRow(SQLModel, table=True):
    """A message to a channel. ``data`` is what a program wants to know of the alert, as JSON."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_queue", "channel", "id", sqlite_where=text("state = 'waiting'")),
        Index("ix_delivery_unsent", "state", sqlite_where=text("state != 'sent'")),
        Index("ix_delivery_alert", "alert_id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    alert_id: str
    channel: str
    what: str
    severity: str
    title: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    data: str = Field(sa_type=Text)
    state: str
    attempts: int = 0
    error: str = Field(default="", sa_type=Text)
    next_at: str
    tm_create: str
    tm_done: str = NEVER


class AlertRuleRow(SQLModel, table=True):
    """A rule that was made over the API; ``spec`` is a RuleSpec."""

    __tablename__ = "alert_rule"

    name: str = Field(primary_key=True)
    spec: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    revision: int = 1
    tm_create: str
    tm_update: str


class AlertChannelRow(SQLModel, table=True):
    """A channel whose address is in the keyring under ``credential_ref``; ``address`` may be shown."""

    __tablename__ = "alert_channel"

    name: str = Field(primary_key=True)
    kind: str
    address: str
    credential_ref: str
    min_severity: str
    enabled: bool = True
    revision: int = 1
    tm_create: str
    tm_update: str


class CallRow(SQLModel, table=True):
    """One call as it went. ``at`` is when it began, ``ended_at`` when it ended.

    ``key`` is of the provider and the caller's own id, 64 bits of a hash: what comes again has it again.
    """

    __tablename__ = "call"
    __table_args__ = (
        Index("ix_call_key", "key", unique=True),
        Index("ix_call_provider", "provider_id", "at"),
        Index("ix_call_at", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: int | None = None
    call_id: str | None = None
    provider_id: str
    at: float
    ended_at: float
    outbound: bool
    destination: str
    country: str
    code: int
    pdd_ms: float | None = None
    setup_ms: float | None = None
    duration_s: float | None = None
    codec: str
    mos: float | None = None
    loss_pct: float | None = None


class CallHourRow(SQLModel, table=True):
    """The rollup of one provider's calls of an hour, one way, to one country; ``slot`` is the hour.

    The rows of an hour lie side by side: that is how they are written, and how they are forgotten.
    """

    __tablename__ = "call_hour"
    __table_args__ = ({"sqlite_with_rowid": False},)

    slot: int = Field(primary_key=True)
    provider_id: str = Field(primary_key=True)
    outbound: bool = Field(primary_key=True)
    country: str = Field(primary_key=True)
    data: bytes


class CallDayRow(SQLModel, table=True):
    """The same of a day (86,400 s, counted from 1970)."""

    __tablename__ = "call_day"
    __table_args__ = ({"sqlite_with_rowid": False},)

    slot: int = Field(primary_key=True)
    provider_id: str = Field(primary_key=True)
    outbound: bool = Field(primary_key=True)
    country: str = Field(primary_key=True)
    data: bytes


class CallTestRow(SQLModel, table=True):
    """A test call. ``seconds`` is what it may take, or has taken, of the day's budget."""

    __tablename__ = "test_call"
    __table_args__ = (
        Index("ix_test_call_provider", "provider_id", "tm_create", "id"),
        Index("ix_test_call_time", "tm_create"),
    )

    id: str = Field(primary_key=True)
    provider_id: str
    uid: int
    outcome: str
    seconds: float
    result: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    tm_create: str


class SipLoginRow(SQLModel, table=True):
    """A provider's login for calls, whose password is in the keyring under ``credential_ref``."""

    __tablename__ = "sip_login"

    provider_id: str = Field(primary_key=True)
    username: str
    credential_ref: str
    tm_update: str
