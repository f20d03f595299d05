"""What is made for each setting."""

from itertools import product
from typing import Any

import httpx
import pytest

from provd.carriers.bandwidth.carrier import Bandwidth
from provd.carriers.bandwidth.models import BandwidthCredentials, Platform, Traffic
from provd.carriers.bandwidth.plan import make_plan
from provd.carriers.base import Plan
from provd.carriers.errors import CarrierError, CredentialsRejected, NotThere, PermissionMissing
from provd.carriers.gateways import parsed
from provd.carriers.resource import field
from provd.carriers.saga import Saga, Step
from provd.schema.provider import Transport

from .account import (
    BY_CLIENT,
    BY_USER,
    KINDS,
    LEGACY,
    TAG,
    UNIVERSAL,
    Handler,
    Kind,
    Paper,
    Wire,
    account,
    opened,
    order,
    settings,
)

KINDS_OF_PLATFORM = {Platform.UNIVERSAL: UNIVERSAL, Platform.LEGACY: LEGACY}
MANY = [f"203.0.113.{number}" for number in range(1, 21)]


def steps_of(plan: Plan) -> list[str]:
    return [each.step for each in plan.resources]


@pytest.mark.parametrize(("traffic", "transport", "count"), product(Traffic, Transport, [1, 2, 10]))
@pytest.mark.parametrize("platform", KINDS_OF_PLATFORM)
async def test_every_setting_makes_a_trunk_that_bandwidth_takes(
    platform: Platform, traffic: Traffic, transport: Transport, count: int
) -> None:
    kind = KINDS_OF_PLATFORM[platform]
    fake = account(kind)
    async with opened(Wire(fake.handle), kind.credentials) as api:
        given = settings(platform=platform, traffic=traffic, transport=transport)
        plan = await Bandwidth().plan(api, order(MANY[:count]), given)
        saga = Saga(api, Bandwidth(), [Step(each) for each in plan.resources], Paper())
        await saga.forward()
        assert set(plan.provider.metadata.values()) == set(saga.ids)
    assert plan.provider.hostname == "sbc.example.com"
    assert plan.provider.transport is transport
    if platform is Platform.LEGACY:
        (peer,) = fake.sites.peers.things.values()
        hosts = field(peer["peer"], "TerminationHosts.TerminationHost.CustomerTrafficAllowed")
        assert hosts == [traffic.value] * count


@pytest.mark.parametrize("kind", KINDS, ids=str)
async def test_auto_looks_at_the_account(kind: Kind) -> None:
    wire = Wire(account(kind).handle)
    async with opened(wire, kind.credentials) as api:
        plan = await Bandwidth().plan(api, order(), settings())
    assert steps_of(plan) == (["package"] if kind.universal else ["site", "sippeer"])
    assert {method for method, path in wire.asked() if "oauth2" not in path} == {"GET"}


@pytest.mark.parametrize("platform", KINDS_OF_PLATFORM)
async def test_a_named_platform_is_taken_without_a_look(platform: Platform) -> None:
    wire = Wire(account(UNIVERSAL).handle)
    async with opened(wire) as api:
        plan = await Bandwidth().plan(api, order(), settings(platform=platform))
    assert wire.requests == []
    assert ("package" in steps_of(plan)) is (platform is Platform.UNIVERSAL)


@pytest.mark.parametrize("code", [403, 404])
@pytest.mark.parametrize(("sites", "error"), [(403, PermissionMissing), (404, NotThere), (500, CarrierError)])
async def test_an_account_that_is_neither_says_so(code: int, sites: int, error: type[CarrierError]) -> None:
    fake = account(UNIVERSAL)

    def refuse(request: httpx.Request, handler: Handler) -> httpx.Response:
        if "oauth2" in request.url.path:
            return handler(request)
        return httpx.Response(sites if request.url.path.startswith("/api/v2") else code)

    async with opened(Wire(fake.handle, refuse)) as api:
        with pytest.raises(error) as caught:
            await Bandwidth().plan(api, order(), settings())
    assert "list the sites" in str(caught.value)
    if sites != 500:
        assert "list the voice configuration packages" in str(caught.value)
        assert str(caught.value).endswith("This key's accounts: 9900000.")


async def test_a_key_that_is_not_valid_is_not_tried_on_the_other_platform() -> None:
    fake = account(UNIVERSAL)
    fake.clients.clear()
    wire = Wire(fake.handle)
    async with opened(wire) as api:
        with pytest.raises(CredentialsRejected, match="invalid_client"):
            await Bandwidth().plan(api, order(), settings())
    assert wire.asked() == [("POST", "/api/v1/oauth2/token")]


