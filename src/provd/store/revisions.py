"""Revisions of providers and routes in the store."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from provd.store.tables import RevisionRow

_TABLE = SQLModel.metadata.tables[RevisionRow.__tablename__]
_NEW = insert(_TABLE).on_conflict_do_nothing()


def add(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Keep revisions: the columns of each. One that is kept already stays as it is."""
    session.execute(_NEW, list(rows))


def get(session: Session, kind: str, object_id: str, revision: int) -> RevisionRow | None:
    """Read one revision."""
    return session.get(RevisionRow, (kind, object_id, revision))


def page(session: Session, kind: str, object_id: str, before: int | None, size: int) -> Sequence[RevisionRow]:
    """Read up to ``size`` revisions of a record below number ``before``, newest first."""
    number = col(RevisionRow.revision)
    query = select(RevisionRow).where(col(RevisionRow.kind) == kind, col(RevisionRow.object_id) == object_id)
    if before is not None:
        query = query.where(number < before)
    return session.execute(query.order_by(number.desc()).limit(size)).scalars().all()
