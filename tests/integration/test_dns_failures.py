"""Names, by a DNS server that is slow, lies, or dies."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from provd.demo.behaviour import Behaviour
from provd.demo.server import SimulatedCarrier
from provd.schema.events import EventType
from provd.schema.health import Cause, HealthStatus
from provd.schema.provider import Transport
from provd.schema.status import Status
from tests.fakes.daemon import RunningDaemon, eventually, running_daemon, temporary_folder
from tests.fakes.dns import FakeDns, Lie, fake_dns

from .announced import announced
from .conftest import StartCarrier
from .test_checks import is_healthy, is_unhealthy


@pytest.fixture
async def dns() -> AsyncIterator[FakeDns]:
    async with fake_dns() as server:
        yield server


@pytest.fixture
async def daemon(dns: FakeDns) -> AsyncIterator[RunningDaemon]:
    async with (
        temporary_folder() as folder,
        running_daemon(folder, dns={"nameservers": [dns.address]}) as running,
    ):
        yield running


def port_of(hostname: str) -> str:
    return hostname.rpartition(":")[2]


async def beside_a_healthy_one(daemon: RunningDaemon, start_carrier: StartCarrier) -> str:
    """Add a provider that needs no DNS, and wait until it is healthy."""
    _, hostname = await start_carrier()
    added = await daemon.add(hostname, name="beside")
    await daemon.until(added.id, is_healthy)
    return added.id


Spoil = Callable[[FakeDns], None]


def _set(**attributes: Any) -> Spoil:
    def spoil(dns: FakeDns) -> None:
        for name, value in attributes.items():
            setattr(dns, name, value)

    return spoil


@pytest.mark.parametrize(
    ("spoil", "causes"),
    [
        (_set(holding=True), {Cause.DNS_TIMEOUT}),
        (_set(silent=True), {Cause.DNS_TIMEOUT}),
        (_set(lie=Lie.WRONG_ID), {Cause.DNS_TIMEOUT}),
        (_set(lie=Lie.OTHER_QUESTION), {Cause.DNS_TIMEOUT, Cause.DNS_ERROR}),
        (_set(lie=Lie.NOT_DNS), {Cause.DNS_TIMEOUT, Cause.DNS_ERROR}),
        (_set(lie=Lie.TRUNCATED), {Cause.DNS_TIMEOUT, Cause.DNS_ERROR}),
        (_set(rcode="SERVFAIL"), {Cause.DNS_ERROR}),
        (_set(rcode="REFUSED"), {Cause.DNS_ERROR}),
    ],
    ids=["slow", "silent", "wrong id", "other question", "not DNS", "truncated", "failing", "refusing"],
)
async def test_a_bad_server_is_the_cause_in_time_and_nobody_elses_trouble(
    daemon: RunningDaemon, dns: FakeDns, start_carrier: StartCarrier, spoil: Spoil, causes: set[Cause]
) -> None:
    dns.zone["sip.example.com"] = ["127.0.0.1"]
    spoil(dns)
    beside = await beside_a_healthy_one(daemon, start_carrier)
    quick = {"interval_s": 1, "timeout_s": 0.2}
    added = [await daemon.add("sip.example.com:5060", transport=each, probe=quick) for each in Transport]
    for provider in added:
        down = await daemon.until(provider.id, is_unhealthy)
        assert down.health.cause in causes
        assert down.health.next_step
        assert down.health.dns_problem
    waiting = [asyncio.create_task(daemon.client.check_provider(provider.id)) for provider in added]
    for _ in range(3):
        (target,) = (await daemon.client.check_provider(beside)).targets
        assert target.cause is Cause.OK
    async with asyncio.timeout(10):
        reports = await asyncio.gather(*waiting)
    assert {report.targets[0].cause for report in reports} <= causes
    assert {report.targets[0].address for report in reports} == {None}
    assert None not in (await daemon.client.provider(beside)).health.recent


async def test_a_circle_of_aliases_leads_nowhere(daemon: RunningDaemon, dns: FakeDns) -> None:
    dns.zone["one.example.com"] = ["CNAME two.example.com."]
    dns.zone["two.example.com"] = ["CNAME one.example.com."]
    down = await daemon.until((await daemon.add("one.example.com:5060")).id, is_unhealthy)
    assert down.health.cause is Cause.DNS_ERROR


async def test_a_thousand_addresses_are_bounded(
    daemon: RunningDaemon, dns: FakeDns, start_carrier: StartCarrier
) -> None:
    dns.zone["many.example.com"] = [f"127.1.{number // 250}.{number % 250 + 1}" for number in range(1000)]
    beside = await beside_a_healthy_one(daemon, start_carrier)
    added = await daemon.add("many.example.com:9", probe={"interval_s": 1, "timeout_s": 0.5})
    found = await daemon.until(added.id, is_unhealthy)
    assert (found.health.targets_total, found.health.targets_up) == (64, 0)
    (target,) = (await daemon.client.check_provider(beside)).targets
    assert target.cause is Cause.OK


async def test_when_dns_dies_the_last_good_addresses_serve_on_and_show_their_age(
    daemon: RunningDaemon, dns: FakeDns, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier()
    dns.zone["sip.example.com"] = ["127.0.0.1"]
    added = await daemon.add(f"sip.example.com:{port_of(hostname)}")
    before = await daemon.until(added.id, is_healthy)
    assert (before.health.resolved_age_s, before.health.dns_problem) == (None, None)
    dns.silent = True
    report = await daemon.client.check_provider(added.id)
    assert (report.targets[0].cause, report.health_status) == (Cause.OK, HealthStatus.HEALTHY)
    after = await daemon.client.provider(added.id)
    assert after.health.resolved_age_s is not None
    assert after.health.dns_problem
    carrier.behaviour = Behaviour(silent=True)
    down = await daemon.until(added.id, is_unhealthy)
    assert down.health.cause is Cause.TIMEOUT  # the carrier's own silence, not that of DNS
    dns.silent, carrier.behaviour = False, Behaviour()
    await daemon.client.check_provider(added.id)
    back = await daemon.until(added.id, is_healthy)
    assert (back.health.resolved_age_s, back.health.dns_problem) == (None, None)
    assert not await announced(daemon, EventType.HEALTH_ADDRESSES, added.id)


async def test_the_last_good_addresses_serve_on_when_it_starts_while_dns_is_dead(
    dns: FakeDns, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier()
    dns.zone["sip.example.com"] = ["127.0.0.1"]
    config = {"dns": {"nameservers": [dns.address]}}
    async with temporary_folder() as folder:
        async with running_daemon(folder, **config) as daemon:
            added = await daemon.add(f"sip.example.com:{port_of(hostname)}")
            await daemon.until(added.id, is_healthy)
        dns.silent = True
        asked = carrier.requests
        async with running_daemon(folder, **config) as daemon:
            after = await daemon.until(added.id, lambda provider: provider.health.dns_problem is not None)
            await eventually(lambda: requests(carrier), lambda count: count >= asked + 2)
            after = await daemon.client.provider(added.id)
            assert (after.health_status, after.health.cause) == (HealthStatus.HEALTHY, Cause.OK)
            assert after.health.resolved_age_s is not None
            assert len(await announced(daemon, EventType.HEALTH_CHANGED, added.id, at_least=1)) == 1


async def requests(carrier: SimulatedCarrier) -> int:
    return carrier.requests


async def test_a_name_that_leads_nowhere_is_counted_as_a_check(daemon: RunningDaemon, dns: FakeDns) -> None:
    await daemon.add("nowhere.example.com")

    def counted(status: Status) -> bool:
        return status.monitor.checks_total >= 2 and status.providers.unhealthy == 1

    assert (await eventually(daemon.client.status, counted)).monitor.answers_total == 0
