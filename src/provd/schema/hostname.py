"""The hostname of a provider: a DNS name, an IPv4 address or ``[IPv6]``, each with an optional port."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address

MAX_LENGTH = 255
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")


class HostKind(StrEnum):
    """How a host is written, which decides whether it needs DNS (RFC 3263 section 4.2)."""

    NAME = "name"
    IPV4 = "ipv4"
    IPV6 = "ipv6"


@dataclass(frozen=True, slots=True)
class HostPort:
    """A parsed hostname. ``host`` is without brackets; ``port`` is None when the text gave none."""

    host: str
    kind: HostKind
    port: int | None

    @property
    def uri_host(self) -> str:
        """The host as a SIP URI writes it: IPv6 in brackets (RFC 3261 section 25.1)."""
        return f"[{self.host}]" if self.kind is HostKind.IPV6 else self.host

    def __str__(self) -> str:
        return self.uri_host if self.port is None else f"{self.uri_host}:{self.port}"


def parse_hostname(text: str) -> HostPort:
    """Take a provider's hostname apart.

    Raises ValueError with a sentence for people when ``text`` is none of the three forms.
    """
    if not text:
        raise ValueError("is empty: give a DNS name, an IPv4 address or [IPv6], with an optional :port")
    if len(text) > MAX_LENGTH:
        raise ValueError(f"is {len(text)} characters long: at most {MAX_LENGTH} are allowed")
    scheme = re.match(r"(sips?|tel|https?)://|(sips?|tel):(?!\d+$)", text, re.IGNORECASE)
    if scheme:
        raise ValueError(f"is a URI: leave out {scheme.group()!r} and give the host alone")
    if "@" in text:
        raise ValueError("has a user part: give the host alone, after the '@'")
    if text.startswith("["):
        return _bracketed(text)
    if text.count(":") > 1:
        raise ValueError(
            "looks like an IPv6 address: write it in brackets, [2001:db8::1] or [2001:db8::1]:5060"
        )
    host, colon, port = text.partition(":")
    return _unbracketed(host, _port(port) if colon else None)


def _bracketed(text: str) -> HostPort:
    inside, bracket, rest = text[1:].partition("]")
    if not bracket or (rest and not rest.startswith(":")):
        raise ValueError("has a '[' without its ']': write [2001:db8::1] or [2001:db8::1]:5060")
    try:
        address = IPv6Address(inside)
    except AddressValueError:
        raise ValueError(f"has {inside!r} in brackets, which is not an IPv6 address") from None
    if address.scope_id is not None:
        raise ValueError(f"has the zone %{address.scope_id}: only addresses without a zone can be used")
    return HostPort(str(address), HostKind.IPV6, _port(rest[1:]) if rest else None)


def _unbracketed(host: str, port: int | None) -> HostPort:
    try:
        return HostPort(str(IPv4Address(host)), HostKind.IPV4, port)
    except AddressValueError:
        pass
    if not host.isascii():
        raise ValueError("has characters outside ASCII: write an international name in its xn-- form")
    name = host.removesuffix(".")
    labels = name.split(".")
    wrong = next((label for label in labels if not _LABEL.fullmatch(label)), None)
    if wrong is not None:
        raise ValueError(
            f"is not a DNS name: the part {wrong!r} must be 1-63 letters, digits, '-' or '_', "
            "with no '-' at either end"
        )
    if labels[-1].isdigit():
        raise ValueError(f"has {host!r}, which is neither an IPv4 address nor a DNS name")
    if len(name) > 253:
        raise ValueError("is longer than the 253 characters that a DNS name may have")
    return HostPort(host, HostKind.NAME, port)


@lru_cache(maxsize=1024)  # a million providers share few ports
def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535:
        return int(text)
    raise ValueError(f"has the port {text!r}: it must be a number from 1 to 65535")
