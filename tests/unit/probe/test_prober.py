"""How the prober takes in answers, when there are few checks and when there are many."""

import asyncio
import socket
import time
from random import Random

import pytest

from provd.demo.behaviour import Behaviour
from provd.probe.endpoints import Endpoints
from provd.probe.monitor import Monitor
from provd.probe.resolver import Resolver
from provd.probe.settings import ProbeSettings
from provd.probe.stream.client import StreamClient
from provd.probe.stream.tls import TlsFiles
from provd.schema.health import Cause, HealthStatus
from provd.schema.hostname import parse_hostname
from tests.fakes.network import FakeNetwork, FakeTime

MANY, FEW = 2500, 100
LOOKS_EVERY_S = 0.003
ADDRESSES = [(f"198.51.{number // 250}.{number % 250 + 1}", 5060) for number in range(MANY)]


class Network(FakeNetwork):
    """Notes whether it was to tell of each datagram."""

    told: tuple[bool, ...] = ()

    def tell(self, *, at_once: bool) -> None:
        self.told += (at_once,)


def _pass(seconds: float, clock: FakeTime, network: Network, monitor: Monitor) -> None:
    for _ in range(round(seconds / LOOKS_EVERY_S)):
        network.deliver(clock.now + LOOKS_EVERY_S)
        monitor.prober.work(clock.now)


async def test_from_two_thousand_a_second_on_the_prober_looks_for_answers_by_itself() -> None:
    clock = FakeTime(0.0, 1.7e9)
    network = Network(clock, {each: Behaviour(delay_s=0.02) for each in ADDRESSES}, Random("here"))
    streams = StreamClient(TlsFiles(), lambda *_: None)
    monitor = Monitor(Resolver([], naptr=False), network, streams, clock=clock.clock)  # type: ignore[arg-type]
    monitor.open()
    each_second = ProbeSettings(interval_s=1.0, timeout_s=1.0)
    for host, port in ADDRESSES:
        monitor.watch(host, parse_hostname(f"{host}:{port}"), each_second)
    monitor.prober.note_rate()
    monitor.prober.note_rate()
    assert network.told == (False,)
    _pass(3.0, clock, network, monitor)
    assert monitor.assessor.counts[HealthStatus.HEALTHY] == MANY
    for host, _ in ADDRESSES[FEW:]:
        monitor.unwatch(host)
    monitor.prober.note_rate()
    assert network.told == (False, True)
    await monitor.prober.close()


@pytest.mark.usefixtures("kernel_stamps")
async def test_an_answer_that_came_in_time_counts_however_much_stands_before_it() -> None:
    loop = asyncio.get_running_loop()
    streams = StreamClient(TlsFiles(), lambda *_: None)
    monitor = Monitor(Resolver([], naptr=False), Endpoints(("127.0.0.1", 0)), streams)
    monitor.open()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as carrier:
        carrier.bind(("127.0.0.1", 0))
        carrier.setblocking(False)
        name = parse_hostname(f"127.0.0.1:{carrier.getsockname()[1]}")
        watch = monitor.watch("busy", name, ProbeSettings(interval_s=60.0, timeout_s=0.5))
        async with asyncio.timeout(20):
            request, us = await loop.sock_recvfrom(carrier, 2048)
        for _ in range(200):
            carrier.sendto(b"SIP/2.0 200 OK\r\n\r\n", us)
        carrier.sendto(answer_to(request), us)
    time.sleep(0.7)  # noqa: ASYNC251 - the whole process is busy, past the deadline
    async with asyncio.timeout(20):
        while watch.checked_at is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await monitor.prober.close()
    assert (watch.status, watch.targets[0].cause) == (HealthStatus.HEALTHY, Cause.OK)
    rtt_ms = watch.targets[0].rtt_ms
    assert rtt_ms is not None
    assert rtt_ms < 500


def answer_to(request: bytes) -> bytes:
    echoed = [
        line for line in request.split(b"\r\n") if line.startswith((b"Via", b"From", b"Call-ID", b"CSeq"))
    ]
    to = [b"To: <sip:here>;tag=there", b"Content-Length: 0", b"", b""]
    return b"\r\n".join([b"SIP/2.0 200 OK", *echoed, *to])
