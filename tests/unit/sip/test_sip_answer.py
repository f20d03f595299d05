import pytest
from sip_samples import request

from provd.sip.answer import make_response
from provd.sip.headers import Headers
from provd.sip.message import Request
from provd.sip.parser import parse_message


def received(data: bytes) -> Request:
    message = parse_message(data)
    assert isinstance(message, Request)
    return message


def test_a_response_copies_what_ties_it_to_its_request() -> None:
    asked = received(request(extra=["v: SIP/2.0/TCP proxy.example.com ; branch=z9hG4bK2", "Subject: x"]))
    answer = make_response(asked, 200, headers=[("Server", "fake")], to_tag="t1", body=b"hello")
    assert answer.to_bytes().decode() == (
        "SIP/2.0 200 OK\r\n"
        "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK776asdhds;rport\r\n"
        "Via: SIP/2.0/TCP proxy.example.com ; branch=z9hG4bK2\r\n"
        "From: <sip:provd@192.0.2.10>;tag=1928301774\r\n"
        "To: <sip:carrier.example.com>;tag=t1\r\n"
        "Call-ID: a84b4c76e66710@192.0.2.10\r\n"
        "CSeq: 63104 OPTIONS\r\n"
        "Server: fake\r\n"
        "Content-Length: 5\r\n"
        "\r\n"
        "hello"
    )
    assert parse_message(answer.to_bytes()) == answer


def test_a_response_may_have_its_own_reason() -> None:
    asked = received(request())
    assert make_response(asked, 503, "Gone fishing").reason == "Gone fishing"
    assert make_response(asked, 503, "").reason == ""
    assert make_response(asked, 503).reason == "Service Unavailable"


def test_the_tag_that_a_to_has_stays() -> None:
    asked = received(request({"To": "<sip:carrier.example.com>;tag=old"}))
    assert make_response(asked, 200, to_tag="new").to.tag == "old"


def test_without_a_tag_the_to_stays_as_it_is() -> None:
    assert make_response(received(request()), 100).to.tag is None


def test_the_source_of_the_request_is_noted_in_the_top_via() -> None:
    asked = received(request(extra=["Via: SIP/2.0/UDP second;rport"]))
    answer = make_response(asked, 200, source=("2001:db8::7", 9000))
    assert (answer.top_via.received, answer.top_via.rport) == ("2001:db8::7", 9000)
    assert answer.top_via.branch == asked.top_via.branch
    assert answer.vias[1:] == asked.vias[1:]
    assert parse_message(answer.to_bytes()) == answer


@pytest.mark.parametrize("name", ["Via", "f", "To", "i", "CSeq", "Content-Length"])
def test_headers_of_the_request_cannot_be_given_anew(name: str) -> None:
    with pytest.raises(ValueError, match="comes from its request or its body"):
        make_response(received(request()), 200, headers=[(name, "x")])


@pytest.mark.parametrize("tag", ["", "a b", "a;b", "a\r\nX: y"])
def test_a_tag_that_is_no_token_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="not a token"):
        make_response(received(request()), 200, to_tag=tag)


def test_a_code_outside_the_six_classes_is_refused() -> None:
    with pytest.raises(ValueError, match="not a response code"):
        make_response(received(request()), 700)


def test_a_request_without_the_headers_to_copy_is_refused() -> None:
    with pytest.raises(ValueError, match="is missing"):
        make_response(Request("OPTIONS", "sip:example.com", Headers()), 200)
