"""The daemon checks real SIP servers, and says what it finds."""

import asyncio
import socket

import pytest

from provd.client import ApiError
from provd.demo.behaviour import Behaviour
from provd.schema.events import EventType, HealthChanged
from provd.schema.health import Cause, HealthStatus
from provd.schema.provider import Provider
from tests.fakes.daemon import RunningDaemon, eventually
from tests.fakes.ports import free_port
from tests.integration.announced import announced

from .conftest import StartCarrier


def is_checked(provider: Provider) -> bool:
    return provider.health_checked_at is not None


def is_healthy(provider: Provider) -> bool:
    return provider.health_status is HealthStatus.HEALTHY


def is_unhealthy(provider: Provider) -> bool:
    return provider.health_status is HealthStatus.UNHEALTHY


@pytest.mark.parametrize("code", [200, 403, 404, 500])
async def test_any_answer_is_healthy(daemon: RunningDaemon, start_carrier: StartCarrier, code: int) -> None:
    _, hostname = await start_carrier(Behaviour(code, delay_s=0.03, jitter_s=0))
    added = await daemon.add(hostname)
    assert (added.health_status, added.health_checked_at) == (HealthStatus.UNKNOWN, None)
    found = await daemon.until(added.id, is_checked)
    assert is_healthy(found)
    assert (found.health.cause, found.health.code) == (Cause.OK, code)
    assert found.health.server == "provd demo carrier"
    assert found.health.rtt_ms is not None
    assert found.health.rtt_ms >= 30
    assert (found.health.targets_up, found.health.targets_total) == (1, 1)
    assert found.tm_update == added.tm_update


