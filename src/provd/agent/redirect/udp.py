"""A UDP socket of the redirect server."""

import asyncio
import socket
import time

from provd.agent.redirect.address import ListenAddress
from provd.agent.redirect.redirect import Redirector

DRAIN_LIMIT = 16
"""Datagrams that are answered before everybody else on the loop has a turn."""
RECEIVE_BUFFER = 1024 * 1024
_LARGEST_DATAGRAM = 65535


class UdpListener:
    """Bound from the first moment, raising OSError if it can't be; answers from ``attach`` to ``close``."""

    def __init__(self, address: ListenAddress, redirector: Redirector) -> None:
        self._redirector = redirector
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            if family == socket.AF_INET6:
                self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            self._socket.bind((address.host, address.port))
        except OSError:
            self._socket.close()
            raise
        self.address = ListenAddress("udp", address.host, self._socket.getsockname()[1])
        self._buffer = bytearray(_LARGEST_DATAGRAM)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def attach(self) -> None:
        """Begin to answer."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._drain)

    def close(self) -> None:
        """Close the socket."""
        if self._loop is not None:
            self._loop.remove_reader(self._socket)
        self._socket.close()

    def _drain(self) -> None:
        view, counts = memoryview(self._buffer), self._redirector.counts
        for _ in range(DRAIN_LIMIT):
            try:
                size, source = self._socket.recvfrom_into(self._buffer)
            except OSError:  # there is no more
                return
            answered = self._redirector.answer_datagram(bytes(view[:size]), source, time.monotonic())
            if answered is None:
                continue
            try:
                self._socket.sendto(*answered)
            except OSError:  # the buffer is full, or there is no way back: the peer will ask again
                counts.ignored += 1
