"""How calls went.

What the bytes mean is known to those who write them alone.
"""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


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
