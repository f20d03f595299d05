"""The history, as the samples and rollups of targets.

What the bytes mean is known to those who write them alone.
"""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


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