async def test_a_503_with_retry_after_is_busy_not_down(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier(Behaviour(503, headers=(("Retry-After", "120"),)))
    found = await daemon.until((await daemon.add(hostname)).id, is_checked)
    assert is_healthy(found)
    assert found.health.busy_until is not None


async def test_ipv6_is_checked(daemon: RunningDaemon, start_carrier: StartCarrier) -> None:
    _, hostname = await start_carrier(host="::1")
    assert is_healthy(await daemon.until((await daemon.add(hostname)).id, is_checked))


async def test_each_kind_of_failure_has_its_cause(daemon: RunningDaemon, start_carrier: StartCarrier) -> None:
    _, silent = await start_carrier(Behaviour(silent=True))
    expected = {
        silent: Cause.TIMEOUT,
        f"127.0.0.1:{free_port()}": Cause.REFUSED,
        "no-such-name.invalid": Cause.DNS_NXDOMAIN,
    }
    for hostname, cause in expected.items():
        found = await daemon.until((await daemon.add(hostname)).id, is_checked)
        assert is_unhealthy(found)
        assert found.health.cause is cause
        assert found.health.next_step
        assert found.health.loss_pct == 100.0


async def test_something_that_is_not_sip_is_a_protocol_failure(daemon: RunningDaemon) -> None:
    class Echo(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            self.transport.sendto(b"what?\n", addr)  # type: ignore[attr-defined]

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Echo, ("127.0.0.1", 0))
    host, port = transport.get_extra_info("sockname")
    found = await daemon.until((await daemon.add(f"{host}:{port}")).id, is_checked)
    transport.close()
    assert found.health.cause is Cause.PROTOCOL


async def test_a_carrier_that_dies_and_comes_back_is_followed(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier()
    added = await daemon.add(hostname)
    await daemon.until(added.id, is_healthy)
    carrier.behaviour = Behaviour(silent=True)
    down = await daemon.until(added.id, is_unhealthy)
    assert down.health.since is not None
    carrier.behaviour = Behaviour()
    back = await daemon.until(added.id, is_healthy)
    assert back.health.since is not None
    assert back.health.since > down.health.since
    log = await announced(daemon, EventType.HEALTH_CHANGED, added.id, at_least=3)
    changes = [(each.data["previous"], each.data["status"]) for each in log]
    assert changes == [("unknown", "healthy"), ("healthy", "unhealthy"), ("unhealthy", "healthy")]


async def test_check_now_answers_with_the_stages(daemon: RunningDaemon, start_carrier: StartCarrier) -> None:
    _, hostname = await start_carrier(Behaviour(404, delay_s=0.02))
    added = await daemon.add(hostname.replace("127.0.0.1", "localhost"), probe={"interval_s": 600})
    report = await daemon.client.check_provider(added.id)
    by_address = {target.address: target for target in report.targets}
    target = by_address[hostname]
    assert (target.cause, target.code, target.reason) == (Cause.OK, 404, "Not Found")
    assert target.explanation.startswith("404: ")
    assert target.stages_ms.sip is not None
    assert target.stages_ms.sip >= 20
    assert target.stages_ms.dns is not None
    assert report.health_status is HealthStatus.HEALTHY
    assert report.health_checked_at is not None


async def test_check_now_waits_for_the_timeout(daemon: RunningDaemon, start_carrier: StartCarrier) -> None:
    carrier, hostname = await start_carrier(Behaviour(silent=True))
    added = await daemon.add(hostname, probe={"interval_s": 600, "timeout_s": 0.7})
    (target,) = (await daemon.client.check_provider(added.id)).targets
    assert (target.cause, target.retransmits) == (Cause.TIMEOUT, 1)
    assert carrier.requests >= 2


async def test_many_callers_who_check_at_once_share_one_exchange(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier(Behaviour(delay_s=1.0))
    added = await daemon.add(hostname, probe={"interval_s": 600, "timeout_s": 5})
    await daemon.until(added.id, is_checked)
    reports = await asyncio.gather(*(daemon.client.check_provider(added.id) for _ in range(20)))
    assert {report.targets[0].checked_at for report in reports} == {reports[0].targets[0].checked_at}
    assert len({report.targets[0].rtt_ms for report in reports}) == 1


async def test_a_disabled_provider_is_not_checked_but_can_be_on_demand(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier()
    added = await daemon.add(hostname, enabled=False)
    other = await daemon.add(hostname)
    await daemon.until(other.id, lambda provider: len(provider.health.recent) >= 2)
    assert (await daemon.client.provider(added.id)).health_checked_at is None
    report = await daemon.client.check_provider(added.id)
    assert report.targets[0].cause is Cause.OK
    assert report.health_status is HealthStatus.UNKNOWN
    await daemon.client.patch_provider(added.id, {"enabled": True})
    assert is_healthy(await daemon.until(added.id, is_checked))
    await daemon.client.patch_provider(added.id, {"enabled": False})
    seen = (await daemon.client.provider(added.id)).health_checked_at
    await daemon.until(other.id, lambda provider: len(provider.health.recent) >= 5)
    assert (await daemon.client.provider(added.id)).health_checked_at == seen
    assert carrier.requests


async def test_a_changed_hostname_begins_anew_and_the_old_check_cannot_write(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    slow, old = await start_carrier(Behaviour(200, delay_s=0.6, jitter_s=0))
    _, new = await start_carrier(Behaviour(404))
    added = await daemon.add(old, probe={"interval_s": 600, "timeout_s": 5})
    await daemon.until(added.id, is_healthy)
    waiting = asyncio.create_task(daemon.client.check_provider(added.id))
    before = slow.requests
    await eventually(lambda: _requests(slow), lambda requests: requests > before)
    moved = await daemon.client.patch_provider(added.id, {"hostname": new})
    assert (moved.health_status, moved.health_checked_at) == (HealthStatus.UNKNOWN, None)
    assert (moved.health.since, moved.health.recent) == (None, [])
    with pytest.raises(ApiError, match="changed while it was being checked"):
        await waiting
    found = await daemon.until(added.id, is_checked)
    assert found.health.code == 404
    last = (await announced(daemon, EventType.HEALTH_CHANGED, added.id, at_least=2))[-1]
    assert HealthChanged.model_validate(last.data).previous is HealthStatus.UNKNOWN


async def _requests(carrier: object) -> int:
    return int(carrier.requests)  # type: ignore[attr-defined]


async def test_strays_are_counted_and_harm_nothing(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier()
    added = await daemon.add(hostname)
    await daemon.until(added.id, is_healthy)
    assert carrier.last_source is not None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for junk in (b"\r\n", b"\0" * 100, b"SIP/2.0 200 OK\r\n\r\n", b"x" * 60_000, b"z9hG4bK" * 100):
            stranger.sendto(junk, ("127.0.0.1", carrier.last_source[1]))
    status = await eventually(daemon.client.status, lambda status: status.monitor.strays_total >= 5)
    assert status.monitor.strays_total == 5
    assert is_healthy(await daemon.client.provider(added.id))
