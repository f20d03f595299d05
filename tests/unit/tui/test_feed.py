import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.message import Message

from provd.schema.events import EventType
from provtui.feed import (
    FIRST_DELAY_S,
    LONGEST_DELAY_S,
    STATUS_EVERY_S,
    Arrived,
    Backoff,
    Feed,
    Lost,
    Reported,
)
from tests.fakes.fake_client import NOW, FakeDaemon, a_provider
from tests.fakes.health_figures import an_exchange


class Listener:
    """Runs a feed; waiting between attempts ends when ``let_go`` is called, and is noted."""

    def __init__(self, daemon: FakeDaemon) -> None:
        self.daemon = daemon
        self.messages: list[Message] = []
        self.delays: list[float] = []
        self._came = asyncio.Event()
        self._gate = asyncio.Event()
        self.feed = Feed(daemon.connect, self._note, rng=random.Random(1), sleep=self._sleep)

    def _note(self, message: Message) -> None:
        self.messages.append(message)
        self._came.set()

    async def _sleep(self, seconds: float) -> None:
        if seconds == STATUS_EVERY_S:
            await asyncio.Event().wait()
        self.delays.append(seconds)
        self._came.set()
        await self._gate.wait()
        self._gate.clear()

    def let_go(self) -> None:
        self._gate.set()

    async def next(self, kind: type[Message]) -> Message:
        async with asyncio.timeout(5):
            while not any(isinstance(message, kind) for message in self.messages):
                self._came.clear()
                await self._came.wait()
        found = next(message for message in self.messages if isinstance(message, kind))
        self.messages.remove(found)
        return found

    async def waiting(self, times: int) -> None:
        async with asyncio.timeout(5):
            while len(self.delays) < times:
                self._came.clear()
                await self._came.wait()


@asynccontextmanager
async def following(daemon: FakeDaemon) -> AsyncIterator[Listener]:
    listener = Listener(daemon)
    task = asyncio.create_task(listener.feed.run())
    try:
        yield listener
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_it_loads_the_fleet_and_the_status_when_connected() -> None:
    async with following(FakeDaemon([a_provider("A")])) as listener:
        await listener.next(Arrived)
        news = listener.feed.take()
        assert news.providers is not None
        assert [provider.name for provider in news.providers] == ["A"]
        assert isinstance(await listener.next(Reported), Reported)


async def test_events_come_in_order_after_the_list() -> None:
    daemon = FakeDaemon([a_provider("A")])
    async with following(daemon) as listener:
        await listener.next(Reported)
        listener.feed.take()
        listener.messages.clear()
        daemon.sample("id-a", 1.0)
        daemon.sample("id-a", 2.0)
        await listener.next(Arrived)
        await listener.next(Arrived)
        news = listener.feed.take()
        assert [event.data.samples[0].rtt_ms for event in news.events] == [1.0, 2.0]  # type: ignore[union-attr]
        assert listener.feed.take().events == []


async def test_a_resync_reads_the_list_anew_and_drops_what_came_before_it() -> None:
    daemon = FakeDaemon([a_provider("A")])
    async with following(daemon) as listener:
        await listener.next(Reported)
        listener.feed.take()
        listener.messages.clear()
        daemon.sample("id-a", 1.0)
        daemon.providers["id-b"] = a_provider("B")
        daemon.resync()
        await listener.next(Reported)
        news = listener.feed.take()
        assert news.providers is not None
        assert [provider.name for provider in news.providers] == ["A", "B"]
        assert news.events == []


async def test_it_says_why_the_daemon_is_away_and_connects_anew() -> None:
    daemon = FakeDaemon([a_provider("A")])
    async with following(daemon) as listener:
        await listener.next(Reported)
        daemon.go_away("it is gone")
        lost = await listener.next(Lost)
        assert isinstance(lost, Lost)
        assert lost.error == "it is gone"
        daemon.come_back()
        listener.let_go()
        await listener.next(Reported)
        assert daemon.calls.count("connect") == 2
        assert daemon.streams_open == 1


async def test_it_waits_longer_after_each_failure_and_begins_anew_after_a_success() -> None:
    daemon = FakeDaemon()
    daemon.go_away()
    async with following(daemon) as listener:
        for attempt in range(1, 5):
            await listener.waiting(attempt)
            listener.let_go()
        await listener.waiting(5)
        assert listener.delays == sorted(listener.delays)
        daemon.come_back()
        listener.let_go()
        await listener.next(Reported)
        daemon.go_away()
        await listener.waiting(6)
        assert listener.delays[5] == FIRST_DELAY_S


async def test_the_end_of_the_stream_counts_as_a_loss() -> None:
    daemon = FakeDaemon()
    async with following(daemon) as listener:
        await listener.next(Reported)
        daemon.go_away()
        daemon.come_back()
        lost = await listener.next(Lost)
        assert isinstance(lost, Lost)


async def test_messages_that_supersede_each_other_replace_each_other() -> None:
    assert Arrived().can_replace(Arrived())
    assert Lost("a").can_replace(Lost("b"))
    assert not Arrived().can_replace(Lost("b"))


@pytest.mark.parametrize("seed", range(5))
def test_delays_stay_within_their_bounds(seed: int) -> None:
    backoff = Backoff(random.Random(seed))
    delays = [backoff.next_s() for _ in range(40)]
    assert all(FIRST_DELAY_S <= delay <= LONGEST_DELAY_S for delay in delays)
    assert max(delays) > 5.0
    assert len({round(delay, 6) for delay in delays[10:]}) > 20


async def test_deleted_and_created_arrive_as_they_are() -> None:
    daemon = FakeDaemon([a_provider("A")])
    async with following(daemon) as listener:
        await listener.next(Reported)
        listener.feed.take()
        listener.messages.clear()
        await listener.feed.client.delete_provider("id-a")
        await listener.next(Arrived)
        assert [event.type for event in listener.feed.take().events] == [EventType.PROVIDER_DELETED]


async def test_an_import_is_followed_by_reading_the_list_anew() -> None:
    daemon = FakeDaemon([a_provider("A")])
    async with following(daemon) as listener:
        await listener.next(Reported)
        listener.feed.take()
        listener.messages.clear()
        daemon.import_as("ben", a_provider("B"))
        await listener.next(Reported)
        news = listener.feed.take()
        assert news.providers is not None
        assert [provider.name for provider in news.providers] == ["A", "B"]


async def test_exchanges_that_someone_else_follows_are_no_news() -> None:
    daemon = FakeDaemon([a_provider("A")])
    async with following(daemon) as listener:
        await listener.next(Reported)
        listener.feed.take()
        listener.messages.clear()
        daemon.exchange(an_exchange("id-a", NOW))
        daemon.sample("id-a", 1.0)
        await listener.next(Arrived)
        assert [event.type for event in listener.feed.take().events] == [EventType.HEALTH_SAMPLE]
