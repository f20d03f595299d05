"""What an operator may give for a trunk at Twilio, and what he is told otherwise."""

from typing import Any

import pytest
from pydantic import ValidationError

from provd.carriers.credentials import exposed, hidden, last_four
from provd.carriers.gateways import parsed
from provd.carriers.twilio.carrier import Twilio
from provd.carriers.twilio.models import TwilioCredentials, TwilioSettings
from provd.services.errors import ServiceError
from provd.services.setups.catalogue import read
from tests.unit.carriers.twilio.account import (
    ACCOUNT,
    KEY_SECRET,
    KEY_SID,
    PASSWORD,
    SECRETS,
    SIP_LOGIN,
    TOKEN,
    USERNAME,
    WITH_KEY,
    WITH_TOKEN,
)


def mistakes(model: Any, given: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ServiceError) as refused:
        read(model, given, "credentials")
    return {each.field: each.message for each in refused.value.details}


@pytest.mark.parametrize("given", [WITH_TOKEN, WITH_KEY, {**WITH_TOKEN, **SIP_LOGIN}])
def test_credentials_are_kept_as_given_without_what_is_empty(given: dict[str, str]) -> None:
    empty = dict.fromkeys(TwilioCredentials.model_fields, "")
    credentials = TwilioCredentials.model_validate({**empty, **given})
    assert exposed(credentials) == given
    assert set(hidden(credentials)) == {value for value in given.values() if value in SECRETS}
    assert not any(value in repr(credentials) for value in SECRETS)


def test_a_key_is_known_by_its_end() -> None:
    assert last_four(TwilioCredentials.model_validate(WITH_TOKEN)) == TOKEN[-4:]
    assert last_four(TwilioCredentials.model_validate({**WITH_KEY, **SIP_LOGIN})) == KEY_SECRET[-4:]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "have no key: give auth_token, or api_key_sid and api_key_secret"),
        ({"api_key_sid": KEY_SID}, "have half of an API key"),
        ({"api_key_secret": KEY_SECRET}, "have half of an API key"),
        ({"auth_token": TOKEN, "api_key_sid": KEY_SID}, "have half of an API key"),
        ({**WITH_KEY, "auth_token": TOKEN}, "have an auth_token and an API key: give one of them"),
    ],
)
def test_there_must_be_one_key_and_the_whole_of_it(given: dict[str, str], message: str) -> None:
    found = mistakes(TwilioCredentials, {"account_sid": ACCOUNT, **given})
    assert list(found) == ["credentials"]
    assert found["credentials"].startswith(message)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("account_sid", "", "must be AC and 32 hexadecimal digits"),
        ("account_sid", "SK" + "0" * 32, "must be AC and 32 hexadecimal digits"),
        ("account_sid", "AC" + "0" * 31, "must be AC and 32 hexadecimal digits"),
        ("account_sid", "AC" + "g" * 32, "must be AC and 32 hexadecimal digits"),
        ("account_sid", "AC" + "0" * 32 + "/../x", "must be AC and 32 hexadecimal digits"),
        ("api_key_sid", "AC" + "0" * 32, "must be SK and 32 hexadecimal digits"),
        ("auth_token", "   ", "is empty"),
        ("auth_token", "two words", "has spaces"),
        ("auth_token", "line\nend", "has spaces"),
        ("auth_token", "x" * 513, "has 513 characters"),
        ("auth_token", None, "input should be a valid string"),
        ("api_key_secret", "ключ", "has spaces, line ends or characters outside of ASCII"),
        ("sip_username", "x" * 33, "string should match pattern"),
        ("sip_username", "a:b", "string should match pattern"),
        ("sip_password", "Short1", "is too weak for Twilio: give at least 12 characters"),
        ("sip_password", "nocapitals1234", "is too weak for Twilio"),
        ("sip_password", "NOSMALLLETTERS1", "is too weak for Twilio"),
        ("sip_password", "NoDigitsAnywhere", "is too weak for Twilio"),
        ("sip_password", "Aa1" * 50, "value should have at most 128 items"),
        ("tokn", "x", "is not a known key"),
    ],
)
def test_a_wrong_credential_is_told_without_its_value(field: str, value: Any, message: str) -> None:
    found = mistakes(TwilioCredentials, {**WITH_TOKEN, field: value})
    assert found[f"credentials.{field}"].startswith(message)
    assert not (value and len(value) > 5 and any(value.strip() in each for each in found.values()))


