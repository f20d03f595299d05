"""Setups, their steps, and the references to their credentials, in the store."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import and_, func, not_, or_, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from provd.schema.timestamps import NEVER
from provd.store.providers import Cursor
from provd.store.tables import (
    AlertChannelRow,
    CredentialRow,
    ProviderRow,
    SetupRow,
    SetupStepRow,
    SipLoginRow,
)


class StoredSetup(NamedTuple):
    """A setup, its steps in order, and the reference to its credentials, if it has them."""

    setup: SetupRow
    steps: list[SetupStepRow]
    credential: CredentialRow | None


def get(session: Session, setup_id: str) -> StoredSetup | None:
    """Read one setup."""
    row = session.get(SetupRow, setup_id)
    return None if row is None else _whole(session, row)


def of_provider(session: Session, provider_id: str) -> StoredSetup | None:
    """Read the setup that made a provider."""
    query = select(SetupRow).where(col(SetupRow.provider_id) == provider_id)
    row = session.execute(query).scalars().first()
    return None if row is None else _whole(session, row)


def of_key(session: Session, uid: int, key: str) -> SetupRow | None:
    """The setup that a caller began with an idempotency key, while it is neither done nor undone."""
    query = select(SetupRow).where(
        col(SetupRow.uid) == uid,
        col(SetupRow.idempotency_key) == key,
        col(SetupRow.state).not_in(("done", "undone")),
    )
    return session.execute(query).scalars().first()


def unfinished(session: Session) -> Sequence[SetupRow]:
    """Setups that are neither done nor undone, the oldest first."""
    query = select(SetupRow).where(col(SetupRow.state).not_in(("done", "undone")))
    return session.execute(query.order_by(col(SetupRow.tm_create))).scalars().all()


def to_verify(session: Session, recent: tuple[str, str], limit: int) -> Sequence[SetupRow]:
    """Setups whose provider is there, and that were not compared with their carrier in ``recent`` time."""
    query = select(SetupRow).where(
        col(SetupRow.state) == "done",
        col(SetupRow.provider_id).in_(select(col(ProviderRow.id)).where(col(ProviderRow.tm_delete) == NEVER)),
        not_(func.coalesce(SetupRow.verified_at, SetupRow.tm_update).between(*recent)),
    )
    return session.execute(query.order_by(col(SetupRow.tm_create)).limit(limit)).scalars().all()


def page(session: Session, after: Cursor | None, size: int) -> list[StoredSetup]:
    """Read up to ``size`` setups that come after ``after``, newest first."""
    query = select(SetupRow).order_by(col(SetupRow.tm_create).desc(), col(SetupRow.id).desc()).limit(size)
    if after is not None:
        created, number = col(SetupRow.tm_create), col(SetupRow.id)
        query = query.where(
            or_(created < after.tm_create, and_(created == after.tm_create, number < after.id))
        )
    return [_whole(session, row) for row in session.execute(query).scalars().all()]


def save_step(
    session: Session, setup_id: str, number: int, state: str, carrier_id: str, note: str, resource: object
) -> None:
    """Write a step as it is now."""
    session.execute(
        update(SetupStepRow)
        .where(col(SetupStepRow.setup_id) == setup_id, col(SetupStepRow.number) == number)
        .values(state=state, carrier_id=carrier_id, note=note, resource=resource)
    )


def credential(session: Session, ref: str) -> CredentialRow | None:
    """One reference to credentials."""
    return session.get(CredentialRow, ref)


def unused_credentials(session: Session) -> Sequence[CredentialRow]:
    """References that no setup, channel or login has."""
    of_setups = select(col(SetupRow.credential_ref)).where(col(SetupRow.credential_ref).is_not(None))
    of_channels = select(col(AlertChannelRow.credential_ref))
    of_logins = select(col(SipLoginRow.credential_ref))
    ref = col(CredentialRow.ref)
    unused = (ref.not_in(of_setups), ref.not_in(of_channels), ref.not_in(of_logins))
    query = select(CredentialRow).where(*unused)
    return session.execute(query).scalars().all()


def count_credentials(session: Session) -> int:
    """How many references setups have."""
    of_setups = col(CredentialRow.setup_id) != ""
    return session.execute(select(func.count(col(CredentialRow.ref))).where(of_setups)).scalar_one()


def _whole(session: Session, row: SetupRow) -> StoredSetup:
    query = select(SetupStepRow).where(col(SetupStepRow.setup_id) == row.id)
    steps = list(session.execute(query.order_by(col(SetupStepRow.number))).scalars())
    ref = row.credential_ref
    return StoredSetup(row, steps, None if ref is None else session.get(CredentialRow, ref))


def to_ask_for_balance(session: Session, recent: tuple[str, str], limit: int) -> Sequence[SetupRow]:
    """Setups whose provider is there, and whose account was not asked for its balance in ``recent`` time."""
    query = select(SetupRow).where(
        col(SetupRow.state) == "done",
        col(SetupRow.provider_id).in_(select(col(ProviderRow.id)).where(col(ProviderRow.tm_delete) == NEVER)),
        not_(func.coalesce(SetupRow.balance_at, "").between(*recent)),
    )
    return session.execute(query.order_by(col(SetupRow.tm_create)).limit(limit)).scalars().all()


def save_balance(session: Session, setup_id: str, at: str, balance: float | None) -> None:
    """Keep an account's balance; None when it is not known."""
    values = {"balance_at": at, "balance": balance}
    session.execute(update(SetupRow).where(col(SetupRow.id) == setup_id).values(**values))


def save_credential_ref(session: Session, setup_id: str, ref: str) -> None:
    """Have a setup refer to other credentials."""
    session.execute(update(SetupRow).where(col(SetupRow.id) == setup_id).values(credential_ref=ref))


def save_verification(
    session: Session, setup_id: str, at: str, findings: list[dict[str, Any]] | None
) -> None:
    """Keep what a comparison with the carrier found; None when it could not be made."""
    values: dict[str, Any] = {"verified_at": at}
    if findings is not None:
        values["drift"] = findings
    session.execute(update(SetupRow).where(col(SetupRow.id) == setup_id).values(**values))
