"""Serves the application on the listening socket."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from provd.api.listener import BACKLOG
from provd.api.protocol import BoundedProtocol, PeerProtocol

STOP_WITHIN_S = 3
_TAKEN_AT_ONCE = 32  # connections; without descriptors asyncio tries and logs so many times a second
_TURNS_TO_MAKE = 4  # of the loop, from taking a connection to connection_made


class ApiServer:
    """uvicorn on a socket of our own; signals and logging are the daemon's."""

    def __init__(
        self, app: ASGIApp, listening: socket.socket, protocol: type[BoundedProtocol] = PeerProtocol
    ) -> None:
        self._listening = listening
        self._server = _Server(
            uvicorn.Config(
                app,
                interface="asgi3",
                http=protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                backlog=_TAKEN_AT_ONCE,
                timeout_keep_alive=60,
                timeout_graceful_shutdown=STOP_WITHIN_S,
            )
        )

    async def run(self) -> None:
        """Serve until ``stop``; what is under way then is finished, within STOP_WITHIN_S."""
        await self._server.serve(sockets=[self._listening])

    async def answers(self) -> None:
        """Wait until connections are taken."""
        await self._server.listening.wait()

    def stop(self) -> None:
        """Have ``run`` take no more connections, and return."""
        self._server.should_exit = True


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for each in sockets or ():
            each.listen(BACKLOG)  # who calls at a busy moment waits in it
        self.listening.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for _ in range(_TURNS_TO_MAKE):  # connections that were just taken are to be finished, too
            await asyncio.sleep(0)
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
