"""``/v1.0/carriers`` and ``/v1.0/keyring``."""

from starlette.responses import Response

from provd.api.guard import Admin, Operator, Viewer
from provd.api.permissions import GuardedRouter
from provd.schema.carriers import Account, CarrierList, ValidateRequest
from provd.schema.setup import KeyringReport
from provd.services.setups.catalogue import Catalogue
from provd.services.setups.keys import KeyKeeper


def make_router(catalogue: Catalogue, keys: KeyKeeper) -> GuardedRouter:
    """The endpoints of carriers, and of the keyring that has their keys."""
    router = GuardedRouter(prefix="/v1.0", tags=["carriers"])

    @router.get("/carriers", response_model=CarrierList, summary="List the carriers that are supported")
    async def list_carriers(caller: Viewer) -> Response:
        return Response(catalogue.infos().model_dump_json(), media_type="application/json")

    @router.post("/carriers/{carrier}/validate", response_model=Account, summary="Ask whose key it is")
    async def validate(carrier: str, body: ValidateRequest, caller: Admin) -> Response:
        account = await catalogue.validate(carrier, body.credentials)
        return Response(account.model_dump_json(), media_type="application/json")

    @router.get("/keyring", response_model=KeyringReport, summary="Prove that the keyring works")
    async def keyring(caller: Operator) -> Response:
        report = await keys.report()
        return Response(report.model_dump_json(), media_type="application/json")

    return router
