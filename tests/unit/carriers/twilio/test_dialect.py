"""How Twilio's APIs are spoken: addresses, forms, errors and pages."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from provd.carriers.errors import CarrierFailed, RequestRejected
from provd.carriers.resource import Resource
from provd.carriers.twilio.dialect import TwilioDialect
from tests.unit.carriers.twilio.account import ACCOUNT, TOKEN, Account

TRUNKS = "/v1/Trunks"
LISTS = f"/2010-04-01/Accounts/{ACCOUNT}/SIP/IpAccessControlLists.json"


@pytest.mark.parametrize(
    ("base_url", "accounts", "trunking"),
    [
        ("", "https://api.twilio.com", "https://trunking.twilio.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080/2010-04-01/", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://gate.example/twilio", "https://gate.example/twilio", "https://gate.example/twilio"),
    ],
)
def test_paths_go_to_their_host_or_to_the_one_that_is_configured(
    base_url: str, accounts: str, trunking: str
) -> None:
    dialect = TwilioDialect(ACCOUNT, TOKEN, base_url)
    assert dialect.url(LISTS) == accounts + LISTS
    assert dialect.url(TRUNKS) == trunking + TRUNKS


async def test_a_whole_setup_goes_by_a_configured_address() -> None:
    async with Account().open("http://127.0.0.1:8080/v1") as account:
        saga, _ = await account.saga(credential_list=True)
        await saga.forward()
        assert await saga.back()
        assert account.fake.made == []
        assert {each.url.netloc for each in account.requests} == {b"127.0.0.1:8080"}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "true"),
        (False, "false"),
        (0, "0"),
        ("Zürich & Köln = 100 % + ;", "Zürich & Köln = 100 % + ;"),
        ("電話", "電話"),
        ("sip:203.0.113.10:5060;transport=tls", "sip:203.0.113.10:5060;transport=tls"),
    ],
)
def test_a_form_says_what_was_meant(value: Any, written: str) -> None:
    content, media_type = TwilioDialect(ACCOUNT, TOKEN, "").write({"Name": value})
    assert media_type == "application/x-www-form-urlencoded"
    assert parse_qs(content.decode("ascii"), strict_parsing=True) == {"Name": [written]}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {"code": 20001, "message": "No", "more_info": "https://www.twilio.com/docs/errors/20001"},
            "No, error 20001, https://www.twilio.com/docs/errors/20001",
        ),
        ({"message": "No"}, "No"),
        ({"code": 20001}, "error 20001"),
        ({}, ""),
        ([], ""),
        ("No", ""),
    ],
)
def test_errors_are_told_as_far_as_they_say_something(body: Any, words: str) -> None:
    assert TwilioDialect(ACCOUNT, TOKEN, "").words(httpx.Response(400, json=body)) == words


async def test_an_error_that_is_no_json_is_told_by_its_status() -> None:
    async with Account().open() as account:
        account.handle = lambda _: httpx.Response(400, text="<html>no</html>")
        with pytest.raises(RequestRejected, match=r"Twilio refused to try \(400\)"):
            await account.api.get(TRUNKS, "try")


@pytest.mark.parametrize("path", [TRUNKS, LISTS])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
async def test_lists_of_both_apis_are_read_to_their_end(path: str, count: int) -> None:
    async with Account().open() as account:
        at = path.removesuffix(".json")
        prefix = "TK" if path == TRUNKS else "AL"
        sids = [f"{prefix}{number:032x}" for number in range(count)]
        account.fake.things = {f"{at}/{sid}": {"sid": sid, "friendly_name": "x"} for sid in sids}
        found = [each["sid"] async for each in account.api.pages(path, "list", {"PageSize": "2"})]
        assert found == sids
        assert len(account.requests) == max(1, -(-count // 2))


async def test_a_thing_on_a_later_page_is_found() -> None:
    async with Account().open() as account:
        plan = await account.plan()
        trunk = next(each for each in plan.resources if each.step == "trunk")
        made = await account.api.create(trunk, {})
        others = {f"{TRUNKS}/TK{number:032x}": {"sid": f"TK{number:032x}"} for number in range(1500)}
        account.fake.things = {**others, **account.fake.things}
        account.requests.clear()
        assert await account.api.find(trunk, {}) == made
        assert len(account.requests) == 2


def paged(link: Any, path: str) -> dict[str, Any]:
    if path == TRUNKS:
        return {"trunks": [], "meta": {"key": "trunks", "next_page_url": link}}
    return {"ip_access_control_lists": [], "next_page_uri": link}


@pytest.mark.parametrize("path", [TRUNKS, LISTS])
@pytest.mark.parametrize(
    "elsewhere",
    [
        lambda path: f"https://evil.example{path}?Page=1",
        lambda path: f"https://api.twilio.com.evil.example{path}?Page=1",
        lambda path: f"//evil.example{path}?Page=1",
        lambda path: f"{path}/more?Page=1",
        lambda _: "/v1/Somewhere?Page=1",
        lambda _: "https://[",
        lambda _: 7,
    ],
)
async def test_a_next_page_elsewhere_is_not_followed(path: str, elsewhere: Callable[[str], Any]) -> None:
    async with Account().open() as account:
        asked: list[httpx.URL] = []

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request.url)
            return httpx.Response(200, json=paged(elsewhere(path), path))

        account.handle = answer
        with pytest.raises(CarrierFailed, match="a list whose next page"):
            [each async for each in account.api.pages(path, "list")]
        assert len(asked) == 1


@pytest.mark.parametrize("base_url", ["", "http://127.0.0.1:8080"])
async def test_the_next_page_is_asked_for_where_the_first_was(base_url: str) -> None:
    async with Account().open(base_url) as account:
        asked: list[httpx.URL] = []

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request.url)
            link = f"https://trunking.twilio.com{TRUNKS}?PageSize=50&Page=1&PageToken=PTx%3D"
            return httpx.Response(200, json=paged(link if len(asked) == 1 else None, TRUNKS))

        account.handle = answer
        assert [each async for each in account.api.pages(TRUNKS, "list")] == []
        origin = base_url or "https://trunking.twilio.com"
        assert str(asked[1]) == f"{origin}{TRUNKS}?PageSize=50&Page=1&PageToken=PTx%3D"


@pytest.mark.parametrize("body", [{}, {"trunks": None}, {"trunks": {}}, {"data": []}])
async def test_a_list_without_its_things_is_not_taken_for_an_empty_one(body: dict[str, Any]) -> None:
    async with Account().open() as account:
        account.handle = lambda _: httpx.Response(200, json=body)
        with pytest.raises(CarrierFailed, match="a list without Trunks"):
            [each async for each in account.api.pages(TRUNKS, "list")]


@pytest.mark.parametrize("text", ["", "[]", "null", json.dumps({"friendly_name": "x"})])
async def test_a_good_status_without_an_id_may_have_acted(text: str) -> None:
    async with Account().open() as account:
        account.handle = lambda _: httpx.Response(201, text=text)
        trunk: Resource = (await account.plan()).resources[0]
        with pytest.raises(CarrierFailed) as failed:
            await account.api.create(trunk, {})
        assert failed.value.may_have_acted
