"""Keys, accounts, numbers and balances at Twilio."""

from typing import Any

import httpx
import pytest

from provd.carriers.errors import (
    CarrierError,
    CarrierFailed,
    CredentialsRejected,
    NotThere,
    PermissionMissing,
    RateLimited,
)
from provd.schema.carriers import Account as Told
from tests.unit.carriers.twilio.account import (
    ACCOUNT,
    KEY_SECRET,
    SECRETS,
    SIP_LOGIN,
    TOKEN,
    WITH_KEY,
    WITH_TOKEN,
    Account,
)

TRUNK = "TK" + "7" * 32


async def test_a_token_tells_whose_it_is_and_nothing_of_itself() -> None:
    async with Account().open() as account:
        told = await account.carrier.validate(account.api)
        assert told == Told(id=ACCOUNT, name="Demo")
        assert TOKEN not in told.model_dump_json()
        assert [each.url.path for each in account.requests] == [f"/2010-04-01/Accounts/{ACCOUNT}.json"]


async def test_a_trial_account_is_told() -> None:
    async with Account().open() as account:
        account.fake.type = "Trial"
        told = await account.carrier.validate(account.api)
        assert told.notes == [
            "A trial account: one trunk, one number, four calls at once, and calls to verified numbers."
        ]


@pytest.mark.parametrize("status", ["suspended", "closed"])
async def test_an_account_that_is_not_active_is_refused(status: str) -> None:
    async with Account().open() as account:
        account.fake.status = status
        with pytest.raises(CredentialsRejected, match=f"{ACCOUNT} is '{status}': have it active"):
            await account.carrier.validate(account.api)


async def test_an_account_without_a_status_is_refused() -> None:
    async with Account().open() as account:
        account.handle = lambda _: httpx.Response(200, json={"auth_token": "another-token", "status": None})
        with pytest.raises(CredentialsRejected, match="is 'None'") as refused:
            await account.carrier.validate(account.api)
        assert "another-token" not in str(refused.value)


async def test_an_api_key_is_tried_at_both_apis_and_not_at_the_account() -> None:
    async with Account(**WITH_KEY).open() as account:
        assert await account.carrier.validate(account.api) == Told(id=ACCOUNT)
        assert [str(each.url) for each in account.requests] == [
            "https://trunking.twilio.com/v1/Trunks?PageSize=1",
            f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/SIP/IpAccessControlLists.json?PageSize=1",
        ]


@pytest.mark.parametrize(
    "credentials",
    [
        {**WITH_TOKEN, "auth_token": "f" * 32},
        {**WITH_TOKEN, "account_sid": "AC" + "f" * 32},
        {**WITH_KEY, "api_key_secret": "f" * 32},
        {**WITH_KEY, "api_key_sid": "SK" + "f" * 32},
        {**WITH_KEY, "account_sid": "AC" + "f" * 32},
    ],
    ids=["token", "account", "secret", "key", "key of another account"],
)
async def test_a_wrong_key_is_refused_in_twilios_words(credentials: dict[str, str]) -> None:
    async with Account(**credentials).open() as account:
        with pytest.raises(CredentialsRejected, match=r"Authenticate, error 20003, .*\(401\). Check in"):
            await account.carrier.validate(account.api)


@pytest.mark.parametrize("code", [401, 403])
async def test_a_key_without_the_permission_for_lists_of_addresses_is_refused_before_anything_is_made(
    code: int,
) -> None:
    async with Account(**WITH_KEY).open() as account:

        def limited(request: httpx.Request) -> httpx.Response:
            if "/SIP/" in request.url.path:
                said = {"code": 70051, "message": "Authorization Failed", "status": code}
                return httpx.Response(code, json=said)
            return account.answer(request)

        account.handle = limited
        kind = PermissionMissing if code == 403 else CredentialsRejected
        with pytest.raises(kind, match="lists of addresses: Authorization Failed, error 70051"):
            await account.carrier.validate(account.api)


