"""``/v1.0/audit``."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel
from starlette.responses import Response

from provd.api.guard import Viewer
from provd.api.permissions import GuardedRouter
from provd.schema.audit import AuditEntry, AuditPage, AuditVerification, Outcome
from provd.schema.history import Instant
from provd.schema.timestamps import to_timestamp
from provd.services.audit import AuditService
from provd.services.pages import MAX_PAGE
from provd.store.audit import AuditFilter


def make_router(audit: AuditService) -> GuardedRouter:
    """The endpoints of the audit log."""
    router = GuardedRouter(prefix="/v1.0/audit", tags=["audit"])

    @router.get("", response_model=AuditPage, summary="Read who changed what, newest first")
    async def list_entries(
        caller: Viewer,
        q: Annotated[str, Query(description="in the name, the message, and what was before and after")] = "",
        object_id: str = "",
        user: Annotated[str, Query(description="a user's name or uid")] = "",
        action: Annotated[str, Query(description="how it begins, like provider.")] = "",
        outcome: Outcome | None = None,
        start: Annotated[Instant | None, Query(alias="from")] = None,
        end: Annotated[Instant | None, Query(alias="to")] = None,
        page_size: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
        page_token: str = "",
    ) -> Response:
        wanted = AuditFilter(
            q=q,
            object_id=object_id,
            user=user,
            action=action,
            outcome="" if outcome is None else outcome.value,
            since="" if start is None else to_timestamp(start),
            until="" if end is None else to_timestamp(end),
        )
        return _json(await audit.list(wanted, page_size, page_token))

    @router.get(
        "/verify", response_model=AuditVerification, summary="Recompute the hashes of the whole audit log"
    )
    async def verify(caller: Viewer) -> Response:
        return _json(await audit.verify())

    @router.get("/{seq}", response_model=AuditEntry, summary="Read one entry of the audit log")
    async def get_entry(seq: Annotated[int, Path(ge=1, lt=2**63)], caller: Viewer) -> Response:
        return _json(await audit.get(seq))

    return router


def _json(model: BaseModel) -> Response:
    return Response(model.model_dump_json(), media_type="application/json")
