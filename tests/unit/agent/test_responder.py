"""What provd answers to those who send it requests."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provd.agent.responder import MAX_PER_S, Responder
from provd.schema.provider import Transport
from provd.sip.message import Response
from provd.sip.parser import parse_message

PEER = ("192.0.2.9", 40000)


def request(
    method: str = "OPTIONS", uri: str = "sip:198.51.100.1", more: str = "", to_tag: str = ""
) -> bytes:
    return (
        f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKabc;rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:peer@192.0.2.9>;tag=1\r\nTo: <sip:198.51.100.1>{to_tag}\r\n"
        f"Call-ID: c@192.0.2.9\r\nCSeq: 7 {method}\r\n{more}Content-Length: 0\r\n\r\n"
    ).encode()


@pytest.fixture
def responder() -> Responder:
    return Responder("provd", b"secret", clock=lambda: 0.0)


def answered(responder: Responder, data: bytes) -> Response:
    found = responder.answer_datagram(data, PEER)
    assert found is not None
    response = parse_message(found[0])
    assert isinstance(response, Response)
    return response


def test_options_is_answered_with_what_we_take(responder: Responder) -> None:
    response = answered(responder, request())
    assert response.code == 200
    assert response.headers.get("Allow") == "OPTIONS"
    assert response.headers.get("Accept") == "application/sdp"
    assert response.headers.get("Server") == "provd"
    assert (response.call_id, response.cseq.number, response.cseq.method) == ("c@192.0.2.9", 7, "OPTIONS")
    assert response.to.tag
    assert response.top_via.params.get("received") == "192.0.2.9"
    assert response.top_via.rport == 40000
    assert responder.answered == 1


@pytest.mark.parametrize(
    ("data", "code", "header"),
    [
        (request("INVITE"), 405, ("Allow", "OPTIONS")),
        (request("REGISTER"), 405, ("Allow", "OPTIONS")),
        (request("MADEUP"), 405, ("Allow", "OPTIONS")),
        (request("BYE", to_tag=";tag=2"), 481, None),
        (request("CANCEL"), 481, None),
        (request(to_tag=";tag=2"), 481, None),
        (request(uri="tel:+15551234567"), 416, None),
        (request(uri="http://example.com/"), 416, None),
        (request(more="Require: 100rel, path\r\n"), 420, ("Unsupported", "100rel, path")),
    ],
)
def test_what_it_does_not_do_is_refused_with_the_right_code(
    responder: Responder, data: bytes, code: int, header: tuple[str, str] | None
) -> None:
    response = answered(responder, data)
    assert response.code == code
    if header is not None:
        assert response.headers.get(header[0]) == header[1]


def test_a_request_that_is_sent_again_gets_the_very_same_answer(responder: Responder) -> None:
    first, again = (responder.answer_datagram(request(), PEER) for _ in range(2))
    assert first == again
    other = responder.answer_datagram(request().replace(b"Call-ID: c@", b"Call-ID: d@"), PEER)
    assert other is not None
    assert first is not None
    tags = {re.search(rb"To: .*;tag=(\w+)", data)[1] for data, _ in (first, other)}  # type: ignore[index]
    assert len(tags) == 2


def test_without_rport_the_answer_goes_to_the_port_in_via(responder: Responder) -> None:
    found = responder.answer_datagram(request().replace(b";rport", b""), PEER)
    assert found is not None
    assert found[1] == ("192.0.2.9", 5060)


def test_an_ack_and_a_response_get_no_answer(responder: Responder) -> None:
    response = responder.answer_datagram(request(), PEER)
    assert response is not None
    assert responder.answer_datagram(request("ACK"), PEER) is None
    assert responder.answer_datagram(response[0], PEER) is None


def test_a_flood_is_answered_at_a_bounded_rate() -> None:
    now = [0.0]
    responder = Responder("provd", b"secret", clock=lambda: now[0])
    got = sum(responder.answer_datagram(request(), PEER) is not None for _ in range(3 * MAX_PER_S))
    assert got == MAX_PER_S
    assert responder.ignored == 2 * MAX_PER_S
    now[0] = 0.1
    got = sum(responder.answer_datagram(request(), PEER) is not None for _ in range(MAX_PER_S))
    assert got == MAX_PER_S // 10


def test_over_a_connection_the_answer_is_just_bytes(responder: Responder) -> None:
    data = request().replace(b"SIP/2.0/UDP", b"SIP/2.0/TLS")
    answer = responder.answer(data, PEER, Transport.TLS)
    assert answer is not None
    assert answer.startswith(b"SIP/2.0 200 ")


@given(st.binary(max_size=500))
def test_no_bytes_raise(data: bytes) -> None:
    responder = Responder("provd", b"secret", clock=lambda: 0.0)
    assert responder.answer_datagram(b"OPTIONS sip:a SIP/2.0\r\n" + data, PEER) is None or data
    responder.answer_datagram(data, PEER)
