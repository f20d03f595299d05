"""A client that is closed at the end and must have left nothing behind."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from provd.probe.address import SocketAddress
from provd.probe.stream.client import StreamClient
from provd.probe.stream.progress import StreamOutcome
from provd.probe.stream.route import Route
from provd.probe.stream.tls import TlsFiles
from provd.schema.provider import Transport
from provd.sip.answer import make_response
from provd.sip.message import Request
from provd.sip.parser import parse_message
from tests.fakes.daemon import eventually

TIMEOUT_S = 10.0


class Asker:
    """A client, and what a test asks of it."""

    def __init__(self, tls: TlsFiles, **options: Any) -> None:
        self.requests: list[tuple[Request, SocketAddress, Transport]] = []
        self.client = StreamClient(tls, self._on_request, **options)

    async def ask(self, route: Route, timeout_s: float = TIMEOUT_S) -> StreamOutcome:
        return await self.client.exchange(route, make_request, timeout_s)

    def _on_request(self, data: bytes, peer: SocketAddress, transport: Transport) -> bytes | None:
        request = parse_message(data)
        assert isinstance(request, Request)
        self.requests.append((request, peer, transport))
        return None if request.method == "ACK" else make_response(request, 200).to_bytes()


def make_request(local: SocketAddress, branch: bytes) -> bytes:
    sent_by = f"[{local[0]}]:{local[1]}" if ":" in local[0] else f"{local[0]}:{local[1]}"
    return (
        f"OPTIONS sip:carrier.example SIP/2.0\r\nVia: SIP/2.0/TCP {sent_by};branch={branch.decode()}\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:provd@{sent_by}>;tag=1\r\nTo: <sip:carrier.example>\r\n"
        f"Call-ID: {branch.decode()}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def tcp(address: SocketAddress, **options: Any) -> Route:
    return Route(Transport.TCP, address, "carrier.example", **options)


def tls(address: SocketAddress, server_name: str = "carrier.example", **options: Any) -> Route:
    return Route(Transport.TLS, address, server_name, **options)


@asynccontextmanager
async def asking(files: TlsFiles | None = None, **options: Any) -> AsyncIterator[Asker]:
    """A client; at the end nothing of it may be left: no task, no socket, no complaint of the loop."""
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    asker = Asker(files or TlsFiles(), **options)
    try:
        yield asker
    finally:
        await asker.client.close()
    assert asker.client.open_connections == 0
    assert tasks_left() == []
    assert complaints == []


def tasks_left() -> list[str]:
    """The tasks that are neither the test's own nor its peers'."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    names = [getattr(task.get_coro(), "__qualname__", "") for task in others]
    return [name for name in names if not name.startswith("running_peer.")]


def open_sockets() -> set[str]:
    """The sockets of this process, as the kernel names them."""
    found = set()
    for fd in os.listdir("/proc/self/fd"):  # noqa: PTH208 - one that was closed meanwhile has no Path
        try:
            found.add(os.readlink(f"/proc/self/fd/{fd}"))  # noqa: PTH115
        except OSError:
            continue
    return {name for name in found if name.startswith("socket:")}


async def connections_are(asker: Asker, count: int) -> None:
    async def ask() -> int:
        return asker.client.open_connections

    await eventually(ask, lambda found: found == count)
