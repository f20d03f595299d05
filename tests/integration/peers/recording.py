"""SIP peers on loopback that remember each request as it came, and answer it as a test says."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import cast

from provd.schema.provider import Transport
from provd.sip.answer import make_response
from provd.sip.message import Request
from provd.sip.parser import parse_message
from tests.unit.probe.stream.peers import Visit, running_peer

from . import HOST

Reply = Callable[[Request], bytes | None]


def ok(request: Request) -> bytes:
    """The answer 200."""
    return make_response(request, 200, to_tag="peer").to_bytes()


class RecordingPeer:
    """``requests`` are those that came, in order, and ``sources`` where those over UDP came from; ``reply``
    makes the answers."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.address = (HOST, 0)
        self.reply: Reply = ok
        self.requests: list[Request] = []
        self.sources: list[tuple[str, int]] = []

    @property
    def hostname(self) -> str:
        return f"{self.address[0]}:{self.address[1]}"

    def take(self, request: Request) -> bytes | None:
        self.requests.append(request)
        return self.reply(request)

    async def count(self) -> int:
        return len(self.requests)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, peer: RecordingPeer) -> None:
        self._peer = peer
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        request = parse_message(data)
        assert isinstance(request, Request)
        self._peer.sources.append(addr)
        reply = self._peer.take(request)
        if reply is not None and self._transport is not None:
            self._transport.sendto(reply, addr)


@asynccontextmanager
async def recording_peer(transport: Transport = Transport.UDP) -> AsyncIterator[RecordingPeer]:
    """Listen by UDP or TCP for as long as the block lasts."""
    peer = RecordingPeer(transport)
    if transport is Transport.UDP:
        loop = asyncio.get_running_loop()
        endpoint, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(peer), (HOST, 0))
        peer.address = endpoint.get_extra_info("sockname")
        try:
            yield peer
        finally:
            endpoint.close()
        return

    async def serve(visit: Visit) -> None:
        with suppress(EOFError):
            while True:
                reply = peer.take(await visit.request())
                if reply is not None:
                    await visit.send(reply)

    async with running_peer(serve) as listening:
        peer.address = listening.address
        yield peer
