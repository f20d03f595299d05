"""SIP peers on loopback, over TCP and TLS, that do what a test tells them."""

import asyncio
import ctypes
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from threading import Thread

from provd.sip.answer import make_response
from provd.sip.framing import MessageFramer
from provd.sip.message import Message, Request
from provd.sip.parser import parse_message
from tests.fakes.certificates import Identity
from tests.fakes.ports import free_port

HOST = "127.0.0.1"
PATIENCE_S = 20.0
_SO_ATTACH_FILTER = 26  # asm-generic/socket.h
_BPF_RET = 0x06  # linux/bpf_common.h


class Visit:
    """One connection that a peer accepted."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._framer = MessageFramer()
        self._messages: list[Message] = []

    async def message(self) -> Message:
        """The next message. Raises EOFError when the connection ends before."""
        while not self._messages:
            self._framer.feed(await self.some_bytes())
            self._messages += [parse_message(message) for message in self._framer]
        return self._messages.pop(0)

    async def request(self) -> Request:
        message = await self.message()
        assert isinstance(message, Request)
        return message

    async def some_bytes(self) -> bytes:
        """What comes next. Raises EOFError when the connection ends before."""
        data = await self._reader.read(65_536)
        if not data:
            raise EOFError
        return data

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def answer(self, request: Request, code: int = 200, body: bytes = b"") -> None:
        await self.send(answer(request, code, body))

    async def until_closed(self) -> None:
        with suppress(EOFError, ConnectionError):
            while True:
                await self.some_bytes()

    def reset(self) -> None:
        """End the connection with an RST."""
        linger = struct.pack("ii", 1, 0)
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.abort()

    def vanish(self) -> None:
        """Have the kernel drop whatever comes, as a firewall does that has forgotten the connection."""
        drop = ctypes.create_string_buffer(struct.pack("HBBI", _BPF_RET, 0, 0, 0))
        program = struct.pack("HP", 1, ctypes.addressof(drop))
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)

    def ignore(self) -> None:
        """Take no notice any more of what comes, not even of the end."""
        transport = self._writer.transport
        assert isinstance(transport, asyncio.ReadTransport)
        transport.pause_reading()

    def close(self) -> None:
        self._writer.close()

    def abort(self) -> None:
        self._writer.transport.abort()

    @property
    def session(self) -> ssl.SSLObject:
        found = self._writer.get_extra_info("ssl_object")
        assert isinstance(found, ssl.SSLObject)
        return found


Script = Callable[[Visit], Awaitable[None]]


class Peer:
    """A listening peer, and the connections that it accepted."""

    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self.server: asyncio.Server | None = None

    @property
    def address(self) -> tuple[str, int]:
        assert self.server is not None
        host, port, *_ = self.server.sockets[0].getsockname()
        return host, port

    def stop_listening(self) -> None:
        """Accept no connection any more; those that are open stay."""
        assert self.server is not None
        self.server.close()


def answer(request: Request, code: int = 200, body: bytes = b"") -> bytes:
    return make_response(request, code, to_tag="peer", body=body).to_bytes()


async def always_ok(visit: Visit) -> None:
    """Answer each request with 200 until the connection ends."""
    with suppress(EOFError):
        while True:
            await visit.answer(await visit.request())


def says(data: bytes) -> Script:
    """Say something to whatever comes first, then wait for the end."""

    async def script(visit: Visit) -> None:
        await visit.some_bytes()
        await visit.send(data)
        await visit.until_closed()

    return script


@asynccontextmanager
async def running_peer(
    script: Script, tls: ssl.SSLContext | None = None, host: str = HOST
) -> AsyncIterator[Peer]:
    """A peer that goes through ``script`` on each connection, and closes it at the script's end."""
    peer = Peer()
    scripts: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = Visit(reader, writer)
        peer.visits.append(visit)
        task = asyncio.current_task()
        assert task is not None
        scripts.add(task)
        try:
            await script(visit)
        except (ConnectionError, asyncio.CancelledError):
            pass  # the test's own end, or the client's
        finally:
            writer.transport.close()

    peer.server = await asyncio.start_server(accept, host, 0, ssl=tls)
    try:
        yield peer
    finally:
        peer.stop_listening()
        for task in scripts:
            task.cancel()
        await asyncio.gather(*scripts)
        for visit in peer.visits:
            visit.abort()


def server_context(identity: Identity, client_ca: str | None = None) -> ssl.SSLContext:
    """What a TLS peer shows; with ``client_ca`` it wants a certificate from that issuer."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(identity.cert_file, identity.key_file)
    if client_ca is not None:
        made.verify_mode = ssl.CERT_REQUIRED
        made.load_verify_locations(client_ca)
    return made


@contextmanager
def refusing_tls_peer(context: ssl.SSLContext) -> Iterator[tuple[str, int]]:
    """A peer whose handshakes fail, in a thread: asyncio's would not send the alert that says why."""
    listening = socket.create_server((HOST, 0))
    listening.settimeout(PATIENCE_S)

    def refuse() -> None:
        while True:
            try:
                accepted, _ = listening.accept()
            except OSError:
                return
            with accepted, suppress(ssl.SSLError, OSError):
                accepted.settimeout(PATIENCE_S)
                context.wrap_socket(accepted, server_side=True).close()

    thread = Thread(target=refuse)
    thread.start()
    try:
        yield listening.getsockname()
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
        listening.close()


@contextmanager
def deaf_port() -> Iterator[tuple[str, int]]:
    """A port whose queue of connections is full, so that another one is never made."""
    with socket.create_server((HOST, 0), backlog=0) as listening:
        waiting = [socket.socket() for _ in range(4)]
        try:
            for made in waiting:
                made.setblocking(False)
                made.connect_ex(listening.getsockname())
            yield listening.getsockname()
        finally:
            for made in waiting:
                made.close()


def closed_port() -> tuple[str, int]:
    """A port where nobody listens."""
    return HOST, free_port()
