"""The sound of a simulated carrier: whatever comes is sent back."""

import asyncio
from typing import cast


class Echo(asyncio.DatagramProtocol):
    """Sends each packet back to where it came from."""

    def __init__(self) -> None:
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self, host: str) -> int:
        """Listen; answers the port, which the kernel chooses. Raises OSError."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, (host, 0))
        return int(transport.get_extra_info("sockname")[1])

    def close(self) -> None:
        """Listen no more."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket (asyncio)."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Send it back (asyncio)."""
        if self._transport is not None:
            self._transport.sendto(data, addr)
