"""A redirect server (RFC 3261 section 8.3): requests in, answers out; no socket, no clock."""

import hmac
from dataclasses import dataclass

from provd.agent.redirect.allow import AllowList
from provd.agent.redirect.choice import Call, Choice, Choose, SocketAddress
from provd.agent.redirect.malformed import refuse_malformed
from provd.agent.redirect.rate import RateBound
from provd.agent.redirect.transactions import TransactionMemory, transaction_key
from provd.sip.answer import make_response
from provd.sip.errors import SipParseError
from provd.sip.grammar import quote
from provd.sip.message import Request, Response
from provd.sip.octets import printable
from provd.sip.parser import parse_message
from provd.sip.uri import SipUri
from provd.sip.via import Via

MAX_INVITES_PER_S, MAX_INVITES_PER_S_OF_SOURCE = 4500, 4000
MAX_OTHERS_PER_S, MAX_OTHERS_PER_S_OF_SOURCE = 500, 250
DEFAULT_SIP_PORT = 5060
_ALLOW = ("Allow", "INVITE, ACK, CANCEL, OPTIONS")
_IN_A_DIALOG = frozenset({"BYE", "INFO", "PRACK", "UPDATE", "NOTIFY", "REFER"})
_Q850_CAUSES = {404: 3, 503: 34}  # no route to destination; no circuit available (RFC 3398 section 7.2.4.1)
_LONGEST_WHY = 300

Headers = list[tuple[str, str]]


@dataclass(slots=True)
class Counts:
    """``redirected`` and ``refused`` are INVITEs; ``repeated`` those that were sent again; ``others`` answers
    to other requests. ``dropped`` came from sources that may not ask; ``ignored`` was no SIP, or too much."""

    redirected: int = 0
    refused: int = 0
    repeated: int = 0
    others: int = 0
    dropped: int = 0
    ignored: int = 0


