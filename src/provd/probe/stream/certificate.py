"""The certificate that a peer shows."""

import asyncio
import warnings
from dataclasses import dataclass
from math import floor

from cryptography import x509

from provd.sip.octets import printable

_DAY_S = 86_400
_NAMES_KEPT = 100
_TEXT_KEPT = 256
_NAMED = (x509.DNSName, x509.IPAddress, x509.UniformResourceIdentifier)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What an operator wants to know of it. ``not_after`` is in seconds since 1970.

    ``subject`` and ``issuer`` are in the form of RFC 4514; ``names`` are the DNS names, IP addresses and URIs
    of its subjectAltName, the first hundred of them.
    """

    subject: str
    issuer: str
    not_after: float
    names: tuple[str, ...]

    def days_left(self, wall: float) -> int:
        """Whole days until it expires, at ``wall`` seconds since 1970; negative once it has."""
        return floor((self.not_after - wall) / _DAY_S)


def peer_certificate(transport: asyncio.BaseTransport) -> Certificate | None:
    """What the peer showed in the TLS handshake; None without TLS, or when it is too odd to be read."""
    session = transport.get_extra_info("ssl_object")
    der = None if session is None else session.getpeercert(binary_form=True)
    return None if der is None else read_certificate(der)


def read_certificate(der: bytes) -> Certificate | None:
    """What a certificate says; None when it is too odd to be read. Names that are too odd are left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the library thinks of a carrier's certificate
        try:
            read = x509.load_der_x509_certificate(der)
            return Certificate(
                subject=_text(read.subject.rfc4514_string()),
                issuer=_text(read.issuer.rfc4514_string()),
                not_after=read.not_valid_after_utc.timestamp(),
                names=_names(read),
            )
        except (ValueError, TypeError, x509.InvalidVersion):
            return None


def _names(read: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = read.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
        return ()
    found = [_text(str(name.value)) for name in extension.value if isinstance(name, _NAMED)]
    return tuple(found[:_NAMES_KEPT])


def _text(value: str) -> str:
    return printable(value)[:_TEXT_KEPT]
