"""Answers that were given."""

from sqlalchemy import Text
from sqlmodel import Field, SQLModel


class IdempotencyRow(SQLModel, table=True):
    """The first answer to a POST with an Idempotency-Key, by caller and key."""

    __tablename__ = "idempotency"

    uid: int = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_hash: str
    answer: str = Field(sa_type=Text)
    at: str