class Redirector:
    """Answers what ``choose`` says to each INVITE, and the same again when it is sent again.

    ``secret`` makes our tags; ``server`` is the Server header. ``now`` is in seconds on a clock that only
    goes forward.
    """

    def __init__(self, choose: Choose, allow: AllowList, server: str, secret: bytes) -> None:
        self.counts = Counts()
        self._choose = choose
        self._allow = allow
        self._server = server
        self._secret = secret
        self._answers = TransactionMemory()
        self._invites = RateBound(MAX_INVITES_PER_S, MAX_INVITES_PER_S_OF_SOURCE)
        self._others = RateBound(MAX_OTHERS_PER_S, MAX_OTHERS_PER_S_OF_SOURCE)

    def may_ask(self, source: SocketAddress) -> bool:
        """Whether a source may ask; one that may not is counted."""
        if self._allow.admits(source[0]):
            return True
        self.counts.dropped += 1
        return False

    def answer_datagram(
        self, data: bytes, source: SocketAddress, now: float
    ) -> tuple[bytes, SocketAddress] | None:
        """The answer to a datagram, and where it goes (RFC 3261 section 18.2.2, RFC 3581); None for none."""
        if not self.may_ask(source):
            return None
        answered = self._take(data, source, "udp", now)
        if answered is None:
            return None
        via, answer = answered
        if "rport" in via.params:
            return answer, source
        return answer, (source[0], via.port or DEFAULT_SIP_PORT, *source[2:])

    def answer(self, data: bytes, source: SocketAddress, now: float) -> bytes | None:
        """The answer to a message that came over a connection from a source that may ask; None for none."""
        answered = self._take(data, source, "tcp", now)
        return None if answered is None else answered[1]

    def _take(
        self, data: bytes, source: SocketAddress, transport: str, now: float
    ) -> tuple[Via, bytes] | None:
        if data.startswith(b"ACK ") or not data.strip(b"\r\n"):
            return None
        bound = self._invites if data.startswith(b"INVITE ") else self._others
        if not bound.admits(source[0], now):
            self.counts.ignored += 1
            return None
        try:
            message = parse_message(data)
        except SipParseError as error:
            return self._refuse_malformed(data, error)
        if not isinstance(message, Request):
            self.counts.ignored += 1
            return None
        answer = self._answer(message, source, transport, now)
        return None if answer is None else (message.top_via, answer)

    def _refuse_malformed(self, data: bytes, error: SipParseError) -> tuple[Via, bytes] | None:
        refused = refuse_malformed(data, error, self._server)
        if refused is None:
            self.counts.ignored += 1
            return None
        request, response = refused
        if request.method == "INVITE":
            self.counts.refused += 1
        else:
            self.counts.others += 1
        return request.top_via, response.to_bytes()

    def _answer(self, request: Request, source: SocketAddress, transport: str, now: float) -> bytes | None:
        if request.method == "ACK":
            return None
        if request.method != "INVITE":
            self.counts.others += 1
            return self._response(request, *self._verdict(request, now), source).to_bytes()
        key = transaction_key(request)
        known = self._answers.get(key, now)
        if known is not None:
            self.counts.repeated += 1
            return known
        choice = _refusal(request) or self._chosen(request, source, transport)
        if choice.code == 302:
            self.counts.redirected += 1
        else:
            self.counts.refused += 1
        answer = self._response(request, choice.code, _headers(request, choice), source).to_bytes()
        self._answers.put(key, answer, now)
        return answer

    def _chosen(self, request: Request, source: SocketAddress, transport: str) -> Choice:
        caller = request.from_.uri
        user = caller.plain_user or "" if isinstance(caller, SipUri) else str(caller)
        call = Call(printable(request.uri), printable(user), printable(request.call_id), source, transport)
        return self._choose(call)

    def _verdict(self, request: Request, now: float) -> tuple[int, Headers]:
        """The code and the headers for what is no INVITE, by the steps of RFC 3261 sections 8.2 and 9.2."""
        if request.method == "CANCEL":
            # the INVITE has had its final answer by now, so that there is nothing left to cancel
            return (481 if self._answers.get(transaction_key(request), now) is None else 200), []
        if request.method in _IN_A_DIALOG:
            return 481, []
        if request.method != "OPTIONS":
            return 405, [_ALLOW]
        refusal = _refusal(request, hops_matter=False)
        if refusal is not None:
            return refusal.code, _headers(request, refusal)
        return 200, [_ALLOW, ("Accept", "application/sdp")]

    def _response(self, request: Request, code: int, headers: Headers, source: SocketAddress) -> Response:
        return make_response(
            request,
            code,
            headers=[*headers, ("Server", self._server)],
            to_tag=self._tag(request),
            source=(source[0], source[1]),
        )

    def _tag(self, request: Request) -> str:
        """A tag that an INVITE and its CANCEL share (RFC 3261 section 9.2)."""
        seed = f"{request.call_id}\n{request.headers.get('From')}\n{request.cseq.number}"
        return hmac.digest(self._secret, seed.encode("utf-8", "surrogateescape"), "sha256").hex()[:16]


def _refusal(request: Request, *, hops_matter: bool = True) -> Choice | None:
    """Why a request is refused before its number is looked at (RFC 3261 sections 8.2.2 and 16.3)."""
    target = request.target
    if target.scheme.lower() not in ("sip", "tel"):
        return Choice(416, why="only sip: and tel: are served; sips: needs TLS all the way, and is not")
    if request.headers.get_all("Require"):
        return Choice(420)
    if request.to.tag is not None:
        return Choice(481)
    if hops_matter and request.max_forwards == 0:
        return Choice(483)
    return None


def _headers(request: Request, choice: Choice) -> Headers:
    headers = [("Contact", contact) for contact in choice.contacts]
    if choice.code == 420:
        headers.append(("Unsupported", ", ".join(request.headers.get_all("Require"))))
    if choice.retry_after_s is not None:
        headers.append(("Retry-After", str(choice.retry_after_s)))
    if choice.why and choice.code != 302:
        cause = _Q850_CAUSES.get(choice.code)
        protocol = f"SIP;cause={choice.code}" if cause is None else f"Q.850;cause={cause}"
        headers.append(("Reason", f"{protocol};text={quote(printable(choice.why[:_LONGEST_WHY]))}"))
    return headers
