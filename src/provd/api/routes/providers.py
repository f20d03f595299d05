"""``/v1.0/providers``."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel
from starlette.responses import Response

from provd.api.guard import Admin, IdempotencyKey, IfMatch, Operator, Viewer, actor
from provd.api.permissions import GuardedRouter
from provd.schema.health import CheckReport, HealthStatus
from provd.schema.maintenance import MaintenanceRequest
from provd.schema.provider import Provider, ProviderCreate, ProviderPage, ProviderPatch, ProviderUpdate
from provd.schema.setup import DeletedProvider
from provd.schema.status import Caller, Role
from provd.schema.trace import Trace
from provd.services.checks import CheckService
from provd.services.maintenance import MaintenanceService
from provd.services.pages import MAX_PAGE
from provd.services.providers import ProviderService, redacted
from provd.services.setups.trunks import TrunkService
from provd.services.traces import TraceService
from provd.store.providers import ProviderFilter


def make_router(
    providers: ProviderService,
    checks: CheckService,
    maintenance: MaintenanceService,
    traces: TraceService,
    trunks: TrunkService,
) -> GuardedRouter:
    """The endpoints of provider records."""
    router = GuardedRouter(prefix="/v1.0/providers", tags=["providers"])

    @router.get("", response_model=ProviderPage, summary="List providers, newest first")
    async def list_providers(
        caller: Viewer,
        q: str = "",
        health_status: HealthStatus | None = None,
        carrier: str = "",
        tag: str = "",
        enabled: bool | None = None,
        page_size: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
        page_token: str = "",
    ) -> Response:
        wanted = ProviderFilter(q, health_status.value if health_status else "", carrier, tag, enabled)
        page = await providers.list(wanted, page_size, page_token)
        if caller.role is Role.VIEWER:
            page = ProviderPage.model_construct(
                result=[redacted(each) for each in page.result], next_page_token=page.next_page_token
            )
        return _json(page)

    @router.post("", response_model=Provider, summary="Add a provider")
    async def create_provider(body: ProviderCreate, caller: Admin, key: IdempotencyKey) -> Response:
        return _answer(await providers.create(body, actor(caller), key), caller)

    @router.get("/{provider_id}", response_model=Provider, summary="Read a provider")
    async def get_provider(provider_id: str, caller: Viewer) -> Response:
        return _answer(await providers.get(provider_id), caller)

    @router.put("/{provider_id}", response_model=Provider, summary="Replace a provider")
    async def replace_provider(
        provider_id: str, body: ProviderUpdate, caller: Admin, precondition: IfMatch
    ) -> Response:
        return _answer(await providers.replace(provider_id, body, actor(caller), precondition), caller)

    @router.patch("/{provider_id}", response_model=Provider, summary="Change some fields of a provider")
    async def patch_provider(
        provider_id: str, body: ProviderPatch, caller: Admin, precondition: IfMatch
    ) -> Response:
        return _answer(await providers.patch(provider_id, body, actor(caller), precondition), caller)

    @router.delete("/{provider_id}", response_model=DeletedProvider, summary="Delete a provider")
    async def delete_provider(
        provider_id: str,
        caller: Admin,
        precondition: IfMatch,
        deprovision: Annotated[bool, Query(description="also remove what setup made at the carrier")] = False,
        cascade: Annotated[bool, Query(description="also delete the routes that lead to it")] = False,
    ) -> Response:
        who = actor(caller)
        if deprovision:
            return _answer(await trunks.deprovision(provider_id, who, precondition, cascade=cascade), caller)
        return _answer(await providers.delete(provider_id, who, precondition, cascade=cascade), caller)

    @router.post("/{provider_id}/check", response_model=CheckReport, summary="Check a provider now")
    async def check_provider(provider_id: str, caller: Operator) -> Response:
        return _json(await checks.check(provider_id))

    @router.put("/{provider_id}/maintenance", response_model=Provider, summary="Put into maintenance")
    async def set_maintenance(provider_id: str, body: MaintenanceRequest, caller: Operator) -> Response:
        return _answer(await maintenance.set(provider_id, body, actor(caller)), caller)

    @router.delete("/{provider_id}/maintenance", response_model=Provider, summary="End maintenance")
    async def lift_maintenance(provider_id: str, caller: Operator) -> Response:
        return _answer(await maintenance.lift(provider_id, actor(caller)), caller)

    @router.get("/{provider_id}/trace", response_model=Trace, summary="Read the SIP of the last checks")
    async def trace(provider_id: str, caller: Viewer) -> Response:
        return _json(await traces.trace(provider_id))

    return router


def _answer(provider: Provider, caller: Caller) -> Response:
    shown = redacted(provider) if caller.role is Role.VIEWER else provider
    return _json(shown, {"ETag": f'"{provider.revision}"'})


def _json(model: BaseModel, headers: dict[str, str] | None = None) -> Response:
    return Response(model.model_dump_json(), 200, headers, "application/json")
