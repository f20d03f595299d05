"""The calls of the last minutes: figures, and the week before."""

import pytest

from provd.calls.impairment import WINDOW_MIN, Thresholds
from provd.schema.calls import CallRecord
from provd.schema.timestamps import to_timestamp
from provd.services.calls.intake import CallService
from provd.services.calls.recent import CallFigures, RecentCalls
from provd.services.calls.retention import CallRetention
from provd.store.engine import Store
from provd.store.providers import insert_many

WEEK_S = 7 * 86_400


class World:
    def __init__(self, store: Store) -> None:
        self.now = 20_000 * 86_400 + 12 * 3600 + 100.0
        self.store = store
        self.recent = RecentCalls(store, Thresholds(), lambda: self.now)
        self._calls = CallService(store, self.recent, CallRetention(), lambda: self.now)

    async def report(self, count: int, code: int, began_s_ago: float = 60.0, **more: float | str) -> None:
        for _ in range(count):
            given = {"provider": "Acme", "code": code, "at": to_timestamp(self.now - began_s_ago), **more}
            await self._calls.take_one(CallRecord.model_validate(given))


@pytest.fixture
async def world(store: Store) -> World:
    at = "2026-01-01 00:00:00.000000"
    row = {"id": "p", "name": "Acme", "hostname": "192.0.2.1", "tm_create": at, "tm_update": at}
    async with store.write() as transaction:
        await transaction.run(insert_many, [row])
    return World(store)


async def test_without_calls_nothing_is_known(world: World) -> None:
    assert world.recent.figures("p") is None
    assert world.recent.impairment("p") is None


async def test_calls_count_when_they_have_ended_and_for_as_long_as_the_window(world: World) -> None:
    await world.report(1, 200, began_s_ago=3600, setup_ms=2000, duration_s=3590)
    await world.report(1, 503, began_s_ago=3600)
    await world.report(1, 486, pdd_ms=700)
    await world.report(5, 503, direction="inbound")
    figures = world.recent.figures("p")
    assert figures is not None
    assert (figures.attempts, figures.asr_pct, figures.ner_pct) == (2, 50.0, 100.0)
    world.now += WINDOW_MIN * 60
    assert world.recent.figures("p") is None
    await world.recent.refresh()
    assert world.recent.providers() == []


async def test_a_new_process_knows_the_same(world: World) -> None:
    await world.report(3, 200, duration_s=10)
    await world.report(1, 404)
    again = RecentCalls(world.store, Thresholds(), lambda: world.now)
    world.store.read_now(again.load)
    assert again.figures("p") == world.recent.figures("p") == CallFigures(4, 75.0, 75.0, None)


async def test_a_fall_since_the_week_before_is_seen_once_that_was_read(world: World) -> None:
    await world.report(30, 200, began_s_ago=WEEK_S)
    await world.report(14, 200)
    await world.report(11, 503)
    assert world.recent.impairment("p") is None
    await world.recent.refresh()
    reason = world.recent.impairment("p")
    assert reason is not None
    assert "a week before it was 100 %" in reason
