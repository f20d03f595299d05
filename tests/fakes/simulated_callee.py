"""A call on a fake clock, and the peer that it is placed to: messages are handed over, nothing is sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from provd.sip.answer import make_response
from provd.sip.calls.call import Call
from provd.sip.calls.effects import CallOrder, Send, Speak
from provd.sip.digest import Login
from provd.sip.headers import Headers
from provd.sip.message import Request, Response
from provd.sip.parser import parse_message
from provd.sip.sdp import EVENTS, PCMA, PCMU, Sound
from provd.sip.uri import Uri

PEER = ("192.0.2.9", 5060)
OURS = Sound("192.0.2.1", 40000, (PCMU, PCMA), EVENTS)
SDP = (
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
    b"m=audio 6000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)
CONTACT = ("Contact", "<sip:callee@192.0.2.9:5070>")
TYPED = ("Content-Type", "application/sdp")


def order(login: Login | None = None) -> CallOrder:
    """The call that is placed, whatever the test."""
    return CallOrder(
        uri="sip:+15550100@192.0.2.9",
        from_="<sip:test@192.0.2.1>",
        to="<sip:+15550100@192.0.2.9>",
        contact="sip:test@192.0.2.1:5062",
        hop="SIP/2.0/UDP 192.0.2.1:5062",
        sound=OURS,
        user_agent="provd",
        login=login,
    )


def words() -> Iterator[str]:
    """Words that differ, as a call's tokens do."""
    number = 0
    while True:
        number += 1
        yield f"word{number}"


@dataclass(slots=True)
class Sent:
    """A message that the call sent, and where to."""

    message: Request | Response
    uri: Uri | None
    at: float


@dataclass
class Callee:
    """The peer: it sees what the call sends, and says what the test wants. ``now`` is the clock."""

    login: Login | None = None
    reliable: bool = False
    now: float = 0.0
    sent: list[Sent] = field(default_factory=list)
    spoken: list[Speak] = field(default_factory=list)
    _seen: int = 0

    def __post_init__(self) -> None:
        tokens = words()
        self.call = Call(order(self.login), lambda: next(tokens), 42, reliable=self.reliable)
        self.call.start(self.now)
        self.collect()
        self.invite = self.take("INVITE")

    def new(self) -> list[str]:
        """What the call has sent since this was last asked: methods and codes."""
        fresh, self._seen = self.sent[self._seen :], len(self.sent)
        return [_name(each.message) for each in fresh]

    def take(self, method: str) -> Request:
        """The latest request of a method that the call sent."""
        found = [each.message for each in self.sent if _name(each.message) == method]
        assert found, f"the call sent no {method}"
        latest = found[-1]
        assert isinstance(latest, Request)
        self._seen = len(self.sent)
        return latest

    def requests(self, method: str) -> list[Sent]:
        """Every request of a method that the call sent, those that were sent again too."""
        return [each for each in self.sent if _name(each.message) == method]

    def answered(self, code: int) -> Response:
        """The latest response of a code that the call sent."""
        found = [each.message for each in self.sent if _name(each.message) == str(code)]
        assert found, f"the call sent no {code}"
        latest = found[-1]
        assert isinstance(latest, Response)
        return latest

    def pass_time(self, seconds: float) -> None:
        """Let time go on, with each timer at its moment."""
        until = self.now + seconds
        while self.call.next_at <= until:
            self.now = max(self.now, self.call.next_at)
            self.call.tick(self.now)
            self.collect()
        self.now = until

    def respond(
        self,
        request: Request,
        code: int,
        *headers: tuple[str, str],
        tag: str = "callee",
        body: bytes = b"",
    ) -> Response:
        """Answer a request of the call."""
        to_tag = None if code == 100 else tag
        response = make_response(request, code, headers=headers, to_tag=to_tag, body=body)
        self.say(response)
        return response

    def ring(
        self, code: int = 180, *headers: tuple[str, str], tag: str = "callee", body: bytes = b""
    ) -> None:
        """A provisional response to the latest INVITE."""
        self.respond(self.take("INVITE"), code, CONTACT, *headers, tag=tag, body=body)

    def accept(self, *headers: tuple[str, str], tag: str = "callee", body: bytes = SDP) -> Response:
        """A 200 with a description to the latest INVITE."""
        return self.respond(self.take("INVITE"), 200, CONTACT, TYPED, *headers, tag=tag, body=body)

    def ask(
        self,
        method: str,
        number: int,
        *headers: tuple[str, str],
        tag: str = "callee",
        body: bytes = b"",
        branch: str = "",
        to_tag: str | None = None,
    ) -> Request:
        """A request of the peer within the dialog."""
        ours = self.invite.from_.tag if to_tag is None else to_tag
        items = [
            ("Via", f"SIP/2.0/UDP 192.0.2.9:5060;branch={branch or f'z9hG4bK{method}{number}'}"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:+15550100@192.0.2.9>;tag={tag}"),
            ("To", f"<sip:test@192.0.2.1>;tag={ours}" if ours else "<sip:test@192.0.2.1>"),
            ("Call-ID", self.invite.call_id),
            ("CSeq", f"{number} {method}"),
            *headers,
            ("Content-Length", str(len(body))),
        ]
        request = Request(method, "sip:test@192.0.2.1:5062", Headers(items), body)
        self.say(request)
        return request

    def say(self, message: Request | Response) -> None:
        """Hand a message over, as it comes from the network."""
        self.call.receive(parse_message(message.to_bytes()), PEER, self.now)
        self.collect()

    def hang_up(self) -> None:
        """Have the call left by us."""
        self.call.hang_up(self.now)
        self.collect()

    def collect(self) -> None:
        """Take over what the call wants done."""
        for effect in self.call.take():
            if isinstance(effect, Send):
                self.sent.append(Sent(parse_message(effect.data), effect.uri, self.now))
            else:
                self.spoken.append(effect)


def _name(message: Request | Response) -> str:
    return message.method if isinstance(message, Request) else str(message.code)
