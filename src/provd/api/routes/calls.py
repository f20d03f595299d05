"""``/v1.0/calls`` and ``/v1.0/providers/{id}/calls/stats``."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import ValidationError
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from provd.api.envelope import MAX_BODY, UNREADABLE, BodyTooLargeError
from provd.api.guard import Operator, Viewer, actor
from provd.api.permissions import GuardedRouter
from provd.schema.calls import CallRecord, CallReport, CallStats, Direction
from provd.schema.errors import ErrorDetail, ErrorStatus
from provd.schema.history import Instant
from provd.schema.mistakes import in_words
from provd.services.calls.intake import CallService
from provd.services.calls.queries import CallQueries
from provd.services.errors import ServiceError, invalid
from provd.services.importing.lines import DocumentError, Line, ndjson_lines

_NDJSON = "application/x-ndjson"
_RECORD = CallRecord.model_json_schema(ref_template="#/components/schemas/{model}")
del _RECORD["$defs"]  # Direction alone, which the document has for the query
_BODY = {
    "application/json": {"schema": {"anyOf": [_RECORD, {"type": "array", "items": _RECORD}]}},
    _NDJSON: {"schema": {"type": "string"}},
}


def make_router(calls: CallService, queries: CallQueries) -> GuardedRouter:
    """The endpoints of how calls went."""
    router = GuardedRouter(prefix="/v1.0", tags=["calls"])

    @router.post(
        "/calls",
        summary="Report how calls went",
        response_model=CallReport,
        response_model_exclude_none=True,
        openapi_extra={"requestBody": {"required": True, "content": _BODY}},
    )
    async def report_calls(request: Request, caller: Operator) -> CallReport:
        try:
            if _media_type(request) == _NDJSON:
                return await calls.take(ndjson_lines(request.stream()), actor(caller))
            given = _parsed(await _bounded(request))
        except DocumentError as error:
            raise invalid("body", str(error)) from None
        except ClientDisconnect:
            raise ServiceError(
                ErrorStatus.INVALID_ARGUMENT, "BODY_BROKEN_OFF", "the body ended before it was complete"
            ) from None
        if isinstance(given, list):
            return await calls.take(_items(given), indexed=True)
        try:
            return await calls.take_one(_record(given))
        except ValueError as error:
            field, _, message = str(error).partition(" ")
            raise invalid(field, message) from None

    @router.get(
        "/providers/{provider_id}/calls/stats",
        response_model=CallStats,
        summary="How a provider's calls went",
    )
    async def get_stats(
        provider_id: str,
        caller: Viewer,
        start: Annotated[Instant | None, Query(alias="from")] = None,
        end: Annotated[Instant | None, Query(alias="to")] = None,
        direction: Direction = Direction.OUTBOUND,
        country: Annotated[
            str | None,
            Query(pattern=r"^([A-Z]{2}|unknown)$", description="ISO 3166, like GB; unknown: those of none"),
        ] = None,
    ) -> Response:
        chosen = "" if country == "unknown" else country
        shown = await queries.stats(provider_id, start, end, direction, chosen)
        return Response(shown.model_dump_json(by_alias=True), media_type="application/json")

    return router


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _bounded(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise BodyTooLargeError
    return bytes(body)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except UnicodeDecodeError:
        raise invalid("body", UNREADABLE.removeprefix("the body ")) from None
    except (ValueError, RecursionError) as error:
        raise invalid("body", f"is not JSON: {error}") from None


def _record(given: Any) -> CallRecord:
    try:
        return CallRecord.model_validate(given)
    except ValidationError as error:
        details = [
            ErrorDetail(
                field=".".join(map(str, each["loc"]))[:256] or "body",
                message=in_words(each, CallRecord.model_fields),
            )
            for each in error.errors()
        ]
    named = ", ".join(dict.fromkeys(each.field for each in details))
    only = f"{details[0].field} {details[0].message}"
    raise ServiceError(
        ErrorStatus.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        only if len(details) == 1 else f"{len(details)} fields are wrong: {named}",
        details,
    )


async def _items(given: list[Any]) -> AsyncIterator[Line]:
    for index, record in enumerate(given):
        if isinstance(record, dict):
            yield Line(index, record)
        else:
            yield Line(index, None, "is not an object")
