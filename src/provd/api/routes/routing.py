"""``/v1.0/routes`` and the dial preview."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel
from starlette.responses import Response

from provd.api.guard import Admin, IdempotencyKey, IfMatch, Viewer, actor
from provd.api.permissions import GuardedRouter
from provd.schema.route import (
    DialPreview,
    DialRequest,
    Matrix,
    Resolution,
    ResolveRequest,
    Route,
    RouteCreate,
    RoutePage,
    RoutePatch,
    RouteUpdate,
)
from provd.schema.status import Caller, Role
from provd.services.pages import MAX_PAGE
from provd.services.redaction import HIDDEN
from provd.services.routing.book import RouteBook
from provd.services.routing.matrix import matrix
from provd.services.routing.resolving import Resolver
from provd.services.routing.routes import RouteService


def make_router(routes: RouteService, resolver: Resolver, book: RouteBook) -> GuardedRouter:
    """The endpoints of routes."""
    router = GuardedRouter(prefix="/v1.0", tags=["routes"])

    @router.get("/routes", response_model=RoutePage, summary="List routes, newest first")
    async def list_routes(
        caller: Viewer,
        customer_id: str = "",
        provider_id: str = "",
        page_size: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
        page_token: str = "",
    ) -> Response:
        return _json(await routes.list(customer_id, provider_id, page_size, page_token))

    @router.post("/routes", response_model=Route, summary="Add a route")
    async def create_route(body: RouteCreate, caller: Admin, key: IdempotencyKey) -> Response:
        return _route(await routes.create(body, actor(caller), key))

    @router.get("/routes/matrix", response_model=Matrix, summary="Who would carry each country")
    async def get_matrix(caller: Viewer, customer_id: str = "") -> Response:
        return _json(matrix(book, customer_id))

    @router.post("/routes/resolve", response_model=Resolution, summary="Who would carry a call")
    async def resolve(body: ResolveRequest, caller: Viewer) -> Response:
        found = resolver.resolve(body)
        if caller.role is Role.VIEWER:
            for each in found.attempts:
                each.headers = _hidden(each.headers)
        return _json(found)

    @router.get("/routes/{route_id}", response_model=Route, summary="Read a route")
    async def get_route(route_id: str, caller: Viewer) -> Response:
        return _route(await routes.get(route_id))

    @router.put("/routes/{route_id}", response_model=Route, summary="Replace a route")
    async def replace_route(
        route_id: str, body: RouteUpdate, caller: Admin, precondition: IfMatch
    ) -> Response:
        return _route(await routes.replace(route_id, body, actor(caller), precondition))

    @router.patch("/routes/{route_id}", response_model=Route, summary="Change some fields of a route")
    async def patch_route(route_id: str, body: RoutePatch, caller: Admin, precondition: IfMatch) -> Response:
        return _route(await routes.patch(route_id, body, actor(caller), precondition))

    @router.delete("/routes/{route_id}", response_model=Route, summary="Delete a route")
    async def delete_route(route_id: str, caller: Admin, precondition: IfMatch) -> Response:
        return _route(await routes.delete(route_id, actor(caller), precondition))

    @router.post(
        "/providers/{provider_id}/dial-preview",
        response_model=DialPreview,
        summary="How a number would be dialled through a provider",
    )
    async def preview(provider_id: str, body: DialRequest, caller: Viewer) -> Response:
        return _json(_for(resolver.preview(provider_id, body), caller))

    return router


def _for(preview: DialPreview, caller: Caller) -> DialPreview:
    if caller.role is not Role.VIEWER:
        return preview
    return preview.model_copy(update={"headers": _hidden(preview.headers)})


def _hidden(headers: dict[str, str]) -> dict[str, str]:
    return dict.fromkeys(headers, HIDDEN)


def _route(route: Route) -> Response:
    return Response(
        route.model_dump_json(), 200, {"ETag": f'"{route.revision}"'}, media_type="application/json"
    )


def _json(model: BaseModel) -> Response:
    return Response(model.model_dump_json(), media_type="application/json")
