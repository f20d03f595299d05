"""A transport to a simulated carrier, on which calls can go wrong; while none do, each is held against the
carrier's specification."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from provd.demo.carriers.fake import FakeApi
from tests.fakes.carriers.contract import check_answer, check_request

Meddling = Callable[[httpx.Request, Callable[[], httpx.Response]], httpx.Response]


@dataclass(frozen=True)
class Fault:
    """Something that happens instead of a call: ``meddle`` gets the request, and what makes the carrier act
    and answer. ``lasts`` calls in a row go wrong (a limit that ends, an outage that does not)."""

    name: str
    meddle: Meddling
    lasts: int = 1

    def __str__(self) -> str:
        return self.name


def _silent(*, acts: bool, error: type[httpx.TransportError]) -> Meddling:
    def meddle(request: httpx.Request, act: Callable[[], httpx.Response]) -> httpx.Response:
        if acts:
            act()
        raise error("", request=request)

    return meddle


def _says(code: int, *, headers: dict[str, str] | None = None, acts: bool = False) -> Meddling:
    def meddle(_request: httpx.Request, act: Callable[[], httpx.Response]) -> httpx.Response:
        if acts:
            act()
        return httpx.Response(code, json={"errors": [{"title": "Meddled with"}]}, headers=headers)

    return meddle


def _html(_request: httpx.Request, act: Callable[[], httpx.Response]) -> httpx.Response:
    act()
    return httpx.Response(200, html="<html>Welcome to this network. Please log in.</html>")


def _truncated(_request: httpx.Request, act: Callable[[], httpx.Response]) -> httpx.Response:
    whole = act()
    return httpx.Response(
        whole.status_code, content=whole.content[: len(whole.content) // 2], headers=whole.headers
    )


FOR_EVER = 10_000
FAULTS = (
    Fault("timeout before it acted", _silent(acts=False, error=httpx.ReadTimeout)),
    Fault("timeout after it acted", _silent(acts=True, error=httpx.ReadTimeout)),
    Fault("reset before it acted", _silent(acts=False, error=httpx.ReadError)),
    Fault("reset after it acted", _silent(acts=True, error=httpx.RemoteProtocolError)),
    Fault("no connection", _silent(acts=False, error=httpx.ConnectError)),
    *(Fault(f"{code}", _says(code)) for code in (400, 401, 403, 404, 409, 422, 429, 500, 503)),
    Fault("429 with Retry-After", _says(429, headers={"Retry-After": "2"})),
    Fault("429 for an hour", _says(429, headers={"Retry-After": "3600"})),
    Fault("500 after it acted", _says(500, acts=True)),
    Fault("HTML", _html),
    Fault("a truncated body", _truncated),
    *(Fault(f"{code} for ever", _says(code), FOR_EVER) for code in (401, 403, 422, 429, 503)),
    Fault("silent for ever", _silent(acts=False, error=httpx.ReadTimeout), FOR_EVER),
    Fault("acts and is silent for ever", _silent(acts=True, error=httpx.ReadTimeout), FOR_EVER),
)
_SORTS = (
    "timeout before it acted",
    "reset after it acted",
    "403",
    "404",
    "HTML",
    "422 for ever",
    "acts and is silent for ever",
)
ONE_OF_EACH = tuple(fault for fault in FAULTS if fault.name in _SORTS)


class FaultyTransport(httpx.AsyncBaseTransport):
    """Counts calls in ``calls``; call number ``at`` (from 1) and those after it suffer ``fault``.

    Without ``specifications`` nothing is held against them.
    """

    def __init__(self, fake: FakeApi, specifications: tuple[str, ...] = ()) -> None:
        self.fake = fake
        self.calls: list[httpx.Request] = []
        self.fault: Fault | None = None
        self.at = 0
        self.before: Callable[[httpx.Request], Awaitable[None]] | None = None
        self._specifications = specifications

    def begin(self, fault: Fault | None = None, at: int = 0) -> None:
        """Count from 1 again, with this fault or none."""
        self.calls.clear()
        self.fault, self.at = fault, at

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.calls.append(request)
        if self.before is not None:
            await self.before(request)
        held = self._specifications and self.fault is None
        name = check_request(request, *self._specifications) if held else ""

        def act() -> httpx.Response:
            response = self.fake.handle(request)
            response.read()
            if name and response.status_code < 400:
                check_answer(request, response, name)
            return response

        number = len(self.calls)
        if self.fault is not None and self.at <= number < self.at + self.fault.lasts:
            return self.fault.meddle(request, act)
        return act()
