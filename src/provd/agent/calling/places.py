"""Where the URIs lead that a peer has its dialog's requests sent to."""

from collections.abc import Awaitable, Callable

from provd.probe.address import SocketAddress
from provd.schema.hostname import HostKind, HostPort, parse_hostname
from provd.sip.host import format_host
from provd.sip.uri import SipUri, Uri

_DEFAULT_PORTS = {"udp": 5060, "tcp": 5060, "tls": 5061}
_MOST_NAMES = 16

Resolve = Callable[[HostPort], Awaitable[SocketAddress | None]]


class Places:
    """``resolve`` gives the first address of a name. What is no SIP URI, or no host, leads to ``peer``."""

    def __init__(self, peer: SocketAddress, transport: str, resolve: Resolve) -> None:
        self._peer = peer
        self._default_port = _DEFAULT_PORTS[transport]
        self._resolve = resolve
        self._known: dict[HostPort, SocketAddress] = {}

    def now(self, uri: Uri | None) -> SocketAddress | None:
        """Where a URI leads, None for the peer itself; None when its name has to be looked up first."""
        host = None if uri is None else _host(uri)
        if host is None:
            return self._peer
        if host.kind is not HostKind.NAME:
            return host.host, host.port or self._default_port
        return self._known.get(host)

    async def later(self, uri: Uri | None) -> SocketAddress:
        """The same, with the name looked up; the peer if that leads nowhere."""
        host = None if uri is None else _host(uri)
        if host is None or len(self._known) >= _MOST_NAMES:
            return self._peer
        found = await self._resolve(host)
        self._known[host] = found or self._peer
        return self._known[host]


def _host(uri: Uri) -> HostPort | None:
    if not isinstance(uri, SipUri):
        return None
    try:
        return parse_hostname(format_host(uri.host, uri.port))
    except ValueError:
        return None
