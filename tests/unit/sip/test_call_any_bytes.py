"""Whatever bytes a peer puts into its messages: nothing of ours raises, and the call can be left."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.simulated_callee import CONTACT, PEER, SDP, TYPED, Callee

from provd.sip.answer import make_response
from provd.sip.calls.call import CallState
from provd.sip.digest import Login
from provd.sip.errors import SipParseError
from provd.sip.message import Request
from provd.sip.parser import parse_message

_CODES = st.sampled_from([180, 183, 200, 401, 407, 486])
_LINES = st.sampled_from(
    [
        b"To: ",
        b"Contact: ",
        b"Record-Route: ",
        b"RSeq: ",
        b"CSeq: ",
        b"Via: ",
        b"WWW-Authenticate: ",
        b"SIP/2.0 ",
    ]
)
_NOISE = st.binary(max_size=40).map(lambda noise: noise.replace(b"\r", b"").replace(b"\n", b""))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(_CODES, _LINES, _NOISE, st.integers(0, 30)), max_size=8))
def test_spoiled_responses_do_no_harm(spoilt: list[tuple[int, bytes, bytes, int]]) -> None:
    callee = Callee(Login("u", "p"))
    for code, line, noise, place in spoilt:
        request = callee.take("INVITE")
        headers = [
            CONTACT,
            TYPED,
            ("Record-Route", "<sip:proxy.test;lr>"),
            ("Require", "100rel"),
            ("RSeq", "1"),
            ("WWW-Authenticate", 'Digest realm="r", nonce="n"'),
        ]
        data = make_response(request, code, None, headers, "callee", SDP).to_bytes()
        at = data.find(line) + len(line) + place
        _hear(callee, data[:at] + noise + data[at:])
    _can_be_left(callee)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 700), _NOISE), max_size=8))
def test_spoiled_requests_do_no_harm(spoilt: list[tuple[int, bytes]]) -> None:
    callee = Callee()
    callee.accept()
    for number, (place, noise) in enumerate(spoilt, 1):
        tag = callee.invite.from_.tag
        data = (
            f"INVITE sip:test@192.0.2.1:5062 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK{number}\r\n"
            f"From: <sip:+15550100@192.0.2.9>;tag=callee\r\nTo: <sip:test@192.0.2.1>;tag={tag}\r\n"
            f"Call-ID: {callee.invite.call_id}\r\nCSeq: {number} INVITE\r\nContact: <sip:a@192.0.2.9>\r\n"
            f"Content-Type: application/sdp\r\n\r\n"
        ).encode() + SDP
        _hear(callee, data[:place] + noise + data[place:])
    _can_be_left(callee)


def _hear(callee: Callee, data: bytes) -> None:
    try:
        message = parse_message(data)
    except SipParseError:
        return
    callee.call.receive(message, PEER, callee.now)
    callee.collect()


def _can_be_left(callee: Callee) -> None:
    callee.hang_up()
    callee.pass_time(200)
    assert callee.call.state is CallState.OVER
    assert callee.call.is_settled
    assert all(isinstance(each.message, Request) or each.message.code >= 200 for each in callee.sent)
    assert all(each.line.isprintable() for each in callee.call.steps)
