"""How the prober takes in answers, when there are few checks and when there are many."""

from random import Random

from provd.demo.behaviour import Behaviour
from provd.probe.monitor import Monitor
from provd.probe.resolver import Resolver
from provd.probe.settings import ProbeSettings
from provd.probe.stream.client import StreamClient
from provd.probe.stream.tls import TlsFiles
from provd.schema.health import HealthStatus
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


def _pass(seconds: float, time: FakeTime, network: Network, monitor: Monitor) -> None:
    for _ in range(round(seconds / LOOKS_EVERY_S)):
        network.deliver(time.now + LOOKS_EVERY_S)
        monitor.prober.work(time.now)


async def test_from_two_thousand_a_second_on_the_prober_looks_for_answers_by_itself() -> None:
    time = FakeTime(0.0, 1.7e9)
    network = Network(time, {each: Behaviour(delay_s=0.02) for each in ADDRESSES}, Random("here"))
    streams = StreamClient(TlsFiles(), lambda *_: None)
    monitor = Monitor(Resolver([], naptr=False), network, streams, clock=time.clock)  # type: ignore[arg-type]
    monitor.open()
    each_second = ProbeSettings(interval_s=1.0, timeout_s=1.0)
    for host, port in ADDRESSES:
        monitor.watch(host, parse_hostname(f"{host}:{port}"), each_second)
    monitor.prober.note_rate()
    monitor.prober.note_rate()
    assert network.told == (False,)
    _pass(3.0, time, network, monitor)
    assert monitor.assessor.counts[HealthStatus.HEALTHY] == MANY
    for host, _ in ADDRESSES[FEW:]:
        monitor.unwatch(host)
    monitor.prober.note_rate()
    assert network.told == (False, True)
    await monitor.prober.close()
