"""``/v1.0/import`` and ``/v1.0/export``."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Annotated

from fastapi import Query, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from provd.api.guard import Admin, Viewer, actor
from provd.api.permissions import GuardedRouter
from provd.routing.formats.registry import FORMATS, READERS
from provd.schema.errors import ErrorStatus
from provd.schema.status import Role
from provd.schema.transfer import ExportFormat, ImportReport
from provd.services.errors import ServiceError, invalid
from provd.services.exporting import ExportService
from provd.services.importing.importer import ImportService
from provd.services.importing.lines import (
    DocumentError,
    Line,
    csv_lines,
    json_lines,
    ndjson_lines,
    read_lines,
)

Lines = Callable[[AsyncIterator[bytes]], AsyncIterator[Line]]
_MEDIA_TYPES = {
    "application/x-ndjson": "ndjson",
    "application/json": "json",
    "text/csv": "csv",
    "application/yaml": "yaml",
}


def make_router(imports: ImportService, exports: ExportService) -> GuardedRouter:
    """The endpoints that take and give many providers at once."""
    router = GuardedRouter(prefix="/v1.0", tags=["transfer"])

    @router.post(
        "/import",
        summary="Import providers and routes",
        openapi_extra={
            "requestBody": {"content": {name: {"schema": {"type": "string"}} for name in _MEDIA_TYPES}}
        },
    )
    async def import_providers(
        request: Request,
        caller: Admin,
        dry_run: bool = False,
        chosen: Annotated[str, Query(alias="format")] = "",
    ) -> ImportReport:
        form = _form(request.headers.get("content-type", ""), chosen)
        lines = _lines(form)
        try:
            return await imports.take(lines(request.stream()), form, actor(caller), dry_run=dry_run)
        except DocumentError as error:
            raise invalid("body", str(error)) from None
        except ClientDisconnect:
            raise ServiceError(
                ErrorStatus.INVALID_ARGUMENT, "BODY_BROKEN_OFF", "the body ended before it was complete"
            ) from None

    @router.get(
        "/export",
        summary="Export providers and routes",
        response_class=Response,
        responses={
            200: {
                "description": "The file",
                "content": {each.media_type.partition(";")[0]: {} for each in FORMATS.values()},
            }
        },
    )
    async def export(
        caller: Viewer,
        chosen: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSON,
        file: Annotated[str, Query(description="of a format with more files: the name of one")] = "",
    ) -> Response:
        form = FORMATS[chosen]
        pieces = exports.stream(chosen, file, hidden=caller.role is Role.VIEWER)
        first = await anext(pieces, b"")  # what is wrong at the beginning is an answer of its own
        name = file or form.file_name
        return StreamingResponse(
            _with_first(first, pieces),
            media_type=form.media_type,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    return router


async def _with_first(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


def _form(content_type: str, chosen: str) -> str:
    if chosen:
        return chosen
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in _MEDIA_TYPES:
        raise invalid(
            "Content-Type",
            f"is {media_type[:64]!r}: send one of {', '.join(_MEDIA_TYPES)}, or name it by ?format=",
        )
    return _MEDIA_TYPES[media_type]


def _lines(chosen: str) -> Lines:
    own: dict[str, Lines] = {"ndjson": ndjson_lines, "json": json_lines, "csv": csv_lines}
    if chosen in own:
        return own[chosen]
    if chosen not in READERS:
        raise invalid("format", f"is {chosen[:64]!r}: there are {', '.join((*own, *READERS))}")
    return partial(read_lines, reader=READERS[chosen]())
