"""Providers, and what was measured of each."""

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
    addresses: str | None = Field(default=None, sa_type=Text)
    resolved_at: float | None = None
