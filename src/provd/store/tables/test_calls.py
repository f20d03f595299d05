"""Test calls, and logins for them."""

from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel


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
