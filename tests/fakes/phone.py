"""A phone over UDP on loopback, in this process: it does with each call as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import cast

from provd.sip.answer import make_response
from provd.sip.message import Request
from provd.sip.parser import parse_message
from provd.sip.sdp import PCMU, Sound, describe
from tests.fakes.rtp_echo import rtp_echo

HOST = "127.0.0.1"
_TYPED = ("Content-Type", "application/sdp")


class Mood(StrEnum):
    """What a phone does with a call."""

    ANSWERS = "answers"
    RINGS = "rings"
    TRIES = "tries"
    BUSY = "busy"
    SILENT = "silent"


class Phone(asyncio.DatagramProtocol):
    """``requests`` are those that came, without OPTIONS and what was sent again."""

    def __init__(self, mood: Mood, sound_port: int) -> None:
        self.mood = mood
        self.requests: list[Request] = []
        self.port = 0
        self._sound_port = sound_port
        self._invite: Request | None = None
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def hostname(self) -> str:
        """Where it is."""
        return f"{HOST}:{self.port}"

    @property
    def methods(self) -> list[str]:
        """The methods of the requests."""
        return [each.method for each in self.requests]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is bound."""
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer."""
        request = parse_message(data)
        if not isinstance(request, Request):
            return
        if request.method == "OPTIONS":
            self._respond(request, 200, addr)
            return
        if any(_same(request, each) for each in self.requests):
            return
        self.requests.append(request)
        match request.method:
            case "INVITE" if self.mood is not Mood.SILENT:
                self._invite = request
                self._invited(request, addr)
            case "CANCEL":
                self._respond(request, 200, addr)
                if self._invite is not None:
                    self._respond(self._invite, 487, addr)
            case "BYE":
                self._respond(request, 200, addr)

    def _invited(self, request: Request, addr: tuple[str, int]) -> None:
        self._respond(request, 100, addr)
        if self.mood is Mood.BUSY:
            self._respond(request, 486, addr)
        if self.mood in (Mood.RINGS, Mood.ANSWERS):
            self._respond(request, 180, addr)
        if self.mood is Mood.ANSWERS:
            self._respond(request, 200, addr, describe(Sound(HOST, self._sound_port, (PCMU,), 101), 1, 1))

    def _respond(self, request: Request, code: int, addr: tuple[str, int], body: bytes = b"") -> None:
        assert self._transport is not None
        headers = [("Contact", f"<sip:phone@{self.hostname}>"), *([_TYPED] if body else [])]
        tag = None if code == 100 else "phone"
        response = make_response(request, code, None, headers, tag, body)
        self._transport.sendto(response.to_bytes(), addr)


def _same(one: Request, other: Request) -> bool:
    return (one.method, one.top_via.branch) == (other.method, other.top_via.branch)


@asynccontextmanager
async def running_phone(mood: Mood = Mood.ANSWERS) -> AsyncIterator[Phone]:
    """A phone on a port that the kernel chooses; what it hears it sends back."""
    loop = asyncio.get_running_loop()
    async with rtp_echo() as echo:
        transport, phone = await loop.create_datagram_endpoint(
            lambda: Phone(mood, echo.port), local_addr=(HOST, 0)
        )
        try:
            yield phone
        finally:
            transport.close()
