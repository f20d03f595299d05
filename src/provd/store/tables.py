"""The tables. Times are API timestamps (text, UTC); JSON columns are replaced whole, not in place."""

from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, Text
from sqlmodel import Field, SQLModel

from provd.schema.timestamps import NEVER


class ProviderRow(SQLModel, table=True):
    """One provider; a deleted one stays, with its ``tm_delete``."""

    __tablename__ = "provider"
    __table_args__ = (Index("ix_provider_page", "tm_delete", "tm_create", "id"),)

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
