"""Messages for the tests of the SIP package, whole and then changed one thing at a time."""

from collections.abc import Iterable, Mapping

_REQUEST_HEADERS = {
    "Via": "SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK776asdhds;rport",
    "Max-Forwards": "70",
    "From": "<sip:provd@192.0.2.10>;tag=1928301774",
    "To": "<sip:carrier.example.com>",
    "Call-ID": "a84b4c76e66710@192.0.2.10",
    "CSeq": "63104 OPTIONS",
    "User-Agent": "provd",
    "Content-Length": "0",
}
_RESPONSE_HEADERS = {
    "Via": "SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK776asdhds;received=192.0.2.10;rport=5060",
    "From": "<sip:provd@192.0.2.10>;tag=1928301774",
    "To": "<sip:carrier.example.com>;tag=a6c85cf",
    "Call-ID": "a84b4c76e66710@192.0.2.10",
    "CSeq": "63104 OPTIONS",
    "Allow": "INVITE, ACK, CANCEL, OPTIONS, BYE",
    "Accept": "application/sdp",
    "Server": "Carrier SBC 7.2",
    "Content-Length": "0",
}


def request(
    changes: Mapping[str, str | None] | None = None,
    start: str = "OPTIONS sip:carrier.example.com SIP/2.0",
    extra: Iterable[str] = (),
    body: bytes = b"",
) -> bytes:
    """An OPTIONS request; ``changes`` gives headers other values or, with None, takes them away.

    ``extra`` are whole header lines that come last.
    """
    return _message(start, _REQUEST_HEADERS | dict(changes or {}), extra, body)


def response(
    changes: Mapping[str, str | None] | None = None,
    start: str = "SIP/2.0 200 OK",
    extra: Iterable[str] = (),
    body: bytes = b"",
) -> bytes:
    """The 200 response to ``request()``, changed in the same way."""
    return _message(start, _RESPONSE_HEADERS | dict(changes or {}), extra, body)


def _message(start: str, headers: Mapping[str, str | None], extra: Iterable[str], body: bytes) -> bytes:
    lines = [start, *(f"{name}: {value}" for name, value in headers.items() if value is not None), *extra]
    return "\r\n".join([*lines, "", ""]).encode() + body
