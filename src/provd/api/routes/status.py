"""``/version`` and ``/v1.0/status``."""

from provd.api.guard import Viewer
from provd.api.permissions import GuardedRouter
from provd.schema.status import ApiVersions, Status, Version
from provd.services.status import StatusService
from provd.version import __version__

API_VERSION = "1.0"


def make_router(status: StatusService) -> GuardedRouter:
    """The endpoints of the daemon itself."""
    router = GuardedRouter(tags=["daemon"])

    @router.get("/version", summary="The daemon's and the API's version")
    async def version(caller: Viewer) -> Version:
        return Version(version=__version__, api=ApiVersions(current=API_VERSION, minimum=API_VERSION))

    @router.get("/v1.0/status", summary="How the daemon does, and who it says you are")
    async def get_status(caller: Viewer) -> Status:
        return await status.status(caller)

    return router
