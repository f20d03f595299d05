import pytest

from provd.sip.errors import SipParseError
from provd.sip.params import Params
from provd.sip.uri import OpaqueUri, SipUri, parse_uri, unescape


def sip(text: str) -> SipUri:
    uri = parse_uri(text)
    assert isinstance(uri, SipUri)
    return uri


def test_a_sip_uri_shows_its_parts() -> None:
    uri = sip("sips:alice:secret@example.com:5061;transport=tcp;lr?Subject=hi&Priority=urgent")
    assert (uri.scheme, uri.user, uri.password) == ("sips", "alice", "secret")
    assert (uri.host, uri.port) == ("example.com", 5061)
    assert uri.params == Params((("transport", "tcp"), ("lr", None)))
    assert uri.headers == (("Subject", "hi"), ("Priority", "urgent"))


@pytest.mark.parametrize(
    ("text", "user", "host"),
    [
        ("sip:example.com", None, "example.com"),
        ("sip:user;par=u%40example.net@example.com", "user;par=u%40example.net", "example.com"),
        ("sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com", None, "example.com"),
        ("sip:alice@home@example.com", "alice@home", "example.com"),
        ("sip:a?b@example.com", "a?b", "example.com"),
        ("sip:+1-555;phone-context=+1@192.0.2.1", "+1-555;phone-context=+1", "192.0.2.1"),
        ("SIP:a@EXAMPLE.com", "a", "EXAMPLE.com"),
        ("sip:a@host_1.example.com.", "a", "host_1.example.com."),
    ],
)
def test_the_last_at_sign_ends_the_user(text: str, user: str | None, host: str) -> None:
    uri = sip(text)
    assert uri.host == host
    assert user is None or uri.user == user
    assert str(uri) == text.replace("SIP:", "sip:")


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("sip:[2001:db8::10]", "2001:db8::10", None),
        ("sip:user@[2001:db8::10]:5070;lr", "2001:db8::10", 5070),
        ("sip:[2001:db8::10:5070]", "2001:db8::10:5070", None),
    ],
)
def test_an_ipv6_host_is_read_from_its_brackets(text: str, host: str, port: int | None) -> None:
    uri = sip(text)
    assert (uri.host, uri.port) == (host, port)
    assert str(uri) == text


def test_escapes_are_resolved_once() -> None:
    assert unescape("v%61lue%25%34%31") == "value%41"
    assert unescape("100%") == "100%"
    assert unescape("%zz%00") == "%zz\0"
    assert unescape("caf%C3%A9") == "caf\u00e9"
    assert sip("sip:null-%00-null@example.com").plain_user == "null-\0-null"
    assert sip("sip:example.com").plain_user is None


@pytest.mark.parametrize(
    "text", ["tel:+15551234;ext=1", "http://www.example.com", "isbn:2983792873", "x:y?z@[<"[:-1]]
)
def test_other_schemes_are_kept_whole(text: str) -> None:
    uri = parse_uri(text)
    assert isinstance(uri, OpaqueUri)
    assert str(uri) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sip",
        "sip:",
        "example.com",
        ":x",
        "1sip:x",
        "tel:",
        "<sip:example.com>",
        "sip:a b@example.com",
        "sip:a@example.com ",
        "sip:a\r\nX:@example.com",
        "sip:a@example.com;\x7f",
        'sip:"a"@example.com',
        "sip:@example.com",
        "sip::secret@example.com",
        "sip:a@",
        "sip:a@:5060",
        "sip:a@example.com:",
        "sip:a@example.com:x",
        "sip:a@example.com:65536",
        "sip:a@example.com:5060:5060",
        "sip:a@2001:db8::1",
        "sip:a@[2001:db8::1",
        "sip:a@[2001:db8::1]x",
        "sip:a@[]",
        "sip:a@256.1.1.1",
        "sip:a@1.2.3",
        "sip:a@exam/ple.com",
        "sip:a@ex\u00e4mple.com",
        "sip:a@example.com;",
        "sip:a@example.com;=x",
        "sip:a@example.com;x=",
        "sip:a@example.com?",
        "sip:a@example.com?x",
        "sip:a@example.com?=x",
    ],
)
def test_a_malformed_uri_is_refused(text: str) -> None:
    with pytest.raises(SipParseError):
        parse_uri(text)
