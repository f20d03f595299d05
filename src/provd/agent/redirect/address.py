"""Where to listen, as the configuration writes it: ``udp:127.0.0.1:5060``, ``tcp:[::1]:5060``."""

from dataclasses import dataclass

from provd.schema.hostname import HostKind, parse_hostname

_FORM = "must be udp: or tcp: with an IP address and a port, like udp:127.0.0.1:5060 or tcp:[::1]:5060"


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """``transport`` is udp or tcp; ``host`` has no brackets; port 0 is any free one."""

    transport: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.transport}:{host}:{self.port}"


def parse_listen_address(text: str) -> ListenAddress:
    """Read an address to listen at. Raises ValueError, to stand after the key's name."""
    transport, _, place = text.partition(":")
    host, colon, port = place.rpartition(":")
    if transport not in ("udp", "tcp") or not colon:
        raise ValueError(_FORM)
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65535):
        raise ValueError(f"has the port {port[:16]!r}: it must be a number from 0 to 65535")
    try:
        parsed = parse_hostname(host)
    except ValueError as error:
        raise ValueError(f"has an address that {error}") from None
    if parsed.kind is HostKind.NAME or parsed.port is not None:
        raise ValueError(_FORM)
    return ListenAddress(transport, parsed.host, int(port))
