"""Setups at a simulated Bandwidth, forward and back; every call is held against the specification."""

from typing import Any

import httpx
import pytest

from provd.carriers.api import CarrierApi
from provd.carriers.bandwidth.carrier import Bandwidth
from provd.carriers.errors import CarrierError, CarrierSilent, RequestRejected
from provd.carriers.resource import field, same
from provd.carriers.saga import Saga, Step
from provd.demo.carriers.bandwidth import FakeBandwidth
from provd.schema.setup import StepState

from .account import (
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
    planned,
    settings,
)

every_kind = pytest.mark.parametrize("kind", KINDS, ids=str)


async def find_all(api: CarrierApi, saga: Saga, steps: list[Step]) -> list[str | None]:
    return [await api.find(each.resource, saga.ids) for each in steps]


def shelf_of(fake: FakeBandwidth, step: Step) -> dict[str, Any]:
    shelves = {"package": fake.packages.shelf, "site": fake.sites.shelf, "sippeer": fake.sites.peers}
    return shelves[step.resource.step].things


@every_kind
@pytest.mark.parametrize("terse", [False, True])
async def test_a_setup_goes_forward_is_found_again_unchanged_and_goes_back(kind: Kind, terse: bool) -> None:
    fake = account(kind)
    fake.sites.terse = terse
    async with opened(Wire(fake.handle), kind.credentials) as api:
        saga, steps = await planned(api)
        assert fake.made == []
        await saga.forward()
        assert len(fake.made) == len(steps)
        assert await find_all(api, saga, steps) == [each.carrier_id for each in steps]
        for step in steps:
            assert step.carrier_id in shelf_of(fake, step)
            found = await api.look(step.resource, saga.ids, step.carrier_id)
            assert changed(step, found) == {}
            assert await api.foreign(step.resource, saga.ids, set(saga.ids.values())) == []
        assert await saga.back()
    assert fake.made == []


def changed(step: Step, found: Any) -> dict[str, Any]:
    expected = step.resource.expect.items()
    return {name: field(found, name) for name, value in expected if not same(value, field(found, name))}


@every_kind
async def test_what_is_gone_is_seen_and_undone_without_a_complaint(kind: Kind) -> None:
    fake = account(kind)
    async with opened(Wire(fake.handle), kind.credentials) as api:
        saga, steps = await planned(api)
        await saga.forward()
        for step in reversed(steps):
            shelf_of(fake, step).clear()
            assert await api.look(step.resource, saga.ids, step.carrier_id) is None
        assert await find_all(api, saga, steps) == [None] * len(steps)
        assert await Bandwidth().numbers(api, saga.ids) == []
        assert await api.foreign(steps[-1].resource, saga.ids, set()) == []
        assert await saga.back()


async def test_another_peer_on_our_site_is_foreign() -> None:
    fake = account(LEGACY)
    async with opened(Wire(fake.handle), LEGACY.credentials) as api:
        saga, (site, peer) = await planned(api)
        await saga.forward()
        other = {"PeerId": "666", "PeerName": "other", "IsDefaultPeer": "false"}
        fake.sites.peers.things["666"] = {"site": site.carrier_id, "peer": other}
        assert await api.foreign(peer.resource, saga.ids, set(saga.ids.values())) == ["666"]


