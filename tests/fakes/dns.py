"""A DNS server on loopback, by UDP and TCP, whose zone a test can change while it runs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import Enum, auto
from typing import cast

from dnslib import (  # type: ignore[import-untyped]
    AAAA,
    QTYPE,
    RCODE,
    RR,
    SOA,
    A,
    DNSLabel,
    DNSQuestion,
    DNSRecord,
)

_UDP_SIZE = 512  # RFC 1035 section 2.3.4
_ALIASES_FOLLOWED = 20
_TRIES = 20

Send = Callable[[bytes], None]


class Lie(Enum):
    """What a server does that is no answer to the question."""

    WRONG_ID = auto()
    OTHER_QUESTION = auto()
    OTHER_OWNER = auto()  # the right question, but records of another name
    NOT_DNS = auto()
    TRUNCATED = auto()  # over UDP, and nothing over TCP


class FakeDns(asyncio.DatagramProtocol):
    """Answers from ``zone``: a name's records, each an address or like "SRV 10 60 5060 sip.example.com.".

    ``ttls`` are of names, 60 s when absent; ``negative_ttl`` puts an SOA into answers without records.
    ``rcode`` answers everything with that error, ``rcodes`` a question like "SRV _sip._udp.example.com".
    ``silent`` answers nothing, ``silent_to`` not those questions; ``holding`` keeps the answers until
    ``release``; ``lie`` has each answer be one. ``asked`` are the questions that came, in order.
    """

    def __init__(self) -> None:
        self.zone: dict[str, list[str]] = {}
        self.ttls: dict[str, int] = {}
        self.negative_ttl: int | None = None
        self.rcode: str | None = None
        self.rcodes: dict[str, str] = {}
        self.silent = False
        self.silent_to: set[str] = set()
        self.holding = False
        self.lie: Lie | None = None
        self.asked: list[str] = []
        self.asked_by_tcp: list[str] = []
        self.address = ""
        self._held: list[Callable[[], None]] = []
        self._transport: asyncio.DatagramTransport | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    def release(self) -> None:
        """Give the answers that are held, and hold no more."""
        self.holding = False
        held, self._held = self._held, []
        for answer in held:
            answer()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        transport = self._transport
        if transport is not None:
            self._take(data, self.asked, lambda reply: transport.sendto(reply, addr), _UDP_SIZE)

    async def serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take the questions of one connection."""
        self._writers.add(writer)
        try:
            while True:
                data = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
                if self.lie is not Lie.TRUNCATED:
                    self._take(
                        data,
                        self.asked_by_tcp,
                        lambda reply: writer.write(len(reply).to_bytes(2, "big") + reply),
                        65535,
                    )
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def hang_up(self) -> None:
        """Close every connection, and wait until they are."""
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*(each.wait_closed() for each in self._writers), return_exceptions=True)

    def _take(self, data: bytes, asked: list[str], send: Send, size: int) -> None:
        query = DNSRecord.parse(data)
        question = f"{QTYPE[query.q.qtype]} {_text(query.q.qname)}"
        asked.append(question)
        if self.silent or question in self.silent_to:
            return
        if self.holding:
            self._held.append(lambda: self._answer(query, question, send, size))
        else:
            self._answer(query, question, send, size)

    def _answer(self, query: DNSRecord, question: str, send: Send, size: int) -> None:
        reply = query.reply()
        rcode = self.rcodes.get(question, self.rcode)
        if rcode is not None:
            reply.header.rcode = getattr(RCODE, rcode)
        else:
            self._fill(reply, query.q)
        self._distort(reply)
        wire = b"not DNS" if self.lie is Lie.NOT_DNS else reply.pack()
        if len(wire) > size:
            reply.header.tc, reply.rr, reply.auth = 1, [], []
            wire = reply.pack()
        send(wire)

    def _fill(self, reply: DNSRecord, question: DNSQuestion) -> None:
        owner, name = question.qname, _text(question.qname)
        for _ in range(_ALIASES_FOLLOWED):
            alias = next((text for text in self.zone.get(name, ()) if text.startswith("CNAME ")), None)
            if alias is None:
                break
            reply.add_answer(*RR.fromZone(f"{name}. {self._ttl(name)} IN {alias}"))
            name = alias.split()[1].rstrip(".")
            owner = DNSLabel(name)
        records = [text for text in self.zone.get(name, ()) if _kind(text) == QTYPE[question.qtype]]
        if name not in self.zone:
            reply.header.rcode = RCODE.NXDOMAIN
        for text in records:
            reply.add_answer(*_records(owner, text, self._ttl(name)))
        if not records and self.negative_ttl is not None:
            times = (1, 3600, 600, 86400, self.negative_ttl)
            reply.add_auth(RR(".", QTYPE.SOA, rdata=SOA("ns.test", "admin.test", times), ttl=86400))

    def _distort(self, reply: DNSRecord) -> None:
        if self.lie is Lie.WRONG_ID:
            reply.header.id ^= 1
        elif self.lie is Lie.OTHER_QUESTION:
            reply.questions[0].qname = DNSLabel("other.example.org")
        elif self.lie is Lie.OTHER_OWNER:
            for record in reply.rr:
                record.rname = DNSLabel("other.example.org")
        elif self.lie is Lie.TRUNCATED:
            reply.header.tc = 1

    def _ttl(self, name: str) -> int:
        return self.ttls.get(name, 60)


def _text(name: DNSLabel) -> str:
    return str(name).rstrip(".").lower()


def _kind(text: str) -> str:
    first, space, _ = text.partition(" ")
    if space:
        return first
    return "AAAA" if ":" in text else "A"


def _records(owner: DNSLabel, text: str, ttl: int) -> list[RR]:
    kind = _kind(text)
    if " " in text:
        return cast(list[RR], RR.fromZone(f"{owner} {ttl} IN {text}"))
    data = AAAA(text) if kind == "AAAA" else A(text)
    return [RR(owner, getattr(QTYPE, kind), rdata=data, ttl=ttl)]


@asynccontextmanager
async def fake_dns() -> AsyncIterator[FakeDns]:
    """Run a DNS server on loopback."""
    loop = asyncio.get_running_loop()
    for _ in range(_TRIES):
        transport, server = await loop.create_datagram_endpoint(FakeDns, ("127.0.0.1", 0))
        host, port = transport.get_extra_info("sockname")
        try:
            listener = await asyncio.start_server(server.serve_tcp, host, port)
        except OSError:  # another program has the TCP port of that number
            transport.close()
        else:
            break
    else:
        raise AssertionError("no port is free for both UDP and TCP")
    server.address = f"{host}:{port}"
    try:
        yield server
    finally:
        listener.close()
        transport.close()
        await server.hang_up()
