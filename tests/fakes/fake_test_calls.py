"""Test calls of the in-memory daemon: each rings when the test says so, and ends as it says."""

import asyncio
from collections.abc import Callable
from typing import Any

from provd.schema.events import EventType
from provd.schema.status import Role
from provd.schema.test_calls import (
    CallMode,
    CallOutcome,
    CallTest,
    CallTestPage,
    CallTestRequest,
    CallTestStep,
    LadderStep,
    RtpReport,
    SipLogin,
    SipLoginRequest,
)
from provd.schema.timestamps import to_timestamp

Emit = Callable[..., None]
Reach = Callable[..., None]


def a_test_call(outcome: CallOutcome = CallOutcome.RINGING, **fields: Any) -> CallTest:
    """Make a call that has ended."""
    whole: dict[str, Any] = {
        "id": "call-1",
        "provider_id": "id-acme",
        "provider": "Acme",
        "by": "mara",
        "destination": "+15550100",
        "mode": CallMode.RING,
        "cause_text": "It rang, and was hung up: the trunk carries calls.",
        "pdd_ms": 812.0,
        "tm_create": to_timestamp(0),
    }
    return CallTest.model_validate({**whole, "outcome": outcome, **fields})


SOUND = RtpReport(sent=500, received=490, loss_pct=2.0, jitter_ms=1.5, first_packet_ms=40.0, audio="sound")


class FakeTestCalls:
    """``before`` are the calls that there were; ``end`` gives the one that is under way its end."""

    def __init__(self, emit: Emit) -> None:
        self.before: list[CallTest] = []
        self.placed: list[CallTestRequest] = []
        self.cancelled: list[str] = []
        self.login = SipLogin(provider_id="id-acme", source="none")
        self.passwords: list[str] = []
        self._emit = emit
        self._ending: asyncio.Future[CallTest] | None = None

    def step(self, way: str, text: str, at_ms: float = 0.0) -> None:
        """Tell those who follow that the call goes on."""
        step = LadderStep.model_validate({"at_ms": at_ms, "way": way, "text": text})
        told = CallTestStep(provider_id="id-acme", call_id="call-1", at=to_timestamp(0), step=step)
        self._emit(EventType.TEST_CALL_STEP, told, "id-acme")

    def end(self, call: CallTest) -> None:
        """End the call."""
        assert self._ending is not None
        self._ending.set_result(call)

    async def place(self, request: CallTestRequest) -> CallTest:
        """Place a call: wait until it is ended."""
        self.placed.append(request)
        self._ending = asyncio.get_running_loop().create_future()
        return await self._ending


class FakeTestCallsClient:
    """The calls of one client; ``reach`` raises when the daemon is away, or the role is too low."""

    def __init__(self, calls: FakeTestCalls, reach: Reach) -> None:
        self._calls = calls
        self._reach = reach

    async def place(self, provider_id: str, request: CallTestRequest) -> CallTest:
        self._reach("place", Role.OPERATOR)
        return await self._calls.place(request)

    async def page(self, provider_id: str, *, page_size: int = 100) -> CallTestPage:
        self._reach("test_calls")
        return CallTestPage(result=self._calls.before[:page_size], next_page_token="")

    async def get(self, provider_id: str, call_id: str) -> CallTest:
        self._reach("test_call")
        return next(each for each in self._calls.before if each.id == call_id)

    async def cancel(self, provider_id: str, call_id: str) -> CallTest:
        self._reach("cancel", Role.OPERATOR)
        self._calls.cancelled.append(call_id)
        call = a_test_call(CallOutcome.CANCELLED, cause_text="It was hung up before the end.")
        self._calls.end(call)
        return call

    async def login(self, provider_id: str) -> SipLogin:
        self._reach("login")
        return self._calls.login

    async def put_login(self, provider_id: str, wanted: SipLoginRequest) -> SipLogin:
        self._reach("put_login", Role.ADMIN)
        self._calls.passwords.append(wanted.password.get_secret_value())
        self._calls.login = SipLogin(provider_id=provider_id, username=wanted.username, source="api")
        return self._calls.login

    async def delete_login(self, provider_id: str) -> SipLogin:
        self._reach("delete_login", Role.ADMIN)
        gone, self._calls.login = self._calls.login, SipLogin(provider_id=provider_id, source="none")
        return gone
