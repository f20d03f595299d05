"""From a hostname to socket addresses: literals as they are, names by A and AAAA through dnspython."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import dns.asyncresolver
import dns.exception
import dns.nameserver
import dns.rdatatype
import dns.resolver

from provd.probe.hosts_file import addresses_from_hosts
from provd.probe.target import SocketAddress
from provd.schema.health import Cause
from provd.schema.hostname import HostKind, HostPort, parse_hostname

DEFAULT_SIP_PORT = 5060  # RFC 3261 section 19.1.2, for udp
MIN_TTL_S, MAX_TTL_S = 30.0, 3600.0
MAX_ADDRESSES = 32
_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a name leads to: addresses, or a ``cause`` and ``reason`` for there being none.

    ``ttl_s`` says when to look again, ``took_ms`` how long the look-up took.
    """

    addresses: tuple[SocketAddress, ...] = ()
    cause: Cause = Cause.OK
    reason: str | None = None
    ttl_s: float = MIN_TTL_S
    took_ms: float = 0.0


def literal_address(host: HostPort) -> SocketAddress | None:
    """The socket address of an IP literal; None for a name."""
    return None if host.kind is HostKind.NAME else (host.host, host.port or DEFAULT_SIP_PORT)


class Resolver:
    """Looks names up at ``nameservers`` (``address`` or ``address:port``), or at the system's when empty."""

    def __init__(self, nameservers: Sequence[str] = ()) -> None:
        self._asks_system = not nameservers
        self._resolver, self._no_resolver = _make_resolver(nameservers)
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    async def resolve(self, host: HostPort, timeout_s: float) -> Resolution:
        """Look up A and AAAA. Never raises for what DNS does; the cause says it."""
        port = host.port or DEFAULT_SIP_PORT
        if host.host.rstrip(".").lower().rpartition(".")[2] == "invalid":  # RFC 6761 section 6.4
            return Resolution(cause=Cause.DNS_NXDOMAIN, reason="the domain .invalid never exists")
        if self._asks_system and (known := addresses_from_hosts(host.host)):
            return Resolution(tuple((address, port) for address in known))
        if self._resolver is None:
            return Resolution(cause=Cause.DNS_ERROR, reason=self._no_resolver)
        async with self._at_once:
            started = monotonic()
            answers = await asyncio.gather(
                self._query(self._resolver, host.host, "A", timeout_s),
                self._query(self._resolver, host.host, "AAAA", timeout_s),
            )
            took_ms = (monotonic() - started) * 1000.0
        return _combine(answers, port, took_ms)

    async def _query(
        self, resolver: dns.asyncresolver.Resolver, name: str, kind: str, timeout_s: float
    ) -> "dns.resolver.Answer | Exception":
        try:
            return await resolver.resolve(name, kind, lifetime=timeout_s, search=False)
        except (dns.exception.DNSException, OSError) as error:
            return error


def _make_resolver(nameservers: Sequence[str]) -> tuple[dns.asyncresolver.Resolver | None, str | None]:
    try:
        resolver = dns.asyncresolver.Resolver(configure=not nameservers)
    except dns.exception.DNSException as error:
        return None, f"no DNS server is configured: {error}"
    if nameservers:
        hosts = [parse_hostname(text) for text in nameservers]
        resolver.nameservers = [dns.nameserver.Do53Nameserver(host.host, host.port or 53) for host in hosts]
    return resolver, None


def _combine(answers: "Sequence[dns.resolver.Answer | Exception]", port: int, took_ms: float) -> Resolution:
    found = [answer for answer in answers if isinstance(answer, dns.resolver.Answer)]
    addresses = [(record.address, port) for answer in found for record in answer]
    if addresses:
        ttl_s = min(answer.rrset.ttl for answer in found if answer.rrset is not None)
        bounded = min(max(float(ttl_s), MIN_TTL_S), MAX_TTL_S)
        return Resolution(tuple(addresses[:MAX_ADDRESSES]), ttl_s=bounded, took_ms=took_ms)
    errors = [answer for answer in answers if isinstance(answer, Exception)]
    cause, reason = _cause(errors)
    return Resolution(cause=cause, reason=reason, took_ms=took_ms)


def _cause(errors: list[Exception]) -> tuple[Cause, str]:
    for error in errors:
        if isinstance(error, dns.resolver.NXDOMAIN):
            return Cause.DNS_NXDOMAIN, "the name does not exist"
    for error in errors:
        if isinstance(error, dns.resolver.LifetimeTimeout):
            return Cause.DNS_TIMEOUT, "no DNS server answered in time"
    for error in errors:
        if isinstance(error, dns.resolver.NoAnswer):
            return Cause.DNS_ERROR, "the name has no A or AAAA record"
    return Cause.DNS_ERROR, str(errors[0]) if errors else "DNS gave an empty answer"
