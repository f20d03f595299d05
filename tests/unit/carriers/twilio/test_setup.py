"""A setup at Twilio: each of its settings, forward and back, whole and broken off anywhere."""

import itertools
from typing import Any

import httpx
import pytest

from provd.carriers.errors import CarrierError, RequestRejected
from provd.carriers.saga import Saga, Step
from provd.carriers.twilio.models import Edge
from provd.schema.provider import Transport
from provd.schema.setup import StepState
from provd.services.setups.comparison import compare
from tests.unit.carriers.twilio.account import (
    ACCOUNT,
    KEY_SECRET,
    KEY_SID,
    PASSWORD,
    SIP_LOGIN,
    USERNAME,
    WITH_KEY,
    Account,
)

TRANSPORTS = [
    {"transport": "udp"},
    {"transport": "tcp"},
    {"transport": "tls"},
    {"transport": "tls", "secure": True},
]
EVERY_SETTING = [
    {**transport, "credential_list": listed, "inbound": inbound}
    for transport, listed, inbound in itertools.product(TRANSPORTS, (False, True), (False, True))
]
ALL = {"credential_list": True, "inbound": True, "secure": True, "transport": "tls"}


def named(settings: dict[str, Any]) -> str:
    return ",".join(f"{name}={value}" for name, value in settings.items())


async def forward(account: Account, **settings: Any) -> tuple[Saga, list[Step]]:
    saga, steps = await account.saga(**settings)
    await saga.forward()
    return saga, steps


@pytest.mark.parametrize("settings", EVERY_SETTING, ids=named)
async def test_a_setup_goes_forward_and_back_and_leaves_nothing(settings: dict[str, Any]) -> None:
    async with Account().open() as account:
        saga, steps = await forward(account, **settings)
        assert {step.state for step in steps} == {StepState.DONE}
        assert await compare(account.api, steps) == []
        found = {step.resource.step: await account.api.find(step.resource, saga.ids) for step in steps}
        assert found == saga.ids
        assert await saga.back()
        assert account.fake.made == []


@pytest.mark.parametrize("settings", EVERY_SETTING, ids=named)
async def test_the_provider_keeps_the_ids_of_what_was_made_and_only_those(settings: dict[str, Any]) -> None:
    async with Account().open() as account:
        plan = await account.plan(**settings)
        steps = {each.step for each in plan.resources}
        metadata = plan.provider.metadata
        kept = [
            each for value in metadata.values() for each in ([value] if isinstance(value, str) else value)
        ]
        assert set(kept) <= steps
        assert metadata["twilio_trunk_sid"] == "trunk"
        assert metadata["twilio_acl_sid"] == "acl"
        assert metadata["twilio_ip_sids"] == ["ip_1", "ip_2"]
        assert ("twilio_credential_list_sid" in metadata) == settings["credential_list"]
        assert ("twilio_origination_url_sids" in metadata) == settings["inbound"]
        assert plan.provider.transport is Transport(settings["transport"])
        assert plan.by_hand


async def test_what_is_made_is_what_was_asked_for() -> None:
    async with Account().open() as account:
        await forward(account, **ALL, domain="our-company")
        things = account.fake.things
        addresses = [each for path, each in things.items() if "/IpAddresses/" in path]
        assert [(each["ip_address"], each["cidr_prefix_length"]) for each in addresses] == [
            ("203.0.113.10", 32),
            ("198.51.100.7", 32),
        ]
        urls = [each for path, each in things.items() if "/OriginationUrls/" in path]
        assert [(each["sip_url"], each["priority"], each["enabled"]) for each in urls] == [
            ("sip:203.0.113.10:5060;transport=tls", 1, True),
            ("sip:198.51.100.7:5080;transport=tls", 2, True),
        ]
        trunk = account.only("/Trunks")
        assert (trunk["friendly_name"], trunk["domain_name"], trunk["secure"]) == (
            "Our trunk ab12cd34",
            "our-company.pstn.twilio.com",
            True,
        )
        assert account.only("/Credentials")["username"] == USERNAME
        sent = b"".join(each.content for each in account.requests)
        assert sent.count(PASSWORD.encode()) == 1


async def test_an_unsecured_trunk_has_plain_sip_uris() -> None:
    async with Account().open() as account:
        await forward(account, gateways=["203.0.113.10"])
        assert account.only("/OriginationUrls")["sip_url"] == "sip:203.0.113.10:5060"
        assert account.only("/Trunks")["secure"] is False


