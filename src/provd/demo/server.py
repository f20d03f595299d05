"""A simulated carrier: a SIP server on one UDP address, as its behaviour says. Calls get an echo."""

import asyncio
import random
import secrets
import time
from typing import cast

from provd.demo.behaviour import Behaviour
from provd.demo.echo import Echo
from provd.sip.answer import make_response
from provd.sip.errors import SipParseError
from provd.sip.message import Request
from provd.sip.parser import parse_message
from provd.sip.sdp import EVENTS, PCMA, PCMU, SdpError, Sound, answer_to, describe, parse

_ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS"


class SimulatedCarrier(asyncio.DatagramProtocol):
    """Answers requests as its behaviour says; a ``seed`` makes its losses and delays repeatable.

    ``requests`` counts what came, retransmissions too; ``last_request`` and ``last_source`` are of the
    latest. An INVITE that it answers with 200 has its sound sent back.
    """

    def __init__(self, behaviour: Behaviour, *, server: str = "provd demo carrier", seed: int = 0) -> None:
        self.behaviour = behaviour
        self.requests = 0
        self.last_request: Request | None = None
        self.last_source: tuple[str, int] | None = None
        self._server = server
        self._random = random.Random(seed)
        self._started = time.monotonic()
        self._transport: asyncio.DatagramTransport | None = None
        self._tag = secrets.token_hex(4)
        self._address = ""
        self._echo = Echo()
        self._sound: Sound | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; answers the port. Raises OSError when the address can't be had."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, (host, port))
        self._sound = Sound(host, await self._echo.start(host), (PCMU, PCMA), EVENTS)
        return int(transport.get_extra_info("sockname")[1])

    def close(self) -> None:
        """Stop listening."""
        self._echo.close()
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket (asyncio)."""
        self._transport = cast(asyncio.DatagramTransport, transport)
        host, port = transport.get_extra_info("sockname")[:2]
        self._address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Take a request (asyncio)."""
        try:
            request = parse_message(data)
        except SipParseError:
            return
        if not isinstance(request, Request) or request.method == "ACK":
            return
        self.requests += 1
        self.last_request, self.last_source = request, addr[:2]
        answer = self.behaviour.answer(
            uptime_s=time.monotonic() - self._started, chance=self._random.random()
        )
        if answer is None:
            return
        headers = [
            ("Server", self._server),
            ("Allow", _ALLOW),
            ("Accept", "application/sdp"),
            *answer.headers,
        ]
        body = self._description(request) if answer.code == 200 and request.method == "INVITE" else b""
        if body:
            headers += [("Contact", f"<sip:{self._address}>"), ("Content-Type", "application/sdp")]
        response = make_response(
            request, answer.code, answer.reason, headers, self._tag, body, source=addr[:2]
        )
        asyncio.get_running_loop().call_later(answer.delay_s, self._send, response.to_bytes(), addr)

    def _description(self, invite: Request) -> bytes:
        """Our answer to a call's offer; empty where there is none to answer."""
        if self._sound is None:
            return b""
        try:
            return describe(answer_to(parse(invite.body), self._sound), session=1, version=1)
        except SdpError:
            return b""

    def _send(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, addr)
