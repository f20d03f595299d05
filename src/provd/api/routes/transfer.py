"""``/v1.0/import``."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.requests import ClientDisconnect

from provd.api.guard import Admin, actor
from provd.schema.errors import ErrorStatus
from provd.schema.transfer import ImportReport
from provd.services.errors import ServiceError, invalid
from provd.services.importing.importer import ImportService
from provd.services.importing.lines import DocumentError, Line, csv_lines, json_lines, ndjson_lines

_READERS: dict[str, Callable[[AsyncIterator[bytes]], AsyncIterator[Line]]] = {
    "application/x-ndjson": ndjson_lines,
    "application/json": json_lines,
    "text/csv": csv_lines,
}
_SHORT = {"ndjson": "application/x-ndjson", "json": "application/json", "csv": "text/csv"}


def make_router(imports: ImportService) -> APIRouter:
    """The endpoints that take many providers at once."""
    router = APIRouter(prefix="/v1.0", tags=["transfer"])

    @router.post(
        "/import",
        summary="Import providers",
        openapi_extra={
            "requestBody": {"content": {name: {"schema": {"type": "string"}} for name in _READERS}}
        },
    )
    async def import_providers(
        request: Request,
        caller: Admin,
        dry_run: bool = False,
        chosen: Annotated[str, Query(alias="format")] = "",
    ) -> ImportReport:
        reader = _READERS[_media_type(request.headers.get("content-type", ""), chosen)]
        try:
            return await imports.take(reader(request.stream()), actor(caller), dry_run=dry_run)
        except DocumentError as error:
            raise invalid("body", str(error)) from None
        except ClientDisconnect:
            raise ServiceError(
                ErrorStatus.INVALID_ARGUMENT, "BODY_BROKEN_OFF", "the body ended before it was complete"
            ) from None

    return router


def _media_type(content_type: str, chosen: str) -> str:
    if chosen:
        if chosen not in _SHORT:
            raise invalid("format", f"is {chosen[:64]!r}: there are {', '.join(_SHORT)}")
        return _SHORT[chosen]
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in _READERS:
        raise invalid(
            "Content-Type",
            f"is {media_type[:64]!r}: send one of {', '.join(_READERS)}, or name it by ?format=",
        )
    return media_type
