"""A phone over UDP on loopback, in this process: it does with each call as it is told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from typing import cast

from provd.sip.answer import make_response
from provd.sip.framing import MessageFramer
from provd.sip.host import format_host
from provd.sip.message import Request
from provd.sip.parser import parse_message
from provd.sip.sdp import PCMU, Sound, describe
from tests.fakes.rtp_echo import rtp_echo

HOST = "127.0.0.1"
_TYPED = ("Content-Type", "application/sdp")
_RELIABLY = (("Require", "100rel"), ("RSeq", "1"))


class Mood(StrEnum):
    """What a phone does with a call."""

    ANSWERS = "answers"
    RINGS = "rings"
    TRIES = "tries"
    BUSY = "busy"
    SILENT = "silent"


Send = Callable[[bytes], None]


class Phone:
    """``requests`` are those that came, without OPTIONS and what was sent again. The requests of a call are
    wanted at ``contact``; empty stands for where it is. With ``reliably`` it rings so that this has to be
    confirmed (RFC 3262)."""

    def __init__(self, mood: Mood, sound_port: int, host: str = HOST) -> None:
        self.mood = mood
        self.host = host
        self.requests: list[Request] = []
        self.port = 0
        self.contact = ""
        self.reliably = False
        self._sound_port = sound_port
        self._invite: tuple[Request, Send] | None = None

    @property
    def hostname(self) -> str:
        """Where it is."""
        return format_host(self.host, self.port)

    @property
    def methods(self) -> list[str]:
        """The methods of the requests."""
        return [each.method for each in self.requests]

    def receive(self, data: bytes, send: Send) -> None:
        """Answer a message."""
        request = parse_message(data)
        if not isinstance(request, Request):
            return
        if request.method == "OPTIONS":
            self._respond(request, 200, send)
            return
        if any(_same(request, each) for each in self.requests):
            return
        self.requests.append(request)
        match request.method:
            case "INVITE" if self.mood is not Mood.SILENT:
                self._invite = request, send
                self._invited(request, send)
            case "CANCEL":
                self._respond(request, 200, send)
                if self._invite is not None:
                    self._respond(self._invite[0], 487, send)
            case "BYE":
                self._respond(request, 200, send)

    def _invited(self, request: Request, send: Send) -> None:
        self._respond(request, 100, send)
        if self.mood is Mood.BUSY:
            self._respond(request, 486, send)
        if self.mood in (Mood.RINGS, Mood.ANSWERS):
            self._respond(request, 180, send, more=_RELIABLY if self.reliably else ())
        if self.mood is Mood.ANSWERS:
            self._respond(
                request, 200, send, describe(Sound(self.host, self._sound_port, (PCMU,), 101), 1, 1)
            )

    def _respond(
        self, request: Request, code: int, send: Send, body: bytes = b"", more: Iterable[tuple[str, str]] = ()
    ) -> None:
        headers = [
            ("Contact", f"<{self.contact or f'sip:phone@{self.hostname}'}>"),
            *([_TYPED] if body else []),
            *more,
        ]
        tag = None if code == 100 else "phone"
        response = make_response(request, code, None, headers, tag, body)
        send(response.to_bytes())


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, phone: Phone) -> None:
        self._phone = phone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)
        self._phone.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._phone.receive(data, lambda answer: self._transport.sendto(answer, addr))


class TcpPhone(Phone):
    """A phone over TCP; ``connections`` counts those that were made to it."""

    def __init__(self, mood: Mood, sound_port: int) -> None:
        super().__init__(mood, sound_port)
        self.connections = 0
        self._writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a connection."""
        self.connections += 1
        self._writers.append(writer)
        framer = MessageFramer()
        with suppress(OSError):
            while data := await reader.read(65536):
                framer.feed(data)
                for message in framer:
                    self.receive(message, writer.write)

    def hang_the_connection_up(self) -> None:
        """Close every connection."""
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    def send(self, data: bytes) -> None:
        """Send bytes that are none of its answers."""
        self._writers[-1].write(data)


def _same(one: Request, other: Request) -> bool:
    return (one.method, one.top_via.branch) == (other.method, other.top_via.branch)


@asynccontextmanager
async def running_phone(mood: Mood = Mood.ANSWERS, host: str = HOST) -> AsyncIterator[Phone]:
    """A phone on a port that the kernel chooses; what it hears it sends back."""
    loop = asyncio.get_running_loop()
    async with rtp_echo(host=host) as echo:
        phone = Phone(mood, echo.port, host)
        transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(phone), local_addr=(host, 0))
        try:
            yield phone
        finally:
            transport.close()


@asynccontextmanager
async def running_tcp_phone(mood: Mood = Mood.ANSWERS) -> AsyncIterator[TcpPhone]:
    """The same over TCP."""
    async with rtp_echo() as echo:
        phone = TcpPhone(mood, echo.port)
        server = await asyncio.start_server(phone.serve, HOST, 0)
        phone.port = server.sockets[0].getsockname()[1]
        try:
            yield phone
        finally:
            server.close()
            phone.hang_the_connection_up()
