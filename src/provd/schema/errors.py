"""The one shape of every error that the API gives."""

from enum import StrEnum

from provd.schema.model import Model


class ErrorStatus(StrEnum):
    """What kind of error it is; each goes with one HTTP status code."""

    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    PRECONDITION = "PRECONDITION"
    UNPROCESSABLE = "UNPROCESSABLE"
    RESOURCE_EXHAUSTED = "RESOURCE_EXHAUSTED"
    INTERNAL = "INTERNAL"
    CARRIER_ERROR = "CARRIER_ERROR"
    UNAVAILABLE = "UNAVAILABLE"
    CARRIER_TIMEOUT = "CARRIER_TIMEOUT"

    @property
    def http_code(self) -> int:
        """The HTTP status code that goes with it."""
        return _HTTP_CODES[self]


_HTTP_CODES = {
    ErrorStatus.INVALID_ARGUMENT: 400,
    ErrorStatus.PERMISSION_DENIED: 403,
    ErrorStatus.NOT_FOUND: 404,
    ErrorStatus.ALREADY_EXISTS: 409,
    ErrorStatus.FAILED_PRECONDITION: 409,
    ErrorStatus.PRECONDITION: 412,
    ErrorStatus.UNPROCESSABLE: 422,
    ErrorStatus.RESOURCE_EXHAUSTED: 429,
    ErrorStatus.INTERNAL: 500,
    ErrorStatus.CARRIER_ERROR: 502,
    ErrorStatus.UNAVAILABLE: 503,
    ErrorStatus.CARRIER_TIMEOUT: 504,
}


class ErrorDetail(Model):
    """One wrong field. ``field`` is a dotted path into the body, or the name of a query parameter."""

    field: str
    message: str


class ErrorBody(Model):
    """What is wrong and what to do. ``reason`` is a stable word for scripts, narrower than ``status``."""

    status: ErrorStatus
    reason: str
    message: str
    request_id: str
    details: list[ErrorDetail] = []


class ErrorEnvelope(Model):
    """The body of every answer that is not 200."""

    error: ErrorBody
