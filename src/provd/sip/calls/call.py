"""A call as its caller conducts it (RFC 3261 sections 9, 13 and 15, RFC 3262, RFC 6026)."""

from collections.abc import Callable
from enum import Enum

from provd.sip.calls.effects import CallOrder, Effect, Send, SocketAddress, Speak, Step
from provd.sip.calls.peer import ALLOW, PeerRequests, Wish
from provd.sip.dialog import Dialog
from provd.sip.digest import Challenge, answer, choose
from provd.sip.errors import SipParseError
from provd.sip.grammar import parse_scalar
from provd.sip.headers import Headers
from provd.sip.message import Message, Request, Response
from provd.sip.sdp import Sound, describe, parse
from provd.sip.transactions.invite import InviteClient, InviteState
from provd.sip.transactions.request import RequestClient
from provd.sip.transactions.timers import LONGEST
from provd.sip.uri import Uri

_COOKIE = "z9hG4bK"
_ATTEMPTS = 3  # a proxy and the callee may both ask who we are, and one of them say that its nonce is stale
_MAX_RSEQ = 2**32 - 1
_NEVER = float("inf")
_GIVEN = ("Authorization", "Proxy-Authorization")
_CHALLENGES = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}


class CallState(Enum):
    """How far a call is. ``leaving``: we give it up, or hang up, and wait for that to be confirmed."""

    CALLING = "calling"
    RINGING = "ringing"
    ANSWERED = "answered"
    LEAVING = "leaving"
    OVER = "over"


