"""A number as one provider is dialled with it."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provd.routing.dialling import dial, region_of, request_uri
from provd.routing.number import parse_number
from provd.sip.uri import SipUri, parse_uri


@dataclass
class Provider:
    hostname: str = "sip.example.com"
    tech_prefix: str = ""
    tech_postfix: str = ""
    tech_headers: dict[str, str] = field(default_factory=dict)
    transport: str = "udp"
    carrier: str = ""


LONDON = "+442071838750"


@pytest.mark.parametrize(
    ("provider", "number", "uri", "next_hop"),
    [
        (Provider(), LONDON, f"sip:{LONDON}@sip.example.com", "sip.example.com/udp (by DNS)"),
        (
            Provider(tech_prefix="1", tech_postfix="@provider.com"),
            f"1{LONDON}",
            f"sip:1{LONDON}@provider.com",
            "sip.example.com/udp (by DNS)",
        ),
        (Provider(tech_postfix="99#"), f"{LONDON}99#", f"sip:{LONDON}99%23@sip.example.com", None),
        (
            Provider(hostname="203.0.113.5:5070", transport="tcp"),
            LONDON,
            f"sip:{LONDON}@203.0.113.5:5070;transport=tcp",
            "203.0.113.5:5070/tcp",
        ),
        (
            Provider(hostname="[2001:db8::1]", transport="tls"),
            LONDON,
            f"sip:{LONDON}@[2001:db8::1];transport=tls",
            "[2001:db8::1]:5061/tls",
        ),
        (
            Provider(tech_postfix="*7@[2001:db8::2]:5080"),
            f"{LONDON}*7",
            f"sip:{LONDON}*7@[2001:db8::2]:5080",
            None,
        ),
    ],
)
def test_prefix_postfix_and_host_make_the_request(
    provider: Provider, number: str, uri: str, next_hop: str | None
) -> None:
    call = dial(provider, LONDON)
    assert (call.number, call.request_uri) == (number, uri)
    assert next_hop is None or call.next_hop == next_hop


def test_headers_go_with_the_call() -> None:
    assert dial(Provider(tech_headers={"X-Account": "7"}), LONDON).headers == {"X-Account": "7"}


@pytest.mark.parametrize(
    ("provider", "destination", "words"),
    [
        (Provider(tech_prefix="+"), LONDON, "more than one +"),
        (Provider(tech_prefix="1"), LONDON, "a + within it"),
        (Provider(), "5551234", "no country code"),
        (Provider(), "+99999123456", "no country code that exists"),
        (Provider(), "+44207", "too short"),
        (Provider(), "+1555123456789", "too long"),
        (Provider(), "+1234567890123456", "15 digits"),
        (Provider(), "+44*20", "* or #"),
        (Provider(carrier="twilio"), "442071838750", "Twilio wants numbers with a +"),
        (Provider(carrier="twilio", tech_prefix="9"), LONDON, "Twilio wants numbers with a +"),
    ],
)
def test_what_will_likely_fail_is_warned_of(provider: Provider, destination: str, words: str) -> None:
    assert any(words in each for each in dial(provider, destination).warnings)


def test_a_number_as_it_should_be_has_no_warning() -> None:
    for provider in (Provider(), Provider(carrier="twilio"), Provider(carrier="telnyx", transport="tls")):
        assert dial(provider, LONDON).warnings == []


@pytest.mark.parametrize(
    ("number", "region"), [(LONDON, "GB"), ("+14155552671", "US"), ("+999", ""), ("5551234", ""), ("*98", "")]
)
def test_a_number_has_its_country(number: str, region: str) -> None:
    assert region_of(number) == region


@given(st.from_regex(r"\+?[0-9*#]{1,32}", fullmatch=True), st.sampled_from(("udp", "tcp", "tls")))
def test_the_request_uri_gives_the_number_back(number: str, transport: str) -> None:
    uri = parse_uri(request_uri(number, "sip.example.com:5070", transport))
    assert isinstance(uri, SipUri)
    assert uri.plain_user == number
    assert (uri.host, uri.port) == ("sip.example.com", 5070)
    assert parse_number(str(uri)) == number
