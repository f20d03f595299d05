"""What each call needs: a role, a revision, an idempotency key."""

import re
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request

from provd.logs import request_id
from provd.schema.errors import ErrorStatus
from provd.schema.status import Caller, Role
from provd.services.actor import Actor
from provd.services.errors import ServiceError, invalid
from provd.services.precondition import Precondition

method_of_the_request: ContextVar[str] = ContextVar("method", default="")
"""The HTTP method of the request that is being served."""

_ENTITY_TAG = re.compile(r'(?:W/)?"([^"]*)"|([0-9]+)')


@dataclass(frozen=True, slots=True)
class Requirement:
    """A dependency of endpoints: that the caller has a role, or more."""

    role: Role

    async def __call__(self, request: Request) -> Caller:
        """Give the caller; 403 when their role is too low."""
        who: Caller = request.state.caller
        if not who.role.includes(self.role):
            raise ServiceError(
                ErrorStatus.PERMISSION_DENIED,
                "ROLE_TOO_LOW",
                f"uid {who.uid} ({who.user}) is {who.role.value} here, and this needs {self.role.value}: "
                "an admin can change that under [access] in provd's config",
            )
        return who


Viewer = Annotated[Caller, Depends(Requirement(Role.VIEWER))]
Operator = Annotated[Caller, Depends(Requirement(Role.OPERATOR))]
Admin = Annotated[Caller, Depends(Requirement(Role.ADMIN))]


def actor(caller: Caller) -> Actor:
    """The caller of the request that is being served, as the use cases know it."""
    return Actor(
        caller.uid, caller.user, caller.pid, caller.role.value, method_of_the_request.get(), request_id.get()
    )


async def _precondition(if_match: Annotated[str | None, Header()] = None) -> Precondition:
    """Read If-Match (RFC 9110 section 13.1.1): entity tags, or a bare revision."""
    if if_match is None or if_match.strip() == "*":
        return Precondition()
    parts = [part.strip() for part in if_match.split(",")]
    matches = [_ENTITY_TAG.fullmatch(part) for part in parts]
    if not all(matches):
        raise invalid("If-Match", 'is not an ETag that this API gives, like "3", nor *')
    return Precondition(frozenset((match[1] or match[2]) for match in matches if match))


async def _idempotency_key(idempotency_key: Annotated[str | None, Header()] = None) -> str | None:
    if idempotency_key is not None and not 1 <= len(idempotency_key) <= 255:
        raise invalid("Idempotency-Key", "must have 1 to 255 characters")
    return idempotency_key


IfMatch = Annotated[Precondition, Depends(_precondition)]
IdempotencyKey = Annotated[str | None, Depends(_idempotency_key)]
