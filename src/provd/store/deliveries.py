"""Messages to channels, in the store: a queue for each channel, in the order of their numbers."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from provd.store.tables import DeliveryRow

_TABLE = SQLModel.metadata.tables[DeliveryRow.__tablename__]
_WAITING = col(DeliveryRow.state) == "waiting"


class ChannelState(NamedTuple):
    """How a channel does: how many wait, why the first of them did not go, and when one went last."""

    waiting: int
    error: str
    last_sent_at: str | None


def add(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Queue messages: the columns of each."""
    if rows:
        session.execute(insert(_TABLE), list(rows))


def first(session: Session, channel: str) -> DeliveryRow | None:
    """The message that a channel is to send next."""
    query = select(DeliveryRow).where(_WAITING, col(DeliveryRow.channel) == channel)
    return session.execute(query.order_by(col(DeliveryRow.id)).limit(1)).scalars().first()


def waiting_channels(session: Session) -> list[str]:
    """The channels that have something to send."""
    return list(session.execute(select(col(DeliveryRow.channel)).where(_WAITING).distinct()).scalars())


def save(session: Session, number: int, values: dict[str, Any]) -> None:
    """Write what became of an attempt."""
    session.execute(update(DeliveryRow).where(col(DeliveryRow.id) == number).values(**values))


def give_up(session: Session, channel: str, error: str, at: str) -> None:
    """Fail whatever waits for a channel that is no longer there."""
    session.execute(
        update(DeliveryRow)
        .where(_WAITING, col(DeliveryRow.channel) == channel)
        .values(state="failed", error=error, tm_done=at)
    )


def page(
    session: Session, state: str, channel: str, alert_id: str, before: int | None, size: int
) -> Sequence[DeliveryRow]:
    """Read up to ``size`` messages below number ``before``, newest first; empty means any."""
    number = col(DeliveryRow.id)
    query = select(DeliveryRow).order_by(number.desc()).limit(size)
    if state:
        query = query.where(col(DeliveryRow.state) == state)
    if channel:
        query = query.where(col(DeliveryRow.channel) == channel)
    if alert_id:
        query = query.where(col(DeliveryRow.alert_id) == alert_id)
    if before is not None:
        query = query.where(number < before)
    return session.execute(query).scalars().all()


def state_of(session: Session, channel: str) -> ChannelState:
    """How a channel does."""
    mine = col(DeliveryRow.channel) == channel
    waiting = session.execute(select(func.count()).where(mine, _WAITING)).scalar_one()
    head = first(session, channel)
    sent = select(func.max(DeliveryRow.tm_done)).where(mine, col(DeliveryRow.state) == "sent")
    return ChannelState(waiting, "" if head is None else head.error, session.execute(sent).scalar_one())


def unsent(session: Session) -> dict[str, int]:
    """How many messages wait, and how many were given up, by their state."""
    state = col(DeliveryRow.state)
    query = select(state, func.count()).where(state != "sent").group_by(state)
    return {row[0]: row[1] for row in session.execute(query)}
