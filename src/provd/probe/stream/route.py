"""The way to a target over TCP or TLS."""

from dataclasses import dataclass

from provd.probe.address import SocketAddress
from provd.schema.provider import Transport


@dataclass(frozen=True, slots=True)
class Route:
    """Where a connection leads, and what is asked of it; exchanges of one route share its connection.

    ``server_name`` is the provider's domain, or what is configured in its place. TLS sends it as SNI unless
    it is an IP address, and with ``verify`` the certificate must be valid for it (RFC 5922 section 7.3). The
    names are compared as OpenSSL does it: a wildcard will do, though section 7.2 forbids it, since carriers
    use them. ``address`` and ``bind``, our own side, are IP addresses without brackets, with a port.
    """

    transport: Transport
    address: SocketAddress
    server_name: str
    verify: bool = True
    reuse: bool = True
    bind: SocketAddress | None = None
