"""A provider's settings are changed, at any moment of a check; and how soon it is checked after that."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from provd.demo.behaviour import Behaviour
from provd.demo.server import SimulatedCarrier
from provd.probe.address import SocketAddress
from provd.probe.findings import Transition
from provd.probe.monitor import CheckSuperseded, Monitor
from provd.probe.settings import TICKS_PER_S, ProbeSettings, RequestShape
from provd.probe.source import Sender, Source
from provd.probe.target import Watch
from provd.schema.health import HealthStatus
from provd.schema.hostname import HostPort, parse_hostname
from provd.schema.provider import Transport
from provd.services.traces import traced_exchange

from .test_monitor import ScriptedResolver, make_monitor, running, until

HOURLY = ProbeSettings(interval_s=3600, timeout_s=5)
LIMITED = replace(HOURLY, min_interval_s=15.0)
OTHERWISE = RequestShape(user_agent="other")
SECOND_CHECK_S = 1.3  # by then one that is to come within a second has come


class Peer:
    """A carrier, and the monitor that checks it."""

    def __init__(
        self, monitor: Monitor, resolver: ScriptedResolver, carrier: SimulatedCarrier, port: int
    ) -> None:
        self.monitor = monitor
        self.resolver = resolver
        self.carrier = carrier
        self.host = parse_hostname(f"127.0.0.1:{port}")

    @property
    def agent(self) -> str | None:
        request = self.carrier.last_request
        return None if request is None else request.headers.get("User-Agent")


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    carrier, resolver = SimulatedCarrier(Behaviour(delay_s=0.001)), ScriptedResolver()
    port = await carrier.start("127.0.0.1", 0)
    async with running(make_monitor(resolver)) as monitor:
        yield Peer(monitor, resolver, carrier, port)
    carrier.close()


async def test_a_check_under_way_is_given_up_and_made_anew_by_the_new_settings(peer: Peer) -> None:
    peer.carrier.behaviour = Behaviour(silent=True)
    watch = peer.monitor.watch("a", peer.host, replace(HOURLY, timeout_s=1.0))
    await until(lambda: peer.carrier.requests == 1)
    peer.monitor.watch("a", peer.host, replace(HOURLY, timeout_s=1.0, shape=OTHERWISE))
    peer.carrier.behaviour = Behaviour(delay_s=0.001)
    await until(lambda: watch.status is not HealthStatus.UNKNOWN)
    assert (watch.status, peer.agent, peer.carrier.requests) == (HealthStatus.HEALTHY, "other", 2)


async def test_who_waits_for_a_check_under_way_hears_of_the_one_by_the_new_settings(peer: Peer) -> None:
    watch = peer.monitor.watch("a", peer.host, HOURLY)
    await until(lambda: watch.status is HealthStatus.HEALTHY)
    peer.carrier.behaviour = Behaviour(silent=True)
    asked = peer.carrier.requests
    check = asyncio.create_task(peer.monitor.check(watch))
    await until(lambda: peer.carrier.requests > asked)
    peer.carrier.behaviour = Behaviour(delay_s=0.001)
    peer.monitor.watch("a", peer.host, replace(HOURLY, shape=OTHERWISE))
    (judged,) = await check
    assert judged.result.answer is not None
    assert peer.agent == "other"


async def test_what_is_retransmitted_meanwhile_is_so_still(peer: Peer) -> None:
    peer.carrier.behaviour = Behaviour(silent=True)
    beside = peer.monitor.watch("beside", peer.host, HOURLY)
    await until(lambda: peer.carrier.requests == 1)
    changed = peer.monitor.watch("changed", peer.host, HOURLY)
    await until(lambda: changed.targets[0].branch is not None)
    peer.monitor.watch("changed", peer.host, replace(HOURLY, fall=2))
    peer.carrier.behaviour = Behaviour(delay_s=0.001)
    await until(lambda: beside.status is HealthStatus.HEALTHY and changed.status is HealthStatus.HEALTHY)


async def test_a_header_that_was_secret_stays_so_in_the_trace_of_a_check_under_way(peer: Peer) -> None:
    asked = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    host = parse_hostname(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
    plain = replace(HOURLY, timeout_s=1.0, transport=Transport.TCP)
    shape = RequestShape(headers=(("X-Token", "s3cret"),))
    peer.monitor.watch("a", host, replace(plain, shape=shape, secret_headers=frozenset({"x-token"})))
    await asked.wait()
    watch = peer.monitor.watch("a", host, plain)
    await until(lambda: watch.status is HealthStatus.UNHEALTHY)
    found = [each for each in peer.monitor.assessor.take_findings() if isinstance(each, Transition)]
    sent = [traced_exchange(each.exchange).sent for each in found if each.exchange is not None]
    assert len(sent) == 1
    assert "s3cret" not in str(sent)
    server.close()
    await server.wait_closed()


async def test_a_name_is_checked_once_when_it_is_new(peer: Peer) -> None:
    peer.resolver.say((peer.host.host, peer.host.port or 0))
    watch = peer.monitor.watch("a", parse_hostname("sip.example.com"), HOURLY)
    await until(lambda: watch.status is HealthStatus.HEALTHY)
    await asyncio.sleep(SECOND_CHECK_S)
    assert peer.carrier.requests == 1


@pytest.mark.parametrize("host", [None, parse_hostname("sip.example.com")])
async def test_a_change_does_not_have_a_carrier_checked_sooner_than_it_allows(
    peer: Peer, host: HostPort | None
) -> None:
    peer.resolver.say((peer.host.host, peer.host.port or 0))
    watch = peer.monitor.watch("a", host or peer.host, LIMITED)
    await until(lambda: watch.status is HealthStatus.HEALTHY)
    peer.monitor.watch("a", host or peer.host, replace(LIMITED, shape=OTHERWISE))
    await asyncio.sleep(SECOND_CHECK_S)
    assert peer.carrier.requests == 1
    peer.monitor.watch("a", host or peer.host, HOURLY)  # this one has no limit
    await until(lambda: peer.carrier.requests == 2)


async def test_a_check_that_is_wanted_puts_the_next_one_off_when_the_carrier_has_a_limit(peer: Peer) -> None:
    watch = peer.monitor.watch("a", peer.host, LIMITED)
    await until(lambda: watch.status is HealthStatus.HEALTHY)
    (target,) = watch.targets
    peer.monitor.prober.schedule.again(target, time.monotonic(), 5.0)
    soon = target.due_tick
    await peer.monitor.check(watch)
    assert target.due_tick >= soon + 10 * TICKS_PER_S
    assert 14.0 < peer.monitor.rest_s(watch) <= 15.0


async def test_a_carrier_is_not_checked_sooner_than_it_allows_when_it_is_watched_again(peer: Peer) -> None:
    watch = peer.monitor.watch("a", peer.host, LIMITED)
    await until(lambda: watch.status is HealthStatus.HEALTHY)
    peer.monitor.unwatch("a")  # the provider is disabled
    again = peer.monitor.watch("a", peer.host, LIMITED)  # and enabled
    await asyncio.sleep(SECOND_CHECK_S)
    assert peer.carrier.requests == 1
    assert 12.0 < peer.monitor.rest_s(again) <= 15.0


async def test_who_waits_for_a_check_as_settings_change_does_not_have_a_carrier_asked_too_soon(
    peer: Peer,
) -> None:
    peer.carrier.behaviour = Behaviour(silent=True)
    watch = peer.monitor.watch("a", peer.host, LIMITED)
    check = asyncio.create_task(peer.monitor.check(watch))
    await until(lambda: peer.carrier.requests == 1)
    peer.monitor.watch("a", peer.host, replace(LIMITED, shape=OTHERWISE))
    with pytest.raises(CheckSuperseded):
        await check
    assert peer.agent == "provd"


class Full:
    """A socket whose buffer is full, once."""

    def __init__(self, sender: Sender) -> None:
        self._sender: Sender = sender
        self._full = True

    def send(self, data: bytes, peer: SocketAddress) -> None:
        if self._full:
            self._full = False
            raise BlockingIOError
        self._sender.send(data, peer)


async def test_a_check_of_what_is_not_watched_ends_also_when_there_is_no_room_to_send(peer: Peer) -> None:
    watch = Watch("a", peer.host, HOURLY)
    await peer.monitor.check(watch)
    (target,) = watch.targets
    assert target.source is not None
    target.source = Source(target.source.template, Full(target.source.sender))
    async with asyncio.timeout(3):
        await peer.monitor.check(watch)


async def test_a_check_that_is_wanted_is_made_soon_also_when_there_is_no_room_to_send_and_a_limit(
    peer: Peer,
) -> None:
    watch = peer.monitor.watch("a", peer.host, LIMITED)
    await until(lambda: watch.status is HealthStatus.HEALTHY)
    (target,) = watch.targets
    assert target.source is not None
    target.source = Source(target.source.template, Full(target.source.sender))
    async with asyncio.timeout(3):
        await peer.monitor.check(watch)
