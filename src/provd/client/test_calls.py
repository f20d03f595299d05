"""The calls about test calls, as ``Client.test_calls``."""

from typing import Any
from urllib.parse import quote

import httpx

from provd.client.alerts import Call
from provd.schema.test_calls import CallTest, CallTestPage, CallTestRequest, SipLogin, SipLoginRequest

_CALL_S = httpx.Timeout(240.0, connect=5.0)  # to ring and to talk a minute each, over several addresses


class CallTestCalls:
    """Every call raises ApiError or DaemonUnavailable."""

    def __init__(self, call: Call) -> None:
        self._call = call

    async def place(
        self, provider_id: str, request: CallTestRequest, *, idempotency_key: str | None = None
    ) -> CallTest:
        """Place a test call, and wait for its end; with the same ``idempotency_key`` a repeat gives the
        first result."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        body = request.model_dump(mode="json", exclude_unset=True)
        return await self._call(
            CallTest, "POST", _calls(provider_id), json=body, headers=headers, timeout=_CALL_S
        )

    async def page(self, provider_id: str, *, page_size: int = 100, page_token: str = "") -> CallTestPage:
        """Read one page, newest first."""
        query: dict[str, Any] = {"page_size": str(page_size), "page_token": page_token}
        return await self._call(CallTestPage, "GET", _calls(provider_id), params=query)

    async def get(self, provider_id: str, call_id: str) -> CallTest:
        """Read one."""
        return await self._call(CallTest, "GET", f"{_calls(provider_id)}/{quote(call_id, safe='')}")

    async def cancel(self, provider_id: str, call_id: str) -> CallTest:
        """Hang one up; answers its result."""
        path = f"{_calls(provider_id)}/{quote(call_id, safe='')}"
        return await self._call(CallTest, "DELETE", path)

    async def login(self, provider_id: str) -> SipLogin:
        """Tell which login test calls use."""
        return await self._call(SipLogin, "GET", _login(provider_id))

    async def put_login(self, provider_id: str, wanted: SipLoginRequest) -> SipLogin:
        """Give a provider a login."""
        body = {"username": wanted.username, "password": wanted.password.get_secret_value()}
        return await self._call(SipLogin, "PUT", _login(provider_id), json=body)

    async def delete_login(self, provider_id: str) -> SipLogin:
        """Forget a provider's login."""
        return await self._call(SipLogin, "DELETE", _login(provider_id))


def _calls(provider_id: str) -> str:
    return f"/v1.0/providers/{quote(provider_id, safe='')}/test-calls"


def _login(provider_id: str) -> str:
    return f"/v1.0/providers/{quote(provider_id, safe='')}/sip-login"
