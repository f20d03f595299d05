"""The log of events."""

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel


class EventRow(SQLModel, table=True):
    """One durable event; ``data`` is its JSON as it goes on the stream."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_provider", "provider_id", "seq"), {"sqlite_autoincrement": True})

    seq: int | None = Field(default=None, primary_key=True)
    type: str
    at: str
    provider_id: str | None = None
    data: str = Field(sa_type=Text)
