"""The rules for single fields of a provider, each with its own message."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from provd.schema.codes import parse_codes
from provd.schema.hostname import HostKind, parse_hostname

MAX_HEADERS = 32
MAX_HEADER_VALUE = 1024
_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")  # RFC 3261 section 25.1
_SIP_URI = re.compile(r"sips?:[^\s<>\"]+")
_PROBE_HEADERS = {"user-agent", "accept", "supported", "require", "proxy-require", "k"}
_DIAL_CHARACTERS = re.compile(r"[0-9+*#]*")
_STACK_HEADERS = {
    *("via", "from", "to", "call-id", "cseq", "contact", "max-forwards", "route", "record-route"),
    *("authorization", "proxy-authorization"),
    *("v", "f", "t", "i", "m", "l", "c", "e"),  # compact forms of the above and of Content-*
}


def _single_line(text: str) -> str:
    bad = next((c for c in text if ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or c in "\u2028\u2029"), None)
    if bad is not None:
        raise ValueError(f"has the control character U+{ord(bad):04X}: use printable text on one line")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty: give some text")
    return text


def _hostname(text: str) -> str:
    return str(parse_hostname(text))


def _dial_characters(text: str) -> str:
    if not _DIAL_CHARACTERS.fullmatch(text):
        raise ValueError("may have the digits 0-9, '+', '*' and '#' alone, or be empty")
    return text


def _postfix(text: str) -> str:
    digits, at, host = text.partition("@")
    if not _DIAL_CHARACTERS.fullmatch(digits):
        raise ValueError("may have the digits 0-9, '+', '*' and '#', then an optional '@host', or be empty")
    if at:
        try:
            parse_hostname(host)
        except ValueError as error:
            raise ValueError(f"has a host after '@' that {error}") from None
    return text


def _tech_headers(headers: dict[str, str]) -> dict[str, str]:
    seen: dict[str, str] = {}
    for name in headers:
        lower = name.lower()
        if not _TOKEN.fullmatch(name):
            raise ValueError(f"has the header name {name!r}: it must be an RFC 3261 token, like X-Account")
        if lower in _STACK_HEADERS or lower.startswith("content-"):
            raise ValueError(f"has the header {name}, which the SIP stack itself writes: leave it out")
        if lower in seen:
            raise ValueError(f"has the header {name} twice (as {seen[lower]} and {name}): names ignore case")
        seen[lower] = name
    return headers


def _codecs(text: str) -> str:
    names = [name.strip() for name in text.split(",")] if text else []
    wrong = next((name for name in names if not _TOKEN.fullmatch(name)), None)
    if wrong is not None:
        raise ValueError(
            f"has {wrong!r}: give SDP encoding names with commas between them, like PCMU,PCMA,opus"
        )
    return ",".join(names)


def _bind_address(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError('must be address:port, like "0.0.0.0:0" (port 0: any free one)')
    if parse_hostname(host).kind is HostKind.NAME:
        raise ValueError("must have an IP address, not a name")
    return text


def _header_text(text: str) -> str:
    if not text.isprintable() or not text.isascii():
        raise ValueError("goes into a SIP header: use printable ASCII")
    return text


def _sip_uri(text: str) -> str:
    if not _SIP_URI.fullmatch(text):
        raise ValueError("must be a SIP URI, like sip:probe@sbc.example.com")
    return _header_text(text)


def _code_policy(text: str) -> str:
    policy = text.strip().lower()
    parse_codes(policy)
    return policy


def _probe_headers(headers: dict[str, str]) -> dict[str, str]:
    taken = next((name for name in headers if name.lower() in _PROBE_HEADERS), None)
    if taken is not None:
        raise ValueError(f"has the header {taken}, which every check carries already: leave it out")
    return headers


def _server_name(text: str) -> str:
    host = parse_hostname(text)
    if host.port is not None:
        raise ValueError("is the name in a certificate: leave out the port")
    return str(host)


def _tags(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(tags))


Name = Annotated[str, Field(max_length=255), AfterValidator(_single_line), AfterValidator(_not_blank)]
Detail = Annotated[str, Field(max_length=4096), AfterValidator(_single_line)]
Hostname = Annotated[str, Field(examples=["sip.telnyx.com"]), AfterValidator(_hostname)]
TechPrefix = Annotated[str, Field(max_length=255), AfterValidator(_dial_characters)]
TechPostfix = Annotated[str, Field(max_length=255), AfterValidator(_postfix)]
HeaderValue = Annotated[str, Field(max_length=MAX_HEADER_VALUE), AfterValidator(_single_line)]
TechHeaders = Annotated[dict[str, HeaderValue], Field(max_length=MAX_HEADERS), AfterValidator(_tech_headers)]
Codecs = Annotated[str, Field(max_length=255), AfterValidator(_single_line), AfterValidator(_codecs)]
CarrierName = Annotated[str, Field(max_length=64), AfterValidator(_single_line)]
Tag = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_single_line)]
Tags = Annotated[list[Tag], Field(max_length=32), AfterValidator(_tags)]

BindAddress = Annotated[str, AfterValidator(_bind_address)]
HeaderText = Annotated[str, Field(max_length=255), AfterValidator(_header_text)]
SipUri = Annotated[str, Field(max_length=255), AfterValidator(_sip_uri)]
CodePolicyText = Annotated[str, AfterValidator(_code_policy)]
ProbeHeaders = Annotated[TechHeaders, AfterValidator(_probe_headers)]
ServerName = Annotated[str, AfterValidator(_server_name)]
