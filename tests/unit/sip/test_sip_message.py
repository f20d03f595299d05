import pytest

from provd.sip.errors import SipParseError
from provd.sip.grammar import parse_scalar
from provd.sip.headers import Headers
from provd.sip.message import Request, Response
from provd.sip.octets import printable
from provd.sip.reasons import REASONS, reason_phrase


def with_header(name: str, value: str) -> Response:
    return Response(503, "Service Unavailable", Headers([(name, value)]))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("120 (I'm busy);duration=3600", 120),
        ("120(busy)", 120),
        ("18000;duration=3600", 18000),
        ("18000 ; duration=3600", 18000),
        ("4294967295", 4294967295),
        ("4294967296", None),
        ("949302838503028349304023988", None),
        ("-1", None),
        ("+1", None),
        ("1_0", None),
        ("\u0661", None),
        ("120 seconds", None),
        ("Fri, 01 Jan 2010 16:00:00 GMT", None),
        ("", None),
    ],
)
def test_retry_after_is_its_seconds_or_nothing(value: str, seconds: int | None) -> None:
    assert with_header("Retry-After", value).retry_after == seconds


def test_retry_after_may_be_absent() -> None:
    assert Response(503, "", Headers()).retry_after is None


def test_the_server_is_named_by_server_or_else_by_user_agent() -> None:
    assert Response(200, "OK", Headers([("User-Agent", "ua"), ("Server", "srv")])).server == "srv"
    assert with_header("User-Agent", "ua").server == "ua"
    assert with_header("Server", "").server is None
    assert Response(200, "OK", Headers()).server is None


def test_the_servers_name_is_fit_for_printing() -> None:
    assert with_header("Server", "\x1b[31mred\tcaf\udce9").server == "\ufffd[31mred caf\ufffd"


@pytest.mark.parametrize(
    ("text", "clean"), [("plain", "plain"), ("\u00e9", "\u00e9"), ("a\tb", "a b"), ("\0\x9b", "\ufffd" * 2)]
)
def test_printable_text_has_nothing_but_printable_characters(text: str, clean: str) -> None:
    assert printable(text) == clean


@pytest.mark.parametrize("accessor", ["cseq", "call_id", "from_", "to", "top_via"])
def test_a_missing_header_is_named_when_it_is_read(accessor: str) -> None:
    with pytest.raises(SipParseError, match="is missing"):
        getattr(Request("OPTIONS", "sip:example.com", Headers()), accessor)


def test_messages_are_values() -> None:
    first = Request("OPTIONS", "sip:example.com", Headers([("v", "SIP/2.0/UDP h")]))
    second = Request("OPTIONS", "sip:example.com", Headers([("Via", "SIP/2.0/UDP h")]))
    assert first.vias == second.vias
    assert first == second
    assert hash(first) == hash(second)
    with pytest.raises(AttributeError):
        first.method = "INVITE"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("000", 0),
        ("0000000000099", 99),
        ("100", 100),
        ("101", None),
        ("1000", None),
        ("9" * 10_000, None),
        ("", None),
        ("-1", None),
        ("+1", None),
        (" 1", None),
        ("1\n", None),
        ("1_0", None),
        ("\u0663", None),
        ("\u00b2", None),
        ("1e1", None),
    ],
)
def test_a_scalar_is_ascii_digits_up_to_its_maximum(text: str, number: int | None) -> None:
    assert parse_scalar(text, 100) == number


@pytest.mark.parametrize(
    ("code", "phrase"), [(200, "OK"), (503, "Service Unavailable"), (299, "OK"), (499, "Bad Request")]
)
def test_an_unknown_code_has_the_phrase_of_its_class(code: int, phrase: str) -> None:
    assert reason_phrase(code) == phrase


def test_there_is_a_phrase_for_every_code_and_no_other() -> None:
    assert all(reason_phrase(code) for code in range(100, 700))
    assert set(REASONS) <= set(range(100, 700))
    for code in (0, 99, 700, -200):
        with pytest.raises(ValueError, match="not a response code"):
            reason_phrase(code)
