"""Health in the store: one row a provider, written in batches."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from provd.store.tables import HealthRow


def upsert(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write the rows (a dict of HealthRow's columns each), replacing those of the same provider."""
    statement = insert(SQLModel.metadata.tables[HealthRow.__tablename__])  # Core: the ORM's way costs more
    columns = {name: statement.excluded[name] for name in HealthRow.model_fields if name != "provider_id"}
    session.execute(statement.on_conflict_do_update(index_elements=["provider_id"], set_=columns), list(rows))


def forget(session: Session, provider_id: str) -> None:
    """Remove what was measured of a provider."""
    session.execute(delete(HealthRow).where(col(HealthRow.provider_id) == provider_id))
