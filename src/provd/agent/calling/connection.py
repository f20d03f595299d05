"""One connection of a call: messages out of its bytes, and keep-alives answered."""

import asyncio
from collections.abc import Callable
from typing import cast

from provd.probe.address import SocketAddress
from provd.sip.framing import PONG, FramingError, MessageFramer

_MOST_UNSENT = 262_144


class CallConnection(asyncio.Protocol):
    """``on_lost`` is told of its end, unless we closed it ourselves."""

    def __init__(
        self,
        local: SocketAddress,
        peer: SocketAddress,
        on_message: Callable[[bytes, SocketAddress], None],
        on_lost: Callable[["CallConnection"], None],
    ) -> None:
        self.local = local
        self.peer = peer
        self._on_message = on_message
        self._on_lost = on_lost
        self._framer = MessageFramer()
        self._transport: asyncio.Transport | None = None
        self._closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take what the peer sent; what is no SIP ends the connection."""
        self._framer.feed(data)
        try:
            for message in self._framer:
                self._on_message(message, self.peer)
        except FramingError:
            self._abort()
            return
        for _ in range(self._framer.take_pings()):
            self.send(PONG)

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended."""
        self._transport = None
        if not self._closed:
            self._closed = True
            self._on_lost(self)

    def send(self, data: bytes) -> None:
        """Send; a peer that reads nothing is left."""
        if self._transport is None:
            return
        self._transport.write(data)
        if self._transport is not None and self._transport.get_write_buffer_size() > _MOST_UNSENT:
            self._abort()

    def close(self) -> None:
        """Close it, once all is sent."""
        self._closed = True
        if self._transport is not None:
            self._transport.close()

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()
