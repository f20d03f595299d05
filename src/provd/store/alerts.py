"""Alerts in the store, with the rules and the channels that were made over the API."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from provd.store.providers import Cursor
from provd.store.tables import AlertChannelRow, AlertMemberRow, AlertRow, AlertRuleRow, DeliveryRow

_ALERTS = SQLModel.metadata.tables[AlertRow.__tablename__]
_MEMBERS = SQLModel.metadata.tables[AlertMemberRow.__tablename__]


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts a list is of; empty means any. ``states`` are those that are wanted."""

    states: frozenset[str] = frozenset()
    severity: str = ""
    rule: str = ""
    provider_id: str = ""


class StoredAlert(NamedTuple):
    """An alert, and its members, the failing ones first."""

    alert: AlertRow
    members: Sequence[AlertMemberRow]


def save(session: Session, alert: dict[str, Any], members: Iterable[dict[str, Any]]) -> None:
    """Write an alert and some of its members as they are now: the columns of each."""
    statement = insert(_ALERTS).values(alert)
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=alert))
    rows = list(members)
    if rows:
        written = insert(_MEMBERS)
        changed = {
            name: written.excluded[name]
            for name in ("name", "since", "cleared_at", "cleared_why", "value", "explanation", "next_step")
        }
        keys = ["alert_id", "provider_id"]
        session.execute(written.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def get(session: Session, alert_id: str, most: int) -> StoredAlert | None:
    """Read one alert, and up to ``most`` of its members."""
    row = session.get(AlertRow, alert_id)
    return None if row is None else StoredAlert(row, _members(session, alert_id, most))


def unresolved(session: Session) -> list[StoredAlert]:
    """Read every alert that is not resolved, with all its members."""
    rows = session.execute(select(AlertRow).where(col(AlertRow.state) != "resolved")).scalars().all()
    return [StoredAlert(row, _members(session, row.id, None)) for row in rows]


def page(
    session: Session, wanted: AlertFilter, after: Cursor | None, size: int, most: int
) -> list[StoredAlert]:
    """Read up to ``size`` alerts after ``after``, newest first, each with up to ``most`` members."""
    opened, number = col(AlertRow.opened_at), col(AlertRow.id)
    query = select(AlertRow).order_by(opened.desc(), number.desc()).limit(size)
    if wanted.states:
        query = query.where(col(AlertRow.state).in_(wanted.states))
    if wanted.severity:
        query = query.where(col(AlertRow.severity) == wanted.severity)
    if wanted.rule:
        query = query.where(col(AlertRow.rule) == wanted.rule)
    if wanted.provider_id:
        mine = select(col(AlertMemberRow.alert_id)).where(
            col(AlertMemberRow.provider_id) == wanted.provider_id
        )
        query = query.where(number.in_(mine))
    if after is not None:
        query = query.where(or_(opened < after.tm_create, and_(opened == after.tm_create, number < after.id)))
    rows = session.execute(query).scalars().all()
    return [StoredAlert(row, _members(session, row.id, most)) for row in rows]


def undelivered(session: Session, alert_ids: Sequence[str]) -> dict[str, int]:
    """How many messages about each alert were not sent."""
    query = (
        select(col(DeliveryRow.alert_id), func.count())
        .where(col(DeliveryRow.alert_id).in_(alert_ids), col(DeliveryRow.state) != "sent")
        .group_by(col(DeliveryRow.alert_id))
    )
    return {row[0]: row[1] for row in session.execute(query)}


def forget(session: Session, before: str, limit: int) -> int:
    """Delete up to ``limit`` alerts that were resolved before a time, with all that belongs to them."""
    old = select(col(AlertRow.id)).where(col(AlertRow.resolved_at) < before).limit(limit)
    ids = list(session.execute(old).scalars())
    if ids:
        session.execute(delete(AlertMemberRow).where(col(AlertMemberRow.alert_id).in_(ids)))
        session.execute(delete(DeliveryRow).where(col(DeliveryRow.alert_id).in_(ids)))
        session.execute(delete(AlertRow).where(col(AlertRow.id).in_(ids)))
    return len(ids)


def rules(session: Session) -> Sequence[AlertRuleRow]:
    """Read every rule, by name."""
    return session.execute(select(AlertRuleRow).order_by(col(AlertRuleRow.name))).scalars().all()


def rule(session: Session, name: str) -> AlertRuleRow | None:
    """Read one rule."""
    return session.get(AlertRuleRow, name)


def channels(session: Session) -> Sequence[AlertChannelRow]:
    """Read every channel, by name."""
    return session.execute(select(AlertChannelRow).order_by(col(AlertChannelRow.name))).scalars().all()


def channel(session: Session, name: str) -> AlertChannelRow | None:
    """Read one channel."""
    return session.get(AlertChannelRow, name)


def _members(session: Session, alert_id: str, most: int | None) -> Sequence[AlertMemberRow]:
    query = select(AlertMemberRow).where(col(AlertMemberRow.alert_id) == alert_id)
    query = query.order_by(col(AlertMemberRow.cleared_at).desc(), col(AlertMemberRow.since)).limit(most)
    return session.execute(query).scalars().all()
