"""The redirect server over TCP: bounded connections, each with bounded patience."""

import asyncio
import socket
import time
from collections import Counter
from typing import cast

from provd.agent.redirect.address import ListenAddress
from provd.agent.redirect.choice import SocketAddress
from provd.agent.redirect.redirect import Redirector
from provd.sip.framing import PONG, FramingError, MessageFramer

MAX_CONNECTIONS, MAX_CONNECTIONS_OF_SOURCE = 256, 64
IDLE_S = 120.0
DRAIN_LIMIT = 16
"""Messages of a connection that are answered before everybody else on the loop has a turn."""
MAX_UNSENT = 256 * 1024
_BACKLOG = 128
_MAX_PONGS = 16


class TcpListener:
    """Bound from the first moment, raising OSError if it can't be; answers from ``attach`` to ``close``.

    A connection that brings nothing for ``idle_s`` seconds is closed.
    """

    def __init__(self, address: ListenAddress, redirector: Redirector, *, idle_s: float = IDLE_S) -> None:
        self.redirector = redirector
        self.idle_s = idle_s
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            self._socket.bind((address.host, address.port))
            self._socket.listen(_BACKLOG)
        except OSError:
            self._socket.close()
            raise
        self.address = ListenAddress("tcp", address.host, self._socket.getsockname()[1])
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._of_source: Counter[str] = Counter()

    async def attach(self) -> None:
        """Begin to accept connections."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), sock=self._socket)

    def close(self) -> None:
        """Close the socket and every connection."""
        if self._server is not None:
            self._server.close()
        self._socket.close()
        for connection in list(self._connections):
            connection.abort()

    def admit(self, connection: "_Connection") -> bool:
        """Take a new connection in, if its source may ask and has not too many."""
        host = connection.source[0]
        if not self.redirector.may_ask(connection.source):
            return False
        if len(self._connections) >= MAX_CONNECTIONS or self._of_source[host] >= MAX_CONNECTIONS_OF_SOURCE:
            self.redirector.counts.ignored += 1
            return False
        self._connections.add(connection)
        self._of_source[host] += 1
        return True

    def release(self, connection: "_Connection") -> None:
        """Forget a connection that is over, if it had been taken in."""
        if connection not in self._connections:
            return
        self._connections.discard(connection)
        host = connection.source[0]
        self._of_source[host] -= 1
        if not self._of_source[host]:
            del self._of_source[host]


class _Connection(asyncio.Protocol):
    def __init__(self, listener: TcpListener) -> None:
        self.source: SocketAddress = ("", 0)
        self._listener = listener
        self._framer = MessageFramer()
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._idle: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        if not peer:  # it has gone already
            self.abort()
            return
        self.source = peer
        if not self._listener.admit(self):
            self.abort()
            return
        self._watch_idle()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._idle is not None:
            self._idle.cancel()
        self._listener.release(self)

    def data_received(self, data: bytes) -> None:
        self._heard = self._loop.time()
        self._framer.feed(data)
        self._answer()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _answer(self) -> None:
        """Answer some of what has come; the rest, and what is unread, after a turn of the others."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        try:
            for _ in range(DRAIN_LIMIT):
                message = next(iter(self._framer), None)
                transport.write(PONG * min(self._framer.take_pings(), _MAX_PONGS))
                if message is None:
                    transport.resume_reading()
                    break
                answer = self._listener.redirector.answer(message, self.source, time.monotonic())
                if answer is not None:
                    transport.write(answer)
            else:
                transport.pause_reading()
                self._loop.call_soon(self._answer)
        except FramingError:
            self._listener.redirector.counts.ignored += 1
            transport.close()
            return
        if transport.get_write_buffer_size() > MAX_UNSENT:  # the peer reads none of it
            transport.abort()

    def _watch_idle(self) -> None:
        left = self._heard + self._listener.idle_s - self._loop.time()
        if left <= 0:
            self.abort()
            return
        self._idle = self._loop.call_later(left, self._watch_idle)
