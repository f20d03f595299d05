"""The refusal of a request that can't be read: it is owed one, if its sender can be told (RFC 3261 8.2)."""

import re

from provd.sip.answer import make_response
from provd.sip.errors import SipParseError
from provd.sip.grammar import LWS, is_token
from provd.sip.headers import Headers
from provd.sip.message import Request, Response
from provd.sip.octets import decode, printable

_LONGEST_HEAD = 16 * 1024
_LONGEST_REASON = 120
_LINE_BREAK = re.compile(r"\r?\n(?![ \t])")
_COPIED = ("Via", "From", "To", "Call-ID", "CSeq")


def refuse_malformed(data: bytes, error: SipParseError, server: str) -> tuple[Request, Response] | None:
    """What is left of a request, and the answer to it: ``error``'s status, with its reason.

    None when nothing can be answered: it was an ACK or a response, its head is too long, its Via can't be
    read, or one of the headers that an answer repeats is missing or there twice.
    """
    head = re.split(rb"\r?\n\r?\n", data[:_LONGEST_HEAD], maxsplit=1)[0]
    start_line, *lines = _LINE_BREAK.split(decode(head.lstrip(b"\r\n")))
    method = start_line.partition(" ")[0]
    if not is_token(method) or method == "ACK" or "SIP/" not in start_line:
        return None
    named = (line.partition(":") for line in lines)
    headers = Headers((name.strip(LWS), _unfolded(value)) for name, colon, value in named if colon)
    if any(headers.count(name) > 1 for name in _COPIED[1:]):
        return None
    request = Request(method, "sip:malformed", headers)
    reason = printable(error.reason)[:_LONGEST_REASON]
    try:
        if not request.vias:
            return None
        response = make_response(request, error.status, f"Bad Request: {reason}", [("Server", server)])
        response.to_bytes()
    except ValueError:
        return None
    return request, response


def _unfolded(value: str) -> str:
    return " ".join(part.strip(LWS) for part in value.splitlines()).strip(LWS)
