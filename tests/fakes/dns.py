"""A DNS server on loopback whose zone a test can change while it runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from dnslib import AAAA, QTYPE, RCODE, RR, A, DNSRecord  # type: ignore[import-untyped]


class FakeDns(asyncio.DatagramProtocol):
    """Answers A and AAAA from ``zone``: a name's addresses. ``rcode`` answers everything with that error;
    ``silent`` answers nothing. ``queries`` counts what came."""

    def __init__(self) -> None:
        self.zone: dict[str, list[str]] = {}
        self.rcode: str | None = None
        self.silent = False
        self.queries = 0
        self.address = ""
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.queries += 1
        if self.silent or self._transport is None:
            return
        query = DNSRecord.parse(data)
        reply = query.reply()
        name = str(query.q.qname).rstrip(".").lower()
        if self.rcode is not None:
            reply.header.rcode = getattr(RCODE, self.rcode)
        elif name not in self.zone:
            reply.header.rcode = RCODE.NXDOMAIN
        else:
            for address in self.zone[name]:
                kind = "AAAA" if ":" in address else "A"
                if QTYPE[query.q.qtype] == kind:
                    data_of = AAAA if kind == "AAAA" else A
                    reply.add_answer(RR(query.q.qname, query.q.qtype, rdata=data_of(address), ttl=60))
        self._transport.sendto(reply.pack(), addr)


@asynccontextmanager
async def fake_dns() -> AsyncIterator[FakeDns]:
    """Run a DNS server on loopback."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(FakeDns, ("127.0.0.1", 0))
    host, port = transport.get_extra_info("sockname")
    server.address = f"{host}:{port}"
    try:
        yield server
    finally:
        transport.close()
