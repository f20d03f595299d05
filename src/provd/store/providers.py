"""Providers in the store."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, true
from sqlalchemy.orm import Session
from sqlmodel import col

from provd.schema.timestamps import NEVER
from provd.store.tables import HealthRow, ProviderRow


@dataclass(frozen=True, slots=True)
class ProviderFilter:
    """Which providers a list is of; None or empty means any."""

    q: str = ""
    health_status: str = ""
    carrier: str = ""
    tag: str = ""
    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list, newest first: what follows has an older ``tm_create``, or a lower ``id``."""

    tm_create: str
    id: str


Stored = tuple[ProviderRow, HealthRow | None]
_alive = col(ProviderRow.tm_delete) == NEVER
_WITH_HEALTH = select(ProviderRow, HealthRow).outerjoin(HealthRow).where(_alive)
_ONE = _WITH_HEALTH.where(col(ProviderRow.id) == bindparam("wanted"))


def get(session: Session, provider_id: str) -> Stored | None:
    """Read one provider that is not deleted, with its health."""
    row = session.execute(_ONE, {"wanted": provider_id}).one_or_none()
    return None if row is None else (row[0], row[1])


def page(session: Session, wanted: ProviderFilter, after: Cursor | None, size: int) -> Sequence[Stored]:
    """Read up to ``size`` providers that come after ``after`` in (tm_create, id) descending."""
    created, key = col(ProviderRow.tm_create), col(ProviderRow.id)
    query = _WITH_HEALTH.where(*_conditions(wanted))
    if after is not None:
        query = query.where(or_(created < after.tm_create, and_(created == after.tm_create, key < after.id)))
    rows = session.execute(query.order_by(created.desc(), key.desc()).limit(size))
    return [(row[0], row[1]) for row in rows]


def all_alive(session: Session) -> Sequence[Stored]:
    """Read every provider that is not deleted."""
    rows = session.execute(_WITH_HEALTH)
    return [(row[0], row[1]) for row in rows]


def counts(session: Session) -> dict[tuple[bool, str | None], int]:
    """Count providers by (enabled, health status; None when nothing was measured)."""
    enabled, status = col(ProviderRow.enabled), col(HealthRow.status)
    rows = session.execute(
        select(enabled, status, func.count())
        .select_from(ProviderRow)
        .outerjoin(HealthRow)
        .where(_alive)
        .group_by(enabled, status)
    )
    return {(bool(row[0]), row[1]): row[2] for row in rows}


def _conditions(wanted: ProviderFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.q:
        escaped = wanted.q.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        columns = (ProviderRow.name, ProviderRow.hostname, ProviderRow.detail)
        yield or_(*(col(column).ilike(f"%{escaped}%", escape="\\") for column in columns))
    if wanted.health_status == "unknown":
        yield col(HealthRow.status).is_(None)
    elif wanted.health_status:
        yield col(HealthRow.status) == wanted.health_status
    if wanted.carrier:
        yield col(ProviderRow.carrier) == wanted.carrier
    if wanted.tag:
        each = func.json_each(ProviderRow.tags).table_valued("value", name="each_tag")
        yield select(true()).select_from(each).where(each.c.value == wanted.tag).exists()
    if wanted.enabled is not None:
        yield col(ProviderRow.enabled) == wanted.enabled


def names(session: Session, ids: set[str]) -> dict[str, str]:
    """Read the names of some providers."""
    rows = session.execute(
        select(col(ProviderRow.id), col(ProviderRow.name)).where(col(ProviderRow.id).in_(ids))
    )
    return {row[0]: row[1] for row in rows}
