"""Errors on the wire: everything that can go wrong, mapped once, in the one envelope."""

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from provd.api.methods import methods_at
from provd.schema.errors import ErrorBody, ErrorDetail, ErrorEnvelope, ErrorStatus
from provd.schema.mistakes import in_words
from provd.schema.probe import ProbeOverrides
from provd.schema.provider import READ_ONLY_FIELDS, ProviderCreate, ProviderUpdate
from provd.services.errors import ServiceError
from provd.store.errors import StoreError

log = logging.getLogger(__name__)

MAX_BODY = 1024 * 1024
UNREADABLE = (
    "the body can't be read as JSON: it has bytes that are not UTF-8, a number that is far too long, "
    "or is nested too deep"
)
_MAX_DETAILS = 50
_REPLACED = frozenset(name for name, field in ProviderUpdate.model_fields.items() if field.is_required())


class BodyTooLargeError(HTTPException):
    """The body of a request is over MAX_BODY."""

    def __init__(self) -> None:
        super().__init__(400, f"the body is over {MAX_BODY} bytes: send less in one request")


def error_response(
    request_id: str,
    status: ErrorStatus,
    reason: str,
    message: str,
    details: Sequence[ErrorDetail] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """Build the answer for an error."""
    body = ErrorBody(
        status=status, reason=reason, message=message, request_id=request_id, details=list(details)
    )
    content = ErrorEnvelope(error=body).model_dump_json()
    return Response(content, status.http_code, headers, "application/json")


def add_handlers(app: FastAPI) -> None:
    """Have the app answer every error with the envelope."""

    @app.exception_handler(ServiceError)
    async def refused(request: Request, error: ServiceError) -> Response:
        headers = {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}
        return error_response(
            request.state.request_id, error.status, error.reason, str(error), error.details, headers
        )

    @app.exception_handler(StoreError)
    async def store_fails(request: Request, error: StoreError) -> Response:
        return error_response(
            request.state.request_id, ErrorStatus.UNAVAILABLE, "STORE_UNAVAILABLE", str(error)
        )

    @app.exception_handler(RequestValidationError)
    async def not_valid(request: Request, error: RequestValidationError) -> Response:
        details = [_detail(each, _body_model(request)) for each in error.errors()[:_MAX_DETAILS]]
        return error_response(
            request.state.request_id,
            ErrorStatus.INVALID_ARGUMENT,
            "INVALID_ARGUMENT",
            _message(request, error, details),
            details,
        )

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        status, reason, message = _http_error(request, error)
        return error_response(
            request.state.request_id, status, reason, message, headers=_headers(request, error)
        )

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> Response:
        return error_response(
            request.state.request_id,
            ErrorStatus.INTERNAL,
            "INTERNAL",
            "provd failed at this request, which is a bug: its log has the details under the request id",
        )


def _http_error(request: Request, error: HTTPException) -> tuple[ErrorStatus, str, str]:
    if isinstance(error, BodyTooLargeError):
        return ErrorStatus.INVALID_ARGUMENT, "BODY_TOO_LARGE", error.detail
    if error.status_code == 404:
        return (
            ErrorStatus.NOT_FOUND,
            "UNKNOWN_PATH",
            f"there is nothing at {request.url.path[:128]}: GET /openapi.json lists every path",
        )
    if error.status_code == 405:
        allowed = " or ".join(methods_at(request))
        return (
            ErrorStatus.INVALID_ARGUMENT,
            "METHOD_NOT_ALLOWED",
            f"{request.url.path[:128]} does not take {request.method}: use {allowed}",
        )
    if error.status_code == 400:
        return ErrorStatus.INVALID_ARGUMENT, "BODY_UNREADABLE", UNREADABLE
    return ErrorStatus.INVALID_ARGUMENT, "INVALID_ARGUMENT", str(error.detail)


def _headers(request: Request, error: HTTPException) -> dict[str, str]:
    headers = dict(error.headers or {})
    if error.status_code == 405:  # the router names those of the first route alone
        headers["Allow"] = ", ".join(methods_at(request))
    return headers


def _detail(error: Any, model: type[BaseModel]) -> ErrorDetail:
    where, *path = error["loc"]
    if error["type"] == "json_invalid":
        return ErrorDetail(field="body", message=f"is not JSON: {error['ctx']['error']} at {path[0]}")
    field = ".".join(str(part) for part in path if part != "[key]") or str(where)
    return ErrorDetail(field=field[:256], message=_words(error, path, model))


def _words(error: Any, path: list[Any], model: type[BaseModel]) -> str:
    if error["type"] == "extra_forbidden" and issubclass(model, ProviderCreate | ProviderUpdate):
        if len(path) == 1 and path[0] in READ_ONLY_FIELDS:
            return "is read-only: leave it out"
        if path[0] == "probe" and len(path) > 1:
            return in_words(error, ProbeOverrides.model_fields)
    return in_words(error, model.model_fields)


def _body_model(request: Request) -> type[BaseModel]:
    """The model of the body that this path takes."""
    body = getattr(request.scope.get("route"), "body_field", None)
    model = body.field_info.annotation if body is not None else None
    return model if isinstance(model, type) and issubclass(model, BaseModel) else BaseModel


def _message(request: Request, error: RequestValidationError, details: list[ErrorDetail]) -> str:
    missing = [each["loc"][-1] for each in error.errors() if each["type"] == "missing"]
    if request.method == "PUT" and missing and len(missing) < len(_REPLACED):
        are = "is" if len(missing) == 1 else "are"
        add = "add it" if len(missing) == 1 else "add them"
        return f"PUT replaces the whole record, and {', '.join(map(str, missing))} {are} missing: " + (
            "send every field, or use PATCH to change some" if "PATCH" in methods_at(request) else add
        )
    if len(details) == 1:
        return f"{details[0].field} {details[0].message}"
    return f"{len(details)} fields are wrong: {', '.join(dict.fromkeys(each.field for each in details))}"