async def test_two_ports_of_one_address_are_one_address_in_the_list() -> None:
    async with Account().open() as account:
        saga, _ = await forward(account, gateways=["203.0.113.10:5060", "203.0.113.10:5070"])
        assert account.only("/IpAddresses")["ip_address"] == "203.0.113.10"
        assert {"origination_url_1", "origination_url_2"} < set(saga.ids)


async def test_an_api_key_sets_up_what_a_token_does() -> None:
    async with Account(**WITH_KEY, **SIP_LOGIN).open() as account:
        saga, steps = await forward(account, **ALL)
        basic = httpx.Request("GET", "https://api.twilio.com")
        signed = next(httpx.BasicAuth(KEY_SID, KEY_SECRET).auth_flow(basic))
        used = {each.headers["authorization"] for each in account.requests}
        assert used == {signed.headers["authorization"]}
        assert await compare(account.api, steps) == []
        assert await saga.back()
        assert account.fake.made == []


async def test_each_api_is_asked_at_its_own_host() -> None:
    async with Account().open() as account:
        await forward(account, **ALL)
        where = {(each.url.host, each.url.path.split("/")[1]) for each in account.requests}
        assert where == {("api.twilio.com", "2010-04-01"), ("trunking.twilio.com", "v1")}
        plan = await account.plan()
        assert plan.resources[0].path == f"/2010-04-01/Accounts/{ACCOUNT}/SIP/IpAccessControlLists.json"


@pytest.mark.parametrize("edge", [None, *Edge])
async def test_the_hostname_is_the_domain_name_at_the_edge(edge: Edge | None) -> None:
    async with Account().open() as account:
        plan = await account.plan(edge=edge, domain="our-company")
        middle = f"{edge.value}." if edge else ""
        assert plan.provider.hostname == f"our-company.pstn.{middle}twilio.com"
        assert plan.resources[-1].body == {"DomainName": "our-company.pstn.twilio.com"}


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Our trunk", "our-trunk-ab12cd34"),
        ("  Zürich & Köln (SIP) ", "zurich-koln-sip-ab12cd34"),
        ("電話", "ab12cd34"),
        ("---", "ab12cd34"),
        ("under_score.and.dots", "under-score-and-dots-ab12cd34"),
        ("x" * 255, "x" * 54 + "-ab12cd34"),
        ("a" * 53 + " b", "a" * 53 + "-ab12cd34"),
    ],
)
async def test_the_domain_name_is_made_of_the_name_and_the_tag(name: str, label: str) -> None:
    async with Account().open() as account:
        saga, _ = await forward(account, name=name)
        domain = account.only("/Trunks")["domain_name"]
        assert domain == f"{label}.pstn.twilio.com"
        assert all(len(part) <= 63 for part in domain.split("."))
        assert await saga.back()


@pytest.mark.parametrize("listed", [False, True])
async def test_a_trunk_that_can_be_reached_always_has_all_its_protections(listed: bool) -> None:
    async with Account().open() as account:
        wanted = {"IP_ACL", "CREDENTIAL_LIST"} if listed else {"IP_ACL"}
        reachable: list[set[str]] = []

        def watched(request: httpx.Request) -> httpx.Response:
            answer = account.answer(request)
            listing = httpx.Request("GET", "https://trunking.twilio.com/v1/Trunks")
            listing.headers["authorization"] = request.headers["authorization"]
            trunks = account.fake.handle(listing).json()["trunks"]
            reachable.extend(set(each["auth_type_set"]) for each in trunks if each["domain_name"])
            return answer

        account.handle = watched
        saga, _ = await forward(account, credential_list=listed)
        assert reachable
        assert await saga.back()
        assert all(each == wanted for each in reachable)


async def requests_of_a_setup() -> int:
    async with Account().open() as account:
        await forward(account, **ALL)
        return len(account.requests)


@pytest.mark.parametrize("acted", [False, True])
async def test_whichever_request_fails_everything_is_removed(acted: bool) -> None:
    for failing in range(await requests_of_a_setup()):
        async with Account().open() as account:
            answer, count = account.handle, itertools.count()

            def broken(
                request: httpx.Request,
                answer: Any = answer,
                count: Any = count,
                failing: int = failing,
                account: Account = account,
            ) -> httpx.Response:
                if next(count) != failing:
                    return answer(request)
                if acted:
                    answer(request)
                return httpx.Response(400, json={"code": 20001, "message": "No", "status": 400})

            account.handle = broken
            saga, steps = await account.saga(**ALL)
            with pytest.raises(RequestRejected, match=r"No, error 20001 \(400\)"):
                await saga.forward()
            if acted:  # a 400 says that nothing was made; only the lists that it stands in tell otherwise
                steps[failing].state = StepState.INTENDED
            account.handle = account.answer
            assert await saga.back()
            assert account.fake.made == []


