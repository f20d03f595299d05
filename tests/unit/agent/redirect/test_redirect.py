"""A redirect server: what each request is answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provd.agent.redirect.choice import Choice
from provd.agent.redirect.redirect import MAX_INVITES_PER_S, MAX_INVITES_PER_S_OF_SOURCE
from provd.agent.redirect.transactions import LIFETIME_S
from provd.sip.message import Response
from provd.sip.parser import parse_message
from tests.unit.sip.test_rfc4475 import EXPECTED, Refused, _read

from .requests import LONDON, PBX, TWO, Server, request

NOBODY = Choice(503, why='no "one"\r\nVia: x', retry_after_s=5)


@pytest.fixture
def server() -> Server:
    return Server()


def test_an_invite_is_answered_with_the_contacts_in_their_order(server: Server) -> None:
    response = server.answer(request())
    assert (response.code, response.reason) == (302, "Moved Temporarily")
    assert response.headers.get_all("Contact") == TWO.contacts
    assert response.to.tag
    assert response.top_via.params.get("received") == "192.0.2.9"
    assert response.top_via.rport == 40000
    (call,) = server.calls
    assert (call.uri, call.caller, call.call_id) == (LONDON, "+4930123", "c@192.0.2.9")
    assert (call.source, call.transport) == (PBX, "udp")
    assert server.redirector.counts.redirected == 1


def test_a_tel_uri_is_a_number_too(server: Server) -> None:
    assert server.answer(request(uri="tel:+442071838750")).code == 302
    assert server.calls[0].uri == "tel:+442071838750"


@pytest.mark.parametrize(
    ("data", "code", "header"),
    [
        (request("OPTIONS"), 200, ("Allow", "INVITE, ACK, CANCEL, OPTIONS")),
        (request("OPTIONS", hops=0), 200, None),
        (request("OPTIONS", to_tag=";tag=2"), 481, None),
        (request("REGISTER"), 405, ("Allow", "INVITE, ACK, CANCEL, OPTIONS")),
        (request("MADEUP"), 405, ("Allow", "INVITE, ACK, CANCEL, OPTIONS")),
        (request("BYE", to_tag=";tag=2"), 481, None),
        (request("CANCEL"), 481, None),
        (request(to_tag=";tag=2"), 481, None),
        (request(hops=0), 483, None),
        (request(uri="http://example.com/"), 416, None),
        (request(uri="sips:+442071838750@198.51.100.1"), 416, None),
        (request(more="Require: 100rel, path\r\n"), 420, ("Unsupported", "100rel, path")),
    ],
)
def test_what_is_no_plain_invite_gets_the_code_that_the_rfc_has_for_it(
    server: Server, data: bytes, code: int, header: tuple[str, str] | None
) -> None:
    response = server.answer(data)
    assert response.code == code
    if header is not None:
        assert response.headers.get(header[0]) == header[1]
    assert not server.calls


def test_no_route_is_told_in_a_reason_header() -> None:
    response = Server(Choice(404, why="no route is for this number")).answer(request())
    assert response.code == 404
    assert response.headers.get("Reason") == 'Q.850;cause=3;text="no route is for this number"'


def test_a_refusal_s_words_stay_in_their_header() -> None:
    server = Server(NOBODY)
    response = server.answer(request())
    assert (response.code, response.retry_after) == (503, 5)
    assert str(response.headers.get("Reason")).startswith('Q.850;cause=34;text="no \\"one\\"')
    assert len(response.vias) == 1
    assert server.redirector.counts.refused == 1


def test_an_invite_that_is_sent_again_gets_the_very_same_answer_without_a_new_choice(server: Server) -> None:
    first = server.bytes_for(request())
    server.choice = NOBODY
    server.now = LIFETIME_S - 0.1
    assert server.bytes_for(request()) == first
    assert len(server.calls) == 1
    assert (server.redirector.counts.redirected, server.redirector.counts.repeated) == (1, 1)
    server.now = LIFETIME_S
    assert server.answer(request()).code == 503


@pytest.mark.parametrize("other", [{"branch": "z9hG4bKabd"}, {"call_id": "d@192.0.2.9"}])
def test_another_call_is_chosen_for_anew(server: Server, other: dict[str, str]) -> None:
    server.bytes_for(request())
    server.choice = NOBODY
    assert server.answer(request(**other)).code == 503  # type: ignore[arg-type]


def test_a_peer_of_rfc_2543_is_known_again_without_a_branch(server: Server) -> None:
    first = server.bytes_for(request(branch="1"))
    server.choice = NOBODY
    assert server.bytes_for(request(branch="1")) == first
    assert server.answer(request(branch="1", call_id="d")).code == 503


def test_a_cancel_of_a_call_that_was_redirected_is_200_and_changes_nothing(server: Server) -> None:
    redirected = server.answer(request())
    cancelled = server.answer(request("CANCEL"))
    assert cancelled.code == 200
    assert cancelled.to.tag == redirected.to.tag
    assert server.answer(request("CANCEL", branch="z9hG4bKother")).code == 481


def test_an_ack_a_response_and_a_keep_alive_get_no_answer(server: Server) -> None:
    answer = server.bytes_for(request())
    assert answer is not None
    assert server.bytes_for(request("ACK")) is None
    assert server.bytes_for(b"\r\n" + request("ACK")) is None
    assert server.bytes_for(answer) is None
    assert server.bytes_for(b"\r\n\r\n") is None


def test_a_source_that_may_not_ask_gets_no_answer_and_is_counted(server: Server) -> None:
    assert server.bytes_for(request(), ("198.51.100.7", 5060)) is None
    assert server.bytes_for(b"junk", ("2001:db8::1", 5060)) is None
    assert server.redirector.counts.dropped == 2
    assert not server.calls


def test_without_rport_the_answer_goes_to_the_port_in_via(server: Server) -> None:
    answered = server.redirector.answer_datagram(request().replace(b";rport", b""), PBX, 0.0)
    assert answered is not None
    assert answered[1] == ("192.0.2.9", 5060)


def test_a_flood_of_one_source_leaves_room_for_another_and_for_options(server: Server) -> None:
    def flood(source: tuple[str, int], name: str) -> int:
        calls = (request(branch=f"z9hG4bK{name}{n}") for n in range(MAX_INVITES_PER_S))
        return sum(server.bytes_for(each, source) is not None for each in calls)

    assert flood(PBX, "a") == MAX_INVITES_PER_S_OF_SOURCE
    assert flood(("192.0.2.10", 5060), "b") == MAX_INVITES_PER_S - MAX_INVITES_PER_S_OF_SOURCE
    assert server.redirector.counts.ignored == MAX_INVITES_PER_S
    assert server.answer(request("OPTIONS")).code == 200
    server.now = 0.5
    assert flood(PBX, "c") == MAX_INVITES_PER_S_OF_SOURCE // 2


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (request(uri="sip:+44 20 7183 8750@198.51.100.1"), 400, "start line"),
        (request(uri="sip:+442071838750@198.51.100.1?X=1"), 400, "has headers"),
        (request(uri="sip:@198.51.100.1"), 400, "no user"),
        (request().replace(b"Max-Forwards: 70", b"Max-Forwards: x"), 400, "Max-Forwards"),
        (request().replace(b" SIP/2.0\r\nVia", b" SIP/7.0\r\nVia"), 505, "SIP version"),
        (request().replace(b"CSeq: 7 INVITE", b"CSeq: 7 BYE"), 400, "CSeq"),
    ],
)
def test_a_malformed_request_is_refused_with_what_is_wrong(
    server: Server, data: bytes, code: int, says: str
) -> None:
    found = server.bytes_for(data)
    assert found is not None
    status_line = found.partition(b"\r\n")[0].decode()
    assert status_line.startswith(f"SIP/2.0 {code} ")
    assert says in status_line
    assert b"Call-ID: c@192.0.2.9\r\n" in found
    assert not server.calls


@pytest.mark.parametrize("name", EXPECTED)
def test_a_torture_message_is_answered_with_a_response_or_not_at_all(server: Server, name: str) -> None:
    data = _read(name)
    found = server.bytes_for(data)
    expected = EXPECTED[name]
    if isinstance(expected, Refused):
        assert found is None or found.startswith(f"SIP/2.0 {expected.status} ".encode())
        return
    message = parse_message(data)
    if isinstance(message, Response) or message.method == "ACK":
        assert found is None
        return
    assert found is not None
    response = parse_message(found)
    assert isinstance(response, Response)
    assert (response.call_id, response.cseq) == (message.call_id, message.cseq)


@given(st.binary(max_size=500))
def test_no_bytes_raise(data: bytes) -> None:
    server = Server()
    server.bytes_for(b"INVITE sip:1@a SIP/2.0\r\n" + data)
    server.bytes_for(b"INVITE " + data)
    server.bytes_for(request()[:-2] + data)


@given(st.text(max_size=40))
def test_no_user_part_raises_or_adds_a_header(user: str) -> None:
    server = Server(NOBODY)
    found = server.bytes_for(request(uri=f"sip:{user}@198.51.100.1"))
    assert found is None or found.count(b"\r\nCall-ID: ") == 1
