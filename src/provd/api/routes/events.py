"""``/v1.0/events``: the stream and the log."""

from collections.abc import AsyncIterator
from fnmatch import fnmatchcase
from typing import Annotated

from fastapi import Header, Query
from starlette.responses import Response, StreamingResponse

from provd.api.guard import Viewer
from provd.api.permissions import GuardedRouter
from provd.schema.errors import ErrorStatus
from provd.schema.events import EventPage, EventType
from provd.services.errors import ServiceError, invalid
from provd.services.events import EventService
from provd.services.hub import EventHub, Message
from provd.services.pages import MAX_PAGE

MAX_READERS = 1024


def make_router(events: EventService, hub: EventHub) -> GuardedRouter:
    """The endpoints of events."""
    router = GuardedRouter(prefix="/v1.0/events", tags=["events"])

    @router.get(
        "",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {}}, "description": "Server-Sent Events"}},
        summary="Follow events as Server-Sent Events",
    )
    async def stream(
        caller: Viewer,
        types: str = "",
        provider_id: str = "",
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> StreamingResponse:
        wanted, last_seq = _types(types), _last_seq(last_event_id)
        if len(hub) >= MAX_READERS:
            raise ServiceError(
                ErrorStatus.RESOURCE_EXHAUSTED,
                "TOO_MANY_READERS",
                f"{MAX_READERS} clients follow events already: close some",
            )

        async def body() -> AsyncIterator[bytes]:
            subscription = hub.subscribe(wanted, provider_id)
            try:
                async for message in events.stream(subscription, last_seq):
                    yield _encode(message)
            finally:
                hub.unsubscribe(subscription)

        return StreamingResponse(
            body(), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    @router.get("/log", response_model=EventPage, summary="Read past events, newest first")
    async def log(
        caller: Viewer,
        provider_id: str = "",
        page_size: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
        page_token: str = "",
    ) -> Response:
        page = await events.log(page_size, page_token, provider_id)
        return Response(page.model_dump_json(), media_type="application/json")

    return router


def _types(text: str) -> frozenset[str]:
    wanted: set[str] = set()
    for pattern in filter(None, (part.strip() for part in text.split(","))):
        matching = [kind.value for kind in EventType if fnmatchcase(kind.value, pattern)]
        if not matching:
            known = ", ".join(kind.value for kind in EventType)
            raise invalid("types", f"has {pattern[:64]!r}, which is no event: there are {known}")
        wanted.update(matching)
    return frozenset(wanted)


def _last_seq(text: str | None) -> int | None:
    if text is None or not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise invalid("Last-Event-ID", "is not the id of an event: they are whole numbers")
    return int(text)


def _encode(message: Message | None) -> bytes:
    """Write one event (HTML Living Standard, section 9.2.6); None is a comment to keep the stream alive."""
    if message is None:
        return b":\n\n"
    number = "" if message.seq is None else f"id: {message.seq}\n"
    return f"{number}event: {message.type}\ndata: {message.data}\n\n".encode()