class Call:
    """Told of messages and of the time (seconds that only go forward); ``take`` gives what is to be done.

    ``token`` makes words that nobody can guess. ``reliable``: over TCP or TLS. ``final`` is the last final
    response to the INVITE; ``rang_at`` when the first response told of progress (101 to 199).
    """

    def __init__(self, order: CallOrder, token: Callable[[], str], session: int, *, reliable: bool) -> None:
        self.state = CallState.CALLING
        self.began_at = 0.0
        self.rang_at: float | None = None
        self.answered_at: float | None = None
        self.over_at: float | None = None
        self.final: Response | None = None
        self.ringing: Response | None = None
        self.timed_out = False
        self.ended_by_peer = False
        self.problem = ""
        self.sound: Sound | None = None
        self.steps: list[Step] = []
        self._order = order
        self._token = token
        self._reliable = reliable
        self._session = session
        self._tag = token()
        self._call_id = token()
        self._number = 0
        self._attempts = 0
        self._logins: dict[str, tuple[Challenge, int]] = {}
        self._invite: InviteClient | None = None
        self._requests: list[tuple[RequestClient, Uri | None]] = []
        self._early: dict[str, tuple[Dialog, int]] = {}
        self._dialog: Dialog | None = None
        self._acks: dict[str, tuple[bytes, Uri]] = {}
        self._byes: dict[RequestClient, Dialog] = {}
        self._peer = PeerRequests(order.sound, session, self._own_headers())
        self._cancelled = False
        self._gives_up_at = _NEVER
        self._effects: list[Effect] = []

    def start(self, now: float) -> None:
        """Send the INVITE."""
        self.began_at = now
        self._send_invite(now)

    def take(self) -> list[Effect]:
        """What is to be done, in order."""
        effects, self._effects = self._effects, []
        return effects

    @property
    def next_at(self) -> float:
        """When ``tick`` has something to do; infinity for never."""
        times = [each.next_at for each, _ in self._requests]
        if self._invite is not None:
            times.append(self._invite.next_at)
        return min(*times, self._peer.next_at, self._gives_up_at, _NEVER)

    @property
    def is_settled(self) -> bool:
        """Whether it is over and nothing of ours waits for an answer: the peer need not be heard any more,
        except for what it sends again."""
        return self.state is CallState.OVER and all(each.is_over for each, _ in self._requests)

    def receive(self, message: Message, source: SocketAddress, now: float) -> None:
        """Take in what came from ``source``; what is of no call, or another one, is refused or dropped."""
        if isinstance(message, Response):
            if message.call_id == self._call_id:
                self._on_response(message, now)
            return
        self._on_request(message, source, now)

    def tick(self, now: float) -> None:
        """Let the time that has passed have its effect."""
        if self._invite is not None:
            self._send_again(self._invite.tick(now), None, now, "INVITE")
            if self._invite.timed_out and self.state is not CallState.OVER:
                self.timed_out = True
                self._end(now)
        for request, uri in self._requests:
            self._send_again(request.tick(now), uri, now, request.request.method)
            if request.timed_out and request in self._byes:
                self._end(now)
        self._requests = [each for each in self._requests if each[0].next_at < _NEVER]
        again = self._peer.tick(now)
        if again is not None:
            self._effects.append(Send(again[0], source=again[1]))
            self.steps.append(Step(now, True, "200 OK (again)"))
        if self._peer.unconfirmed and self.state is CallState.ANSWERED:
            self.problem = "the peer never acknowledged its own re-INVITE's answer"
            self.hang_up(now)
        if now >= self._gives_up_at:
            self._gives_up_at = _NEVER
            self._end(now)

    def hang_up(self, now: float) -> None:
        """Leave the call, whatever its state: CANCEL before the answer, BYE after it."""
        if self.state is CallState.ANSWERED and self._dialog is not None:
            self.state = CallState.LEAVING
            self._send_bye(self._dialog, now)
        elif self.state in (CallState.CALLING, CallState.RINGING):
            self.state = CallState.LEAVING
            self._cancel_if_possible(now)

    # the INVITE

    def _send_invite(self, now: float) -> None:
        order = self._order
        self._number += 1
        self._early.clear()
        self._cancelled = False
        body = describe(order.sound, self._session, 1)
        request = Request(
            "INVITE",
            order.uri,
            Headers(
                [
                    ("Via", self._via()),
                    ("Max-Forwards", "70"),
                    ("From", f"{order.from_};tag={self._tag}"),
                    ("To", order.to),
                    ("Call-ID", self._call_id),
                    ("CSeq", f"{self._number} INVITE"),
                    *self._own_headers(),
                    ("Allow", ALLOW),
                    ("Supported", "100rel"),
                    *order.headers,
                    *self._authorizations("INVITE", order.uri, body),
                    ("Content-Type", "application/sdp"),
                    ("Content-Length", str(len(body))),
                ]
            ),
            body,
        )
        self._invite = InviteClient(request, now, reliable=self._reliable)
        self._send(self._invite.data, None, now, "INVITE")

    def _on_response(self, response: Response, now: float) -> None:
        line = f"{response.code} {response.reason}".strip()
        if self._invite is not None and self._invite.takes(response):
            self.steps.append(Step(now, False, f"{line} (INVITE)" if response.code >= 200 else line))
            acknowledgement, passed = self._invite.receive(response, now)
            if acknowledgement is not None:
                self._send(acknowledgement, None, now, "ACK")
            if passed:
                self._on_invite_response(response, now)
            return
        for request, _ in self._requests:
            if request.takes(response):
                self.steps.append(Step(now, False, f"{line} ({request.request.method})"))
                if request.receive(response, now):
                    self._on_answer(request, response, now)
                return

    def _on_invite_response(self, response: Response, now: float) -> None:
        if response.code == 100:
            self._cancel_if_possible(now)
        elif response.code < 200:
            self._on_progress(response, now)
        elif response.code < 300:
            self._on_success(response, now)
        elif self.state is CallState.LEAVING or not self._authenticate(response, now):
            self.final = response
            self._end(now)

    def _on_progress(self, response: Response, now: float) -> None:
        if self.rang_at is None:
            self.rang_at = now
            self.ringing = response
        if self.state is CallState.CALLING:
            self.state = CallState.RINGING
        if response.headers.get("RSeq") is not None and "100rel" in _words(response, "Require"):
            self._confirm_progress(response, now)
        self._listen(response, early=True)
        self._cancel_if_possible(now)

    def _confirm_progress(self, response: Response, now: float) -> None:
        """Send a PRACK, once for each reliable response, in their order (RFC 3262 section 4)."""
        invite, tag = self._invite, response.to.tag
        number = parse_scalar(response.headers.get("RSeq") or "", _MAX_RSEQ)
        if invite is None or tag is None or number is None:
            return
        known = self._early.get(tag)
        dialog, last = known if known is not None else (Dialog.of(invite.request, response), number - 1)
        if number != last + 1:
            return
        self._early[tag] = (dialog, number)
        rack = ("RAck", f"{number} {invite.request.cseq}")
        self._send_request(dialog.request("PRACK", self._via(), (rack, *self._own_headers())), dialog, now)

    def _on_success(self, response: Response, now: float) -> None:
        invite, tag = self._invite, response.to.tag or ""
        if invite is None:
            return
        known = self._acks.get(tag)
        if known is not None:
            self._send(known[0], known[1], now, "ACK")
            return
        early = self._early.get(tag)
        dialog = Dialog.of(invite.request, response)
        if early is not None:
            dialog.cseq = early[0].cseq
        credentials = tuple(each for each in invite.request.headers if each[0] in _GIVEN)
        number = invite.request.cseq.number
        acknowledgement = dialog.request("ACK", self._via(), credentials, number=number)
        hop = dialog.next_hop
        self._acks[tag] = (acknowledgement.to_bytes(), hop)
        self._send(self._acks[tag][0], hop, now, "ACK")
        if self._dialog is not None or self.state in (CallState.LEAVING, CallState.OVER):
            self.final = self.final or response
            self._send_bye(dialog, now)  # another branch of a fork, or one that answered as we cancelled
            return
        self._dialog, self.final = dialog, response
        self.state, self.answered_at = CallState.ANSWERED, now
        self._listen(response, early=False)
        if self.sound is None:
            self.problem = self.problem or "it answered without a description of its sound"
            self.hang_up(now)

    def _listen(self, response: Response, *, early: bool) -> None:
        if not response.body:
            return
        try:
            self.sound = parse(response.body)
        except SipParseError as error:
            self.problem = f"its session description can't be used: {error.reason}"
            if not early:
                self.sound = None
            return
        self._effects.append(Speak(self.sound, early))

    def _authenticate(self, response: Response, now: float) -> bool:
        """Send the INVITE again with who we are; False when nobody asks, we can't say, or it did not help."""
        if response.code not in _CHALLENGES:
            return False
        if self._order.login is None:
            self.problem = "it wants a user name and password, and there is none for this provider"
            return False
        asked, given = _CHALLENGES[response.code]
        try:
            challenge = choose(response.headers.get_all(asked))
        except SipParseError as error:
            self.problem = error.reason
            return False
        before = self._logins.get(given)
        if before is not None and not challenge.stale and before[0].realm == challenge.realm:
            self.problem = "it does not accept the user name and password"
            return False
        self._attempts += 1
        if self._attempts > _ATTEMPTS:
            self.problem = "it asks again and again who we are"
            return False
        self._logins[given] = (challenge, 0)
        self._send_invite(now)
        return True

    def _authorizations(self, method: str, uri: str, body: bytes = b"") -> list[tuple[str, str]]:
        """The headers that say who we are, to each that has asked."""
        login = self._order.login
        if login is None:
            return []
        found = []
        for given, (challenge, used) in self._logins.items():
            self._logins[given] = (challenge, used + 1)
            value = answer(challenge, login, method, uri, cnonce=self._token(), count=used + 1, body=body)
            found.append((given, value))
        return found

    # leaving

    def _cancel_if_possible(self, now: float) -> None:
        """Cancel what we leave, once something has been heard of it (section 9.1)."""
        invite = self._invite
        if self.state is not CallState.LEAVING or self._cancelled or invite is None:
            return
        if invite.state is not InviteState.PROCEEDING:
            return
        self._cancelled = True
        self._gives_up_at = now + LONGEST
        sent = invite.request
        cancel = Request(
            "CANCEL",
            sent.uri,
            Headers(
                [
                    ("Via", sent.required("Via")),
                    ("Max-Forwards", "70"),
                    ("From", sent.required("From")),
                    ("To", sent.required("To")),
                    ("Call-ID", sent.call_id),
                    ("CSeq", f"{sent.cseq.number} CANCEL"),
                    *self._own_headers(),
                    ("Content-Length", "0"),
                ]
            ),
        )
        self._send_request(cancel, None, now)

    def _send_bye(self, dialog: Dialog, now: float, *, again: bool = False) -> None:
        headers = (*self._own_headers(), *self._authorizations("BYE", dialog.target))
        bye = self._send_request(dialog.request("BYE", self._via(), headers), dialog, now)
        if not again:
            self._byes[bye] = dialog

    def _on_answer(self, request: RequestClient, response: Response, now: float) -> None:
        dialog = self._byes.get(request)
        if dialog is None:
            return
        if response.code in _CHALLENGES and self._order.login is not None:
            asked, given = _CHALLENGES[response.code]
            try:
                self._logins[given] = (choose(response.headers.get_all(asked)), 0)
            except SipParseError:
                pass
            else:
                self._send_bye(dialog, now, again=True)
        if dialog is self._dialog or self._dialog is None:
            self._end(now)

    # the peer's requests

    def _on_request(self, request: Request, source: SocketAddress, now: float) -> None:
        self.steps.append(Step(now, False, request.method))
        ours = request.call_id == self._call_id and request.to.tag == self._tag
        dialog = self._dialog if ours and self._is_theirs(request) else None
        data, wish = self._peer.receive(request, source, dialog, now, reliable=self._reliable)
        if data is not None:
            self._effects.append(Send(data, source=source))
            self.steps.append(Step(now, True, data.split(b"\r\n", 1)[0].decode().partition(" ")[2]))
        if wish is Wish.END and self.state is CallState.ANSWERED:
            self.ended_by_peer = True
            self._end(now)
        elif wish is Wish.END:
            self._end(now)
        elif wish is Wish.SOUND and self._peer.sound is not None:
            self.sound = self._peer.sound
            self._effects.append(Speak(self.sound, early=False))

    def _is_theirs(self, request: Request) -> bool:
        dialog = self._dialog
        return dialog is not None and f";tag={request.from_.tag}" in dialog.remote

    # sending

    def _send_request(self, request: Request, dialog: Dialog | None, now: float) -> RequestClient:
        client = RequestClient(request, now, reliable=self._reliable)
        uri = None if dialog is None else dialog.next_hop
        self._requests.append((client, uri))
        self._send(client.data, uri, now, request.method)
        return client

    def _send(self, data: bytes, uri: Uri | None, now: float, line: str) -> None:
        self._effects.append(Send(data, uri))
        self.steps.append(Step(now, True, line))

    def _send_again(self, data: bytes | None, uri: Uri | None, now: float, line: str) -> None:
        if data is not None:
            self._send(data, uri, now, f"{line} (again)")

    def _via(self) -> str:
        return f"{self._order.hop};rport;branch={_COOKIE}{self._token()}"

    def _own_headers(self) -> tuple[tuple[str, str], ...]:
        return (("Contact", f"<{self._order.contact}>"), ("User-Agent", self._order.user_agent))

    def _end(self, now: float) -> None:
        if self.state is not CallState.OVER:
            self.state, self.over_at = CallState.OVER, now
            self._gives_up_at = _NEVER


def _words(response: Response, name: str) -> set[str]:
    return {each.strip().lower() for value in response.headers.get_all(name) for each in value.split(",")}
