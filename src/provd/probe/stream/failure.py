"""Why a connection came to nothing: from errors of the system and of OpenSSL to a cause and words."""

import errno
import os
import ssl
from dataclasses import dataclass

from provd.schema.health import Cause

_REFUSED = frozenset({errno.ECONNREFUSED, errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE})
_UNREACHABLE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENONET})
_WITHOUT_ANSWER = "the peer closed the connection without an answer"
_NOT_TLS = "the peer does not speak TLS on this port"
_NO_COMMON_VERSION = "the peer speaks no TLS version from 1.2 on"

_TLS_WORDS = {
    "WRONG_VERSION_NUMBER": _NOT_TLS,
    "HTTP_REQUEST": _NOT_TLS,
    "PACKET_LENGTH_TOO_LONG": _NOT_TLS,
    "RECORD_LAYER_FAILURE": _NOT_TLS,
    "UNSUPPORTED_PROTOCOL": _NO_COMMON_VERSION,
    "TLSV1_ALERT_PROTOCOL_VERSION": _NO_COMMON_VERSION,
    "TLSV1_ALERT_UNRECOGNIZED_NAME": "the peer does not know the server name that we ask for",
    "TLSV1_UNRECOGNIZED_NAME": "the peer does not know the server name that we ask for",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "the peer wants a client certificate",
}
_ABOUT_OUR_CERTIFICATE = frozenset(
    {
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "TLSV1_ALERT_UNKNOWN_CA",
        "TLSV1_ALERT_ACCESS_DENIED",
    }
)
_HANDSHAKE_FAILURE = "SSLV3_ALERT_HANDSHAKE_FAILURE"


@dataclass(frozen=True, slots=True)
class Failure:
    """A check's end without an answer. ``reason`` says in words what the system or the peer told."""

    cause: Cause
    reason: str


class NotConnected(Exception):
    """There is no connection to send a request over."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


def own_failure(error: OSError) -> Failure:
    """What our own system would not do: make a socket, bind it, find a route."""
    return Failure(Cause.LOCAL, _words(error))


def network_failure(error: OSError) -> Failure:
    """What the network or the peer told of a connection; what neither can tell is our own system's."""
    number = error.errno
    if number in _REFUSED:
        return Failure(Cause.REFUSED, _words(error))
    if number in _UNREACHABLE:
        return Failure(Cause.UNREACHABLE, _words(error))
    if number == errno.ETIMEDOUT:
        return Failure(Cause.TIMEOUT, _words(error))
    return own_failure(error)


def handshake_failure(error: Exception, *, has_certificate: bool) -> Failure:
    """What ended a TLS handshake; ``has_certificate`` tells whether we have one to show."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Failure(Cause.TLS_VERIFY, error.verify_message.rstrip("."))
    if isinstance(error, ssl.SSLError):
        return tls_failure(error, has_certificate=has_certificate)
    if not isinstance(error, OSError):
        return _mistake(error)
    if error.errno is None or error.errno in _REFUSED:
        return Failure(Cause.TLS_ERROR, "the peer closed the connection during the TLS handshake")
    return network_failure(error)


def tls_failure(error: ssl.SSLError, *, has_certificate: bool) -> Failure:
    """What TLS told, in the handshake or, as TLS 1.3 has it, just after it."""
    told = error.reason or ""
    plain = told.lower().replace("_", " ") or str(error)
    if told in _ABOUT_OUR_CERTIFICATE:
        ours = "refuses our client certificate" if has_certificate else "wants a client certificate"
        words = f"the peer {ours} ({plain})"
    elif told == _HANDSHAKE_FAILURE and not has_certificate:
        words = (
            f"the peer refuses the TLS handshake: no cipher in common, or it wants a certificate ({plain})"
        )
    else:
        words = f"{_TLS_WORDS.get(told, 'TLS failed')} ({plain})"
    return Failure(Cause.TLS_ERROR, words)


def closing_failure(error: Exception | None, *, mid_message: bool, has_certificate: bool) -> Failure:
    """What the end of a connection means for those who await an answer; ``error`` as asyncio tells it."""
    if mid_message:
        return Failure(Cause.PROTOCOL, "the peer closed the connection in the middle of a message")
    if error is None or isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Failure(Cause.REFUSED, _WITHOUT_ANSWER)
    if isinstance(error, ssl.SSLError):
        return tls_failure(error, has_certificate=has_certificate)
    if isinstance(error, OSError):
        return network_failure(error)
    return _mistake(error)


def _mistake(error: Exception) -> Failure:
    return Failure(Cause.LOCAL, f"the check itself went wrong: {error!r}")


def _words(error: OSError) -> str:
    if error.errno is not None and error.errno in errno.errorcode:
        return os.strerror(error.errno)
    return error.strerror or str(error)
