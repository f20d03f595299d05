"""What an operator may give."""

from itertools import product

import pytest
from pydantic import ValidationError

from provd.carriers.bandwidth.models import BandwidthCredentials, BandwidthSettings
from provd.carriers.credentials import exposed, hidden, last_four
from provd.schema.mistakes import in_words

from .account import ACCOUNT, BY_CLIENT, BY_USER, CLIENT, USER, settings

PAIRS = {**BY_CLIENT, **BY_USER}
NAMES = ("client_id", "client_secret", "username", "password")


def mistakes(**given: str) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        BandwidthCredentials.model_validate(given)
    fields = BandwidthCredentials.model_fields
    return [
        f"{'.'.join(map(str, ('credentials', *each['loc'])))} {in_words(each, fields)}"
        for each in caught.value.errors(include_input=False)
    ]


@pytest.mark.parametrize("given", list(product([False, True], repeat=4)))
def test_one_pair_must_be_whole(given: tuple[bool, ...]) -> None:
    chosen = {name: PAIRS[name] for name, wanted in zip(NAMES, given, strict=True) if wanted}
    credentials = {"account_id": ACCOUNT, **chosen}
    if (given[0] and given[1]) or (given[2] and given[3]):
        model = BandwidthCredentials.model_validate(credentials)
        assert exposed(model) == credentials
        assert model.has_client is (given[0] and given[1])
        return
    (wrong,) = mistakes(**credentials)
    assert "give client_id and client_secret, or the username and password of a legacy account" in wrong
    if chosen:
        name = next(iter(chosen))
        other = {"client_id": "client_secret", "username": "password"}
        other |= {value: key for key, value in other.items()}
        assert wrong.startswith(f"credentials has {name} without its {other[name]}: ")
    else:
        assert wrong.startswith("credentials has no key: ")
    assert not any(secret in wrong for secret in (CLIENT[1], USER[1]))


def test_empty_fields_of_a_form_were_not_given() -> None:
    model = BandwidthCredentials.model_validate({**dict.fromkeys(NAMES, ""), **BY_USER})
    assert exposed(model) == BY_USER
    assert hidden(model) == [USER[1]]
    assert last_four(model) == USER[1][-4:]


@pytest.mark.parametrize("account_id", ["", " ", "12/34", "../1", "1?x", "1" * 65, "a b"])
def test_an_account_id_that_is_none_is_refused(account_id: str) -> None:
    (wrong,) = mistakes(**{**BY_CLIENT, "account_id": account_id})
    assert wrong.startswith("credentials.account_id ")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [" ", "two words", "line\nend", "Schlüssel", "x" * 513])
def test_a_credential_that_was_copied_badly_is_refused_without_being_shown(name: str, value: str) -> None:
    (wrong,) = mistakes(**{**PAIRS, name: value})
    assert wrong.startswith(f"credentials.{name} ")
    assert not value.strip() or value not in wrong


def test_unknown_fields_are_refused() -> None:
    (wrong,) = mistakes(**BY_CLIENT, api_key="x")
    assert wrong.startswith("credentials.api_key is not a known key")


def test_the_schemas_mark_secrets_and_tell_about_the_second_sbc() -> None:
    fields = BandwidthCredentials.model_json_schema()
    assert fields["required"] == ["account_id"]
    assert [name for name, each in fields["properties"].items() if each.get("writeOnly")] == [
        "client_secret",
        "password",
    ]
    assert {each.get("default") for each in fields["properties"].values()} == {None, ""}
    shown = BandwidthSettings.model_json_schema()
    assert shown["required"] == ["hostname"]
    assert "second provider by hand" in shown["properties"]["hostname"]["description"]


@pytest.mark.parametrize("hostname", ["216.82.224.202", "sbc.example.com:5070", "[2001:db8::1]"])
def test_a_hostname_may_be_an_address_or_a_name(hostname: str) -> None:
    assert settings(hostname=hostname).hostname == hostname


@pytest.mark.parametrize("hostname", ["", "sip:sbc.example.com", "a b", "user@sbc.example.com"])
def test_a_hostname_that_is_none_is_refused(hostname: str) -> None:
    with pytest.raises(ValidationError):
        settings(hostname=hostname)


@pytest.mark.parametrize("given", [{"platform": "new"}, {"traffic": "domestic"}, {"gateways": ["10.0.0.1"]}])
def test_other_settings_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        settings(**given)
    with pytest.raises(ValidationError, match="hostname"):
        BandwidthSettings.model_validate({})
