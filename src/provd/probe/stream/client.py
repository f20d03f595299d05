"""Exchanges of OPTIONS over TCP and TLS: each over the connection that its route has, or over a new one."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial

from provd.probe.address import SocketAddress
from provd.probe.request import BRANCH_LENGTH, MAGIC
from provd.probe.stream.certificate import Certificate, peer_certificate
from provd.probe.stream.connection import Connection
from provd.probe.stream.exchange import Exchange
from provd.probe.stream.failure import Failure, NotConnected
from provd.probe.stream.opening import open_stream
from provd.probe.stream.pool import Line, Pool
from provd.probe.stream.progress import Progress, StreamOutcome
from provd.probe.stream.route import Route
from provd.probe.stream.tls import TlsFiles
from provd.schema.health import Cause
from provd.schema.provider import Transport

_LOOK_AT_CERTIFICATE_S = 1.0

MakeRequest = Callable[[SocketAddress, bytes], bytes]
OnRequest = Callable[[bytes, SocketAddress, Transport], bytes | None]


class StreamClient:
    """Sends OPTIONS over connections, which it keeps open where the route allows it.

    ``on_request(request, peer, transport)`` is given the requests that peers send on these connections,
    and gives the response to send back, or None. At most ``max_connections`` are kept open while nothing
    is under way on them; beyond that the one that was used longest ago is closed. ``clock`` is monotonic.
    ``strays`` counts responses that belonged to no exchange.
    """

    def __init__(
        self,
        tls: TlsFiles,
        on_request: OnRequest,
        *,
        clock: Callable[[], float] = time.monotonic,
        max_connections: int = 1000,
    ) -> None:
        self.strays = 0
        self._tls = tls
        self._on_request = on_request
        self._clock = clock
        self._pool = Pool(max_connections)
        self._connections: set[Connection] = set()
        self._timers: set[asyncio.Timeout] = set()
        self._closed = False

    @property
    def open_connections(self) -> int:
        """How many connections are open."""
        return sum(connection.is_open for connection in self._connections)

    async def exchange(self, route: Route, make_request: MakeRequest, timeout_s: float) -> StreamOutcome:
        """Send one OPTIONS request, and give what became of it within ``timeout_s``.

        ``make_request(local, branch)`` gives the request's bytes; it is to have CSeq ``1 OPTIONS`` and
        ``branch`` in its one Via. It is called again when a connection that was open before turns out to
        have ended, since the exchange then begins anew, once, on a new connection. Whatever the peer does is
        an outcome and not an exception. When this is cancelled, nothing of the exchange remains.
        """
        progress = Progress(timeout_s)
        deadline = asyncio.get_running_loop().time() + timeout_s
        failure: Failure | None
        try:
            async with self._until(deadline):
                with self._pool.line(route) as line:
                    failure = await self._ask(route, line, make_request, progress)
        except NotConnected as told:
            failure = told.failure
        except TimeoutError:
            failure = progress.out_of_time()
        if self._closed:
            failure = _stopped()
        elif failure is not None and failure.cause is Cause.TLS_VERIFY:
            progress.certificate = await self._unverified_certificate(route, deadline)
        return progress.outcome(failure, self._clock())

    def close_route(self, route: Route) -> None:
        """Close the connection of a route, or when the exchanges under way on it have ended."""
        self._pool.drop(route)

    async def close(self) -> None:
        """Close every connection. Exchanges under way end with cause ``local``, and no other begins."""
        self._closed = True
        now = asyncio.get_running_loop().time()
        for timer in self._timers:
            if not timer.expired():
                timer.reschedule(now)
        lost = [connection.lost for connection in self._connections]
        for connection in list(self._connections):
            connection.close()
        if lost:
            await asyncio.wait(lost)

    async def _ask(
        self, route: Route, line: Line, make_request: MakeRequest, progress: Progress
    ) -> Failure | None:
        is_first_try = True
        while True:
            connection, exchange = await self._begin(route, line, make_request, progress)
            try:
                await exchange.over
            finally:
                connection.end(exchange)
                if exchange.response is None:
                    connection.retire()
            if not (is_first_try and progress.reused and exchange.is_lost):
                return exchange.failure
            is_first_try = False

    async def _begin(
        self, route: Route, line: Line, make_request: MakeRequest, progress: Progress
    ) -> tuple[Connection, Exchange]:
        """Send the request over the connection of the line, or over one that is opened for it."""
        progress.begin_connection(self._clock())
        async with line.lock:
            if self._closed:
                raise NotConnected(_stopped())
            connection = line.connection
            if connection is None or not connection.is_usable:
                connection = line.connection = await self._open(route, line, make_request, progress)
                return connection, connection.first
            progress.reuse(connection.local, connection.certificate)
            exchange = progress.exchange = _new_exchange(make_request, connection.local)
            # what became of an idle connection, a firewall on the way may not tell: ask early enough
            connection.begin(exchange, lost_after_s=progress.timeout_s / 2)
            return connection, exchange

    async def _open(
        self, route: Route, line: Line, make_request: MakeRequest, progress: Progress
    ) -> Connection:
        def make(local: SocketAddress) -> Connection:
            progress.exchange = _new_exchange(make_request, local)
            return Connection(
                local,
                progress.exchange,
                answer=lambda request: self._on_request(request, route.address, route.transport),
                on_stray=self._count_stray,
                on_lost=partial(self._lost, route, line),
                clock=self._clock,
                has_certificate=self._tls.has_certificate,
            )

        _, connection = await open_stream(route, self._tls, make, progress, self._clock)
        progress.opened(connection.opened_at, connection.certificate)
        if connection.is_open:
            self._connections.add(connection)
        return connection

    async def _unverified_certificate(self, route: Route, deadline: float) -> Certificate | None:
        """Shake hands again to see what could not be verified; None when that does not work either."""
        until = min(deadline, asyncio.get_running_loop().time() + _LOOK_AT_CERTIFICATE_S)
        look, progress = replace(route, verify=False), Progress(_LOOK_AT_CERTIFICATE_S)
        with suppress(NotConnected, TimeoutError):
            async with self._until(until):
                transport, _ = await open_stream(
                    look, self._tls, lambda _: asyncio.Protocol(), progress, self._clock
                )
                try:
                    return peer_certificate(transport)
                finally:
                    transport.abort()
        return None

    @asynccontextmanager
    async def _until(self, deadline: float) -> AsyncIterator[None]:
        """Raise TimeoutError in the block at ``deadline``, or when everything is closed."""
        async with asyncio.timeout_at(deadline) as timer:
            self._timers.add(timer)
            try:
                yield
            finally:
                self._timers.discard(timer)

    def _count_stray(self) -> None:
        self.strays += 1

    def _lost(self, route: Route, line: Line, connection: Connection) -> None:
        self._connections.discard(connection)
        self._pool.lost(route, line)


def _new_exchange(make_request: MakeRequest, local: SocketAddress) -> Exchange:
    branch = MAGIC + secrets.token_hex(BRANCH_LENGTH // 2).encode()
    return Exchange(branch, make_request(local, branch))


def _stopped() -> Failure:
    return Failure(Cause.LOCAL, "checks are being stopped")
