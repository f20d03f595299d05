"""Requests for a redirect server, and a server that has been told what to choose."""

from provd.agent.redirect.allow import AllowList
from provd.agent.redirect.choice import Call, Choice
from provd.agent.redirect.redirect import Redirector
from provd.sip.message import Response
from provd.sip.parser import parse_message

PBX = ("192.0.2.9", 40000)
LONDON = "sip:+442071838750@198.51.100.1"
TWO = Choice(302, ("<sip:1@192.0.2.1;transport=udp>;q=1.0", "<sip:2@192.0.2.2;transport=tcp>;q=0.9"))


def request(
    method: str = "INVITE",
    uri: str = LONDON,
    *,
    branch: str = "z9hG4bKabc",
    call_id: str = "c@192.0.2.9",
    hops: int = 70,
    to_tag: str = "",
    more: str = "",
) -> bytes:
    return (
        f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch={branch};rport\r\n"
        f"Max-Forwards: {hops}\r\nFrom: <sip:+4930123@192.0.2.9>;tag=1\r\n"
        f"To: <sip:+442071838750@198.51.100.1>{to_tag}\r\n"
        f"Call-ID: {call_id}\r\nCSeq: 7 {method}\r\n{more}Content-Length: 0\r\n\r\n"
    ).encode("utf-8", "surrogateescape")


class Server:
    """A redirector whose choice is ``choice``; ``calls`` are those it chose for, and ``now`` its time."""

    def __init__(self, choice: Choice = TWO, allow: str = "192.0.2.0/24") -> None:
        self.choice = choice
        self.calls: list[Call] = []
        self.now = 0.0
        self.redirector = Redirector(self._choose, AllowList([allow]), "provd", b"secret")

    def _choose(self, call: Call) -> Choice:
        self.calls.append(call)
        return self.choice

    def bytes_for(self, data: bytes, source: tuple[str, int] = PBX) -> bytes | None:
        answered = self.redirector.answer_datagram(data, source, self.now)
        return None if answered is None else answered[0]

    def answer(self, data: bytes, source: tuple[str, int] = PBX) -> Response:
        found = self.bytes_for(data, source)
        assert found is not None
        response = parse_message(found)
        assert isinstance(response, Response)
        return response
