"""Names: from DNS to targets."""

from collections.abc import AsyncIterator

import pytest

from provd.demo.behaviour import Behaviour
from provd.schema.health import Cause, HealthStatus
from tests.fakes.daemon import RunningDaemon, running_daemon, temporary_folder
from tests.fakes.dns import FakeDns, fake_dns

from .conftest import StartCarrier
from .test_checks import is_checked, is_healthy


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


async def test_every_address_of_a_name_is_checked_and_one_is_enough(
    daemon: RunningDaemon, dns: FakeDns, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier()
    port = hostname.rpartition(":")[2]
    dns.zone["sip.example.com"] = ["127.0.0.1", "127.0.0.2"]  # nothing listens at the second
    added = await daemon.add(f"sip.example.com:{port}")
    found = await daemon.until(added.id, lambda provider: provider.health.targets_up == 1)
    assert is_healthy(found)
    assert found.health.targets_total == 2
    report = await daemon.client.check_provider(added.id)
    assert {target.address: target.cause for target in report.targets} == {
        f"127.0.0.1:{port}": Cause.OK,
        f"127.0.0.2:{port}": Cause.REFUSED,
    }
    assert all(target.stages_ms.dns is not None for target in report.targets)
    assert carrier.requests


async def test_the_request_names_the_provider_not_the_address(
    daemon: RunningDaemon, dns: FakeDns, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier()
    dns.zone["trunk.example.com"] = ["127.0.0.1"]
    added = await daemon.add("trunk.example.com:" + hostname.rpartition(":")[2])
    await daemon.until(added.id, is_healthy)
    assert carrier.last_request is not None
    assert carrier.last_request.uri == "sip:" + added.hostname


async def test_ipv6_addresses_are_checked_too(
    daemon: RunningDaemon, dns: FakeDns, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier(host="::1")
    dns.zone["six.example.com"] = ["::1"]
    added = await daemon.add("six.example.com:" + hostname.rpartition(":")[2])
    assert is_healthy(await daemon.until(added.id, is_checked))


@pytest.mark.parametrize(
    ("rcode", "silent", "cause"),
    [
        ("NXDOMAIN", False, Cause.DNS_NXDOMAIN),
        ("SERVFAIL", False, Cause.DNS_ERROR),
        ("REFUSED", False, Cause.DNS_ERROR),
        (None, True, Cause.DNS_TIMEOUT),
        (None, False, Cause.DNS_ERROR),
    ],
    ids=["no such name", "server failure", "refused", "no answer", "no records"],
)
async def test_what_dns_says_is_the_cause(
    daemon: RunningDaemon, dns: FakeDns, rcode: str | None, silent: bool, cause: Cause
) -> None:
    dns.rcode, dns.silent = rcode, silent
    dns.zone["empty.example.com"] = []
    found = await daemon.until((await daemon.add("empty.example.com")).id, is_checked)
    assert found.health_status is HealthStatus.UNHEALTHY
    assert found.health.cause is cause


async def test_a_name_that_appears_is_found_at_the_next_check(
    daemon: RunningDaemon, dns: FakeDns, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier()
    added = await daemon.add("late.example.com:" + hostname.rpartition(":")[2])
    assert (await daemon.until(added.id, is_checked)).health.cause is Cause.DNS_NXDOMAIN
    dns.zone["late.example.com"] = ["127.0.0.1"]
    assert (await daemon.until(added.id, is_healthy)).health.targets_total == 1


async def test_check_now_looks_the_name_up_again(
    daemon: RunningDaemon, dns: FakeDns, start_carrier: StartCarrier
) -> None:
    _, first = await start_carrier(Behaviour(200))
    port = first.rpartition(":")[2]
    dns.zone["moving.example.com"] = ["127.0.0.1"]
    added = await daemon.add(f"moving.example.com:{port}")
    await daemon.until(added.id, is_healthy)
    dns.zone["moving.example.com"] = ["127.0.0.3"]
    report = await daemon.client.check_provider(added.id)
    assert [target.address for target in report.targets] == [f"127.0.0.3:{port}"]
    assert report.health_status is HealthStatus.UNHEALTHY


async def test_when_dns_fails_the_last_good_addresses_serve_on(
    daemon: RunningDaemon, dns: FakeDns, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier()
    dns.zone["steady.example.com"] = ["127.0.0.1"]
    added = await daemon.add("steady.example.com:" + hostname.rpartition(":")[2])
    await daemon.until(added.id, is_healthy)
    dns.rcode = "SERVFAIL"
    report = await daemon.client.check_provider(added.id)
    assert report.targets[0].cause is Cause.OK
    assert report.health_status is HealthStatus.HEALTHY


async def test_srv_leads_to_every_server_at_its_own_port(
    daemon: RunningDaemon, dns: FakeDns, start_carrier: StartCarrier
) -> None:
    carriers = [await start_carrier() for _ in range(2)]
    ports = [hostname.rpartition(":")[2] for _, hostname in carriers]
    dns.zone["_sip._udp.trunk.example.com"] = [
        f"SRV {priority} 0 {port} sbc.example.com." for priority, port in enumerate(ports)
    ]
    dns.zone["sbc.example.com"] = ["127.0.0.1"]
    added = await daemon.add("trunk.example.com")
    found = await daemon.until(added.id, lambda provider: provider.health.targets_up == 2)
    assert is_healthy(found)
    report = await daemon.client.check_provider(added.id)
    assert {target.address for target in report.targets} == {f"127.0.0.1:{port}" for port in ports}
    for carrier, _ in carriers:
        assert carrier.last_request is not None
        assert carrier.last_request.uri == "sip:trunk.example.com"


async def test_a_carrier_that_says_it_has_no_sip_is_unhealthy_and_told_so(
    daemon: RunningDaemon, dns: FakeDns
) -> None:
    dns.zone["_sip._udp.web.example.com"] = ["SRV 0 0 0 ."]
    dns.zone["web.example.com"] = ["127.0.0.1"]
    found = await daemon.until((await daemon.add("web.example.com")).id, is_checked)
    assert (found.health_status, found.health.cause) == (HealthStatus.UNHEALTHY, Cause.DNS_ERROR)
    assert "SRV _sip._udp.web.example.com says that there is no such service" in found.health.explanation


async def test_many_providers_of_one_name_cost_one_look_up(
    daemon: RunningDaemon, dns: FakeDns, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier()
    dns.zone["_sip._udp.one.example.com"] = [f"SRV 0 0 {hostname.rpartition(':')[2]} one.example.com."]
    dns.zone["one.example.com"] = ["127.0.0.1"]
    added = [await daemon.add("one.example.com") for _ in range(20)]
    for provider in added:
        await daemon.until(provider.id, is_healthy)
    assert sorted(dns.asked) == ["A one.example.com", "AAAA one.example.com", "SRV _sip._udp.one.example.com"]
