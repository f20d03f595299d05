"""What a carrier's API can answer instead of what was asked for."""


class CarrierError(Exception):
    """A call failed. The message names the carrier and what was to be done, and says what to do now.

    ``may_have_acted`` tells that the carrier may have done it all the same: look before asking again.
    """

    def __init__(self, message: str, *, may_have_acted: bool = False) -> None:
        super().__init__(message)
        self.may_have_acted = may_have_acted


class CredentialsRejected(CarrierError):
    """The key is not valid (401)."""


class PermissionMissing(CredentialsRejected):
    """The key is valid, and may not do this (403)."""


class RequestRejected(CarrierError):
    """The carrier will not do it as it was asked (any other 4xx)."""


class NotThere(RequestRejected):
    """There is no such thing at the carrier (404)."""


class RateLimited(CarrierError):
    """Too many requests (429); ``retry_after_s`` is when the carrier wants the next one, if it said so."""

    def __init__(self, message: str, retry_after_s: float | None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class CarrierFailed(CarrierError):
    """A 5xx, or an answer that can't be read."""


class CarrierSilent(CarrierError):
    """No connection, or no answer in time."""
