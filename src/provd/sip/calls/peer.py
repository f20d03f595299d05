"""What the peer of a call asks within its dialog, and our answers (RFC 3261 sections 12.2.2, 14.2 and 15)."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from provd.sip.answer import make_response
from provd.sip.calls.effects import SocketAddress
from provd.sip.dialog import Dialog
from provd.sip.errors import SipParseError
from provd.sip.message import Request, Response
from provd.sip.sdp import Sound, answer_to, describe, parse
from provd.sip.transactions.timers import LONGEST, T1, T2

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO"
_REMEMBERED = 64
_NEVER = float("inf")


class Wish(Enum):
    """What a request of the peer means for the call."""

    NOTHING = auto()
    END = auto()
    SOUND = auto()


@dataclass(frozen=True, slots=True)
class _Final:
    """Our final response to an INVITE that waits for its ACK."""

    data: bytes
    source: SocketAddress
    number: int
    accepts: bool


class PeerRequests:
    """Answers each request once; one that is sent again has the same answer.

    ``sound`` is what the peer said of its own last. ``unconfirmed`` tells that a 200 of ours to a re-INVITE
    was never acknowledged, which ends the call (section 14.2). ``tag`` is put into the To of a refusal that
    has none.
    """

    def __init__(self, ours: Sound, session: int, headers: tuple[tuple[str, str], ...], tag: str) -> None:
        self.sound: Sound | None = None
        self.unconfirmed = False
        self._ours = ours
        self._session = session
        self._version = 1
        self._headers = headers
        self._tag = tag
        self._answers: dict[tuple[str | None, str], bytes] = {}
        self._final: _Final | None = None
        self._interval = T1
        self._again_at = _NEVER
        self._over_at = _NEVER

    @property
    def next_at(self) -> float:
        """When ``tick`` has something to do; infinity for never."""
        return min(self._again_at, self._over_at)

    def receive(
        self, request: Request, source: SocketAddress, dialog: Dialog | None, now: float, *, reliable: bool
    ) -> tuple[bytes | None, Wish]:
        """Take a request in: the answer to it, if any, and what it means. ``dialog`` is the one it is of."""
        if request.method == "ACK":
            return None, Wish.NOTHING if dialog is None else self._acknowledged(request)
        key = (request.top_via.branch, request.method)
        if key in self._answers:
            return self._answers[key], Wish.NOTHING
        response, wish = self._answer(request, source, dialog)
        data = response.to_bytes()
        self._answers[key] = data
        if len(self._answers) > _REMEMBERED:
            del self._answers[next(iter(self._answers))]
        if request.method == "INVITE" and dialog is not None:
            self._final = _Final(data, source, request.cseq.number, accepts=response.code == 200)
            self._interval = T1
            self._again_at = _NEVER if reliable else now + T1
            self._over_at = now + LONGEST
        return data, wish

    def tick(self, now: float) -> tuple[bytes, SocketAddress] | None:
        """Let time have its effect: a final response to an INVITE that is to be sent again, since no ACK came
        (timers G and H of section 17.2.1; section 13.3.1.4 for a 200)."""
        final = self._final
        if final is None:
            return None
        if now >= self._over_at:
            self.unconfirmed = final.accepts
            self._forget()
            return None
        if now < self._again_at:
            return None
        self._interval = min(self._interval * 2, T2)
        self._again_at = now + self._interval
        return final.data, final.source

    def _acknowledged(self, request: Request) -> Wish:
        final = self._final
        if final is None or request.cseq.number != final.number:
            return Wish.NOTHING
        self._forget()
        return self._take_sound(request) if final.accepts else Wish.NOTHING

    def _forget(self) -> None:
        self._final = None
        self._again_at = self._over_at = _NEVER

    def _answer(
        self, request: Request, source: SocketAddress, dialog: Dialog | None
    ) -> tuple[Response, Wish]:
        def respond(code: int, headers: tuple[tuple[str, str], ...] = (), body: bytes = b"") -> Response:
            return make_response(
                request, code, None, (*self._headers, *headers), self._tag, body, (source[0], source[1])
            )

        if dialog is None:
            return respond(481), Wish.NOTHING
        if not dialog.admits(request):
            return respond(500, (("Retry-After", "1"),)), Wish.NOTHING
        if request.method != "CANCEL" and request.headers.get("Require"):
            return respond(420, (("Unsupported", request.required("Require")),)), Wish.NOTHING
        match request.method:
            case "BYE":
                return respond(200), Wish.END
            case "INVITE" | "UPDATE":
                return self._renegotiated(request, dialog, respond)
            case "OPTIONS":
                return respond(200, (("Allow", ALLOW), ("Accept", "application/sdp"))), Wish.NOTHING
            case "INFO" | "CANCEL":
                return respond(200), Wish.NOTHING
        return respond(405, (("Allow", ALLOW),)), Wish.NOTHING

    def _renegotiated(
        self, request: Request, dialog: Dialog, respond: Callable[..., Response]
    ) -> tuple[Response, Wish]:
        ours, wish = self._ours, Wish.NOTHING
        if request.body:
            try:
                ours = answer_to(parse(request.body), self._ours)
            except SipParseError as error:
                words = error.reason.encode("ascii", "replace").decode().replace('"', "'")
                return respond(488, (("Warning", f'304 provd "{words}"'),)), Wish.NOTHING
            wish = self._take_sound(request)
        dialog.refresh(request)
        if request.method == "UPDATE" and not request.body:
            return respond(200), wish
        self._version += 1
        typed = (("Content-Type", "application/sdp"),)
        return respond(200, typed, describe(ours, self._session, self._version)), wish

    def _take_sound(self, request: Request) -> Wish:
        if not request.body:
            return Wish.NOTHING
        try:
            self.sound = parse(request.body)
        except SipParseError:
            return Wish.NOTHING
        return Wish.SOUND
