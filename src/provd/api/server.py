"""Serves the application on the listening socket."""

import contextlib
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from provd.api.listener import BACKLOG, Listener
from provd.api.protocol import PeerProtocol

STOP_WITHIN_S = 3


class ApiServer:
    """uvicorn on our own socket; signals and logging are the daemon's."""

    def __init__(self, app: ASGIApp, listener: Listener) -> None:
        self._listener = listener
        self._server = _Server(
            uvicorn.Config(
                app,
                http=PeerProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                backlog=BACKLOG,
                timeout_keep_alive=60,
                timeout_graceful_shutdown=STOP_WITHIN_S,
            )
        )

    async def run(self) -> None:
        """Serve until ``stop``; what is under way then is finished, within STOP_WITHIN_S."""
        await self._server.serve(sockets=[self._listener.socket])

    def stop(self) -> None:
        """Have ``run`` take no more connections, and return."""
        self._server.should_exit = True


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
