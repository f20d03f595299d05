"""What a call's messages go over: a UDP socket of its own, or connections of its own."""

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Protocol

from provd.agent.calling.connection import CallConnection
from provd.probe.address import SocketAddress, address_text
from provd.probe.stream.failure import NotConnected
from provd.probe.stream.opening import open_stream
from provd.probe.stream.progress import Progress
from provd.probe.stream.route import Route
from provd.probe.stream.tls import TlsFiles
from provd.probe.udp import UdpEndpoint
from provd.schema.health import Cause
from provd.schema.provider import Transport

_DRAINED = 64
_REOPEN_S = 4.0

OnMessage = Callable[[bytes, SocketAddress], None]
OnFailure = Callable[[str], None]


class LineError(Exception):
    """There is no way to the peer; ``str()`` says why."""


class Line(Protocol):
    """``send`` never waits; what can't be sent is told by the ``on_failure`` that it was opened with."""

    @property
    def local(self) -> SocketAddress:
        """Our address, as the peer sees it without NAT."""

    @property
    def reliable(self) -> bool:
        """Whether nothing has to be sent again."""

    def send(self, data: bytes, to: SocketAddress) -> None:
        """Send a message to an address."""

    def close(self) -> None:
        """End it."""


def local_host(peer: SocketAddress, bind: SocketAddress | None) -> str:
    """The address that we reach ``peer`` from: ``bind``'s if it is of the same family. Raises LineError."""
    is_ipv6 = ":" in peer[0]
    if bind is not None and (":" in bind[0]) == is_ipv6 and bind[0] not in ("0.0.0.0", "::"):
        return bind[0]
    family = socket.AF_INET6 if is_ipv6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as looking:
            looking.connect(peer)  # of UDP: no more than a look at the routing table
            host: str = looking.getsockname()[0]
            return host
    except OSError as error:
        raise LineError(f"there is no way to {address_text(peer)}: {error.strerror}") from error


class UdpLine:
    """A socket that is bound to the address the peer is reached from."""

    reliable = False

    def __init__(self, host: str, on_message: OnMessage, on_failure: OnFailure) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET

        def failed(_ours: bytes, cause: Cause, message: str) -> None:
            on_failure(f"{cause.value}: {message}")

        def took(data: bytes, source: SocketAddress, _at: float, _endpoint: UdpEndpoint) -> None:
            on_message(data, (source[0], source[1]))

        try:
            self._endpoint = UdpEndpoint(family, (host, 0), took, failed)
        except OSError as error:
            raise LineError(f"calls can't be sent from {host}: {error.strerror}") from error
        self._on_failure = on_failure
        self._loop = asyncio.get_running_loop()
        self._endpoint.attach(self._loop, self._drain)
        self.local = (host, self._endpoint.port)

    def send(self, data: bytes, to: SocketAddress) -> None:
        """Send a datagram."""
        try:
            self._endpoint.send(data, to)
        except BlockingIOError:
            pass  # as if the network had lost it
        except OSError as error:
            self._on_failure(error.strerror or str(error))

    def close(self) -> None:
        """Close the socket."""
        self._endpoint.close(self._loop)

    def _drain(self) -> None:
        self._endpoint.drain(_DRAINED)


class StreamLine:
    """Connections to the peer: the first, and more to where its dialog leads, or when one has ended.

    ``on_lost`` is told when the peer has closed one; the next message opens another.
    """

    reliable = True

    def __init__(
        self, route: Route, tls: TlsFiles, on_message: OnMessage, on_failure: OnFailure, on_lost: OnFailure
    ) -> None:
        self.local: SocketAddress = ("", 0)
        self._route = route
        self._tls = tls
        self._on_message = on_message
        self._on_failure = on_failure
        self._on_lost = on_lost
        self._connections: dict[SocketAddress, CallConnection] = {}
        self._opening: dict[SocketAddress, list[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Make the first connection. Raises LineError."""
        self.local = (await self._connect(self._route.address)).local

    def send(self, data: bytes, to: SocketAddress) -> None:
        """Send over the connection that leads there, or over one that is opened for it."""
        connection = self._connections.get(to)
        if connection is not None:
            connection.send(data)
        elif to in self._opening:
            self._opening[to].append(data)
        else:
            self._opening[to] = [data]
            task = asyncio.create_task(self._open_and_send(to))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Close every connection."""
        for task in self._tasks:
            task.cancel()
        connections, self._connections = list(self._connections.values()), {}
        for connection in connections:
            connection.close()

    async def _open_and_send(self, to: SocketAddress) -> None:
        problem = ""
        try:
            async with asyncio.timeout(_REOPEN_S):
                connection: CallConnection | None = await self._connect(to)
        except (LineError, TimeoutError) as error:
            problem = str(error) or f"no connection to {address_text(to)} within {_REOPEN_S:g} s"
            connection = self._connections.get(self._route.address)  # better than nowhere
        waiting = self._opening.pop(to, [])
        if connection is None:
            self._on_failure(problem)
            return
        for data in waiting:
            connection.send(data)

    async def _connect(self, to: SocketAddress) -> CallConnection:
        def make(local: SocketAddress) -> CallConnection:
            return CallConnection(local, to, self._on_message, self._lost)

        route = Route(
            self._route.transport, to, self._route.server_name, self._route.verify, bind=self._route.bind
        )
        try:
            _, connection = await open_stream(route, self._tls, make, Progress(_REOPEN_S), time.monotonic)
        except NotConnected as error:
            raise LineError(f"no connection to {address_text(to)}: {error.failure.reason}") from error
        self._connections[to] = connection
        return connection

    def _lost(self, connection: CallConnection) -> None:
        if self._connections.get(connection.peer) is connection:
            del self._connections[connection.peer]
            self._on_lost(f"{address_text(connection.peer)} closed the connection")


def hop(transport: Transport, local: SocketAddress) -> str:
    """Our end of each Via."""
    return f"SIP/2.0/{transport.value.upper()} {address_text(local)}"
