"""A peer that sends each RTP packet back, or drops some."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast


class RtpEcho(asyncio.DatagramProtocol):
    """``drops(number)`` says which packets, counted from 0, are not sent back; ``heard`` counts all."""

    def __init__(self, drops: Callable[[int], bool]) -> None:
        self.heard = 0
        self.port = 0
        self._drops = drops
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is bound."""
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Send it back."""
        number, self.heard = self.heard, self.heard + 1
        if self._transport is not None and not self._drops(number):
            self._transport.sendto(data, addr)


@asynccontextmanager
async def rtp_echo(
    drops: Callable[[int], bool] = lambda _number: False, host: str = "127.0.0.1"
) -> AsyncIterator[RtpEcho]:
    """Echo on a port of ``host`` that the kernel chooses."""
    loop = asyncio.get_running_loop()
    transport, echo = await loop.create_datagram_endpoint(lambda: RtpEcho(drops), local_addr=(host, 0))
    try:
        yield echo
    finally:
        transport.close()
