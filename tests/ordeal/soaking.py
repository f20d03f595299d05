"""The daemon's parts under a fake clock: hundreds of providers, clients that write, readers of events."""

import asyncio
from array import array
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import time

from sqlalchemy import text
from sqlalchemy.orm import Session

from provd.demo.behaviour import Behaviour
from provd.probe.collector import SampleCollector
from provd.probe.monitor import Monitor, MonitorHooks
from provd.probe.resolver import Resolver as NameResolver
from provd.probe.rollup import Rollup
from provd.probe.settings import ProbeSettings
from provd.probe.stream.client import StreamClient
from provd.probe.stream.tls import TlsFiles
from provd.probe.target import Target
from provd.schema.provider import Provider, ProviderCreate, ProviderPatch
from provd.schema.route import RouteCreate
from provd.services.actor import Actor
from provd.services.audit import AuditService
from provd.services.events import EventService
from provd.services.history.keeper import HistoryKeeper
from provd.services.history.reader import HistoryReader
from provd.services.history.retention import Retention
from provd.services.hub import EventHub, Message
from provd.services.precondition import Precondition
from provd.services.probe_settings import SettingsMaker
from provd.services.providers import ProviderService
from provd.services.recorder import HealthRecorder
from provd.services.routing.book import RouteBook
from provd.services.routing.routes import RouteService
from provd.services.target_report import target_name
from provd.services.watching import Watching
from provd.store.engine import STORE_NAME, Store
from tests.fakes.network import FakeNetwork, FakeTime
from tests.fakes.new_store import make_store

from .weighing import sizes

INTERVAL_S = 60.0
ROUND_S = 5.0
TURN_S = 0.25
CHURN_EVERY_S, FORGET_EVERY_S, HOUR_S = 60, 600, 3600
EVENTS_KEPT = 2000
AUDIT_KEPT_S = 10.0  # of the real time, by which lines are stamped: some hours of the fake one
FORGOTTEN = ("event", "sample_log", "checkpoint", "rollup_minute", "transition")
CHURNED = 10
"""Providers of which one is deleted and one added each minute."""

IN_MEMORY = Path("/dev/shm")
STARTED_AT = time() // HOUR_S * HOUR_S
MARA = Actor(1000, "mara", 77, "admin", "POST", "r-1")
STRANGER = Actor(1001, "nobody", 78, "", "GET", "r-2")


