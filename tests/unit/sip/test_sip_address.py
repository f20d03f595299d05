import pytest

from provd.sip.address import Address, parse_address
from provd.sip.errors import SipParseError
from provd.sip.params import Params
from provd.sip.uri import SipUri


@pytest.mark.parametrize(
    ("text", "name", "uri"),
    [
        ("<sip:a@example.com>", None, "sip:a@example.com"),
        ("sip:a@example.com", None, "sip:a@example.com"),
        ("caller<sip:a@example.com>", "caller", "sip:a@example.com"),
        ("A. Bell  <sip:a@example.com>", "A. Bell", "sip:a@example.com"),
        ('"Bell, A"<sip:a@example.com>', "Bell, A", "sip:a@example.com"),
        ('"J \\\\\\"R\\"" <sip:a@example.com>', 'J \\"R"', "sip:a@example.com"),
        ('"" <sip:a@example.com>', "", "sip:a@example.com"),
        ('"%Z%45 <x>" <sip:a@example.com>', "%Z%45 <x>", "sip:a@example.com"),
        ('"\u0418\u0432\u0430\u043d" <sip:a@example.com>', "\u0418\u0432\u0430\u043d", "sip:a@example.com"),
        ('"W" < sip:a@example.com >', "W", "sip:a@example.com"),
        ("<http://www.example.com>", None, "http://www.example.com"),
        ("isbn:2983792873", None, "isbn:2983792873"),
    ],
)
def test_an_address_shows_its_name_and_uri(text: str, name: str | None, uri: str) -> None:
    address = parse_address(text)
    assert (address.display_name, str(address.uri)) == (name, uri)
    assert parse_address(str(address)) == address


def test_parameters_outside_the_brackets_are_the_headers() -> None:
    address = parse_address("<sip:a@example.com;lr> ; tag = 1 ;x")
    assert address.tag == "1"
    assert address.params == Params((("tag", "1"), ("x", None)))
    assert isinstance(address.uri, SipUri)
    assert address.uri.params == Params((("lr", None),))


def test_parameters_without_brackets_are_the_headers() -> None:
    address = parse_address("sip:a@example.com ;user=phone;tag=1")
    assert address.params == Params((("user", "phone"), ("tag", "1")))
    assert address.uri == SipUri("sip", "example.com", "a")


def test_a_tag_may_have_characters_beyond_a_token() -> None:
    assert parse_address("<sip:a@b>;tag=10.0.0.1:5060+1+2f==@x").tag == "10.0.0.1:5060+1+2f==@x"


def test_a_written_name_is_always_quoted() -> None:
    address = Address(SipUri("sip", "example.com"), 'a "b" \\', Params((("tag", "1"),)))
    assert str(address) == '"a \\"b\\" \\\\" <sip:example.com>;tag=1'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "<>",
        "a",
        "Bell, A <sip:a@example.com>",
        "a@b <sip:a@example.com>",
        '"open <sip:a@example.com>',
        '"a" b <sip:a@example.com>',
        "<sip:a@example.com",
        "sip:a@example.com>",
        "<sip:a@example.com> x",
        "<sip:a@example.com>;",
        "<sip:a@example.com>;;",
        '<sip:a@example.com>;x="open',
        "<sip:a@example.com>,<sip:b@example.com>",
        "<<sip:a@example.com>>",
        "<sip:a b@example.com>",
        "sip:a@example.com?Route=x",
        "sip:a,b@example.com",
        "<sip:a@example.com>;tag=1;Tag=2",
    ],
)
def test_a_malformed_address_is_refused(text: str) -> None:
    with pytest.raises(SipParseError):
        parse_address(text)
