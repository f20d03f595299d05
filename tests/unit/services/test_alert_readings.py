"""Providers as the rules of alerts see them: what their calls and their setup tell."""

import pytest

from provd.alerts.reading import Reading
from provd.calls.impairment import WINDOW_MIN, Thresholds
from provd.probe.endpoints import Endpoints
from provd.probe.monitor import Monitor
from provd.probe.resolver import Resolver
from provd.probe.stream.client import StreamClient
from provd.probe.stream.tls import TlsFiles
from provd.schema.calls import CallRecord
from provd.services.alerts.readings import Readings
from provd.services.calls.intake import CallService
from provd.services.calls.recent import RecentCalls
from provd.services.calls.retention import CallRetention
from provd.store.engine import Store
from provd.store.providers import insert_many

ENOUGH = Thresholds().min_attempts
AT = "2026-01-01 00:00:00.000000"


class World:
    def __init__(self, store: Store) -> None:
        self.now = 20_000 * 86_400.0
        recent = RecentCalls(store, Thresholds(), lambda: self.now)
        self._calls = CallService(store, recent, CallRetention(), lambda: self.now)
        streams = StreamClient(TlsFiles(), lambda *_: None)
        monitor = Monitor(Resolver([], naptr=False), Endpoints(("127.0.0.1", 0)), streams)
        self._readings = Readings(store, monitor, lambda _: None, recent, {})

    async def report(self, count: int) -> None:
        for _ in range(count):
            await self._calls.take_one(CallRecord.model_validate({"provider": "Acme", "code": 503}))

    @property
    def reading(self) -> Reading:
        (only,) = self._readings.some(["p"])
        return only


@pytest.fixture
async def world(store: Store) -> World:
    row = {"id": "p", "name": "Acme", "hostname": "192.0.2.1", "tm_create": AT, "tm_update": AT}
    async with store.write() as transaction:
        await transaction.run(insert_many, [row])
    return World(store)


async def test_calls_tell_while_there_are_enough_of_them(world: World) -> None:
    assert not world.reading.calls_tell
    await world.report(ENOUGH - 1)
    assert (world.reading.asr_pct, world.reading.calls_tell) == (0.0, False)
    await world.report(1)
    assert world.reading.calls_tell
    world.now += WINDOW_MIN * 60
    assert (world.reading.asr_pct, world.reading.calls_tell) == (None, False)
