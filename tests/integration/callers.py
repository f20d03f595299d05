"""Those who send INVITEs to the redirect server, by UDP and TCP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from provd.sip.framing import MessageFramer
from provd.sip.message import Response
from provd.sip.parser import parse_message

from .peers import HOST

LONDON = "+442071838750"


def invite(uri: str = f"sip:{LONDON}@provd", *, method: str = "INVITE", call: str = "1") -> bytes:
    return (
        f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {HOST}:5060;branch=z9hG4bK{call};rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:+4930123@{HOST}>;tag=1\r\nTo: <sip:{LONDON}@provd>\r\n"
        f"Call-ID: {call}\r\nCSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def address_of(listening: str) -> tuple[str, int]:
    """The host and port of ``udp:127.0.0.1:5060``."""
    host, _, port = listening.partition(":")[2].rpartition(":")
    return host.strip("[]"), int(port)


class Caller:
    """What came back is in ``received``, in order."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[bytes] = asyncio.Queue()

    async def answer(self) -> Response:
        """The next answer."""
        async with asyncio.timeout(10):
            message = parse_message(await self.received.get())
        assert isinstance(message, Response)
        return message


class UdpCaller(Caller, asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.received.put_nowait(data)

    async def ask(self, data: bytes) -> Response:
        self.transport.sendto(data)
        return await self.answer()


class TcpCaller(Caller, asyncio.Protocol):
    """``closed`` is set when the server has closed the connection."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = asyncio.Event()
        self._framer = MessageFramer()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._framer.feed(data)
        for message in self._framer:
            self.received.put_nowait(message)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()

    async def ask(self, data: bytes) -> Response:
        self.transport.write(data)
        return await self.answer()


@asynccontextmanager
async def calling_by_udp(address: tuple[str, int]) -> AsyncIterator[UdpCaller]:
    loop = asyncio.get_running_loop()
    transport, caller = await loop.create_datagram_endpoint(UdpCaller, remote_addr=address)
    try:
        yield caller
    finally:
        transport.close()


@asynccontextmanager
async def calling_by_tcp(address: tuple[str, int]) -> AsyncIterator[TcpCaller]:
    transport, caller = await asyncio.get_running_loop().create_connection(TcpCaller, *address)
    try:
        yield caller
    finally:
        transport.close()
        await caller.closed.wait()
