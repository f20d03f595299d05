"""Routes."""

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from provd.schema.timestamps import NEVER


class RouteRow(SQLModel, table=True):
    """One route; a deleted one stays, with its ``tm_delete``."""

    __tablename__ = "route"
    __table_args__ = (
        Index("ix_route_page", "tm_delete", "tm_create", "id"),
        Index("ix_route_provider", "provider_id"),
    )

    id: str = Field(primary_key=True)
    customer_id: str
    name: str
    detail: str = Field(default="", sa_type=Text)
    provider_id: str
    priority: int
    weight: int
    target: str
    enabled: bool = True
    revision: int = 1
    tm_create: str
    tm_update: str
    tm_delete: str = NEVER
