"""The first answers to POSTs that carried an Idempotency-Key."""

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from provd.store.tables import IdempotencyRow


async def find(session: AsyncSession, uid: int, key: str) -> IdempotencyRow | None:
    """The stored answer for this caller's key."""
    return await session.get(IdempotencyRow, (uid, key))


async def prune(session: AsyncSession, before: str) -> None:
    """Forget answers older than the timestamp ``before``."""
    await session.execute(delete(IdempotencyRow).where(col(IdempotencyRow.at) < before))
