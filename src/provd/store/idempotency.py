"""The first answers to POSTs that carried an Idempotency-Key."""

from sqlalchemy import delete
from sqlalchemy.orm import Session
from sqlmodel import col

from provd.store.tables import IdempotencyRow


def find(session: Session, uid: int, key: str) -> IdempotencyRow | None:
    """The stored answer for this caller's key."""
    return session.get(IdempotencyRow, (uid, key))


def prune(session: Session, before: str) -> None:
    """Forget answers older than the timestamp ``before``."""
    session.execute(delete(IdempotencyRow).where(col(IdempotencyRow.at) < before))
