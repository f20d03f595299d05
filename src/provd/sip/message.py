"""Requests and responses as values (RFC 3261 section 7)."""

import re
from dataclasses import dataclass
from functools import cached_property

from provd.sip.address import Address, parse_address
from provd.sip.cseq import CSeq, parse_cseq
from provd.sip.errors import SipParseError, shown
from provd.sip.grammar import parse_scalar
from provd.sip.headers import Headers
from provd.sip.octets import printable
from provd.sip.serializer import request_line, serialize, status_line
from provd.sip.uri import SipUri, Uri, parse_uri
from provd.sip.via import Via, parse_vias

_MAX_DELTA_SECONDS = 2**32 - 1
_MAX_CONTENT_LENGTH = 2**32 - 1
_MAX_MAX_FORWARDS = 255
_DELTA_SECONDS = re.compile(r"([0-9]+)[ \t]*(?:[(;].*)?", re.DOTALL)


class _Message:
    """What requests and responses share: headers, read when they are asked for and then remembered.

    An accessor raises SipParseError when its header is malformed, and one that every message must have
    also when it is missing. On a message that ``parse_message`` gave, none of them raises.
    """

    headers: Headers
    body: bytes

    @cached_property
    def vias(self) -> tuple[Via, ...]:
        """Every hop, the top one first; empty when there is no Via."""
        return parse_vias(self.headers.get_all("Via"))

    @property
    def top_via(self) -> Via:
        """The hop that sent the request."""
        if not self.vias:
            raise SipParseError("the Via header is missing")
        return self.vias[0]

    @cached_property
    def cseq(self) -> CSeq:
        """The sequence number and its method."""
        return parse_cseq(self.required("CSeq"))

    @cached_property
    def call_id(self) -> str:
        """The Call-ID, which is compared byte by byte (RFC 3261 section 20.8)."""
        value = self.required("Call-ID")
        if not value or " " in value or "\t" in value:
            raise SipParseError(f"the Call-ID {shown(value)} is not one word")
        return value

    @cached_property
    def from_(self) -> Address:
        """Who the request is from."""
        return parse_address(self.required("From"))

    @cached_property
    def to(self) -> Address:
        """Who the request is for."""
        return parse_address(self.required("To"))

    @cached_property
    def max_forwards(self) -> int | None:
        """How many hops are left. None when it is absent, as RFC 2543 peers leave it, or above 255.

        RFC 4475 section 3.1.2.4 lets an overlarge one count as absent.
        """
        value = self.headers.get("Max-Forwards")
        if value is None:
            return None
        if not (value.isascii() and value.isdigit()):
            raise SipParseError(f"the Max-Forwards {shown(value)} is not a number")
        return parse_scalar(value, _MAX_MAX_FORWARDS)

    @cached_property
    def content_length(self) -> int | None:
        """The length that the Content-Length header gives; None when it is absent."""
        value = self.headers.get("Content-Length")
        return None if value is None else parse_content_length(value)

    @property
    def retry_after(self) -> int | None:
        """The seconds of Retry-After, whatever comment or parameters follow them (section 20.33).

        None when it is absent, not a number, or above 2**32-1 (RFC 4475 section 3.1.2.5).
        """
        match = _DELTA_SECONDS.fullmatch(self.headers.get("Retry-After") or "")
        return None if match is None else parse_scalar(match[1], _MAX_DELTA_SECONDS)

    @property
    def server(self) -> str | None:
        """What software the peer says it is: Server, else User-Agent; made fit for printing."""
        value = self.headers.get("Server") or self.headers.get("User-Agent")
        return printable(value) if value else None

    def required(self, name: str) -> str:
        """The first value under ``name``. Raises SipParseError when there is none."""
        value = self.headers.get(name)
        if value is None:
            raise SipParseError(f"the {name} header is missing")
        return value


@dataclass(frozen=True)
class Request(_Message):
    """A request. ``uri`` is as written on the wire; ``target`` takes it apart."""

    method: str
    uri: str
    headers: Headers
    body: bytes = b""

    @cached_property
    def target(self) -> Uri:
        """The Request-URI. Raises SipParseError for one with headers too (RFC 3261 section 19.1.1)."""
        uri = parse_uri(self.uri)
        if isinstance(uri, SipUri) and uri.headers:
            raise SipParseError(f"the Request-URI {shown(self.uri)} has headers")
        return uri

    def to_bytes(self) -> bytes:
        """The request as sent. Raises ValueError when a part cannot be written; see ``serialize``."""
        return serialize(request_line(self.method, self.uri), self.headers, self.body)


@dataclass(frozen=True)
class Response(_Message):
    """A response. ``reason`` is what the peer wrote, perhaps nothing; ``printable`` makes it safe."""

    code: int
    reason: str
    headers: Headers
    body: bytes = b""

    def to_bytes(self) -> bytes:
        """The response as sent. Raises ValueError when a part cannot be written; see ``serialize``."""
        return serialize(status_line(self.code, self.reason), self.headers, self.body)


Message = Request | Response
"""What a datagram holds."""


def parse_content_length(text: str) -> int:
    """The length that ``text`` writes. Raises SipParseError for anything but digits, or too many."""
    length = parse_scalar(text, _MAX_CONTENT_LENGTH)
    if length is None:
        raise SipParseError(f"the Content-Length {shown(text)} is not a length")
    return length
