"""Answers to the requests that peers send to our SIP sockets: a stateless UAS (RFC 3261 section 8.2.7)."""

import hmac
from collections.abc import Callable
from time import monotonic

from provd.schema.provider import Transport
from provd.sip.answer import make_response
from provd.sip.errors import SipParseError
from provd.sip.message import Request, Response
from provd.sip.parser import parse_message
from provd.sip.uri import SipUri

MAX_PER_S = 500
DEFAULT_SIP_PORT = 5060
_ALLOW = ("Allow", "OPTIONS")
_IN_A_DIALOG = frozenset({"BYE", "CANCEL", "INFO", "PRACK", "UPDATE", "NOTIFY", "REFER"})

SocketAddress = tuple[str, int]
Headers = list[tuple[str, str]]


class Responder:
    """OPTIONS gets 200; everything else a refusal that says why. It keeps no state, so a request that is
    sent again gets the same answer. At most MAX_PER_S are answered, the rest counted in ``ignored``.

    ``secret`` makes our tags; ``server`` is the Server header.
    """

    def __init__(self, server: str, secret: bytes, clock: Callable[[], float] = monotonic) -> None:
        self.answered = 0
        self.ignored = 0
        self._server = server
        self._secret = secret
        self._clock = clock
        self._allowance = float(MAX_PER_S)
        self._since = clock()

    def answer_datagram(self, data: bytes, source: SocketAddress) -> tuple[bytes, SocketAddress] | None:
        """The answer to a datagram and where it goes (RFC 3261 section 18.2.2, RFC 3581); None for none."""
        request = self._read(data)
        response = None if request is None else self._respond(request, source)
        if request is None or response is None:
            return None
        via = request.top_via
        to = source if "rport" in via.params else (source[0], via.port or DEFAULT_SIP_PORT, *source[2:])
        return response.to_bytes(), to

    def answer(self, data: bytes, source: SocketAddress, transport: Transport) -> bytes | None:
        """The answer to a request that came over a connection; None for none."""
        request = self._read(data)
        response = None if request is None else self._respond(request, source)
        return None if response is None else response.to_bytes()

    def _read(self, data: bytes) -> Request | None:
        """The request in ``data`` if there is one, and we have not answered too many."""
        if b" SIP/2.0" not in data[: data.find(b"\n") + 1] or not self._may_answer():
            self.ignored += 1
            return None
        try:
            message = parse_message(data)
        except SipParseError:
            message = None
        if not isinstance(message, Request):
            self.ignored += 1
            return None
        return message

    def _may_answer(self) -> bool:
        now = self._clock()
        self._allowance = min(float(MAX_PER_S), self._allowance + (now - self._since) * MAX_PER_S)
        self._since = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    def _respond(self, request: Request, source: SocketAddress) -> Response | None:
        if request.method == "ACK":
            return None
        code, headers = _verdict(request)
        try:
            response = make_response(
                request,
                code,
                headers=[*headers, ("Server", self._server)],
                to_tag=self._tag(request),
                source=(source[0], source[1]),
            )
        except (SipParseError, ValueError):
            self.ignored += 1
            return None
        self.answered += 1
        return response

    def _tag(self, request: Request) -> str:
        seed = f"{request.call_id}\n{request.headers.get('From')}\n{request.cseq}".encode(
            "utf-8", "surrogateescape"
        )
        return hmac.digest(self._secret, seed, "sha256").hex()[:16]


def _verdict(request: Request) -> tuple[int, Headers]:
    """The status code and its headers, by the steps of RFC 3261 section 8.2."""
    if request.method in _IN_A_DIALOG:
        return 481, []
    if request.method != "OPTIONS":
        return 405, [_ALLOW]
    try:
        is_sip = isinstance(request.target, SipUri)
    except SipParseError:
        return 400, []
    if not is_sip:
        return 416, []
    required = request.headers.get_all("Require")
    if required:
        return 420, [("Unsupported", ", ".join(required))]
    if request.to.tag is not None:
        return 481, []
    return 200, [_ALLOW, ("Accept", "application/sdp")]
