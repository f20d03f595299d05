"""From a datagram to a message, or to the reason why it is none (RFC 3261 sections 7, 8.2 and 18.3)."""

import re
from collections.abc import Callable
from functools import partial

from provd.sip.errors import SipParseError, shown
from provd.sip.grammar import LWS, TOKEN_CHARS, is_token
from provd.sip.headers import Headers
from provd.sip.limits import Limits
from provd.sip.message import Message, Request, Response, parse_content_length
from provd.sip.octets import decode, has_bare_nul

# The methods of RFC 3261 and its extensions; a request with another one is not understood at all.
_CORE_METHODS = ("ACK", "BYE", "CANCEL", "INVITE", "OPTIONS", "REGISTER")
_LATER_METHODS = ("INFO", "MESSAGE", "NOTIFY", "PRACK", "PUBLISH", "REFER", "SUBSCRIBE", "UPDATE")
_METHODS = frozenset((*_CORE_METHODS, *_LATER_METHODS))
_MANDATORY = ("Via", "From", "To", "Call-ID", "CSeq")
_SINGLE = ("From", "To", "Call-ID", "CSeq", "Content-Length", "Max-Forwards")
_VALIDATED = ("vias", "from_", "to", "call_id", "cseq", "max_forwards")

_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_REQUEST_LINE = re.compile(rf"([{TOKEN_CHARS}]+)[ \t]+([^ \t]+)[ \t]+([^ \t]+)[ \t]*")
_STATUS_LINE = re.compile(
    r"(SIP/[^ \t]*)[ \t]+([^ \t]+)(?:[ \t]+(.*))?", re.IGNORECASE | re.ASCII | re.DOTALL
)
_VERSION = re.compile(r"SIP/([0-9]+\.[0-9]+)", re.IGNORECASE | re.ASCII)
_CODE = re.compile(r"[1-6][0-9][0-9]")
_DEFAULT_LIMITS = Limits()


def parse_message(data: bytes, limits: Limits = _DEFAULT_LIMITS) -> Message:
    """Read the message that a datagram holds.

    Line breaks before it are skipped (RFC 3261 section 7.5). The body ends where Content-Length says,
    and what follows it is ignored (section 18.3); without a Content-Length it is the rest of the
    datagram. Lines may end in CRLF or LF, and several SP or HTAB may stand where the start line has one.

    The message has the headers that every message needs, none of them twice but Via, and no accessor of
    it raises. Anything else, whatever the bytes, raises SipParseError: a datagram without a message
    too, as peers send to keep a NAT open.
    """
    if len(data) > limits.message_size:
        raise SipParseError(f"the message has more than {limits.message_size} bytes", 513)
    data = data.lstrip(b"\r\n")
    if not data:
        raise SipParseError("the datagram holds no message, only line breaks or nothing at all")
    end = _EMPTY_LINE.search(data)
    if end is None:
        raise SipParseError("the message has no empty line after its headers")
    start_line, *lines = _split(decode(data[: end.start()]), limits)
    build = _parse_start_line(start_line)
    headers = _parse_headers(_unfold(lines), limits)
    _check_presence(headers, limits)
    message = build(headers, _body(headers, data[end.end() :]))
    _validate(message)
    return message


def _split(head: str, limits: Limits) -> list[str]:
    head = head.replace("\r\n", "\n")
    if "\r" in head or has_bare_nul(head):
        raise SipParseError("the message has a CR without an LF, or a NUL, before its body")
    lines = head.split("\n")
    if len(max(lines, key=len)) > limits.line_length:
        status = 414 if len(lines[0]) > limits.line_length else 513
        raise SipParseError(f"a line has more than {limits.line_length} characters", status)
    return lines


def _parse_start_line(line: str) -> Callable[[Headers, bytes], Message]:
    status = _STATUS_LINE.fullmatch(line)
    if status is not None:
        version, code, reason = status.groups()
        _check_version(version)
        if _CODE.fullmatch(code) is None:
            raise SipParseError(f"the response code {shown(code)} is not 100 to 699")
        return partial(Response, int(code), (reason or "").rstrip(LWS))
    request = _REQUEST_LINE.fullmatch(line)
    if request is None:
        raise SipParseError(f"the start line {shown(line)} is neither a request's nor a response's")
    method, uri, version = request.groups()
    _check_version(version)
    return partial(Request, method, uri)


def _check_version(text: str) -> None:
    version = _VERSION.fullmatch(text)
    if version is None:
        raise SipParseError(f"{shown(text)} is not a SIP version")
    if version[1] != "2.0":
        raise SipParseError(f"the SIP version is {shown(version[1])} and not 2.0", 505)


def _unfold(lines: list[str]) -> list[str]:
    """Join each line that begins with whitespace to the one before it (RFC 3261 section 7.3.1)."""
    if not any(line.startswith((" ", "\t")) for line in lines):
        return lines
    headers: list[list[str]] = []
    for line in lines:
        if not line.startswith((" ", "\t")):
            headers.append([line.rstrip(LWS)])
        elif not headers:
            raise SipParseError("the start line is folded")
        elif part := line.strip(LWS):
            headers[-1].append(part)
    return [" ".join(parts) for parts in headers]


def _parse_headers(lines: list[str], limits: Limits) -> Headers:
    if len(lines) > limits.header_count:
        raise SipParseError(f"the message has more than {limits.header_count} headers", 513)
    items = []
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.rstrip(LWS)
        value = value.strip(LWS)
        if not colon or not is_token(name):
            raise SipParseError(f"the line {shown(line)} is not a header")
        if len(value) > limits.value_length:
            raise SipParseError(
                f"the header {shown(name)} has more than {limits.value_length} characters", 513
            )
        items.append((name, value))
    return Headers(items)


def _check_presence(headers: Headers, limits: Limits) -> None:
    for name in _MANDATORY:
        if name not in headers:
            raise SipParseError(f"the {name} header is missing")
    for name in _SINGLE:
        if headers.count(name) > 1:
            raise SipParseError(f"the {name} header is there more than once")
    vias = headers.get_all("Via")
    if len(vias) + sum(value.count(",") for value in vias) > limits.via_count:
        raise SipParseError(f"the message has more than {limits.via_count} Vias", 513)


def _body(headers: Headers, rest: bytes) -> bytes:
    value = headers.get("Content-Length")
    if value is None:
        return rest
    length = parse_content_length(value)
    if length > len(rest):
        raise SipParseError(f"the Content-Length is {length}, but only {len(rest)} bytes follow the headers")
    return rest[:length]


def _validate(message: Message) -> None:
    # An accessor raises for a malformed value and remembers a good one.
    for accessor in _VALIDATED if isinstance(message, Response) else (*_VALIDATED, "target"):
        getattr(message, accessor)
    if isinstance(message, Request) and message.cseq.method != message.method:
        # RFC 4475 section 3.1.2.18 prefers 501 for a method nobody knows.
        raise SipParseError(
            f"the CSeq method {shown(message.cseq.method)} is not the request's, {shown(message.method)}",
            400 if message.method in _METHODS else 501,
        )