def test_spaces_around_what_was_copied_are_dropped() -> None:
    given = {"account_sid": f" {ACCOUNT}\n", "auth_token": f"\t{TOKEN} "}
    assert exposed(TwilioCredentials.model_validate(given)) == WITH_TOKEN


@pytest.mark.parametrize("size", [1, 32])
def test_a_sip_login_of_any_allowed_length_is_taken(size: int) -> None:
    given = {**WITH_TOKEN, "sip_username": "x" * size, "sip_password": "Aa1" + "-" * (size + 8)}
    assert exposed(TwilioCredentials.model_validate(given)) == given


@pytest.mark.parametrize(
    ("given", "label"),
    [
        ("", ""),
        ("our-company", "our-company"),
        ("Our-Company.PSTN.twilio.com", "our-company"),
        ("x" * 63, "x" * 63),
        ("1", "1"),
    ],
)
def test_a_domain_is_the_label_or_the_whole_name(given: str, label: str) -> None:
    assert TwilioSettings(domain=given).domain == label


@pytest.mark.parametrize(
    "given",
    [
        "our_company",
        "-x",
        "x-",
        "x" * 64,
        "a.b",
        "our-company.pstn.dublin.twilio.com",
        "our-company.sip.twilio.com",
        "pstn.twilio.com",
        ".pstn.twilio.com.",
        "münchen",
        "a b",
    ],
)
def test_any_other_domain_is_refused(given: str) -> None:
    with pytest.raises(ValidationError, match="must be one name of at most 63 letters, digits and '-'"):
        TwilioSettings(domain=given)


@pytest.mark.parametrize(
    "given", [{"edge": "london"}, {"transport": "sctp"}, {"secure": "perhaps"}, {"gateways": ["pbx.example"]}]
)
def test_settings_that_twilio_has_not_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TwilioSettings.model_validate(given)


def checked(settings: dict[str, Any], gateways: list[str] | None = None, **credentials: str) -> list[str]:
    return Twilio().check(
        TwilioCredentials.model_validate({**WITH_TOKEN, **credentials}),
        TwilioSettings.model_validate(settings),
        parsed(["203.0.113.10"] if gateways is None else gateways),
    )


@pytest.mark.parametrize(
    ("credentials", "missing"),
    [
        ({}, ["sip_username", "sip_password"]),
        ({"sip_username": USERNAME}, ["sip_password"]),
        ({"sip_password": PASSWORD}, ["sip_username"]),
        (SIP_LOGIN, []),
    ],
)
def test_a_credential_list_needs_a_user_name_and_a_password(
    credentials: dict[str, str], missing: list[str]
) -> None:
    found = checked({"credential_list": True}, **credentials)
    assert [each.partition(" is missing")[0] for each in found] == [f"credentials.{name}" for name in missing]
    assert checked({}, **credentials) == []


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_a_secure_trunk_needs_tls(transport: str) -> None:
    found = checked({"secure": True, "transport": transport})
    assert [each.split()[0] for each in found] == ([] if transport == "tls" else ["settings.transport"])
    assert checked({"transport": transport}) == []


def test_each_ipv6_gateway_is_refused_by_its_address() -> None:
    found = checked({}, ["203.0.113.10", "[2001:db8::1]:5060", "[2001:db8::2]:5070"])
    assert [each.partition(",")[0] for each in found] == [
        "settings.gateways has [2001:db8::1]:5060",
        "settings.gateways has [2001:db8::2]:5070",
    ]


@pytest.mark.parametrize("count", [1, 10, 11, 20])
@pytest.mark.parametrize("inbound", [False, True])
def test_calls_to_us_go_to_at_most_ten_gateways(count: int, inbound: bool) -> None:
    gateways = [f"203.0.113.{number}" for number in range(1, count + 1)]
    found = checked({"inbound": inbound}, gateways)
    assert bool(found) == (inbound and count > 10)
    assert all(each.startswith(f"settings.gateways has {count} addresses") for each in found)


def test_gateways_are_always_needed() -> None:
    assert all(
        Twilio().needs_gateways(TwilioSettings(inbound=inbound, credential_list=listed))
        for inbound in (False, True)
        for listed in (False, True)
    )
