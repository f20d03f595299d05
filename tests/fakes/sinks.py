"""Where alerts arrive: an HTTP server and a mail server on loopback."""

import asyncio
import email
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MailHandler

from tests.fakes.ports import free_port


@dataclass(frozen=True, slots=True)
class Received:
    """One request: its headers by their names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Sink:
    """Answers every request with ``status``, once it has come whole."""

    port: int
    status: int = 204
    requests: list[Received] = field(default_factory=list)
    _visits: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request."""
        visit = asyncio.current_task()
        assert visit is not None
        self._visits.add(visit)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            pairs = (line.split(": ", 1) for line in head[1:] if line)
            headers = {name.lower(): value for name, value in pairs}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.requests.append(Received(head[0].split(" ")[1], headers, body))
            writer.write(
                f"HTTP/1.1 {self.status} Said\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
            )
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def leave(self) -> None:
        """End what is under way."""
        for visit in self._visits:
            visit.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)


@asynccontextmanager
async def running_sink(port: int = 0, status: int = 204) -> AsyncIterator[Sink]:
    """An HTTP server; port 0: any."""
    sink = Sink(port or free_port(), status)
    async with await asyncio.start_server(sink.serve, "127.0.0.1", sink.port):
        try:
            yield sink
        finally:
            await sink.leave()


@dataclass(slots=True)
class MailServer:
    """Takes every mail."""

    port: int
    mails: list[Message] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"mailto://127.0.0.1:{self.port}?smtp=127.0.0.1&from=provd@example.com"


class _Keep(MailHandler):
    def __init__(self, server: MailServer) -> None:
        super().__init__(email.message.Message)
        self._server = server

    def handle_message(self, message: Message) -> None:
        self._server.mails.append(message)


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    """An SMTP server, in a thread of its own."""
    server = MailServer(free_port())
    controller = Controller(_Keep(server), hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