@pytest.mark.parametrize(
    ("kind", "change", "names"),
    [
        (UNIVERSAL, lambda thing: thing.update(name="other"), ["name"]),
        (
            UNIVERSAL,
            lambda thing: thing["originationRoutePlan"]["routes"][0]["endpoints"].pop(),
            ["originationRoutePlan.routes.endpoints.endpoint"],
        ),
        (
            UNIVERSAL,
            lambda thing: thing.update(originationRoutePlan=None),
            ["originationRoutePlan.routes.type", "originationRoutePlan.routes.endpoints.endpoint"],
        ),
        (LEGACY, lambda thing: thing["peer"].update(PeerName="other"), ["PeerName"]),
        (
            LEGACY,
            lambda thing: thing["peer"]["VoiceHosts"]["Host"].append({"HostName": "192.0.2.66"}),
            ["VoiceHosts.Host.HostName"],
        ),
        (
            LEGACY,
            lambda thing: thing["peer"]["TerminationHosts"]["TerminationHost"][0].update(
                HostName="192.0.2.66"
            ),
            ["TerminationHosts.TerminationHost.HostName"],
        ),
        (
            LEGACY,
            lambda thing: thing["peer"].pop("TerminationHosts"),
            [
                "TerminationHosts.TerminationHost.HostName",
                "TerminationHosts.TerminationHost.CustomerTrafficAllowed",
            ],
        ),
    ],
)
async def test_what_was_changed_at_the_carrier_is_seen(kind: Kind, change: Any, names: list[str]) -> None:
    fake = account(kind)
    async with opened(Wire(fake.handle), kind.credentials) as api:
        saga, steps = await planned(api)
        await saga.forward()
        step = steps[-1]
        change(shelf_of(fake, step)[step.carrier_id])
        found = await api.look(step.resource, saga.ids, step.carrier_id)
    assert list(changed(step, found)) == names


@every_kind
@pytest.mark.parametrize("done", [True, False])
async def test_a_post_that_nobody_answers_is_looked_for_and_never_doubled(kind: Kind, done: bool) -> None:
    fake = account(kind)
    lost: set[str] = set()

    def lose(request: httpx.Request, handler: Handler) -> httpx.Response:
        if request.method == "POST" and "oauth2" not in str(request.url) and request.url.path not in lost:
            lost.add(request.url.path)
            if done:
                handler(request)
            raise httpx.ReadTimeout("no answer", request=request)
        return handler(request)

    async with opened(Wire(fake.handle, lose), kind.credentials) as api:
        saga, steps = await planned(api)
        await saga.forward()
        assert len(lost) == len(steps)
        assert len(fake.made) == len(steps)
        assert await saga.back()
    assert fake.made == []


@every_kind
async def test_what_a_crash_left_intended_is_found_and_undone(kind: Kind) -> None:
    fake = account(kind)
    async with opened(Wire(fake.handle), kind.credentials) as api:
        saga, steps = await planned(api)
        await saga.forward()
        last = Step(steps[-1].resource, StepState.INTENDED)
        assert await Saga(api, Bandwidth(), [*steps[:-1], last], Paper()).back()
    assert fake.made == []


@every_kind
@pytest.mark.parametrize("code", [400, 402, 409, 422])
async def test_a_refused_step_is_undone_with_all_before_it(kind: Kind, code: int) -> None:
    fake = account(kind)

    def refuse(request: httpx.Request, handler: Handler) -> httpx.Response:
        last = request.url.path.endswith(("sippeers", "voiceConfigurationPackages"))
        return httpx.Response(code) if request.method == "POST" and last else handler(request)

    async with opened(Wire(fake.handle, refuse), kind.credentials) as api:
        saga, steps = await planned(api)
        with pytest.raises(RequestRejected):
            await saga.forward()
        assert steps[-1].state is StepState.UNDONE
        assert await saga.back()
    assert fake.made == []


@every_kind
async def test_out_of_credit_is_said_in_bandwidths_words(kind: Kind) -> None:
    fake = account(kind)
    fake.credit = False
    async with opened(Wire(fake.handle), kind.credentials) as api:
        saga, _ = await planned(api)
        with pytest.raises(RequestRejected, match=r"to be paid.*The account is out of credit \(402\)"):
            await saga.forward()
    assert fake.made == []


@every_kind
async def test_a_trunk_with_numbers_is_left_and_says_why(kind: Kind) -> None:
    fake = account(kind)
    async with opened(Wire(fake.handle), kind.credentials) as api:
        saga, steps = await planned(api)
        await saga.forward()
        fake.numbers["+19195550100"] = steps[-1].carrier_id
        assert await Bandwidth().numbers(api, saga.ids) == ["+19195550100"]
        assert not await saga.back()
        assert "numbers" in steps[-1].note
        fake.numbers.clear()
        assert await saga.back()
    assert fake.made == []


