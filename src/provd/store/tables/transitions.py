"""Changes of status."""

from sqlalchemy import Index, Text, text
from sqlmodel import Field, SQLModel


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
