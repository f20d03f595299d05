"""The monitor follows names as their TTL ends. Real sockets, a resolver that says what the test wants."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

import pytest

from provd.demo.behaviour import Behaviour
from provd.demo.server import SimulatedCarrier
from provd.probe.address import SocketAddress
from provd.probe.endpoints import Endpoints
from provd.probe.findings import AddressChange, Transition, UplinkChange
from provd.probe.monitor import Monitor, MonitorHooks, make_target
from provd.probe.resolver import Candidate, Resolution, Resolver
from provd.probe.settings import ProbeSettings
from provd.probe.stream.client import StreamClient
from provd.probe.stream.progress import StreamOutcome
from provd.probe.stream.tls import TlsFiles
from provd.probe.target import Target, Watch
from provd.probe.uplink import FAILING_AT_ONCE
from provd.schema.health import Cause, HealthStatus
from provd.schema.hostname import HostPort, parse_hostname
from provd.schema.probe import RollUp
from provd.schema.provider import Transport
from provd.sip.answer import make_response
from provd.sip.message import Request
from provd.sip.parser import parse_message
from tests.fakes.daemon import eventually

MAX_AGE_S = 1.0


class ScriptedResolver(Resolver):
    """Answers what ``says`` is, with a TTL of nothing."""

    def __init__(self) -> None:
        super().__init__(["127.0.0.1:1"])
        self.says = Resolution(cause=Cause.DNS_NXDOMAIN)
        self.asked = 0

    async def resolve(
        self, host: HostPort, timeout_s: float, transport: Transport = Transport.UDP, *, fresh: bool = False
    ) -> Resolution:
        self.asked += 1
        return self.says

    def say(self, *addresses: SocketAddress) -> None:
        self.says = Resolution(tuple(map(Candidate, addresses)), ttl_s=0.0)


def make_monitor(resolver: Resolver, **how: Any) -> Monitor:
    return Monitor(resolver, Endpoints(), StreamClient(TlsFiles(), lambda *_: None), **how)


@pytest.fixture
def resolver() -> ScriptedResolver:
    return ScriptedResolver()


@asynccontextmanager
async def running(monitor: Monitor) -> AsyncIterator[Monitor]:
    monitor.open()
    task = asyncio.create_task(monitor.run())
    yield monitor
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def monitor(resolver: ScriptedResolver) -> AsyncIterator[Monitor]:
    async with running(make_monitor(resolver)) as made:
        yield made


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


@contextmanager
def answering() -> Iterator[tuple[int, threading.Event]]:
    """A carrier in a thread of its own: it answers also while the process is busy. Its port, and what is set
    once it has answered."""
    answered = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", 0))

        def answer() -> None:
            while data := (came := made.recvfrom(65535))[0]:
                request = parse_message(data)
                assert isinstance(request, Request)
                made.sendto(make_response(request, 200).to_bytes(), came[1])
                answered.set()

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield made.getsockname()[1], answered
        finally:
            made.sendto(b"", made.getsockname())
            thread.join()


def addresses(watch: Watch) -> set[SocketAddress | None]:
    return {target.address for target in watch.targets}


async def test_a_name_is_looked_up_again_when_its_ttl_ends_and_its_targets_follow(
    monitor: Monitor, resolver: ScriptedResolver, carriers: list[SocketAddress]
) -> None:
    first, second = carriers
    resolver.say(first)
    watch = monitor.watch("a", parse_hostname("sip.example.com"), ProbeSettings(interval_s=0.1, timeout_s=1))
    await until(lambda: watch.status is HealthStatus.HEALTHY)
    assert addresses(watch) == {first}
    kept = watch.targets[0]
    resolver.say(first, second)
    await until(lambda: addresses(watch) == {first, second})
    assert watch.targets[0] is kept  # an address that stays keeps its state
    resolver.say(second)
    await until(lambda: addresses(watch) == {second})
    await until(lambda: watch.targets[0].status is HealthStatus.HEALTHY)
    found = monitor.assessor.take_findings()
    assert [each.status for each in found if isinstance(each, Transition)] == [HealthStatus.HEALTHY]
    changes = [(each.added, each.removed) for each in found if isinstance(each, AddressChange)]
    assert changes == [((second,), ()), ((), (first,))]


async def test_a_look_up_that_fails_later_leaves_the_targets(
    monitor: Monitor, resolver: ScriptedResolver, carriers: list[SocketAddress]
) -> None:
    resolver.say(carriers[0])
    watch = monitor.watch("a", parse_hostname("sip.example.com"), ProbeSettings(interval_s=0.1, timeout_s=1))
    await until(lambda: watch.status is HealthStatus.HEALTHY)
    resolver.says = Resolution(cause=Cause.DNS_TIMEOUT, ttl_s=0.0)
    asked = resolver.asked
    await until(lambda: resolver.asked >= asked + 2)
    assert addresses(watch) == {carriers[0]}
    assert watch.status is HealthStatus.HEALTHY


async def test_a_provider_that_moves_is_still_as_it_was_until_fall_checks_failed(
    monitor: Monitor, resolver: ScriptedResolver, carriers: list[SocketAddress]
) -> None:
    resolver.say(carriers[0])
    settings = ProbeSettings(interval_s=0.1, timeout_s=0.3, fall=3, confirm_after_s=0.3)
    watch = monitor.watch("a", parse_hostname("sip.example.com"), settings)
    await until(lambda: watch.status is HealthStatus.HEALTHY)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.3", 0))
        resolver.say(silent.getsockname())
        await until(lambda: watch.status is HealthStatus.UNHEALTHY)
    (found,) = [each for each in monitor.assessor.take_findings() if isinstance(each, Transition)][1:]
    assert (found.previous, watch.targets[0].fails) == (HealthStatus.HEALTHY, 3)


def told(*candidates: Candidate, unheard: str = "") -> Resolution:
    """What DNS says now; it would not tell of the IPv4 addresses of the name ``unheard``."""
    missing = frozenset({(unheard, 4)} if unheard else ())
    return Resolution(candidates, reason=f"{unheard}: SERVFAIL", ttl_s=0.0, unheard=missing)


async def test_where_a_part_of_dns_fails_what_it_told_before_serves_on_until_that_is_too_old(
    resolver: ScriptedResolver, carriers: list[SocketAddress]
) -> None:
    first, second = (Candidate(address, name=name) for address, name in zip(carriers, "ab", strict=True))
    async with running(make_monitor(resolver, dns_max_age_s=2 * MAX_AGE_S)) as monitor:
        resolver.says = told(first, second)
        settings = ProbeSettings(interval_s=0.1, timeout_s=1, rollup=RollUp.ALL)
        watch = monitor.watch("a", parse_hostname("sip.example.com"), settings)
        await until(lambda: watch.status is HealthStatus.HEALTHY)
        naming = watch.naming
        assert naming is not None
        resolver.says = told(first, unheard="b")
        await until(lambda: naming.problem == "b: SERVFAIL")
        assert addresses(watch) == set(carriers)
        await until(lambda: addresses(watch) == {carriers[0]})
        assert naming.problem == "b: SERVFAIL"
        resolver.says = told(first, second)
        await until(lambda: addresses(watch) == set(carriers))
        resolver.says = told(first, unheard="c")  # b was told of: it has no address any more
        await until(lambda: addresses(watch) == {carriers[0]})
        resolver.says = told(first)
        await until(lambda: naming.problem is None)


async def test_addresses_that_are_too_old_are_given_up_with_the_cause_in_dns(
    resolver: ScriptedResolver, carriers: list[SocketAddress]
) -> None:
    async with running(make_monitor(resolver, dns_max_age_s=MAX_AGE_S)) as monitor:
        resolver.say(carriers[0])
        watch = monitor.watch(
            "a", parse_hostname("sip.example.com"), ProbeSettings(interval_s=0.1, timeout_s=1)
        )
        await until(lambda: watch.status is HealthStatus.HEALTHY)
        resolver.says = Resolution(cause=Cause.DNS_TIMEOUT, reason="no answer", ttl_s=0.0)
        await until(lambda: watch.status is HealthStatus.UNHEALTHY)
        assert addresses(watch) == {None}
        assert watch.targets[0].cause is Cause.DNS_TIMEOUT
        resolver.say(carriers[0])
        await until(lambda: watch.status is HealthStatus.HEALTHY)


async def test_a_suspect_is_checked_again_soon_and_not_only_at_its_turn(
    monitor: Monitor, carriers: list[SocketAddress]
) -> None:
    host, port = carriers[0]
    settings = ProbeSettings(interval_s=3600, timeout_s=0.2, fall=3, confirm_after_s=0.05)
    watch = monitor.watch("a", parse_hostname(f"{host}:{port}"), settings)
    await until(lambda: watch.status is HealthStatus.HEALTHY)
    watch.targets[0].address = ("127.0.0.1", 9)  # nothing answers there
    watch.targets[0].source = None
    monitor.prober.probe(watch.targets[0])
    await until(lambda: watch.status is HealthStatus.UNHEALTHY)
    assert watch.targets[0].fails == 3


async def test_many_failures_in_a_row_cast_suspicion_on_our_own_uplink_and_one_answer_clears_it(
    monitor: Monitor, carriers: list[SocketAddress]
) -> None:
    settings = ProbeSettings(interval_s=0.1, timeout_s=0.5)
    host, port = carriers[0]
    watches = [monitor.watch(str(n), parse_hostname(f"{host}:{port}"), settings) for n in range(6)]
    await until(lambda: all(watch.status is HealthStatus.HEALTHY for watch in watches))
    for watch in watches:
        watch.targets[0].address = ("127.0.0.1", 9)
        watch.targets[0].source = None
    await until(lambda: monitor.assessor.uplink.suspect)
    watches[0].targets[0].address = (host, port)
    await until(lambda: not monitor.assessor.uplink.suspect)
    told = [each.suspect for each in monitor.assessor.take_findings() if isinstance(each, UplinkChange)]
    assert told == [True, False]


async def test_max_rate_bounds_how_many_checks_begin(
    resolver: ScriptedResolver, carriers: list[SocketAddress]
) -> None:
    monitor = make_monitor(resolver, max_rate=20)
    monitor.open()
    task = asyncio.create_task(monitor.run())
    host, port = carriers[0]
    for number in range(200):
        monitor.watch(str(number), parse_hostname(f"{host}:{port}"), ProbeSettings(interval_s=1, timeout_s=1))
    started = asyncio.get_running_loop().time()
    await until(lambda: monitor.checks >= 10)
    await until(lambda: asyncio.get_running_loop().time() - started >= 1.0)
    elapsed = asyncio.get_running_loop().time() - started
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert monitor.checks <= 20 * elapsed + 5


async def test_what_nobody_can_check_any_more_keeps_the_time_of_its_last_check(
    monitor: Monitor, resolver: ScriptedResolver, carriers: list[SocketAddress]
) -> None:
    resolver.say(carriers[0])
    settings = ProbeSettings(interval_s=0.1, timeout_s=1)
    host = parse_hostname("sip.example.com")
    watch = monitor.watch("a", host, settings)
    await until(lambda: watch.status is HealthStatus.HEALTHY)
    monitor.watch("a", host, replace(settings, bind=("192.0.2.77", 0)))  # an address that we have no more
    await until(lambda: watch.targets[0].cause is Cause.LOCAL)
    before = watch.checked_at
    assert before is not None
    resolver.say(carriers[1])
    await until(lambda: addresses(watch) == {carriers[1]})
    await until(lambda: watch.targets[0].cause is Cause.LOCAL)
    assert (watch.status, watch.checked_at) == (HealthStatus.HEALTHY, before)


async def test_a_name_that_was_not_resolved_before_keeps_the_time_of_its_last_check(
    monitor: Monitor, resolver: ScriptedResolver, carriers: list[SocketAddress]
) -> None:
    resolver.say(carriers[0])
    settings = ProbeSettings(interval_s=0.1, timeout_s=1, bind=("192.0.2.77", 0))
    restored = Watch("a", parse_hostname("sip.example.com"), settings)
    restored.targets = (make_target(restored, None),)
    restored.status = restored.targets[0].status = HealthStatus.HEALTHY
    restored.targets[0].checked_at = 1.7e9
    monitor.load([restored])
    await until(lambda: restored.targets[0].cause is Cause.LOCAL)
    assert (restored.status, restored.checked_at) == (HealthStatus.HEALTHY, 1.7e9)


class BrokenResolver(ScriptedResolver):
    async def resolve(self, *_: Any, **__: Any) -> Resolution:
        raise RuntimeError("a fault of ours")


class BrokenStreams(StreamClient):
    async def exchange(self, *_: Any) -> StreamOutcome:
        raise RuntimeError("a fault of ours")


async def test_a_fault_of_ours_in_one_check_does_not_end_the_others(
    carriers: list[SocketAddress], caplog: pytest.LogCaptureFixture
) -> None:
    streams = BrokenStreams(TlsFiles(), lambda *_: None)
    monitor = Monitor(BrokenResolver(), Endpoints(), streams)
    settings = ProbeSettings(interval_s=0.1, timeout_s=1)
    async with running(monitor):
        named = monitor.watch("named", parse_hostname("sip.example.com"), settings)
        literal = parse_hostname("{}:{}".format(*carriers[0]))
        stream = monitor.watch("stream", literal, replace(settings, transport=Transport.TCP))
        await until(lambda: {each.targets[0].cause for each in (named, stream)} == {Cause.LOCAL})
        plain = monitor.watch("plain", literal, settings)
        await until(lambda: plain.status is HealthStatus.HEALTHY)
        assert (named.status, stream.status) == (HealthStatus.UNKNOWN, HealthStatus.UNKNOWN)
    assert "a fault of ours" in caplog.text


async def test_a_check_of_what_is_not_watched_attaches_no_history_and_detaches_none(
    resolver: ScriptedResolver, carriers: list[SocketAddress]
) -> None:
    attached: list[Target] = []
    detached: list[Target] = []
    hooks = MonitorHooks(attach=attached.append, detach=detached.append)
    streams = StreamClient(TlsFiles(), lambda *_: None)
    resolver.say(carriers[0])
    host, settings = parse_hostname("sip.example.com"), ProbeSettings(interval_s=0.1, timeout_s=1)
    async with running(Monitor(resolver, Endpoints(), streams, hooks)) as monitor:
        aside = Watch("aside", host, settings)
        assert len(await monitor.check(aside)) == 1
        assert (attached, detached) == ([], [])
        watch = monitor.watch("a", host, settings)
        await until(lambda: watch.status is HealthStatus.HEALTHY)
        monitor.unwatch("a")
    assert len(attached) == 2  # the name, and where it leads
    assert detached == attached


async def test_an_answer_that_comes_after_the_failures_ends_the_suspicion_also_when_taken_in_with_them(
    monitor: Monitor,
) -> None:
    """The failures and the answer are taken in at once: the process was busy meanwhile."""
    hourly = ProbeSettings(interval_s=3600)
    gone = [SimulatedCarrier(Behaviour(delay_s=0.001)) for _ in range(FAILING_AT_ONCE)]
    ports = [await carrier.start("127.0.0.1", 0) for carrier in gone]
    failing = [monitor.watch(f"gone {port}", parse_hostname(f"127.0.0.1:{port}"), hourly) for port in ports]
    with answering() as (port, answered):
        well = monitor.watch("well", parse_hostname(f"127.0.0.1:{port}"), hourly)
        await until(lambda: all(each.status is HealthStatus.HEALTHY for each in (*failing, well)))
        for carrier in gone:
            carrier.close()
        await asyncio.sleep(0.05)
        monitor.assessor.take_findings()
        answered.clear()
        for watch in (*failing, well):
            monitor.prober.probe(watch.targets[0])
        assert answered.wait(20)  # the whole process is busy until then
        await until(lambda: well.targets[0].branch is None)
    told = [each.suspect for each in monitor.assessor.take_findings() if isinstance(each, UplinkChange)]
    assert told == [True, False]