async def test_an_address_that_another_peer_has_is_refused_in_bandwidths_words() -> None:
    fake = account(LEGACY)
    async with opened(Wire(fake.handle), LEGACY.credentials) as api:
        first, _ = await planned(api)
        await first.forward()
        plan = await Bandwidth().plan(api, order().model_copy(update={"tag": "ffff0000"}), settings())
        second = Saga(api, Bandwidth(), [Step(each) for each in plan.resources], Paper())
        with pytest.raises(RequestRejected, match="error 13569: A termination host with HostName"):
            await second.forward()
        assert await second.back()
        assert [each.get("Name") for each in fake.sites.shelf.things.values()] == [TAG]


@every_kind
async def test_numbers_are_read_to_the_last_page_and_written_in_full(kind: Kind) -> None:
    fake = account(kind, page_size=2)
    async with opened(Wire(fake.handle), kind.credentials) as api:
        saga, steps = await planned(api)
        await saga.forward()
        numbers = [f"+1919555{number:04d}" for number in range(5)]
        fake.numbers |= dict.fromkeys(numbers, steps[-1].carrier_id)
        fake.numbers["+19195559999"] = "another"
        assert await Bandwidth().numbers(api, saga.ids) == numbers
        assert await Bandwidth().numbers(api, {}) == []


async def test_a_package_is_found_on_a_later_page() -> None:
    fake = account(UNIVERSAL, page_size=2)
    for number in range(5):
        fake.packages.shelf.things[str(number)] = {
            "voiceConfigurationPackageId": str(number),
            "name": "other",
        }
    async with opened(Wire(fake.handle)) as api:
        saga, steps = await planned(api)
        await saga.forward()
        assert await find_all(api, saga, steps) == [steps[0].carrier_id]


@every_kind
async def test_a_token_that_ended_halfway_is_fetched_anew(kind: Kind) -> None:
    fake = account(kind)

    def forget(request: httpx.Request, handler: Handler) -> httpx.Response:
        if request.method == "POST" and "oauth2" not in str(request.url) and not fake.made and not forgotten:
            forgotten.append(request.url.path)
            fake.tokens.clear()
        return handler(request)

    forgotten: list[str] = []
    async with opened(Wire(fake.handle, forget), kind.credentials) as api:
        saga, steps = await planned(api)
        await saga.forward()
        assert forgotten
        assert len(fake.made) == len(steps)


@pytest.mark.parametrize("kind", [each for each in KINDS if "client_id" in each.credentials], ids=str)
async def test_a_login_that_fails_halfway_leaves_nothing_uncertain(kind: Kind) -> None:
    """Without a login nothing was asked for, so nothing may have been done."""
    fake = account(kind)

    def break_down(request: httpx.Request, handler: Handler) -> httpx.Response:
        if "oauth2" in str(request.url) and broken:
            return httpx.Response(503)
        return handler(request)

    broken: list[bool] = []
    async with opened(Wire(fake.handle, break_down), kind.credentials) as api:
        saga, steps = await planned(api)
        broken.append(True)
        fake.tokens.clear()
        with pytest.raises(CarrierError) as caught:
            await saga.forward()
        assert not caught.value.may_have_acted
        assert steps[0].state is StepState.UNDONE


async def test_a_slow_network_is_told() -> None:
    def silent(request: httpx.Request, _handler: Handler) -> httpx.Response:
        raise httpx.ConnectTimeout("timed out", request=request)

    async with opened(Wire(account(UNIVERSAL).handle, silent)) as api:
        with pytest.raises(CarrierSilent, match="Bandwidth can't be reached when it was to list"):
            await Bandwidth().validate(api)


@pytest.mark.parametrize(
    ("listed", "number"),
    [
        ({"phoneNumber": "+19195550100"}, "+19195550100"),
        ({"telephoneNumber": "19195550100"}, "+19195550100"),
        ("9195550100", "+19195550100"),
        ({"phoneNumber": "+442079460000"}, "+442079460000"),
        ({"unknown": "1"}, "a number that Bandwidth does not name"),
        (None, "a number that Bandwidth does not name"),
    ],
)
async def test_a_number_is_counted_however_it_is_listed(listed: Any, number: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if "oauth2" in str(request.url):
            return httpx.Response(200, json={"access_token": "t"})
        return httpx.Response(200, json={"data": [listed]})

    async with opened(answer) as api:
        assert await Bandwidth().numbers(api, {"package": "1"}) == [number]
