"""Which errors are the peer's, which the network's and which our own."""

import errno
import ssl

import pytest

from provd.probe.stream.failure import (
    closing_failure,
    handshake_failure,
    network_failure,
    own_failure,
    tls_failure,
)
from provd.schema.health import Cause

OURS = [
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOBUFS,
    errno.ENOMEM,
    errno.EADDRNOTAVAIL,
    errno.EADDRINUSE,
    errno.EACCES,
    errno.EPERM,
    errno.ENETDOWN,
    errno.EINVAL,
]


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (errno.ECONNREFUSED, Cause.REFUSED),
        (errno.ECONNRESET, Cause.REFUSED),
        (errno.EPIPE, Cause.REFUSED),
        (errno.EHOSTUNREACH, Cause.UNREACHABLE),
        (errno.ENETUNREACH, Cause.UNREACHABLE),
        (errno.ETIMEDOUT, Cause.TIMEOUT),
        *((number, Cause.LOCAL) for number in OURS),
    ],
)
def test_what_the_network_tells_has_its_cause(number: int, cause: Cause) -> None:
    assert network_failure(OSError(number, "")).cause is cause


@pytest.mark.parametrize("number", [errno.ENETUNREACH, errno.EHOSTUNREACH, *OURS])
def test_what_our_own_system_refuses_is_never_the_carriers_fault(number: int) -> None:
    assert own_failure(OSError(number, "")).cause is Cause.LOCAL


def test_the_words_are_the_systems() -> None:
    assert network_failure(OSError(errno.EHOSTUNREACH, "")).reason == "No route to host"


def test_an_error_without_a_number_has_its_own_words() -> None:
    assert own_failure(OSError("something odd")).reason == "something odd"


def test_a_network_that_fails_during_the_handshake_is_told_as_such() -> None:
    error = OSError(errno.EHOSTUNREACH, "")
    assert handshake_failure(error, has_certificate=False).cause is Cause.UNREACHABLE


@pytest.mark.parametrize("error", [None, ssl.SSLEOFError(8, "EOF"), ssl.SSLZeroReturnError(6, "closed")])
def test_each_plain_end_is_one(error: Exception | None) -> None:
    failure = closing_failure(error, mid_message=False, has_certificate=False)
    assert failure.cause is Cause.REFUSED
    assert failure.reason == "the peer closed the connection without an answer"


@pytest.mark.parametrize(
    ("reason", "has_certificate", "words"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", False, "the peer wants a client certificate"),
        ("SSLV3_ALERT_BAD_CERTIFICATE", False, "the peer wants a client certificate"),
        ("SSLV3_ALERT_CERTIFICATE_EXPIRED", True, "the peer refuses our client certificate"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", False, "the peer refuses the TLS handshake: no cipher in common"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", True, "TLS failed"),
        ("TLSV1_UNRECOGNIZED_NAME", False, "the peer does not know the server name that we ask for"),
        ("SOMETHING_NEW", False, "TLS failed (something new)"),
    ],
)
def test_what_tls_tells_is_put_into_words(reason: str, has_certificate: bool, words: str) -> None:
    error = ssl.SSLError(1, "")
    error.reason = reason
    failure = tls_failure(error, has_certificate=has_certificate)
    assert failure.cause is Cause.TLS_ERROR
    assert failure.reason.startswith(words)


def test_an_error_of_tls_without_a_reason_is_not_taken_for_one_of_the_system() -> None:
    error = ssl.SSLError(1, "an odd thing")
    error.reason = None  # type: ignore[assignment]
    failure = tls_failure(error, has_certificate=False)
    assert "an odd thing" in failure.reason
