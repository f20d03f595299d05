"""What records were."""

from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel


class RevisionRow(SQLModel, table=True):
    """What could be written of a provider or a route, as it was at one revision.

    Without a ``uid`` it was kept when the record was next changed, by who did not know who made it so.
    """

    __tablename__ = "revision"

    kind: str = Field(primary_key=True)
    object_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    at: str
    uid: int | None = None
    user: str
    action: str
    fields: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
