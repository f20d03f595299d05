"""Metrics on a TCP port of this machine alone: nobody has to say who they are there."""

import asyncio
import socket
from ipaddress import ip_address

import httptools
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from provd.agent.redirect.address import ListenAddress, parse_listen_address
from provd.api.listener import ListenError
from provd.api.protocol import BoundedProtocol
from provd.api.routes.metrics import answer
from provd.api.server import ApiServer
from provd.services.metrics.scrape import MetricsService
from provd.store.errors import StoreError

_METHODS = ("GET", "HEAD")
_BACKLOG = 16


class MetricsServer:
    """Serves GET and HEAD of /metrics, and nothing else, at ``address``, like ``127.0.0.1:9817``; empty:
    nowhere.

    A request must name this machine by an address or as localhost: a web page whose name leads here reads
    nothing.
    """

    def __init__(self, address: str, metrics: MetricsService) -> None:
        self._address = parse_listen_address(f"tcp:{address}") if address else None
        self._metrics = metrics
        self._socket: socket.socket | None = None

    @property
    def port(self) -> int | None:
        """Where it listens; None while it does not."""
        return None if self._socket is None else int(self._socket.getsockname()[1])

    def open(self) -> None:
        """Listen, if there is an address. Raises ListenError."""
        if self._address is not None:
            self._socket = _listening(self._address)

    def close(self) -> None:
        """Listen no more."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    async def run(self) -> None:
        """Serve until cancelled. ``open`` comes first."""
        if self._socket is None:
            return
        server = ApiServer(self._app, self._socket, BoundedProtocol)
        serving = asyncio.create_task(server.run())
        try:
            await asyncio.shield(serving)
        finally:
            server.stop()
            await serving
            self.close()

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (await _answer(self._metrics, Request(scope)))(scope, receive, send)


async def _answer(metrics: MetricsService, request: Request) -> Response:
    if not _names_this_machine(request.headers.get("host", "")) or "origin" in request.headers:
        return Response("ask for http://127.0.0.1 or localhost\n", 403, media_type="text/plain")
    if request.url.path != "/metrics":
        return Response("there is /metrics, and nothing else\n", 404, media_type="text/plain")
    if request.method not in _METHODS:
        return Response("use GET\n", 405, {"Allow": ", ".join(_METHODS)}, "text/plain")
    try:
        return await answer(metrics, request.headers.get("accept", ""))
    except StoreError as error:
        return Response(f"{error}\n", 503, media_type="text/plain")


def _names_this_machine(host: str) -> bool:
    try:
        name = (httptools.parse_url(f"http://{host}/".encode()).host or b"").decode()
        return name == "localhost" or ip_address(name).is_loopback
    except (ValueError, httptools.HttpParserInvalidURLError):
        return False


def _listening(address: ListenAddress) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address.host, address.port))
        made.listen(_BACKLOG)
    except OSError as error:
        made.close()
        raise ListenError(
            f"[metrics] listen: {address} can't be had: {error.strerror}; set another"
        ) from error
    made.setblocking(False)
    return made
