"""Repeated POSTs: the first answer is kept for a day, by caller and Idempotency-Key."""

import hashlib
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from provd.schema.errors import ErrorStatus
from provd.schema.provider import Provider
from provd.schema.route import Route
from provd.schema.test_calls import CallTest
from provd.services.errors import ServiceError
from provd.store import idempotency
from provd.store.engine import Transaction
from provd.store.tables import IdempotencyRow

A = TypeVar("A", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A request that may come again: who sent it, with which key, and what it said."""

    uid: int
    key: str
    request_hash: str


def repeatable(uid: int, key: str | None, said: BaseModel) -> Repeatable | None:
    """What makes a request the same; None without a key."""
    if key is None:
        return None
    return Repeatable(uid, key, hashlib.sha256(said.model_dump_json().encode()).hexdigest())


async def first_answer(transaction: Transaction, request: Repeatable | None, answer: type[A]) -> A | None:
    """What was answered the first time, an ``answer``. ServiceError 409 when the key came with another
    request."""
    before = None
    if request is not None:
        before = await transaction.run(idempotency.find, request.uid, request.key)
    if before is None or request is None:
        return None
    check_same(request, before.request_hash)
    return answer.model_validate_json(before.answer)


def check_same(request: Repeatable, request_hash: str) -> None:
    """Raise ServiceError 409 when a key came with another request before."""
    if request_hash != request.request_hash:
        raise ServiceError(
            ErrorStatus.ALREADY_EXISTS,
            "IDEMPOTENCY_KEY_REUSED",
            "this Idempotency-Key came before with another body: use a new key for a new request",
        )


def keep_answer(
    transaction: Transaction, request: Repeatable | None, answer: Provider | Route | CallTest
) -> None:
    """Keep what is answered now."""
    if request is not None:
        transaction.session.add(
            IdempotencyRow(
                uid=request.uid,
                key=request.key,
                request_hash=request.request_hash,
                answer=answer.model_dump_json(),
                at=answer.tm_create,
            )
        )
