"""``/v1.0/providers/{id}/test-calls``, and the login that they use."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel
from starlette.responses import Response

from provd.api.guard import Admin, IdempotencyKey, Operator, Viewer, actor
from provd.api.permissions import GuardedRouter
from provd.schema.test_calls import CallTest, CallTestPage, CallTestRequest, SipLogin, SipLoginRequest
from provd.services.pages import MAX_PAGE
from provd.services.test_calls.logins import LoginBook
from provd.services.test_calls.service import CallTestService


def make_router(calls: CallTestService, logins: LoginBook) -> GuardedRouter:
    """The endpoints of test calls."""
    router = GuardedRouter(prefix="/v1.0/providers/{provider_id}", tags=["test calls"])

    @router.post("/test-calls", response_model=CallTest, summary="Place a test call, and wait for its end")
    async def place(
        provider_id: str, body: CallTestRequest, caller: Operator, key: IdempotencyKey
    ) -> Response:
        return _json(await calls.place(provider_id, body, actor(caller), key))

    @router.get("/test-calls", response_model=CallTestPage, summary="List test calls, newest first")
    async def list_calls(
        provider_id: str,
        caller: Viewer,
        page_size: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
        page_token: str = "",
    ) -> Response:
        return _json(await calls.page(provider_id, page_size, page_token))

    @router.get("/test-calls/{call_id}", response_model=CallTest, summary="Read a test call")
    async def get_call(provider_id: str, call_id: str, caller: Viewer) -> Response:
        return _json(await calls.get(provider_id, call_id))

    @router.delete("/test-calls/{call_id}", response_model=CallTest, summary="Hang a test call up")
    async def cancel(provider_id: str, call_id: str, caller: Operator) -> Response:
        return _json(await calls.cancel(provider_id, call_id))

    @router.get("/sip-login", response_model=SipLogin, summary="Tell which login test calls use")
    async def get_login(provider_id: str, caller: Viewer) -> Response:
        return _json(await logins.get(provider_id))

    @router.put("/sip-login", response_model=SipLogin, summary="Give a provider a login")
    async def put_login(provider_id: str, body: SipLoginRequest, caller: Admin) -> Response:
        return _json(await logins.put(provider_id, body, actor(caller)))

    @router.delete("/sip-login", response_model=SipLogin, summary="Forget a provider's login")
    async def delete_login(provider_id: str, caller: Admin) -> Response:
        return _json(await logins.delete(provider_id, actor(caller)))

    return router


def _json(model: BaseModel) -> Response:
    return Response(model.model_dump_json(), media_type="application/json")
