"""Serves a simulated API over HTTP, on this machine alone."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import uvicorn

from provd.demo.carriers.fake import FakeApi


class FakeApp:
    """An ASGI application around simulated APIs, by the first part of the path."""

    def __init__(self, apis: Mapping[str, FakeApi]) -> None:
        self._apis = apis

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        name, _, rest = scope["path"].lstrip("/").partition("/")
        api = self._apis.get(name)
        if api is None:
            response = httpx.Response(404, text=f"no simulated API is called {name}")
        else:
            query = scope["query_string"].decode("latin-1")
            request = httpx.Request(
                scope["method"],
                f"http://demo/{rest}" + (f"?{query}" if query else ""),
                headers=scope["headers"],
                content=body,
            )
            response = api.handle(request)
        headers = [(name.lower(), value) for name, value in response.headers.raw]
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": response.content})


@asynccontextmanager
async def serving(apis: Mapping[str, FakeApi], port: int = 0) -> AsyncIterator[str]:
    """Serve simulated APIs at ``ADDRESS/NAME`` while the body runs; gives the address. Raises OSError."""
    listening = socket.create_server(("127.0.0.1", port))
    config = uvicorn.Config(FakeApp(apis), lifespan="off", log_level="warning", access_log=False, ws="none")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await task
