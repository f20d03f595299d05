"""A call as its caller conducts it (RFC 3261 sections 9, 13 and 15, RFC 3262, RFC 6026)."""

from collections.abc import Callable
from enum import Enum

from provd.sip.calls.effects import CallOrder, Effect, Send, SocketAddress, Speak, Step
from provd.sip.calls.logins import CHALLENGES, GIVEN, Logins
from provd.sip.calls.peer import ALLOW, PeerRequests, Wish
from provd.sip.dialog import Dialog
from provd.sip.errors import SipParseError
from provd.sip.grammar import parse_scalar
from provd.sip.headers import Headers
from provd.sip.message import Message, Request, Response
from provd.sip.octets import printable
from provd.sip.sdp import Sound, describe, parse
from provd.sip.transactions.invite import InviteClient, InviteState
from provd.sip.transactions.request import RequestClient
from provd.sip.transactions.timers import LONGEST
from provd.sip.uri import Uri

MAX_BRANCHES = 16
"""How many branches of a forked call are heeded; more than that are no honest proxy's."""
MAX_STEPS = 200
"""How many messages the ladder has; a peer may send any number."""

_COOKIE = "z9hG4bK"
_LONGEST_REASON = 128
_MAX_RSEQ = 2**32 - 1
_NEVER = float("inf")


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
    response to the INVITE; ``rang_at`` when the first response told of progress (101 to 199), ``ringing``
    that response. ``problem`` is what is wrong beyond the final response, in words.
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
        self._logins = Logins(order.login, token)
        self._invite: InviteClient | None = None
        self._refused: list[InviteClient] = []
        self._requests: list[tuple[RequestClient, Uri | None]] = []
        self._early: dict[str, tuple[Dialog, int]] = {}
        self._early_sounds: dict[str, Sound] = {}
        self._dialog: Dialog | None = None
        self._acks: dict[str, tuple[bytes, Uri]] = {}
        self._byes: dict[RequestClient, tuple[Dialog, bool]] = {}
        self._peer = PeerRequests(order.sound, session, self._own_headers(), token())
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
        times += [each.next_at for each in self._invites()]
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
        for invite in self._invites():
            self._send_again(invite.tick(now), None, now, "INVITE")
        self._refused = [each for each in self._refused if each.next_at < _NEVER]
        if self._invite is not None and self._invite.timed_out and self.state is not CallState.OVER:
            self.timed_out = True
            self._end(now)
        for request, uri in self._requests:
            self._send_again(request.tick(now), uri, now, request.request.method)
            if request.timed_out and request in self._byes:
                self._left(self._byes[request][0], now)
        self._requests = [each for each in self._requests if each[0].next_at < _NEVER]
        again = self._peer.tick(now)
        if again is not None:
            self._effects.append(Send(again[0], source=again[1]))
            self._note(now, outgoing=True, line=f"{_status(again[0])} (again)")
        if self._peer.unconfirmed and self.state is CallState.ANSWERED:
            self.problem = "it never acknowledged our answer to its re-INVITE"
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

    def fail(self, problem: str, now: float) -> None:
        """The peer can't be reached any more (RFC 3261 section 8.1.3.1): the call is over."""
        if self.state is not CallState.OVER:
            self.problem = problem
            self._end(now)
        self._invite = None
        self._refused.clear()
        self._requests.clear()

    # the INVITE

    def _invites(self) -> list[InviteClient]:
        return [*self._refused, *([] if self._invite is None else [self._invite])]

    def _send_invite(self, now: float) -> None:
        order = self._order
        self._number += 1
        self._early.clear()
        self._early_sounds.clear()
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
                    *self._logins.headers("INVITE", order.uri, body),
                    ("Content-Type", "application/sdp"),
                    ("Content-Length", str(len(body))),
                ]
            ),
            body,
        )
        if self._invite is not None:
            self._refused.append(self._invite)
        self._invite = InviteClient(request, now, reliable=self._reliable)
        self._send(self._invite.data, None, now, "INVITE")

    def _on_response(self, response: Response, now: float) -> None:
        line = f"{response.code} {printable(response.reason)[:_LONGEST_REASON]}".strip()
        for invite in self._invites():
            if invite.takes(response):
                self._note(now, outgoing=False, line=f"{line} (INVITE)" if response.code >= 200 else line)
                acknowledgement, passed = invite.receive(response, now)
                if acknowledgement is not None:
                    self._send(acknowledgement, None, now, "ACK")
                if passed:
                    self._on_invite_response(invite, response, now)
                return
        for request, _ in self._requests:
            if request.takes(response):
                self._note(now, outgoing=False, line=f"{line} ({request.request.method})")
                if request.receive(response, now):
                    self._on_answer(request, response, now)
                return

    def _on_invite_response(self, invite: InviteClient, response: Response, now: float) -> None:
        if response.code == 100:
            self._cancel_if_possible(now)
        elif response.code < 200:
            self._on_progress(invite, response, now)
        elif response.code < 300:
            self._on_success(invite, response, now)
        elif self.state in (CallState.LEAVING, CallState.OVER) or not self._asked_who_we_are(response, now):
            self.final = response
            self._end(now)

    def _on_progress(self, invite: InviteClient, response: Response, now: float) -> None:
        if self.rang_at is None:
            self.rang_at = now
            self.ringing = response
        if self.state is CallState.CALLING:
            self.state = CallState.RINGING
        if response.headers.get("RSeq") is not None and "100rel" in _words(response, "Require"):
            self._confirm_progress(invite, response, now)
        self._listen_early(response)
        self._cancel_if_possible(now)

    def _confirm_progress(self, invite: InviteClient, response: Response, now: float) -> None:
        """Send a PRACK, once for each reliable response, in their order (RFC 3262 section 4)."""
        tag = response.to.tag
        number = parse_scalar(response.headers.get("RSeq") or "", _MAX_RSEQ)
        if tag is None or number is None or (tag not in self._early and len(self._early) >= MAX_BRANCHES):
            return
        known = self._early.get(tag)
        dialog, last = known if known is not None else (Dialog.of(invite.request, response), number - 1)
        if number != last + 1 or len(self._requests) >= MAX_STEPS:
            return
        self._early[tag] = (dialog, number)
        rack = ("RAck", f"{number} {invite.request.cseq}")
        self._send_request(dialog, "PRACK", now, (rack,))

    def _on_success(self, invite: InviteClient, response: Response, now: float) -> None:
        tag = response.to.tag or ""
        known = self._acks.get(tag)
        if known is not None:
            self._send(known[0], known[1], now, "ACK")
            return
        if len(self._acks) >= MAX_BRANCHES:
            return
        early = self._early.get(tag)
        dialog = Dialog.of(invite.request, response)
        if early is not None:
            dialog.cseq = early[0].cseq
            dialog.remote_cseq = early[0].remote_cseq
        credentials = tuple(each for each in invite.request.headers if each[0] in GIVEN)
        number = invite.request.cseq.number
        acknowledgement = dialog.request("ACK", self._via(), credentials, number=number)
        self._acks[tag] = (acknowledgement.to_bytes(), dialog.next_hop)
        self._send(*self._acks[tag], now, "ACK")
        if self._dialog is not None or self.state in (CallState.LEAVING, CallState.OVER):
            self.final = self.final or response
            self._send_bye(dialog, now)  # another branch of a fork, or one that answered as we cancelled
            return
        self._dialog, self.final = dialog, response
        self.state, self.answered_at = CallState.ANSWERED, now
        self._listen(response, tag)
        if self.sound is None:
            self.problem = self.problem or "it answered without a description of its sound"
            self.hang_up(now)

    def _listen_early(self, response: Response) -> None:
        if not response.body or len(self._early_sounds) >= MAX_BRANCHES:
            return
        try:
            sound = parse(response.body)
        except SipParseError as error:
            self.problem = f"its session description can't be used: {error.reason}"
            return
        self.sound = self._early_sounds[response.to.tag or ""] = sound
        self._effects.append(Speak(sound, early=True))

    def _listen(self, response: Response, tag: str) -> None:
        """What the answer says of sound; without that, what the same branch said before it."""
        self.sound = self._early_sounds.get(tag)
        if response.body:
            try:
                self.sound = parse(response.body)
            except SipParseError as error:
                self.sound = None
                self.problem = f"its session description can't be used: {error.reason}"
        if self.sound is not None:
            self.problem = ""
            self._effects.append(Speak(self.sound, early=False))

    def _asked_who_we_are(self, response: Response, now: float) -> bool:
        """Send the INVITE again with who we are; False when nobody asks, we can't say, or it did not help."""
        if response.code not in CHALLENGES:
            return False
        self.problem = self._logins.learn(response)
        if self.problem:
            return False
        self._send_invite(now)
        return True

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
                    *(("Route", each) for each in sent.headers.get_all("Route")),
                    ("From", sent.required("From")),
                    ("To", sent.required("To")),
                    ("Call-ID", sent.call_id),
                    ("CSeq", f"{sent.cseq.number} CANCEL"),
                    ("Content-Length", "0"),
                ]
            ),
        )
        self._begin(cancel, None, now)

    def _send_bye(self, dialog: Dialog, now: float, *, with_login: bool = False) -> None:
        self._byes[self._send_request(dialog, "BYE", now)] = dialog, with_login

    def _on_answer(self, request: RequestClient, response: Response, now: float) -> None:
        dialog, with_login = self._byes.get(request, (None, False))
        if dialog is None:
            return
        if response.code in CHALLENGES and not with_login and not self._logins.learn(response, first=True):
            self._send_bye(dialog, now, with_login=True)
            return
        self._left(dialog, now)

    def _left(self, dialog: Dialog, now: float) -> None:
        """A dialog has ended, or nobody says whether: that is the end of the call, if it was the one."""
        if self._dialog is None or dialog is self._dialog:
            self._end(now)

    # the peer's requests

    def _on_request(self, request: Request, source: SocketAddress, now: float) -> None:
        self._note(now, outgoing=False, line=request.method)
        dialog = self._dialog_of(request)
        data, wish = self._peer.receive(request, source, dialog, now, reliable=self._reliable)
        if data is not None:
            self._effects.append(Send(data, source=source))
            self._note(now, outgoing=True, line=_status(data))
        if wish is Wish.END:
            self.ended_by_peer = self.ended_by_peer or self.state is CallState.ANSWERED
            self._end(now)
        elif wish is Wish.SOUND and self._peer.sound is not None and self.state is not CallState.OVER:
            self.sound = self._peer.sound
            self._effects.append(Speak(self.sound, early=self._dialog is None))

    def _dialog_of(self, request: Request) -> Dialog | None:
        """The dialog that a request is of: until the answer, one with a reliable response may have requests
        too, only not the one to end it (section 15)."""
        theirs = request.from_.tag
        if request.call_id != self._call_id or request.to.tag != self._tag or theirs is None:
            return None
        if self._dialog is not None:
            return self._dialog if theirs == self._dialog.remote_tag else None
        early = self._early.get(theirs)
        return None if early is None or request.method in ("BYE", "INVITE") else early[0]

    # sending

    def _send_request(
        self, dialog: Dialog, method: str, now: float, headers: tuple[tuple[str, str], ...] = ()
    ) -> RequestClient:
        whole = (*headers, *self._own_headers(), *self._logins.headers(method, dialog.request_uri))
        return self._begin(dialog.request(method, self._via(), whole), dialog.next_hop, now)

    def _begin(self, request: Request, uri: Uri | None, now: float) -> RequestClient:
        client = RequestClient(request, now, reliable=self._reliable)
        self._requests.append((client, uri))
        self._send(client.data, uri, now, request.method)
        return client

    def _send(self, data: bytes, uri: Uri | None, now: float, line: str) -> None:
        self._effects.append(Send(data, uri))
        self._note(now, outgoing=True, line=line)

    def _send_again(self, data: bytes | None, uri: Uri | None, now: float, line: str) -> None:
        if data is not None:
            self._send(data, uri, now, f"{line} (again)")

    def _note(self, now: float, *, outgoing: bool, line: str) -> None:
        if len(self.steps) < MAX_STEPS:
            self.steps.append(Step(now, outgoing, line))

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


def _status(data: bytes) -> str:
    return data.split(b"\r\n", 1)[0].decode().partition(" ")[2]
