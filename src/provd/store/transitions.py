"""Transitions in the store: every change of a provider's status."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from provd.store.tables import TransitionRow

_newest_first = (col(TransitionRow.at).desc(), col(TransitionRow.id).desc())


def add(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write transitions: a dict of TransitionRow's columns each, all with the same keys, without ``id``."""
    if rows:
        session.execute(insert(SQLModel.metadata.tables[TransitionRow.__tablename__]), list(rows))


def newest(session: Session, provider_id: str, limit: int) -> Sequence[TransitionRow]:
    """Read a provider's last ``limit`` transitions, newest first."""
    query = select(TransitionRow).where(col(TransitionRow.provider_id) == provider_id)
    return session.execute(query.order_by(*_newest_first).limit(limit)).scalars().all()


def between(
    session: Session, provider_id: str, first: str, until: str, limit: int
) -> Sequence[TransitionRow]:
    """Read a provider's last ``limit`` transitions from ``first`` to before ``until``, newest first."""
    at = col(TransitionRow.at)
    query = select(TransitionRow).where(
        col(TransitionRow.provider_id) == provider_id, at >= first, at < until
    )
    return session.execute(query.order_by(*_newest_first).limit(limit)).scalars().all()


def prune_exchanges(session: Session, keep: int, limit: int) -> None:
    """Forget up to ``limit`` exchanges that are older than the newest ``keep``."""
    number = col(TransitionRow.id)
    surplus = (
        select(number)
        .where(col(TransitionRow.sent).is_not(None))
        .order_by(number.desc())
        .offset(keep)
        .limit(limit)
    )
    session.execute(update(TransitionRow).where(number.in_(surplus)).values(sent=None, received=None))


def prune(session: Session, before: str, limit: int) -> None:
    """Delete up to ``limit`` of the oldest transitions that came before the timestamp ``before``."""
    number = col(TransitionRow.id)
    oldest = select(number).order_by(number).limit(limit).subquery()
    session.execute(
        delete(TransitionRow).where(number.in_(select(oldest.c.id)), col(TransitionRow.at) < before)
    )
