import dataclasses

import pytest
from sip_samples import request, response

from provd.sip.headers import Headers
from provd.sip.message import Request, Response
from provd.sip.parser import parse_message

PLAIN = Request("OPTIONS", "sip:example.com", Headers([("Max-Forwards", "70")]))
INJECTIONS = ["a\r\nEvil: 1", "a\nEvil: 1", "a\rb", "a\0b", "\n", 'x"\\\\\0"']


@pytest.mark.parametrize("data", [request(), response(), request({"Content-Length": "3"}, body=b"a\r\n")])
def test_a_message_in_its_plain_form_is_written_as_it_came(data: bytes) -> None:
    assert parse_message(data).to_bytes() == data


def test_a_request_is_written_line_by_line() -> None:
    headers = Headers([("v", "SIP/2.0/UDP h"), ("l", "4")])
    data = Request("OPTIONS", "sip:example.com", headers, b"body").to_bytes()
    assert data == b"OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nContent-Length: 4\r\n\r\nbody"


def test_a_response_is_written_line_by_line() -> None:
    assert Response(200, "OK", Headers()).to_bytes() == b"SIP/2.0 200 OK\r\n\r\n"
    assert Response(699, "", Headers()).to_bytes() == b"SIP/2.0 699 \r\n\r\n"


@pytest.mark.parametrize("text", INJECTIONS)
def test_nothing_can_be_injected_by_a_header_value(text: str) -> None:
    with pytest.raises(ValueError, match="line break or a NUL"):
        dataclasses.replace(PLAIN, headers=PLAIN.headers.add("Subject", text)).to_bytes()


@pytest.mark.parametrize("text", [*INJECTIONS, "", "a b", "a:b", "\u00e9", "a\t"])
def test_nothing_can_be_injected_by_a_header_name(text: str) -> None:
    with pytest.raises(ValueError, match="not a token"):
        dataclasses.replace(PLAIN, headers=PLAIN.headers.add(text, "x")).to_bytes()


@pytest.mark.parametrize("text", [*INJECTIONS, "", "OPTIONS sip:x", "OPT/IONS", "SIP/2.0"])
def test_nothing_can_be_injected_by_a_method(text: str) -> None:
    with pytest.raises(ValueError, match="not a token"):
        dataclasses.replace(PLAIN, method=text).to_bytes()


@pytest.mark.parametrize("text", [*INJECTIONS, "", "sip:a SIP/2.0", "sip:\ta", "sip:\x7f"])
def test_nothing_can_be_injected_by_a_request_uri(text: str) -> None:
    with pytest.raises(ValueError, match="Request-URI"):
        dataclasses.replace(PLAIN, uri=text).to_bytes()


@pytest.mark.parametrize("text", INJECTIONS)
def test_nothing_can_be_injected_by_a_reason_phrase(text: str) -> None:
    with pytest.raises(ValueError, match="line break or a NUL"):
        Response(200, text, Headers()).to_bytes()


@pytest.mark.parametrize("code", [0, 99, 700, -200, 4294967301])
def test_a_code_outside_the_six_classes_is_not_written(code: int) -> None:
    with pytest.raises(ValueError, match="not a response code"):
        Response(code, "OK", Headers()).to_bytes()


@pytest.mark.parametrize("length", ["0", "3", "5", "-4", "4x", "", "0x4", "\u0664"])
def test_a_content_length_that_is_not_the_bodys_is_not_written(length: str) -> None:
    message = Response(200, "OK", Headers([("Content-Length", length)]), b"body")
    with pytest.raises(ValueError, match="Content-Length"):
        message.to_bytes()


def test_an_escaped_nul_is_written_as_it_came() -> None:
    data = request({"To": '"a\\\0b" <sip:x@example.com>'})
    assert parse_message(data).to_bytes() == data


def test_text_that_no_bytes_make_is_not_written() -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        dataclasses.replace(PLAIN, headers=Headers([("Subject", "\ud800")])).to_bytes()
