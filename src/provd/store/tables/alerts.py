"""Alerts, and who is told of them."""

from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, Text, text
from sqlmodel import Field, SQLModel

from provd.schema.timestamps import NEVER


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
