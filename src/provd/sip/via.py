"""The Via header: the path of a request, which its responses take back (RFC 3261 section 20.42)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from provd.sip.errors import SipParseError, shown
from provd.sip.grammar import TOKEN_CHARS
from provd.sip.host import format_host, parse_host, parse_ipv6, parse_port
from provd.sip.params import NO_PARAMS, Params, scan_params

_HOP = re.compile(
    rf"[ \t]*([{TOKEN_CHARS}]+)[ \t]*/[ \t]*([{TOKEN_CHARS}]+)[ \t]*/[ \t]*([{TOKEN_CHARS}]+)[ \t]+"
    r"(\[[^\] \t]*\]|[^ \t:;,\[\]]+)(?:[ \t]*:[ \t]*([^ \t;,]+))?",
)
_SEPARATOR = re.compile(r"[ \t]*(?:,|\Z)")


@dataclass(frozen=True, slots=True)
class Via:
    """One hop. ``transport`` is in upper case when it was parsed; ``host`` has no brackets."""

    transport: str
    host: str
    port: int | None = None
    params: Params = NO_PARAMS
    protocol: str = "SIP/2.0"

    @property
    def branch(self) -> str | None:
        """What tells the transaction; absent from RFC 2543 peers (RFC 3261 section 8.1.1.7)."""
        return self.params.get("branch")

    @property
    def received(self) -> str | None:
        """The address that the request came from, without brackets (RFC 3261 section 18.2.1)."""
        value = self.params.get("received")
        return None if value is None else value.removeprefix("[").removesuffix("]")

    @property
    def rport(self) -> int | None:
        """The port that the request came from (RFC 3581); None also when it is only asked for."""
        value = self.params.get("rport")
        return None if value is None else parse_port(value)

    def seen_from(self, host: str, port: int) -> "Via":
        """A copy with the source address filled in, as the receiver of a request does it.

        ``rport`` is filled in when it was asked for, and ``received`` then or when ``host`` is not the
        one that the hop names (RFC 3261 section 18.2.1, RFC 3581 section 4).
        """
        params = self.params
        asked = "rport" in params
        if asked or host != self.host:
            params = params.replace("received", host)
        if asked:
            params = params.replace("rport", str(port))
        return replace(self, params=params)

    def __str__(self) -> str:
        return f"{self.protocol}/{self.transport} {format_host(self.host, self.port)}{self.params}"


def parse_vias(values: Iterable[str]) -> tuple[Via, ...]:
    """Read the hops of all Via headers of a message, the top one first.

    Each value may hold several, separated by commas. Raises SipParseError for anything malformed: an
    empty hop or parameter, a bad host, port, ``received`` or ``rport``, a second ``branch``.
    """
    hops: list[Via] = []
    for value in values:
        position = 0
        while True:
            hop, position = _scan_hop(value, position)
            hops.append(hop)
            separator = _SEPARATOR.match(value, position)
            if separator is None:
                raise SipParseError(f"the Via is malformed at {shown(value[position:])}")
            position = separator.end()
            if position == len(value) and not separator[0].endswith(","):
                break
    return tuple(hops)


def _scan_hop(value: str, start: int) -> tuple[Via, int]:
    match = _HOP.match(value, start)
    if match is None:
        raise SipParseError(f"the Via is malformed at {shown(value[start:])}")
    name, version, transport, host, port = match.groups()
    params, end = scan_params(value, match.end())
    if params.items:
        _check(params)
    hop = Via(
        transport.upper(),
        parse_host(host),
        None if port is None else parse_port(port),
        params,
        f"{name}/{version}",
    )
    return hop, end


def _check(params: Params) -> None:
    branches = 0
    for name, value in params.items:
        match name.lower():
            case "branch":
                branches += 1
            case "received" if value is not None:
                _check_received(value)
            case "rport" if value is not None:
                parse_port(value)
    if branches > 1:
        raise SipParseError("the Via has two branches")


def _check_received(value: str) -> None:
    if ":" in value and not value.startswith("["):
        parse_ipv6(value)
    else:
        parse_host(value)
