"""``/v1.0/providers/setup``, ``/v1.0/setups``, and a provider's ``carrier``."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel
from starlette.responses import Response

from provd.api.guard import Admin, IdempotencyKey, Operator, Viewer, actor
from provd.api.permissions import GuardedRouter
from provd.schema.provider import Provider
from provd.schema.setup import (
    CredentialsRequest,
    Setup,
    SetupPage,
    SetupPlan,
    SetupRequest,
    Verification,
)
from provd.services.pages import MAX_PAGE
from provd.services.setups.service import SetupService
from provd.services.setups.trunks import TrunkService


def make_router(setups: SetupService, trunks: TrunkService) -> GuardedRouter:
    """The endpoints of setups and of what they made."""
    router = GuardedRouter(prefix="/v1.0", tags=["setup"])

    @router.post(
        "/providers/setup", response_model=Provider | SetupPlan, summary="Set a trunk up at a carrier"
    )
    async def set_up(
        body: SetupRequest,
        caller: Admin,
        key: IdempotencyKey,
        dry_run: Annotated[bool, Query(description="answer with the plan, and make nothing")] = False,
    ) -> Response:
        if dry_run:
            return _json(await setups.dry_run(body))
        provider = await setups.start(body, actor(caller), key)
        return _json(provider, {"ETag": f'"{provider.revision}"'})

    @router.get("/setups", response_model=SetupPage, summary="List setups, newest first")
    async def list_setups(
        caller: Viewer, page_size: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100, page_token: str = ""
    ) -> Response:
        return _json(await setups.list(page_size, page_token))

    @router.get("/setups/{setup_id}", response_model=Setup, summary="Read the journal of a setup")
    async def get_setup(setup_id: str, caller: Viewer) -> Response:
        return _json(await setups.get(setup_id))

    @router.post("/setups/{setup_id}/resume", response_model=Provider, summary="Go on with a setup")
    async def resume_setup(setup_id: str, caller: Admin) -> Response:
        return _json(await setups.resume(setup_id, actor(caller)))

    @router.post("/setups/{setup_id}/rollback", response_model=Setup, summary="Remove what a setup made")
    async def roll_back_setup(setup_id: str, caller: Admin) -> Response:
        return _json(await setups.rollback(setup_id, actor(caller)))

    @router.get("/providers/{provider_id}/carrier", response_model=Setup, summary="Read what setup made")
    async def get_carrier(provider_id: str, caller: Viewer) -> Response:
        return _json(await trunks.setup(provider_id))

    @router.post(
        "/providers/{provider_id}/carrier/verify",
        response_model=Verification,
        summary="Compare the carrier with what setup made",
    )
    async def verify_carrier(provider_id: str, caller: Operator) -> Response:
        return _json(await trunks.verify(provider_id))

    @router.put(
        "/providers/{provider_id}/carrier/credentials", response_model=Setup, summary="Replace the key"
    )
    async def rotate_credentials(provider_id: str, body: CredentialsRequest, caller: Admin) -> Response:
        return _json(await trunks.rotate(provider_id, body.credentials, actor(caller)))

    return router


def _json(model: BaseModel, headers: dict[str, str] | None = None) -> Response:
    return Response(model.model_dump_json(), 200, headers, "application/json")
