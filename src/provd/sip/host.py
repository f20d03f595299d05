"""The host and port of a URI or a Via (RFC 3261 section 25.1, ``host`` and ``port``)."""

import re
from ipaddress import AddressValueError, IPv6Address

from provd.sip.errors import SipParseError, shown
from provd.sip.grammar import parse_scalar

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_DIGITS_AND_DOTS = re.compile(r"[0-9.]+")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]+")
_MAX_PORT = 65_535


def parse_host(text: str) -> str:
    """Check a host and give it without brackets, else as written.

    Takes a name, an IPv4 address, or an IPv6 address in brackets; underscores in names are let
    through, since DNS has them. Raises SipParseError for anything else.
    """
    if text.startswith("["):
        if not text.endswith("]"):
            raise SipParseError(f"the host {shown(text)} has a '[' without its ']'")
        return parse_ipv6(text[1:-1])
    if _NAME.fullmatch(text) is None:
        raise SipParseError(f"{shown(text)} is not a host")
    if _DIGITS_AND_DOTS.fullmatch(text) and _IPV4.fullmatch(text) is None:
        raise SipParseError(f"the host {shown(text)} is not an IPv4 address")
    return text


def parse_ipv6(text: str) -> str:
    """Check an IPv6 address written without brackets. Raises SipParseError, also for one with a zone."""
    if _IPV6.fullmatch(text):
        try:
            IPv6Address(text)
        except AddressValueError:
            pass
        else:
            return text
    raise SipParseError(f"{shown(text)} is not an IPv6 address")


def parse_port(text: str) -> int:
    """The port that ``text`` writes in digits. Raises SipParseError when it is not 1 to 65535."""
    port = parse_scalar(text, _MAX_PORT)
    if not port:
        raise SipParseError(f"the port {shown(text)} is not a number from 1 to 65535")
    return port


def format_host(host: str, port: int | None = None) -> str:
    """``host`` and ``port`` as a message writes them: IPv6 in brackets, no port when it is None."""
    bracketed = f"[{host}]" if ":" in host else host
    return bracketed if port is None else f"{bracketed}:{port}"
