"""The outermost layer: whose request a line of the log is about."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from provd.api.access import Access, Peer
from provd.api.edge import Edge
from provd.logs import request_id
from provd.services.actor import Actor

ROOT = Peer(pid=1, uid=0, gids=frozenset())


class IdsInLines(logging.Handler):
    """Keeps the request id that each line had."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.ids.append(request_id.get())


@pytest.fixture
def heard() -> Iterator[IdsInLines]:
    handler = IdsInLines()
    logging.getLogger("provd").addHandler(handler)
    yield handler
    logging.getLogger("provd").removeHandler(handler)


async def ask(app: ASGIApp, headers: list[tuple[bytes, bytes]]) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": "/version",
        "headers": headers,
        "state": {"peer": ROOT},
    }
    await Edge(app, Access(), nobody_listens, lambda *_: None)(scope, receive, send)
    return sent


async def nobody_listens(_actor: Actor, _path: str, _reason: str) -> None:
    pass


async def fails(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise RuntimeError("a bug")


async def test_a_line_about_a_request_has_the_id_that_the_answer_has(heard: IdsInLines) -> None:
    (start,) = await ask(fails, [(b"x-request-id", b"mine-1")])
    assert heard.ids == ["mine-1"]
    assert (b"x-request-id", b"mine-1") in start["headers"]
