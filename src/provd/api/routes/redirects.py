"""``/v1.0/redirects``."""

from starlette.responses import Response

from provd.api.guard import Viewer
from provd.api.permissions import GuardedRouter
from provd.schema.redirect import RedirectList
from provd.services.redirects import RedirectService


def make_router(redirects: RedirectService) -> GuardedRouter:
    """The endpoint of redirects."""
    router = GuardedRouter(prefix="/v1.0", tags=["routes"])

    @router.get("/redirects", response_model=RedirectList, summary="The latest calls that were redirected")
    async def list_redirects(caller: Viewer) -> Response:
        return Response(redirects.latest().model_dump_json(), media_type="application/json")

    return router
