"""Routes in the store."""

from collections.abc import Sequence

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from provd.schema.timestamps import NEVER
from provd.store.providers import Cursor
from provd.store.tables import RouteRow

_alive = col(RouteRow.tm_delete) == NEVER


def get(session: Session, route_id: str) -> RouteRow | None:
    """Read one route that is not deleted."""
    row = session.get(RouteRow, route_id)
    return row if row is not None and row.tm_delete == NEVER else None


def some(session: Session, ids: set[str]) -> dict[str, RouteRow]:
    """Read routes by their ids, deleted ones too."""
    query = select(RouteRow).where(col(RouteRow.id).in_(ids))
    return {row.id: row for row in session.execute(query).scalars()}


def everything(session: Session) -> Sequence[RouteRow]:
    """Read every route that is not deleted."""
    return session.execute(select(RouteRow).where(_alive)).scalars().all()


def of_provider(session: Session, provider_id: str) -> Sequence[RouteRow]:
    """Read the routes that lead to a provider, by name."""
    query = select(RouteRow).where(_alive, col(RouteRow.provider_id) == provider_id)
    return session.execute(query.order_by(col(RouteRow.name))).scalars().all()


def page(
    session: Session, customer_id: str, provider_id: str, after: Cursor | None, size: int
) -> Sequence[RouteRow]:
    """Read up to ``size`` routes that come after ``after``, newest first; empty ids stand for any."""
    created, number = col(RouteRow.tm_create), col(RouteRow.id)
    query = select(RouteRow).where(_alive).order_by(created.desc(), number.desc()).limit(size)
    if customer_id:
        query = query.where(col(RouteRow.customer_id) == customer_id)
    if provider_id:
        query = query.where(col(RouteRow.provider_id) == provider_id)
    if after is not None:
        query = query.where(
            or_(created < after.tm_create, and_(created == after.tm_create, number < after.id))
        )
    return session.execute(query).scalars().all()