@pytest.mark.parametrize("count", [0, 1, 50, 1001, 2500])
async def test_numbers_are_read_to_the_end_of_the_list(count: int) -> None:
    async with Account().open() as account:
        account.fake.things[f"/v1/Trunks/{TRUNK}"] = {"sid": TRUNK}
        expected = [f"+1555{index:07}" for index in range(count)]
        account.fake.numbers = {**dict.fromkeys(expected, TRUNK), "+4420": "", "+4421": "TK" + "8" * 32}
        assert await account.carrier.numbers(account.api, {"trunk": TRUNK}) == expected
        assert len(account.requests) == max(1, -(-count // 1000))


async def test_without_a_trunk_there_are_no_numbers() -> None:
    async with Account().open() as account:
        assert await account.carrier.numbers(account.api, {"acl": "AL" + "1" * 32}) == []
        assert account.requests == []


async def test_numbers_of_a_trunk_that_is_gone_raise() -> None:
    async with Account().open() as account:
        with pytest.raises(NotThere, match=r"error 20404.*\(404\)"):
            await account.carrier.numbers(account.api, {"trunk": TRUNK})


@pytest.mark.parametrize("credentials", [WITH_TOKEN, WITH_KEY], ids=["token", "key"])
async def test_the_balance_is_told(credentials: dict[str, str]) -> None:
    async with Account(**credentials).open() as account:
        assert await account.carrier.balance(account.api) == Told(id=ACCOUNT, balance="25.50", currency="USD")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, json={"code": 20404, "message": "not found", "status": 404}),
        httpx.Response(400, json={"code": 20001, "message": "no", "status": 400}),
        httpx.Response(401, json={"code": 70051, "message": "no", "status": 401}),
        httpx.Response(403, json={"code": 20403, "message": "no", "status": 403}),
        httpx.Response(200, json={"account_sid": ACCOUNT, "balance": None, "currency": None}),
    ],
    ids=lambda answer: str(answer.status_code),
)
async def test_an_account_that_tells_no_balance_has_none(answer: httpx.Response) -> None:
    async with Account().open() as account:
        account.handle = lambda _: answer
        assert await account.carrier.balance(account.api) is None


async def test_a_sub_account_has_no_balance() -> None:
    async with Account().open() as account:
        account.fake.balance = None
        assert await account.carrier.balance(account.api) is None


async def test_a_balance_that_fails_is_no_missing_balance() -> None:
    async with Account().open() as account:
        account.handle = lambda _: httpx.Response(503)
        with pytest.raises(CarrierFailed, match="failed to read the balance"):
            await account.carrier.balance(account.api)


async def test_too_many_requests_are_waited_out() -> None:
    async with Account().open() as account:
        account.fake.limited = 2
        assert (await account.carrier.validate(account.api)).id == ACCOUNT
        assert len(account.waits) == 2


async def test_too_many_requests_without_end_are_told() -> None:
    async with Account().open() as account:
        account.fake.limited = 99
        with pytest.raises(RateLimited, match="Too Many Requests, error 20429"):
            await account.carrier.validate(account.api)


@pytest.mark.parametrize("credentials", [{**WITH_TOKEN, **SIP_LOGIN}, {**WITH_KEY, **SIP_LOGIN}])
@pytest.mark.parametrize("code", [400, 401, 403, 404, 429, 500])
async def test_no_message_has_a_key_even_when_twilio_repeats_it(
    credentials: dict[str, str], code: int
) -> None:
    async with Account(**credentials).open() as account:
        saying = f"{TOKEN} {KEY_SECRET} {' '.join(SECRETS)} is wrong"

        def telling(request: httpx.Request) -> httpx.Response:
            return httpx.Response(code, json={"code": 20001, "message": saying, "more_info": saying})

        account.handle = telling
        saga, steps = await account.saga(credential_list=True)
        messages = []
        for doing in (account.carrier.validate(account.api), saga.forward()):
            with pytest.raises(CarrierError) as failed:
                await doing
            messages.append(str(failed.value))
        messages += [step.note for step in steps]
        given = [value for name, value in credentials.items() if name.endswith(("token", "secret", "word"))]
        assert "***" in messages[0]
        assert not [value for value in given for message in messages if value in message]


def test_the_schema_marks_secrets_and_titles_everything() -> None:
    def check(schema: dict[str, Any], secrets: set[str]) -> None:
        marked = {name for name, each in schema["properties"].items() if each.get("writeOnly")}
        assert marked == secrets
        assert all("title" in each or "$ref" in each for each in schema["properties"].values())

    carrier = Account().carrier
    check(carrier.credentials.model_json_schema(), {"auth_token", "api_key_secret", "sip_password"})
    check(carrier.settings.model_json_schema(), set())
