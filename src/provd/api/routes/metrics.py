"""``/metrics``."""

from collections.abc import AsyncIterator

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from provd.api.guard import Viewer
from provd.api.permissions import GuardedRouter
from provd.services.metrics.scrape import MetricsService

_OPENMETRICS = "application/openmetrics-text"


def make_router(metrics: MetricsService) -> GuardedRouter:
    """The endpoint that Prometheus asks."""
    router = GuardedRouter(tags=["daemon"])

    @router.get(
        "/metrics",
        summary="Metrics for Prometheus",
        response_class=Response,
        responses={
            200: {
                "description": "The metrics; OpenMetrics where that is accepted",
                "content": {"text/plain": {}, _OPENMETRICS: {}},
            }
        },
    )
    async def get_metrics(request: Request, caller: Viewer) -> Response:
        return await answer(metrics, request.headers.get("accept", ""))

    return router


async def answer(metrics: MetricsService, accept: str) -> Response:
    """What a scrape is answered with, in the format that an Accept header asks for. Raises StoreError."""
    is_openmetrics = _OPENMETRICS in accept
    pieces = metrics.scrape(is_openmetrics=is_openmetrics)
    first = await anext(pieces)  # what is wrong at the beginning is an answer of its own

    async def all_pieces() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    return StreamingResponse(
        all_pieces(), headers={"Content-Type": metrics.media_type(is_openmetrics=is_openmetrics)}
    )
