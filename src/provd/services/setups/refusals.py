"""What went wrong at a carrier or in the keyring, in the terms of the API's error envelope."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

from provd.carriers.errors import (
    CarrierError,
    CarrierSilent,
    CredentialsRejected,
    RateLimited,
    RequestRejected,
)
from provd.schema.errors import ErrorStatus
from provd.secrets.errors import VaultError
from provd.services.errors import ServiceError


def refusal_of(error: CarrierError, since: str = "") -> ServiceError:
    """The answer for a carrier's error; ``since`` tells what became of the setup since."""
    message = f"{error}. {since}".strip() if since else str(error)
    match error:
        case CredentialsRejected():
            return ServiceError(ErrorStatus.UNPROCESSABLE, "CARRIER_CREDENTIALS_REJECTED", message)
        case RequestRejected():
            return ServiceError(ErrorStatus.UNPROCESSABLE, "CARRIER_REJECTED_REQUEST", message)
        case RateLimited():
            wait_s = None if error.retry_after_s is None else math.ceil(error.retry_after_s)
            return ServiceError(
                ErrorStatus.RESOURCE_EXHAUSTED, "CARRIER_LIMITS_US", message, retry_after_s=wait_s
            )
        case CarrierSilent():
            return ServiceError(ErrorStatus.CARRIER_TIMEOUT, "CARRIER_SILENT", message)
    return ServiceError(ErrorStatus.CARRIER_ERROR, "CARRIER_FAILED", message)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what carriers and the keyring raise into ServiceError."""
    try:
        yield
    except CarrierError as error:
        raise refusal_of(error) from error
    except VaultError as error:
        raise no_keyring(error) from error


def no_keyring(error: VaultError, since: str = "") -> ServiceError:
    """The answer when the keyring can't be used."""
    message = f"the keyring can't be used: {error}"
    return ServiceError(
        ErrorStatus.UNAVAILABLE, "KEYRING_UNAVAILABLE", f"{message}. {since}" if since else message
    )
