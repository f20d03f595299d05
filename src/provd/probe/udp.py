"""UDP sockets for the monitor: one for each address family, non-blocking, with the ICMP errors of each."""

import asyncio
import errno
import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from provd.probe.address import SocketAddress
from provd.probe.arrived import Arrived
from provd.probe.batch import MOST, shared_batch
from provd.probe.stamps import ask_for_stamps
from provd.schema.health import Cause

RECEIVE_BUFFER = 8 * 1024 * 1024
_IP_RECVERR, _IPV6_RECVERR = 11, 25  # linux/in.h, linux/in6.h
_SO_RCVBUFFORCE = 33  # asm-generic/socket.h; needs CAP_NET_ADMIN, and passes net.core.rmem_max
_OLDEST_STAMP_S = 1.0
_TRIES = 10  # of a send: errors about others may come in between
_EXTENDED_ERROR = struct.Struct("=IBBBBII")  # linux/errqueue.h sock_extended_err
_FROM_ICMP = (2, 3)

Take = Callable[[Iterator[Arrived]], Arrived | None]
Received = Callable[[bytes, SocketAddress, float, "UdpEndpoint"], None]
NetworkError = Callable[[bytes, Cause, str], None]


class UdpEndpoint:
    """One bound socket. Datagrams go to ``take``; one that it answers goes to ``on_datagram(data, source,
    when it came, this endpoint)`` and it is asked to go on, until it has taken all that is left and answers
    None. What the network says of one that we sent goes to ``on_error(its beginning, cause, message)``.

    When a datagram came is what the kernel noted (monotonic seconds), however late it is taken in.
    """

    def __init__(
        self,
        family: socket.AddressFamily,
        bind: SocketAddress,
        on_datagram: Received,
        on_error: NetworkError,
        take: Take = lambda waiting: next(waiting, None),
    ) -> None:
        self._family = family
        self._take = take
        self._on_datagram = on_datagram
        self._on_error = on_error
        self._socket = _bound_socket(family, bind)
        self._sendto = self._socket.sendto
        self.port: int = self._socket.getsockname()[1]
        self._bound_host: str = self._socket.getsockname()[0]
        self._wildcard = self._bound_host in ("0.0.0.0", "::")
        self._route: socket.socket | None = None

    def attach(self, loop: asyncio.AbstractEventLoop, on_readable: Callable[[], None]) -> None:
        """Have the loop call ``on_readable`` when there is something to drain."""
        loop.add_reader(self._socket, on_readable)

    def detach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have the loop call nobody: who drains often enough by itself spares it."""
        loop.remove_reader(self._socket)

    def close(self, loop: asyncio.AbstractEventLoop) -> None:
        """Leave the loop and close the socket."""
        loop.remove_reader(self._socket)
        self._socket.close()
        if self._route is not None:
            self._route.close()

    def is_bound_to(self, address: SocketAddress) -> bool:
        """Whether this very address was bound; port 0 stands for any."""
        return self._bound_host == address[0] and address[1] in (0, self.port)

    def local_address(self, peer: SocketAddress) -> SocketAddress:
        """Our address as ``peer`` would see it without NAT; raises OSError when there is no route."""
        if not self._wildcard:
            return self._bound_host, self.port
        if self._route is None:
            self._route = socket.socket(self._family, socket.SOCK_DGRAM)
        self._route.connect(peer)  # of UDP: no more than a look at the routing table
        return self._route.getsockname()[0], self.port

    def send(self, data: bytes, peer: SocketAddress) -> None:
        """Send. Raises BlockingIOError when the send buffer is full, other OSErrors when it can't be sent."""
        for tries_left in reversed(range(_TRIES)):
            try:
                self._sendto(data, peer)
            except BlockingIOError:
                raise
            except OSError:
                # an ICMP error about an earlier datagram is reported by the next call, whatever it is
                if not self._read_errors() or not tries_left:
                    raise
            else:
                return

    def drain(self, limit: int) -> float:
        """Take in up to ``limit`` datagrams, and no more than a batch; answers until when all that came was
        taken in, in monotonic seconds: before now, when there may be more."""
        batch, take = shared_batch(), self._take
        now = time.monotonic()
        since_boot = now - time.time()
        received = None
        while received is None:
            try:
                received = batch.receive(self._socket.fileno(), limit)
            except BlockingIOError:
                return now
            except OSError:
                if not self._read_errors():  # an ICMP error stands before what came: that is next
                    return 0.0
        datagrams, came = received
        oldest = now - _OLDEST_STAMP_S  # one that is older came just now; or the clock was set meanwhile
        times = [at if oldest < (at := since_boot + each) < now else now for each in came]
        waiting = zip(range(len(times)), datagrams, times, strict=True)
        while (other := take(waiting)) is not None:
            place, data, at = other
            self._on_datagram(data, batch.source(place), at, self)
        return times[-1] if len(times) >= min(limit, MOST) else now

    def _read_errors(self) -> int:
        seen = 0
        with suppress(BlockingIOError):
            while True:
                ours, ancillary, _, _ = self._socket.recvmsg(2048, 512, socket.MSG_ERRQUEUE)
                seen += 1
                for level, kind, payload in ancillary:
                    if (level, kind) in (
                        (socket.IPPROTO_IP, _IP_RECVERR),
                        (socket.IPPROTO_IPV6, _IPV6_RECVERR),
                    ):
                        self._tell(ours, payload)
        return seen

    def _tell(self, ours: bytes, payload: bytes) -> None:
        number, origin, *_ = _EXTENDED_ERROR.unpack_from(payload)
        if number == errno.ECONNREFUSED:
            cause = Cause.REFUSED
        elif origin in _FROM_ICMP or number == errno.EHOSTUNREACH:  # the latter: no answer to ARP or ND
            cause = Cause.UNREACHABLE
        else:
            cause = Cause.LOCAL
        self._on_error(ours, cause, os.strerror(number))


def _bound_socket(family: socket.AddressFamily, bind: SocketAddress) -> socket.socket:
    made = socket.socket(family, socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        try:
            made.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, RECEIVE_BUFFER)
        except OSError:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        with suppress(OSError):  # without it, datagrams come when they are taken in
            ask_for_stamps(made)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            made.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVERR, 1)
        else:
            made.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
        made.bind(bind)
    except OSError:
        made.close()
        raise
    return made
