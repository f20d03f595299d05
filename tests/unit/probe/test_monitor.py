"""The monitor follows names as their TTL ends. Real sockets, a resolver that says what the test wants."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from provd.demo.behaviour import Behaviour
from provd.demo.server import SimulatedCarrier
from provd.probe.monitor import Monitor
from provd.probe.resolver import Resolution, Resolver
from provd.probe.settings import ProbeIdentity, ProbeSettings
from provd.probe.target import SocketAddress, Watch
from provd.schema.health import Cause, HealthStatus
from provd.schema.hostname import HostPort, parse_hostname
from tests.fakes.daemon import eventually


class ScriptedResolver(Resolver):
    """Answers what ``says`` is, with a TTL of nothing."""

    def __init__(self) -> None:
        super().__init__(["127.0.0.1:1"])
        self.says = Resolution(cause=Cause.DNS_NXDOMAIN)
        self.asked = 0

    async def resolve(self, host: HostPort, timeout_s: float) -> Resolution:
        self.asked += 1
        return self.says

    def say(self, *addresses: SocketAddress) -> None:
        self.says = Resolution(addresses, ttl_s=0.0)


@pytest.fixture
def resolver() -> ScriptedResolver:
    return ScriptedResolver()


@pytest.fixture
async def monitor(resolver: ScriptedResolver) -> AsyncIterator[Monitor]:
    made = Monitor(resolver, ProbeIdentity("provd"))
    made.open()
    running = asyncio.create_task(made.run())
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def carriers() -> AsyncIterator[list[SocketAddress]]:
    """Two carriers that answer, on addresses of their own."""
    running = [SimulatedCarrier(Behaviour(delay_s=0.001)) for _ in range(2)]
    hosts = ("127.0.0.1", "127.0.0.2")
    yield [(host, await carrier.start(host, 0)) for host, carrier in zip(hosts, running, strict=True)]
    for carrier in running:
        carrier.close()


async def until(wanted: Callable[[], bool]) -> None:
    async def ask() -> bool:
        return wanted()

    await eventually(ask, bool)


def addresses(watch: Watch) -> set[SocketAddress | None]:
    return {target.address for target in watch.targets}


async def test_a_name_is_looked_up_again_when_its_ttl_ends_and_its_targets_follow(
    monitor: Monitor, resolver: ScriptedResolver, carriers: list[SocketAddress]
) -> None:
    first, second = carriers
    resolver.say(first)
    watch = monitor.watch("a", parse_hostname("sip.example.com"), ProbeSettings(interval_s=1, timeout_s=1))
    await until(lambda: watch.status is HealthStatus.HEALTHY)
    assert addresses(watch) == {first}
    kept = watch.targets[0]
    resolver.say(first, second)
    await until(lambda: addresses(watch) == {first, second})
    assert watch.targets[0] is kept  # an address that stays keeps its state
    resolver.say(second)
    await until(lambda: addresses(watch) == {second})
    await until(lambda: watch.targets[0].status is HealthStatus.HEALTHY)
    assert [transition.status for transition in monitor.take_transitions()] == [HealthStatus.HEALTHY]


async def test_a_look_up_that_fails_later_leaves_the_targets(
    monitor: Monitor, resolver: ScriptedResolver, carriers: list[SocketAddress]
) -> None:
    resolver.say(carriers[0])
    watch = monitor.watch("a", parse_hostname("sip.example.com"), ProbeSettings(interval_s=1, timeout_s=1))
    await until(lambda: watch.status is HealthStatus.HEALTHY)
    resolver.says = Resolution(cause=Cause.DNS_TIMEOUT, ttl_s=0.0)
    asked = resolver.asked
    await until(lambda: resolver.asked >= asked + 2)
    assert addresses(watch) == {carriers[0]}
    assert watch.status is HealthStatus.HEALTHY


async def test_max_rate_bounds_how_many_checks_begin(
    resolver: ScriptedResolver, carriers: list[SocketAddress]
) -> None:
    monitor = Monitor(resolver, ProbeIdentity("provd"), max_rate=20)
    monitor.open()
    running = asyncio.create_task(monitor.run())
    host, port = carriers[0]
    for number in range(200):
        monitor.watch(str(number), parse_hostname(f"{host}:{port}"), ProbeSettings(interval_s=1, timeout_s=1))
    started = asyncio.get_running_loop().time()
    await until(lambda: monitor.checks >= 10)
    await until(lambda: asyncio.get_running_loop().time() - started >= 1.0)
    elapsed = asyncio.get_running_loop().time() - started
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert monitor.checks <= 20 * elapsed + 5