@pytest.mark.parametrize("acted", [False, True])
async def test_whatever_is_lost_on_the_way_everything_is_made_once(acted: bool) -> None:
    total = await requests_of_a_setup()
    for lost in range(total):
        async with Account().open() as account:
            posts = itertools.count()

            def losing(
                request: httpx.Request, posts: Any = posts, lost: int = lost, account: Account = account
            ) -> httpx.Response:
                if request.method != "POST" or next(posts) != lost:
                    return account.answer(request)
                if acted:
                    account.answer(request)
                raise httpx.ReadTimeout("no answer")

            account.handle = losing
            saga, steps = await forward(account, **ALL)
            assert len(account.fake.made) == total - 1  # the domain name is no thing of its own
            assert await compare(account.api, steps) == []
            assert await saga.back()
            assert account.fake.made == []


async def test_what_could_not_be_deleted_is_left_and_removed_the_next_time() -> None:
    total = await requests_of_a_setup()
    for stuck in range(total):
        async with Account().open() as account:
            saga, steps = await forward(account, **ALL)
            path = httpx.URL(
                f"https://x{steps[stuck].resource.item}".replace("{self}", steps[stuck].carrier_id)
            ).path
            for step, carrier_id in saga.ids.items():
                path = path.replace(f"{{{step}}}", carrier_id)

            def stubborn(
                request: httpx.Request, path: str = path, account: Account = account
            ) -> httpx.Response:
                if request.url.path == path:
                    return httpx.Response(503)
                return account.answer(request)

            account.handle = stubborn
            assert not await saga.back()
            left = [step for step in steps if step.state is StepState.LEFT]
            assert steps[stuck] in left
            assert all("Twilio failed to delete" in step.note or step.note for step in left)
            account.handle = account.answer
            assert await saga.back()
            assert account.fake.made == []


async def test_a_step_whose_outcome_is_not_known_is_undone_even_when_its_trunk_is_gone() -> None:
    async with Account().open() as account:
        saga, steps = await forward(account, **ALL)
        for step in steps:
            if step.resource.step.startswith(("origination_url", "domain")):
                step.state, step.carrier_id = StepState.LEFT, ""
            if step.resource.step == "trunk":
                await account.api.delete(step.resource, saga.ids, step.carrier_id)
                step.state = StepState.UNDONE
        assert await saga.back()
        assert account.fake.made == []


async def test_a_taken_domain_name_is_told_in_twilios_words_and_undone() -> None:
    async with Account().open() as account:
        account.fake.taken.add("our-company.pstn.twilio.com")
        saga, _ = await account.saga(domain="our-company")
        with pytest.raises(
            RequestRejected,
            match=r"Twilio refused to give the trunk its domain name our-company\.pstn\.twilio\.com: "
            r"DomainName is already in use, error 21232, https://www\.twilio\.com/docs/errors/21232",
        ):
            await saga.forward()
        assert await saga.back()
        assert account.fake.made == []


async def test_a_trial_account_refuses_a_second_trunk() -> None:
    async with Account().open() as account:
        account.fake.type = "Trial"
        await forward(account)
        before = account.fake.made
        saga, _ = await account.saga(tag="ef56ab78")
        with pytest.raises(CarrierError, match="Twilio refused to create the trunk: There are 1 Trunks"):
            await saga.forward()
        assert await saga.back()
        assert account.fake.made == before


async def test_numbers_on_the_trunk_are_kept_when_it_is_deleted() -> None:
    async with Account().open() as account:
        saga, _ = await forward(account)
        account.fake.numbers = {"+15550100001": saga.ids["trunk"], "+15550100002": "TK" + "9" * 32}
        assert await saga.back()
        assert account.fake.numbers == {"+15550100001": "", "+15550100002": "TK" + "9" * 32}


async def test_two_setups_of_one_name_do_not_find_each_others_things() -> None:
    async with Account().open() as account:
        first, _ = await forward(account, **ALL)
        second, steps = await forward(account, **ALL, tag="ef56ab78")
        assert not set(first.ids.values()) & set(second.ids.values())
        assert {step.carrier_id for step in steps} == set(second.ids.values())
        for step in steps:
            assert await account.api.find(step.resource, second.ids) == second.ids[step.resource.step]
        assert await first.back()
        assert await compare(account.api, steps) == []
