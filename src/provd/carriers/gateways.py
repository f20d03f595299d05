"""Our own public SIP addresses, as they are registered at carriers."""

import ipaddress
from collections.abc import Sequence
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field

from provd.schema.hostname import HostKind, parse_hostname

SIP_PORT = 5060
_NOT_PUBLIC = tuple(
    map(
        ipaddress.ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4"),
            *("::/128", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8", "::ffff:0:0/96"),
        ),
    )
)


class Gateway(NamedTuple):
    """An address and port."""

    ip: str
    port: int

    def __str__(self) -> str:
        return f"[{self.ip}]:{self.port}" if ":" in self.ip else f"{self.ip}:{self.port}"


def parse_gateway(text: str) -> Gateway:
    """Read ``203.0.113.10``, ``203.0.113.10:5060`` or ``[2001:db8::1]:5060``.

    Raises ValueError for anything else, and for addresses that no carrier can reach.
    """
    if "/" in text:
        raise ValueError(
            f"has {text!r}, a network: give each address by itself, like 203.0.113.10:{SIP_PORT}"
        )
    try:
        name = parse_hostname(text)
    except ValueError as error:
        raise ValueError(f"has {text!r}, which {error}") from None
    if name.kind is HostKind.NAME:
        raise ValueError(f"has {text!r}, a name: carriers take addresses, like 203.0.113.10:{SIP_PORT}")
    address = ipaddress.ip_address(name.host)
    if any(address in network for network in _NOT_PUBLIC if network.version == address.version):
        raise ValueError(
            f"has {text!r}, which is not public: a carrier needs the address that it sees, outside of NAT"
        )
    return Gateway(str(address), name.port or SIP_PORT)


def _gateways(texts: list[str]) -> list[str]:
    known: list[str] = []
    for text in texts:
        gateway = str(parse_gateway(text))
        if gateway in known:
            raise ValueError(f"has {gateway} twice: give each address once")
        known.append(gateway)
    return known


Gateways = Annotated[list[str], AfterValidator(_gateways)]
GatewaySetting = Annotated[
    Gateways,
    Field(
        title="Our SIP addresses",
        description="Public addresses that calls come from and go to, like 203.0.113.10:5060. "
        "Empty: those of [platform] sip_gateways in the daemon's configuration.",
        max_length=20,
    ),
]


def parsed(gateways: Sequence[str]) -> list[Gateway]:
    """Gateways that were checked before, in their parts."""
    return [parse_gateway(each) for each in gateways]
