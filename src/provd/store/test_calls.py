"""Test calls in the store, what of the budget they take, and the references to logins."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from provd.schema.timestamps import NEVER
from provd.store.providers import Cursor
from provd.store.tables import CallTestRow, ProviderRow, SipLoginRow

_AT_ONCE = 50


class Spent(NamedTuple):
    """How many calls there were since a time, the oldest of them, and their seconds."""

    calls: int
    oldest: str | None
    seconds: float


def get(session: Session, provider_id: str, call_id: str) -> CallTestRow | None:
    """Read one call of a provider."""
    row = session.get(CallTestRow, call_id)
    return row if row is not None and row.provider_id == provider_id else None


def page(session: Session, provider_id: str, after: Cursor | None, size: int) -> Sequence[CallTestRow]:
    """Read up to ``size`` calls of a provider after ``after``, newest first."""
    created, number = col(CallTestRow.tm_create), col(CallTestRow.id)
    query = select(CallTestRow).where(col(CallTestRow.provider_id) == provider_id)
    if after is not None:
        query = query.where(
            or_(created < after.tm_create, and_(created == after.tm_create, number < after.id))
        )
    return session.execute(query.order_by(created.desc(), number.desc()).limit(size)).scalars().all()


def called(session: Session) -> Sequence[str]:
    """The providers that were called."""
    return session.execute(select(col(CallTestRow.provider_id)).distinct()).scalars().all()


def newest_first(session: Session, provider_id: str) -> Iterator[CallTestRow]:
    """Read a provider's calls one by one, as many as are taken."""
    query = select(CallTestRow).where(col(CallTestRow.provider_id) == provider_id)
    query = query.order_by(col(CallTestRow.tm_create).desc(), col(CallTestRow.id).desc())
    yield from session.execute(query.execution_options(yield_per=_AT_ONCE)).scalars()


def spent(session: Session, since: str, until: str) -> Spent:
    """What the calls between two times have taken."""
    created = col(CallTestRow.tm_create)
    query = select(func.count(), func.min(created), func.coalesce(func.sum(CallTestRow.seconds), 0.0))
    calls, oldest, seconds = session.execute(query.where(created > since, created <= until)).one()
    return Spent(calls, oldest, seconds)


def save(session: Session, call_id: str, outcome: str, seconds: float, result: dict[str, Any]) -> None:
    """Write what became of a call."""
    values = {"outcome": outcome, "seconds": seconds, "result": result}
    session.execute(update(CallTestRow).where(col(CallTestRow.id) == call_id).values(**values))


def running(session: Session) -> Sequence[CallTestRow]:
    """Read the calls of which nobody has written the end."""
    return session.execute(select(CallTestRow).where(col(CallTestRow.outcome) == "running")).scalars().all()


def forget(session: Session, before: str, limit: int) -> int:
    """Delete up to ``limit`` calls that were begun before a time; how many."""
    old = select(col(CallTestRow.id)).where(col(CallTestRow.tm_create) < before).limit(limit)
    ids = list(session.execute(old).scalars())
    if ids:
        session.execute(delete(CallTestRow).where(col(CallTestRow.id).in_(ids)))
    return len(ids)


def login(session: Session, provider_id: str) -> SipLoginRow | None:
    """Read the reference to a provider's login."""
    return session.get(SipLoginRow, provider_id)


def logins_of_deleted(session: Session, before: str) -> Sequence[SipLoginRow]:
    """References to logins of providers that were deleted before a time."""
    gone = col(ProviderRow.tm_delete)
    query = select(SipLoginRow).join(ProviderRow, col(ProviderRow.id) == col(SipLoginRow.provider_id))
    return session.execute(query.where(gone != NEVER, gone < before)).scalars().all()
