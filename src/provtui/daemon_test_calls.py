"""The part of ``provd.client.test_calls.CallTestCalls`` that the terminal uses."""

from typing import Protocol

from provd.schema.test_calls import CallTest, CallTestPage, CallTestRequest, SipLogin, SipLoginRequest


class TestCalls(Protocol):
    """The calls about test calls; each raises ApiError or DaemonUnavailable."""

    async def place(self, provider_id: str, request: CallTestRequest) -> CallTest:
        """Place a test call, and wait for its end."""

    async def page(self, provider_id: str, *, page_size: int = 100) -> CallTestPage:
        """Read one page, newest first."""

    async def get(self, provider_id: str, call_id: str) -> CallTest:
        """Read one."""

    async def cancel(self, provider_id: str, call_id: str) -> CallTest:
        """Hang one up."""

    async def login(self, provider_id: str) -> SipLogin:
        """Tell which login test calls use."""

    async def put_login(self, provider_id: str, wanted: SipLoginRequest) -> SipLogin:
        """Give a provider a login."""

    async def delete_login(self, provider_id: str) -> SipLogin:
        """Forget a provider's login."""
