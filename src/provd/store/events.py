"""Durable events in the store."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from provd.schema.timestamps import from_timestamp
from provd.store.tables import EventRow


def newest_seq(session: Session) -> int:
    """The number of the latest event; 0 when there is none."""
    return int((session.execute(select(func.max(EventRow.seq)))).scalar() or 0)


def newest_time(session: Session) -> float | None:
    """When the latest event was, in seconds since 1970; None when there is none."""
    at = session.execute(select(col(EventRow.at)).order_by(col(EventRow.seq).desc()).limit(1)).scalar()
    return None if at is None else from_timestamp(at)


def oldest_seq(session: Session) -> int:
    """The number of the oldest event that is kept; 0 when there is none."""
    return int((session.execute(select(func.min(EventRow.seq)))).scalar() or 0)


def after(session: Session, seq: int, limit: int) -> Sequence[EventRow]:
    """Read up to ``limit`` events after number ``seq``, oldest first."""
    number = col(EventRow.seq)
    rows = session.execute(select(EventRow).where(number > seq).order_by(number).limit(limit))
    return rows.scalars().all()


def page(session: Session, before: int | None, size: int, provider_id: str) -> Sequence[EventRow]:
    """Read up to ``size`` events below number ``before``, newest first."""
    number = col(EventRow.seq)
    query = select(EventRow).order_by(number.desc()).limit(size)
    if before is not None:
        query = query.where(number < before)
    if provider_id:
        query = query.where(col(EventRow.provider_id) == provider_id)
    return (session.execute(query)).scalars().all()


def prune(session: Session, keep: int) -> None:
    """Delete all but the newest ``keep`` events."""
    newest = newest_seq(session)
    session.execute(delete(EventRow).where(col(EventRow.seq) <= newest - keep))