@pytest.mark.parametrize("count", range(1, 21))
def test_weights_are_even_and_of_a_hundred(count: int) -> None:
    (package,) = make_plan(order(MANY[:count]), settings(), Platform.UNIVERSAL).resources
    weights = field(package.body, "originationRoutePlan.routes.endpoints.weight")
    assert sum(weights) == 100
    assert max(weights) - min(weights) <= 1


def test_an_address_is_an_endpoint_and_one_with_another_port_a_sip_uri() -> None:
    given = order(["203.0.113.10", "203.0.113.11:5060", "203.0.113.12:5070"])
    (package,) = make_plan(given, settings(), Platform.UNIVERSAL).resources
    endpoints = field(package.body, "originationRoutePlan.routes.endpoints")
    assert [(each["type"], each["endpoint"]) for each in endpoints] == [
        ("IP_V4", "203.0.113.10"),
        ("IP_V4", "203.0.113.11"),
        ("SIP", "sip:203.0.113.12:5070"),
    ]


def test_an_address_with_two_ports_is_allowed_once_and_called_at_both() -> None:
    given = order(["203.0.113.10", "203.0.113.10:5070"])
    _, peer = make_plan(given, settings(), Platform.LEGACY).resources
    assert field(peer.body, "SipPeer.TerminationHosts.TerminationHost.HostName") == ["203.0.113.10"]
    assert field(peer.body, "SipPeer.VoiceHosts.Host.Port") == ["5060", "5070"]


@pytest.mark.parametrize("name", ["Ours", "x" * 255, "Größe & <Sons>", "日本" * 100, "a\ufffeb"])
@pytest.mark.parametrize("kind", KINDS, ids=str)
async def test_any_name_of_a_provider_will_do(kind: Kind, name: str) -> None:
    fake = account(kind)
    async with opened(Wire(fake.handle), kind.credentials) as api:
        plan = await Bandwidth().plan(api, order(name=name), settings())
        steps = [Step(each) for each in plan.resources]
        saga = Saga(api, Bandwidth(), steps, Paper())
        await saga.forward()
        assert [await api.find(each.resource, saga.ids) for each in steps] == [s.carrier_id for s in steps]
    for thing in fake.made:
        named = thing.get("name") or thing.get("Name") or field(thing, "peer.PeerName")
        assert TAG in named
        assert len(named) <= (50 if kind.universal else 10)


def test_by_hand_names_what_to_have_allowed_and_where() -> None:
    given = order(["203.0.113.10", "203.0.113.10:5070", "203.0.113.11"])
    outbound, numbers, second = make_plan(given, settings(), Platform.UNIVERSAL).by_hand
    assert "Have Bandwidth allow calls from 203.0.113.10, 203.0.113.11: ask its support" in outbound
    assert f"package Ours {TAG}" in numbers
    assert "second SBC" in second
    by_hand = make_plan(given, settings(), Platform.LEGACY).by_hand
    assert f"the SIP peer {TAG}" in by_hand[0]
    assert "203.0.113.10" not in " ".join(by_hand)


def check(credentials: dict[str, str] = BY_CLIENT, gateways: list[str] = MANY[:1], **given: Any) -> list[str]:
    creds = BandwidthCredentials.model_validate(credentials)
    return Bandwidth().check(creds, settings(**given), parsed(gateways))


def test_what_can_work_is_not_complained_about() -> None:
    assert check() == check(BY_USER) == check(platform="universal") == check(platform="legacy") == []
    assert check(platform="universal", gateways=MANY) == []
    assert Bandwidth().needs_gateways(settings())


def test_ipv6_is_refused() -> None:
    (wrong,) = check(gateways=["203.0.113.1", "[2001:db8::1]:5060"])
    assert wrong.startswith("settings.gateways has [2001:db8::1]:5060, and Bandwidth takes IPv4")


@pytest.mark.parametrize("platform", [Platform.AUTO, Platform.LEGACY])
def test_a_legacy_account_takes_ten_addresses(platform: Platform) -> None:
    assert check(gateways=MANY[:10], platform=platform) == []
    (wrong,) = check(gateways=MANY[:11], platform=platform)
    assert "has 11 addresses" in wrong


def test_the_universal_platform_takes_no_user() -> None:
    (wrong,) = check(BY_USER, platform="universal")
    assert "credentials.client_id" in wrong
