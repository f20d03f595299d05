"""What a use case refuses, in the terms of the API's error envelope."""

from provd.schema.errors import ErrorDetail, ErrorStatus


class ServiceError(Exception):
    """A refusal. ``reason`` is a stable word for scripts; the message says what is wrong and what to do.
    ``retry_after_s`` is when to ask again, where that is known."""

    def __init__(
        self,
        status: ErrorStatus,
        reason: str,
        message: str,
        details: list[ErrorDetail] | None = None,
        *,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.details = details or []
        self.retry_after_s = retry_after_s


def invalid(field: str, message: str) -> ServiceError:
    """A 400 about one field or query parameter."""
    return ServiceError(
        ErrorStatus.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        f"{field} {message}",
        [ErrorDetail(field=field, message=message)],
    )


def not_found(reason: str, message: str) -> ServiceError:
    """A 404."""
    return ServiceError(ErrorStatus.NOT_FOUND, reason, message)


def conflict(reason: str, message: str) -> ServiceError:
    """A 409: the state of things does not allow it."""
    return ServiceError(ErrorStatus.FAILED_PRECONDITION, reason, message)


def no_such_provider(provider_id: str) -> ServiceError:
    """A 404 for an id that leads to no provider."""
    return not_found(
        "PROVIDER_NOT_FOUND", f"there is no provider {provider_id}: it was deleted, or the id is mistyped"
    )
