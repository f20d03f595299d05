"""Whose key it is."""

import base64

import httpx
import pytest

from provd.carriers.bandwidth.carrier import Bandwidth
from provd.carriers.errors import CarrierError, CredentialsRejected, PermissionMissing

from .account import (
    ACCOUNT,
    BY_CLIENT,
    BY_USER,
    KINDS,
    LEGACY,
    UNIVERSAL,
    USER,
    Handler,
    Kind,
    Wire,
    account,
    opened,
)

every_kind = pytest.mark.parametrize("kind", KINDS, ids=str)


@every_kind
async def test_a_good_key_tells_the_account_its_kind_and_what_the_token_says(kind: Kind) -> None:
    fake = account(kind)
    async with opened(Wire(fake.handle), kind.credentials) as api:
        found = await Bandwidth().validate(api)
        assert await Bandwidth().balance(api) is None
    assert found.id == ACCOUNT
    assert found.balance == ""
    assert ("Universal" in found.notes[0]) is kind.universal
    claims = ["This key's accounts: 9900000.", "This key's roles: Sites, VoiceConfigurationPackages."]
    assert found.notes[1:] == (claims if "client_id" in kind.credentials else [])
    assert fake.made == []


@pytest.mark.parametrize(
    ("kind", "field"),
    [(kind, field) for kind in KINDS for field in kind.credentials if field != "account_id"],
    ids=str,
)
async def test_a_wrong_key_is_rejected_in_bandwidths_words(kind: Kind, field: str) -> None:
    wrong = {**kind.credentials, field: "wrong-but-well-formed"}
    async with opened(Wire(account(kind).handle), wrong) as api:
        with pytest.raises(CredentialsRejected) as caught:
            await Bandwidth().validate(api)
    assert type(caught.value) is CredentialsRejected
    words = "The credentials are not valid" if field in BY_USER else "Client authentication failed"
    assert words in str(caught.value)
    assert "wrong-but-well-formed" not in str(caught.value)


@every_kind
async def test_a_key_of_another_account_says_which_it_is_of(kind: Kind) -> None:
    other = {**kind.credentials, "account_id": "1234567"}
    async with opened(Wire(account(kind).handle), other) as api:
        with pytest.raises(PermissionMissing) as caught:
            await Bandwidth().validate(api)
    assert "account 1234567" in str(caught.value)
    if "client_id" in kind.credentials:
        assert str(caught.value).endswith("This key's accounts: 9900000.")


@every_kind
async def test_a_key_without_the_role_says_what_it_may_not_do(kind: Kind) -> None:
    fake = account(kind)
    fake.roles.clear()
    async with opened(Wire(fake.handle), kind.credentials) as api:
        with pytest.raises(PermissionMissing, match="does not let this key list the sites"):
            await Bandwidth().validate(api)


async def test_a_key_for_sites_alone_is_taken_as_of_a_legacy_account() -> None:
    fake = account(UNIVERSAL)
    fake.roles.remove("VoiceConfigurationPackages")
    async with opened(Wire(fake.handle)) as api:
        assert "legacy" in (await Bandwidth().validate(api)).notes[0]


@pytest.mark.parametrize("kind", [UNIVERSAL, LEGACY], ids=str)
@pytest.mark.parametrize("in_xml", [False, True])
@pytest.mark.parametrize("code", [400, 401, 402, 403, 404, 408, 409, 422, 429, 500, 502, 503])
async def test_no_secret_is_in_any_message(kind: Kind, code: int, in_xml: bool) -> None:
    """Not even where Bandwidth sends back all that it was sent."""

    def echo(request: httpx.Request, handler: Handler) -> httpx.Response:
        if "oauth2" in str(request.url):
            return handler(request)
        words = " ".join((*request.headers.values(), *kind.secrets))
        if in_xml:
            return httpx.Response(code, text=f"<E><Error><Description>{words}</Description></Error></E>")
        return httpx.Response(code, json={"errors": [{"code": words, "description": words}]})

    async with opened(Wire(account(kind).handle, echo), kind.credentials) as api:
        with pytest.raises(CarrierError) as caught:
            await Bandwidth().validate(api)
    basic = base64.b64encode(":".join(USER).encode()).decode()
    said = str(caught.value)
    assert "***" in said
    assert not any(each in said for each in (*kind.secrets, basic, "eyJ"))


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8080", "http://127.0.0.1:8080/bandwidth/"])
async def test_one_base_url_serves_both_apis_each_with_its_own_path(base_url: str) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return (
            httpx.Response(200, json={"access_token": "t"}) if "oauth2" in asked[-1] else httpx.Response(403)
        )

    async with opened(answer, BY_CLIENT, base_url) as api:
        with pytest.raises(PermissionMissing):
            await Bandwidth().validate(api)
    assert asked == [
        base_url.rstrip("/") + path
        for path in (
            "/api/v1/oauth2/token",
            f"/v2/accounts/{ACCOUNT}/voiceConfigurationPackages",
            f"/api/v2/accounts/{ACCOUNT}/sites",
        )
    ]


async def test_without_a_base_url_each_api_is_at_its_own_host() -> None:
    async with opened(account(UNIVERSAL).handle) as api:
        assert (
            api.dialect.url("/sites/1")
            == f"https://dashboard.bandwidth.com/api/v2/accounts/{ACCOUNT}/sites/1"
        )
        assert api.dialect.url("/phoneNumbers/voice").startswith("https://api.bandwidth.com/v2/accounts/")
