"""From a hostname to the socket addresses to probe: literals as they are, names by RFC 3263."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic

from provd.probe.address import SocketAddress
from provd.probe.naming.cache import ResolutionCache
from provd.probe.naming.dns_client import DnsClient
from provd.probe.naming.locate import Steps, default_port, known_addresses, locate
from provd.probe.naming.resolution import MAX_TTL_S, Candidate, Resolution
from provd.probe.naming.shared_work import SharedWork
from provd.schema.health import Cause
from provd.schema.hostname import HostKind, HostPort
from provd.schema.provider import Transport

__all__ = ["Candidate", "Resolution", "Resolver", "literal_address"]

_AT_ONCE = 64
_KEPT = 10_000


def literal_address(host: HostPort, transport: Transport = Transport.UDP) -> SocketAddress | None:
    """The socket address of an IP literal; None for a name."""
    return None if host.kind is HostKind.NAME else (host.host, host.port or default_port(transport))


class Resolver:
    """Looks names up at ``nameservers`` (``address`` or ``address:port``), or at the system's when empty.

    ``naptr`` has NAPTR asked before SRV. What was found is kept until its TTL has passed, by ``clock``, in
    seconds; and the same look-up is never made twice at a time.
    """

    def __init__(
        self, nameservers: Sequence[str] = (), *, naptr: bool = False, clock: Callable[[], float] = monotonic
    ) -> None:
        self._naptr = naptr
        self._clock = clock
        self._client = DnsClient(nameservers)
        self._kept = ResolutionCache(_KEPT)
        self._look_ups: SharedWork[Resolution] = SharedWork()
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    async def resolve(
        self, host: HostPort, timeout_s: float, transport: Transport = Transport.UDP, *, fresh: bool = False
    ) -> Resolution:
        """Where a host leads. Never raises for what DNS does; the cause says it.

        ``timeout_s`` is for all questions together, from when it is this look-up's turn. ``fresh`` asks DNS
        even though an answer is kept. With a kept answer ``ttl_s`` is what remains of it.
        """
        literal = literal_address(host, transport)
        if literal is not None:
            return Resolution((Candidate(literal),), ttl_s=MAX_TTL_S)
        name = host.host.rstrip(".").lower()
        if name.rpartition(".")[2] == "invalid":  # RFC 6761 section 6.4
            return Resolution(cause=Cause.DNS_NXDOMAIN, reason="the domain .invalid never exists")
        if known := self._client.known_addresses(name):
            return known_addresses(name, known, host.port or default_port(transport))
        key = (name, host.port, transport)
        if not fresh and (kept := self._kept.get(key, self._clock())) is not None:
            return kept

        async def look_up() -> Resolution:
            resolution = await self._follow(locate(host, transport, naptr=self._naptr), timeout_s)
            self._kept.put(key, resolution, self._clock())
            return resolution

        return await self._look_ups.do((*key, timeout_s), look_up)

    async def _follow(self, steps: Steps, timeout_s: float) -> Resolution:
        async with self._at_once:
            loop = asyncio.get_running_loop()
            started = loop.time()
            try:
                questions = next(steps)
                while True:
                    asked = (self._client.ask(question, started + timeout_s) for question in questions)
                    questions = steps.send(await asyncio.gather(*asked))
            except StopIteration as end:
                resolution: Resolution = end.value
            return replace(resolution, took_ms=(loop.time() - started) * 1000.0)
