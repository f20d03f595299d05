"""``/v1.0/providers/{id}/revisions`` and ``/v1.0/routes/{id}/revisions``."""

from typing import Annotated

from fastapi import Path, Query
from starlette.responses import Response

from provd.api.guard import Admin, IfMatch, Viewer, actor
from provd.api.permissions import GuardedRouter
from provd.schema.provider import Provider
from provd.schema.revision import RevisionPage
from provd.schema.route import Route
from provd.schema.status import Caller, Role
from provd.services.pages import MAX_PAGE
from provd.services.redaction import hidden
from provd.services.revisions import RevisionService

Number = Annotated[int, Path(ge=1, lt=2**63, description="the revision")]
PageSize = Annotated[int, Query(ge=1, le=MAX_PAGE)]


def make_router(revisions: RevisionService) -> GuardedRouter:
    """The endpoints of what records were."""
    router = GuardedRouter(prefix="/v1.0", tags=["revisions"])

    @router.get(
        "/providers/{provider_id}/revisions",
        response_model=RevisionPage,
        summary="List a provider's revisions, newest first; a deleted one's too",
    )
    async def of_provider(
        provider_id: str, caller: Viewer, page_size: PageSize = 100, page_token: str = ""
    ) -> Response:
        return _page(await revisions.of_provider(provider_id, page_size, page_token), caller)

    @router.post(
        "/providers/{provider_id}/revisions/{revision}/restore",
        response_model=Provider,
        summary="Give a provider the fields of a revision; a deleted one is there again",
    )
    async def restore_provider(
        provider_id: str, revision: Number, caller: Admin, precondition: IfMatch
    ) -> Response:
        return _record(await revisions.restore_provider(provider_id, revision, actor(caller), precondition))

    @router.get(
        "/routes/{route_id}/revisions",
        response_model=RevisionPage,
        summary="List a route's revisions, newest first; a deleted one's too",
    )
    async def of_route(
        route_id: str, caller: Viewer, page_size: PageSize = 100, page_token: str = ""
    ) -> Response:
        return _page(await revisions.of_route(route_id, page_size, page_token), caller)

    @router.post(
        "/routes/{route_id}/revisions/{revision}/restore",
        response_model=Route,
        summary="Give a route the fields of a revision; a deleted one is there again",
    )
    async def restore_route(
        route_id: str, revision: Number, caller: Admin, precondition: IfMatch
    ) -> Response:
        return _record(await revisions.restore_route(route_id, revision, actor(caller), precondition))

    return router


def _page(page: RevisionPage, caller: Caller) -> Response:
    if caller.role is Role.VIEWER:
        for each in page.result:
            each.fields = hidden(each.fields)
    return Response(page.model_dump_json(), media_type="application/json")


def _record(record: Provider | Route) -> Response:
    return Response(
        record.model_dump_json(), 200, {"ETag": f'"{record.revision}"'}, media_type="application/json"
    )
