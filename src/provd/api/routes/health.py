"""``/v1.0/providers/{id}/health`` and its history."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from provd.api.guard import Viewer
from provd.api.permissions import GuardedRouter
from provd.schema.history import MAX_POINTS, History, Instant, ProviderHealth
from provd.services.history.queries import HistoryQueries


def make_router(history: HistoryQueries) -> GuardedRouter:
    """The endpoints of a provider's health."""
    router = GuardedRouter(prefix="/v1.0/providers/{provider_id}/health", tags=["health"])

    @router.get("", response_model=ProviderHealth, summary="A provider's health in full")
    async def get_health(provider_id: str, caller: Viewer) -> Response:
        shown = await history.health(provider_id)
        return Response(shown.model_dump_json(), media_type="application/json")

    @router.get("/history", response_model=History, summary="A provider's checks over a time")
    async def get_history(
        provider_id: str,
        caller: Viewer,
        start: Annotated[Instant | None, Query(alias="from")] = None,
        end: Annotated[Instant | None, Query(alias="to")] = None,
        points: Annotated[int, Query(ge=1, le=MAX_POINTS)] = 120,
        target: Annotated[str, Query(description="one of its addresses, like 192.0.2.1:5060")] = "",
    ) -> Response:
        shown = await history.history(provider_id, start, end, points, target)
        return Response(shown.model_dump_json(by_alias=True), media_type="application/json")

    return router
