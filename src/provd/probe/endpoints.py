"""The UDP sockets that checks are sent from: one for each family, and one for each address chosen by a
provider."""

import asyncio
import math
import socket
from collections.abc import Callable
from functools import partial

from provd.probe.address import SocketAddress
from provd.probe.udp import NetworkError, Received, Take, UdpEndpoint

MAX_CHOSEN = 256
_ANY = (("0.0.0.0", 0), ("::", 0))


class BindError(Exception):
    """The address that checks are to be sent from can't be had; ``str()`` says which, and why."""


class Endpoints:
    """``bind`` and ``bind6`` are where checks are sent from unless a provider chooses otherwise."""

    def __init__(self, bind: SocketAddress = ("0.0.0.0", 0), bind6: SocketAddress = ("::", 0)) -> None:
        self._bind = {socket.AF_INET: bind, socket.AF_INET6: bind6}
        self._of_family: dict[bool, UdpEndpoint] = {}  # by whether it is for IPv6
        self._missing: dict[bool, OSError] = {}
        self._chosen: dict[SocketAddress, UdpEndpoint] = {}
        self._all: tuple[UdpEndpoint, ...] = ()
        self._open: Callable[[socket.AddressFamily, SocketAddress], UdpEndpoint] | None = None
        self._attach: Callable[[UdpEndpoint], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._at_once = True

    def open(
        self,
        loop: asyncio.AbstractEventLoop,
        take: Take,
        on_datagram: Received,
        on_error: NetworkError,
        on_readable: Callable[[UdpEndpoint], None],
    ) -> None:
        """Bind. Raises BindError when an address that was configured can't be had, or neither family; without
        a configured address one family may be missing, as IPv6 often is."""

        def attach(endpoint: UdpEndpoint) -> None:
            endpoint.attach(loop, partial(on_readable, endpoint))

        def make(family: socket.AddressFamily, bind: SocketAddress) -> UdpEndpoint:
            made = UdpEndpoint(family, bind, on_datagram, on_error, take)
            if self._at_once:
                attach(made)
            return made

        self._open, self._attach, self._loop = make, attach, loop
        for family, bind in self._bind.items():
            is_ipv6 = family == socket.AF_INET6
            try:
                self._of_family[is_ipv6] = make(family, bind)
            except OSError as error:
                self._missing[is_ipv6] = error
                if bind not in _ANY:
                    self.close()
                    raise BindError(
                        f"checks can't be sent from {bind[0]} port {bind[1]} ([probe] bind): {error.strerror}"
                    ) from error
        self._all = tuple(self._of_family.values())
        if not self._all:
            errors = {error.strerror for error in self._missing.values()}
            raise BindError(f"checks can't be sent at all: {', '.join(map(str, errors))}")

    def tell(self, *, at_once: bool) -> None:
        """Have ``on_readable`` called as soon as there is something to drain, as at the beginning; or never,
        for who drains often enough by itself."""
        self._at_once = at_once
        for endpoint in self._all:
            if not at_once and self._loop is not None:
                endpoint.detach(self._loop)
            elif at_once and self._attach is not None:
                self._attach(endpoint)

    def close(self) -> None:
        """Close every socket."""
        if self._loop is not None:
            for endpoint in (*self._of_family.values(), *self._chosen.values()):
                endpoint.close(self._loop)
        self._of_family.clear()
        self._chosen.clear()
        self._all, self._open, self._attach = (), None, None

    def of(self, peer: SocketAddress, chosen: SocketAddress | None) -> UdpEndpoint:
        """The socket to send to ``peer`` from; OSError when there is none."""
        is_ipv6 = ":" in peer[0]
        if chosen is not None and (":" in chosen[0]) == is_ipv6:
            return self._chosen.get(chosen) or self._choose(chosen, is_ipv6=is_ipv6)
        endpoint = self._of_family.get(is_ipv6)
        if endpoint is None:
            raise self._missing.get(is_ipv6) or OSError("checks have not begun, or have ended")
        return endpoint

    def stream_bind(self, peer: SocketAddress, chosen: SocketAddress | None) -> SocketAddress | None:
        """Where a connection to ``peer`` is to come from: the chosen or configured address, at any port,
        since one port can't serve many connections; None leaves it to the system."""
        is_ipv6 = ":" in peer[0]
        if chosen is None or (":" in chosen[0]) != is_ipv6:
            chosen = self._bind[socket.AF_INET6 if is_ipv6 else socket.AF_INET]
        return None if chosen[0] in ("0.0.0.0", "::") else (chosen[0], 0)

    def drain(self, limit: int) -> float:
        """Take in up to ``limit`` datagrams of each socket; answers until when all that came was taken in,
        in monotonic seconds."""
        return min([endpoint.drain(limit) for endpoint in self._all], default=math.inf)

    def _choose(self, chosen: SocketAddress, *, is_ipv6: bool) -> UdpEndpoint:
        default = self._of_family.get(is_ipv6)
        if default is not None and default.is_bound_to(chosen):
            return default
        if self._open is None:
            raise OSError("checks have not begun, or have ended")
        if len(self._chosen) >= MAX_CHOSEN:
            raise OSError(f"providers choose more than {MAX_CHOSEN} addresses to send from")
        made = self._chosen[chosen] = self._open(socket.AF_INET6 if is_ipv6 else socket.AF_INET, chosen)
        self._all = (*self._of_family.values(), *self._chosen.values())
        return made
