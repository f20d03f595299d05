"""What can go wrong between a client and the daemon."""

from provd.schema.errors import ErrorBody, ErrorDetail, ErrorStatus


class ClientError(Exception):
    """Anything that keeps a call from its answer; ``str()`` is a sentence for people."""


class DaemonUnavailable(ClientError):
    """The daemon can't be reached, went away in the middle of a call, or is too slow."""


class MayNotConnect(DaemonUnavailable):
    """The kernel does not let this user reach the daemon's socket; ``str()`` says who lets them."""


class ApiError(ClientError):
    """The daemon answered with an error envelope."""

    def __init__(self, http_code: int, body: ErrorBody) -> None:
        super().__init__(body.message)
        self.http_code = http_code
        self.body = body

    @property
    def status(self) -> ErrorStatus:
        """The kind of error."""
        return self.body.status

    @property
    def details(self) -> list[ErrorDetail]:
        """Every wrong field."""
        return self.body.details
