"""Setups at carriers, and references to secrets."""

from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, Text, text
from sqlmodel import Field, SQLModel


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
