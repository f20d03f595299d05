"""Contacts: what stands in them can be read back, and is never more than one URI."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provd.agent.redirect.contact import ContactForm, contact_form, escaped_user
from provd.sip.address import parse_address
from provd.sip.uri import SipUri, unescape


def form(**fields: object) -> ContactForm:
    plain = {"hostname": "192.0.2.1:5070", "transport": "udp", "prefix": "", "postfix": "", "headers": {}}
    return contact_form(**{**plain, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "uri"),
    [
        ({}, "sip:+4420@192.0.2.1:5070;transport=udp"),
        ({"transport": "tls", "hostname": "sip.acme.example"}, "sip:+4420@sip.acme.example;transport=tls"),
        ({"hostname": "[2001:db8::1]"}, "sip:+4420@[2001:db8::1];transport=udp"),
        ({"prefix": "0*#", "postfix": "99#"}, "sip:0*%23+442099%23@192.0.2.1:5070;transport=udp"),
        (
            {"postfix": "@trunk.example"},
            "sip:+4420@trunk.example:5070;transport=udp;maddr=192.0.2.1",
        ),
    ],
)
def test_a_number_is_written_as_the_provider_wants_it(fields: dict[str, object], uri: str) -> None:
    assert form(**fields).uri("+4420") == uri
    assert str(parse_address(f"<{uri}>").uri) == uri


def test_those_to_be_tried_later_have_a_lower_q() -> None:
    said = [form().contact("1", rank).rpartition(";q=")[2] for rank in range(10)]
    assert said == ["1.0", "0.9", "0.8", "0.7", "0.6", "0.5", "0.4", "0.3", "0.2", "0.1"]


def test_a_header_named_body_would_be_a_body_and_is_left_out() -> None:
    assert form(headers={"Body": "v=0", "X-A": "1"}).headers == "?X-A=1"


def test_tech_headers_are_escaped_into_the_uri() -> None:
    contact = form(headers={"X-Account": 'a b;c?d&e=f>"\r\nVia: x', "P-%`": "ü"}).contact("1", 0)
    assert contact == (
        "<sip:1@192.0.2.1:5070;transport=udp?X-Account=a%20b%3Bc%3Fd%26e%3Df%3E%22%0D%0AVia%3A%20x"
        "&P-%25%60=%C3%BC>;q=1.0"
    )


@given(
    st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=50), max_size=5),
    st.text(max_size=20),
)
def test_whatever_is_in_headers_and_number_comes_back_as_it_was(headers: dict[str, str], number: str) -> None:
    headers = {name: value or "1" for name, value in headers.items() if name.lower() != "body"}
    address = parse_address(form(headers=headers).contact(escaped_user(f"1{number}"), 0))
    uri = address.uri
    assert isinstance(uri, SipUri)
    assert uri.plain_user == f"1{number}"
    assert [(unescape(name), unescape(value)) for name, value in uri.headers] == list(headers.items())
    assert (uri.host, uri.port, address.params.items) == ("192.0.2.1", 5070, (("q", "1.0"),))
