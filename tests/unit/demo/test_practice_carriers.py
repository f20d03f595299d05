"""Carriers to practise with: real ones whose API is simulated."""

import asyncio
import socket
from typing import Any

import httpx
import pytest

from provd.carriers.api import CarrierApi
from provd.carriers.base import AnyCarrier, Order
from provd.carriers.credentials import exposed, hidden
from provd.carriers.errors import CarrierSilent, CredentialsRejected
from provd.carriers.gateways import Gateway
from provd.demo.carriers import accounts
from provd.demo.carriers.accounts import ACCOUNTS, practice_carriers, served
from provd.schema.provider import Transport

KEYS: dict[str, dict[str, str]] = {
    "telnyx-demo": {"api_key": accounts.TELNYX_KEY},
    "twilio-demo": {"account_sid": accounts.TWILIO_SID, "auth_token": accounts.TWILIO_TOKEN},
    "bandwidth-demo": {
        "account_id": accounts.BANDWIDTH_ID,
        "client_id": accounts.BANDWIDTH_CLIENT,
        "client_secret": accounts.BANDWIDTH_SECRET,
    },
}
SETTINGS: dict[str, dict[str, Any]] = {"bandwidth-demo": {"hostname": "sip.bandwidth.example"}}


@pytest.fixture
def port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def named(name: str, port: int) -> AnyCarrier:
    return next(each for each in practice_carriers(port) if each.name == name)


def opened(carrier: AnyCarrier, client: httpx.AsyncClient, key: dict[str, str]) -> CarrierApi:
    credentials = carrier.credentials.model_validate(key)
    dialect = carrier.dialect(credentials, "")
    return CarrierApi(client, dialect, exposed(credentials), hidden(credentials), asyncio.sleep)


def test_they_are_told_from_the_real_ones_and_say_what_they_take() -> None:
    for carrier in practice_carriers():
        assert carrier.name.endswith("-demo")
        assert carrier.title.endswith(" (simulated)")
        assert all(value in carrier.summary for value in KEYS[carrier.name].values())


@pytest.mark.parametrize("name", list(KEYS))
async def test_each_takes_the_key_that_it_names_and_refuses_another(name: str, port: int) -> None:
    carrier = named(name, port)
    last = list(KEYS[name])[-1]
    async with served(port) as ours, httpx.AsyncClient() as client:
        assert ours
        await carrier.validate(opened(carrier, client, KEYS[name]))
        with pytest.raises(CredentialsRejected, match=r"\(simulated\)"):
            await carrier.validate(opened(carrier, client, KEYS[name] | {last: "of-nobody-0123456789"}))


@pytest.mark.parametrize("name", list(KEYS))
async def test_each_plan_ends_with_a_provider_on_this_machine(name: str, port: int) -> None:
    carrier = named(name, port)
    settings = carrier.settings.model_validate(SETTINGS.get(name, {}))
    credentials = carrier.credentials.model_validate(KEYS[name])
    assert carrier.check(credentials, settings, []) == []
    assert not carrier.needs_gateways(settings)
    async with served(port), httpx.AsyncClient() as client:
        api = opened(carrier, client, KEYS[name])
        plan = await carrier.plan(api, Order(name="Trunk", tag="t1", gateways=[]), settings)
    assert plan.provider.hostname.startswith("127.76.0.")
    assert plan.provider.transport is Transport.UDP
    assert "203.0.113.10" in str(plan.resources)


async def test_addresses_that_are_given_are_used(port: int) -> None:
    carrier = named("telnyx-demo", port)
    order = Order(name="Trunk", tag="t1", gateways=[Gateway("198.51.100.7", 5080)])
    async with httpx.AsyncClient() as client:
        api = opened(carrier, client, KEYS[carrier.name])
        plan = await carrier.plan(api, order, carrier.settings())
    assert "198.51.100.7" in str(plan.resources)
    assert "203.0.113.10" not in str(plan.resources)


async def test_without_the_demo_they_say_how_to_start_it(port: int) -> None:
    carrier = named("telnyx-demo", port)

    async def at_once(seconds: float) -> None:
        await asyncio.sleep(0)

    credentials = carrier.credentials.model_validate(KEYS[carrier.name])
    async with httpx.AsyncClient() as client:
        api = CarrierApi(
            client, carrier.dialect(credentials, ""), exposed(credentials), hidden(credentials), at_once
        )
        with pytest.raises(CarrierSilent, match="start the demo first, with D in provtui"):
            await carrier.validate(api)


async def test_a_second_demo_leaves_the_addresses_to_the_first(port: int) -> None:
    async with served(port) as first, served(port) as second:
        assert (first, second) == (True, False)


def test_every_account_has_a_carrier() -> None:
    assert [each.name for each in practice_carriers()] == [each.name for each in ACCOUNTS] == list(KEYS)
