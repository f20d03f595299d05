"""The outermost layer: request ids, who may come in at all, and the bound on bodies."""

import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from provd.api.access import Access, Peer
from provd.api.envelope import MAX_BODY, BodyTooLargeError, error_response
from provd.api.guard import method_of_the_request
from provd.logs import request_id as id_of_the_request
from provd.schema.errors import ErrorStatus
from provd.schema.status import Caller
from provd.services.actor import Actor

log = logging.getLogger(__name__)

_CURL_DEFAULT = b"application/x-www-form-urlencoded"
_REQUEST_ID = re.compile(rb"[\x21-\x7e]{1,128}")


STREAMED = frozenset({"/v1.0/import", "/v1.0/calls"})
"""Paths whose body is taken in as it comes: it needs no bound, or has one of its own."""


FOLLOWED = frozenset({"/v1.0/events"})
"""Paths whose answer goes on for ever: who stops reading it for a while is told what they missed."""

Observed = Callable[[str, str | None, int, float], None]
"""Hears of each answer: the method, the path as the API describes it (None: there is no such path), the
status, and how long it took in seconds until it began."""

Refused = Callable[[Actor, str, str], Awaitable[None]]
"""Hears of who was refused: with the path, and the reason."""


class Edge:
    """Wraps the app. Sets ``request_id`` and ``caller`` in the request's state. ``refused`` hears of every
    403 before it is answered, ``observed`` of every answer."""

    def __init__(self, app: ASGIApp, access: Access, refused: Refused, observed: Observed) -> None:
        self._app = app
        self._access = access
        self._refused = refused
        self._observed = observed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"")
        request_id = given.decode() if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope["state"]["request_id"] = request_id
        id_of_the_request.set(request_id)
        method_of_the_request.set(scope["method"])
        started, began = False, time.monotonic()

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                path = getattr(scope.get("route"), "path", None)
                self._observed(scope["method"], path, message["status"], time.monotonic() - began)
                if message["status"] == ErrorStatus.PERMISSION_DENIED.http_code:
                    await self._tell_refused(scope, request_id)
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        refusal = self._refusal(scope, headers, request_id)
        if refusal is not None:
            await refusal(scope, receive, send_with_id)
            return
        _take_as_json(scope)
        try:
            bounded = receive if scope["path"] in STREAMED else _bounded(receive, headers)
            await self._app(scope, bounded, send_with_id)
        except Exception:  # the last line of defence: the daemon goes on
            log.exception("request %s %s failed", scope["method"], scope["path"])
            if not started:
                raise

    def _refusal(self, scope: Scope, headers: dict[bytes, bytes], request_id: str) -> ASGIApp | None:
        peer: Peer = scope["state"]["peer"]
        role = self._access.role_of(peer)
        scope["state"]["role"] = "" if role is None else role.value
        if role is None:
            return error_response(
                request_id,
                ErrorStatus.PERMISSION_DENIED,
                "NO_ROLE",
                f"uid {peer.uid} ({peer.user}) has no role here: have it added to [access] in the config",
            )
        if b"origin" in headers:
            return error_response(
                request_id,
                ErrorStatus.PERMISSION_DENIED,
                "ORIGIN_REFUSED",
                "requests with an Origin header come from web pages, which have no business here",
            )
        scope["state"]["caller"] = Caller.model_construct(
            uid=peer.uid, user=peer.user, pid=peer.pid, role=role
        )
        return None

    async def _tell_refused(self, scope: Scope, request_id: str) -> None:
        state = scope["state"]
        peer: Peer = state["peer"]
        role = state["role"]
        reason = "NO_ROLE" if not role else "ROLE_TOO_LOW" if "caller" in state else "ORIGIN_REFUSED"
        actor = Actor(peer.uid, peer.user, peer.pid, role, scope["method"], request_id)
        await self._refused(actor, scope["path"], reason)


def _take_as_json(scope: Scope) -> None:
    """Let ``curl -d`` work without a header: it calls what it sends a form, and we take no forms."""
    scope["headers"] = [
        (name, b"application/json" if name == b"content-type" and value == _CURL_DEFAULT else value)
        for name, value in scope["headers"]
    ]


def _bounded(receive: Receive, headers: dict[bytes, bytes]) -> Receive:
    """Let a body through up to MAX_BODY; the reader of more gets BodyTooLargeError."""
    size = 0
    announced = headers.get(b"content-length", b"")

    async def receive_bounded() -> Message:
        nonlocal size
        if announced.isdigit() and int(announced) > MAX_BODY:
            raise BodyTooLargeError
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            raise BodyTooLargeError
        return message

    return receive_bounded