class Soak:
    """The parts as the daemon puts them together. ``checks`` counts those of the present hour and the one
    before, by hour and provider; ``lasting`` are the providers that stay."""

    def __init__(self, folder: Path, providers: int, seed: str) -> None:
        random = Random(seed)
        addresses = [
            (f"198.51.{number // 250}.{number % 250 + 1}", 5060) for number in range(providers + CHURNED)
        ]
        self.time = FakeTime(asyncio.get_running_loop().time(), STARTED_AT)
        self.network = FakeNetwork(self.time, {each: _behaviour(random) for each in addresses}, random)
        make_store(folder / STORE_NAME)
        self.store = Store(folder / STORE_NAME)
        self.hub = EventHub(0)
        self.store.on_commit = self.hub.publish
        self.collector = SampleCollector()
        retention = Retention(minutes_s=HOUR_S, hours_s=2 * HOUR_S, transitions_s=2 * HOUR_S)
        wall = self.time.wall
        self.keeper = HistoryKeeper[Target](self._take, target_name, self.store, retention, wall)
        hooks = MonitorHooks(
            attach=self.keeper.attach, detach=self.keeper.detach, keep_sample=self.collector.keep
        )
        self.monitor = Monitor(
            NameResolver([], naptr=False),
            self.network,  # type: ignore[arg-type]
            StreamClient(TlsFiles(), lambda *_: None),
            hooks,
            clock=self.time.clock,
        )
        settings = SettingsMaker(ProbeSettings(interval_s=INTERVAL_S, timeout_s=4.0))
        watching = Watching(self.monitor, settings, self.keeper.availability_24h)
        self.recorder = HealthRecorder(self.monitor, self.store, self.hub)
        self.events = EventService(self.store, self.hub, EVENTS_KEPT)
        self.audit = AuditService(self.store, AUDIT_KEPT_S, clock=self.time.clock.monotonic)
        self.book = RouteBook(self.store, watching)
        self.routes = RouteService(self.store, self.book)
        self.providers = ProviderService(self.store, watching, self.book, self.routes)
        self.deaf = self.hub.subscribe()
        self.checks: dict[int, Counter[str]] = {}
        self.checks_total = 0
        self._heard: int | None = None
        self.lasting: list[str] = []
        self._addresses = addresses
        self._passing: list[Provider] = []
        self._made = 0

    async def add_all(self) -> None:
        """Add the providers that stay, and those that come and go."""
        lasting = len(self._addresses) - CHURNED
        self.lasting = [(await self._add()).id for _ in range(lasting)]
        self._passing = [await self._add() for _ in range(CHURNED)]

    async def hour(self) -> None:
        """Let an hour pass."""
        for round_ in range(int(HOUR_S / ROUND_S)):
            for _ in range(int(ROUND_S / TURN_S)):
                self.network.deliver(self.time.now + TURN_S)
                self.monitor.prober.work(self.time.now)
            self.monitor.prober.note_rate()
            self.monitor.assessor.end_flapping(self.time.now, self.time.wall())
            await self.recorder.round(self.time.now)
            await self.keeper.round(ROUND_S)
            passed_s = int(round_ * ROUND_S)
            if not passed_s % CHURN_EVERY_S:
                await self._churn()
            if not passed_s % FORGET_EVERY_S:
                await self.events.forget(self.time.wall())
        await self.audit.forget(time())

    async def listen(self) -> None:
        """Hear every event, as a reader does who keeps up."""
        reader = self.hub.subscribe()
        while messages := await reader.take():
            self._hear(messages)

    def sizes(self) -> dict[str, int]:
        """The sizes of everything that the parts hold."""
        parts = (self.monitor, self.keeper, self.collector, self.recorder, self.hub, self.store)
        return sizes(*parts, self.events, self.audit, self.book, self.routes, self.providers)

    async def rows(self) -> dict[str, int]:
        """How many rows there are in the tables from which something is forgotten."""
        tables = ("event", "sample_log", "checkpoint", "rollup_minute", "transition")
        found = {}
        for table in tables:
            query = text(f'SELECT count(*) FROM "{table}"')
            found[table] = int(
                await self.store.read(lambda session, query=query: session.execute(query).scalar())
            )
        return found

    async def prove_complete(self) -> None:
        """The history has every check of the hour that is over, by hours and by minutes."""
        reader = HistoryReader(self.store, self.keeper.roster)
        over = self._hour - 1
        at = int(STARTED_AT) // HOUR_S + over
        for provider_id in self.lasting:
            (number,) = self.keeper.roster.numbers(provider_id).values()
            wanted = self.checks[over][provider_id]
            assert wanted >= HOUR_S / INTERVAL_S - 1
            by_hour = (await reader.read(number, at, at + 1, minutes=False)).by_hour()
            by_minute = (await reader.read(number, at, at + 1, minutes=True)).by_minute()
            assert [_counted(by_hour, over), _counted(by_minute, over)] == [wanted, wanted]

    @property
    def _hour(self) -> int:
        """Which hour it is, since the beginning."""
        return int(self.time.elapsed_s) // HOUR_S

    async def _churn(self) -> None:
        """What clients do in a minute: a provider goes with its route, another comes; somebody is refused."""
        gone = self._passing.pop(0)
        await self.providers.delete(gone.id, MARA, Precondition(), cascade=True)
        self._addresses.append(self._addresses.pop(-CHURNED))
        added = await self._add()
        await self.routes.create(RouteCreate(name="r", provider_id=added.id, target=f"+{self._made}"), MARA)
        await self.providers.patch(added.id, ProviderPatch(detail="x" * 500), MARA, Precondition())
        self._passing.append(added)
        await self.audit.refused(STRANGER, "/v1.0/providers", "NO_ROLE")

    async def _add(self) -> Provider:
        place = min(self._made, len(self._addresses) - 1)
        self._made += 1
        host, port = self._addresses[place]
        new = ProviderCreate.model_validate({"name": f"n{self._made}", "hostname": f"{host}:{port}"})
        return await self.providers.create(new, MARA)

    def _hear(self, messages: Sequence[Message]) -> None:
        for message in messages:
            assert message.type != "resync"
            if message.seq is not None:
                assert self._heard is None or message.seq == self._heard + 1
                self._heard = message.seq

    def _take(self) -> "tuple[list[Target], array[int]]":
        targets, samples = self.collector.take()
        for target, packed in zip(targets, samples, strict=True):
            hour = int((packed >> 32) - STARTED_AT) // HOUR_S
            if hour not in self.checks:
                self.checks = {each: self.checks[each] for each in self.checks if each >= hour - 1}
                self.checks[hour] = Counter()
            self.checks[hour][target.watch.key] += 1
        self.checks_total += len(targets)
        return targets, samples


@asynccontextmanager
async def soaking(providers: int, seed: str) -> AsyncIterator[Soak]:
    """The parts, with a reader of events who keeps up and one who never reads.

    Their store is in memory, where there is a disk for that: how fast disks are is not looked at here.
    """
    with TemporaryDirectory(prefix="provd-", dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as folder:
        made = Soak(Path(folder), providers, seed)
        made.monitor.open()
        listening = asyncio.create_task(made.listen())
        try:
            await made.add_all()
            yield made
        finally:
            made.hub.close()
            await listening
            await made.monitor.prober.close()
            await made.store.close()


def _behaviour(random: Random) -> Behaviour:
    """Most carriers do well; some lose requests, come and go, or are never there."""
    chance = random.random()
    if chance < 0.8:
        return Behaviour()
    if chance < 0.9:
        return Behaviour(loss=0.05)
    if chance < 0.97:
        return Behaviour(flap_s=random.choice([300.0, 1800.0, 7200.0]))
    return Behaviour(silent=True)


def _count(session: Session, table: str) -> int:
    return int(session.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one())


def _counted(rollups: Iterable[tuple[int, bytes]], hour: int) -> int:
    """How many checks there are in an hour since the beginning."""
    total = Rollup()
    for at, encoded in rollups:
        if int(at - STARTED_AT) // HOUR_S == hour:
            total.merge_encoded(encoded)
    return total.count
