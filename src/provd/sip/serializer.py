"""How a message is written, so that no value can add a header, a body or another message.

RFC 3261 section 7.
"""

import re

from provd.sip.errors import shown
from provd.sip.grammar import is_token
from provd.sip.headers import Headers
from provd.sip.octets import encode, has_bare_nul

_IN_NO_URI = re.compile(r"[\x00-\x20\x7f]")


def request_line(method: str, uri: str) -> str:
    """The Request-Line. Raises ValueError for a method or a URI that would not stay in its place."""
    if not is_token(method):
        raise ValueError(f"the method {shown(method)} is not a token")
    if not uri or _IN_NO_URI.search(uri):
        raise ValueError(f"the Request-URI {shown(uri)} is empty or has spaces or control characters")
    return f"{method} {uri} SIP/2.0"


def status_line(code: int, reason: str) -> str:
    """The Status-Line. Raises ValueError for a code that is not 100 to 699, or a broken ``reason``."""
    if not 100 <= code <= 699:
        raise ValueError(f"{code} is not a response code: they go from 100 to 699")
    _check(reason, "the reason phrase")
    return f"SIP/2.0 {code} {reason}"


def serialize(start_line: str, headers: Headers, body: bytes) -> bytes:
    """The bytes of a message with that start line: long header names, CRLF at every line's end.

    Raises ValueError for a header name that is not a token, a value with CR, LF or NUL (but for a NUL
    that a backslash escapes, which quoted strings may have), and a Content-Length that is not the
    body's. It adds no header of its own.
    """
    lines = [start_line]
    for name, value in headers:
        if not is_token(name):
            raise ValueError(f"the header name {shown(name)} is not a token")
        _check(value, f"the header {name}")
        lines.append(f"{name}: {value}")
    for value in headers.get_all("Content-Length"):
        if not (value.isascii() and value.isdigit()) or value.lstrip("0") != str(len(body)).lstrip("0"):
            raise ValueError(f"the Content-Length {shown(value)} is not that of a body of {len(body)} bytes")
    lines.append("\r\n")
    return encode("\r\n".join(lines)) + body


def _check(value: str, what: str) -> None:
    if "\r" in value or "\n" in value or has_bare_nul(value):
        raise ValueError(f"{what} has a line break or a NUL: {shown(value)}")
