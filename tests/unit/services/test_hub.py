"""The event hub: order, filters, bounds."""

import asyncio

import pytest

from provd.schema.events import EventType
from provd.services import hub as hub_module
from provd.services.hub import EventHub
from provd.store.engine import StoredEvent

CREATED, CHANGED = EventType.PROVIDER_CREATED.value, EventType.HEALTH_CHANGED.value


def stored(seq: int, kind: str = CREATED, provider_id: str = "a") -> StoredEvent:
    return StoredEvent(seq, kind, "2026-01-01 00:00:00.000000", provider_id, f'{{"n":{seq}}}')


async def test_events_come_in_the_order_of_their_numbers() -> None:
    hub = EventHub(5)
    reader = hub.subscribe()
    hub.publish([stored(6), stored(7)])
    hub.publish([stored(8)])
    assert [message.seq for message in await reader.take()] == [6, 7, 8]
    assert (reader.since_seq, hub.seq) == (5, 8)


async def test_a_reader_gets_what_it_asked_for() -> None:
    hub = EventHub(0)
    by_type = hub.subscribe(types=frozenset({CHANGED}))
    by_provider = hub.subscribe(provider_id="b")
    hub.publish([stored(1), stored(2, CHANGED), stored(3, CREATED, "b")])
    hub.publish_samples([("a", '{"a":1}'), ("b", '{"b":1}')])
    assert [message.seq for message in await by_type.take()] == [2]
    assert [(message.seq, message.data) for message in await by_provider.take()] == [
        (3, '{"n":3}'),
        (None, '{"samples":[{"b":1}]}'),
    ]


async def test_of_each_provider_a_slow_reader_gets_the_latest_sample() -> None:
    hub = EventHub(0)
    reader = hub.subscribe()
    for number in range(100):
        hub.publish_samples([("a", f'{{"n":{number}}}'), ("b", f'{{"m":{number}}}')])
    (message,) = await reader.take()
    assert message.data == '{"samples":[{"n":99},{"m":99}]}'


async def test_samples_that_nobody_takes_are_bounded_and_the_latest_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub_module, "MAX_SAMPLES", 10)
    hub = EventHub(0)
    slow = hub.subscribe()
    for number in range(1000):
        hub.publish_samples([(f"p{number}", f'{{"n":{number}}}')])
    (message,) = await slow.take()
    assert message.data.count("{") <= 12
    assert message.data.endswith('{"n":999}]}')


async def test_a_reader_that_falls_behind_loses_its_queue_and_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub_module, "MAX_QUEUED", 3)
    hub = EventHub(0)
    slow, quick = hub.subscribe(), hub.subscribe()
    hub.publish([stored(1), stored(2), stored(3)])
    assert len(await quick.take()) == 3
    hub.publish([stored(4), stored(5)])
    assert [message.type for message in await slow.take()] == ["resync"]
    assert [message.seq for message in await quick.take()] == [4, 5]
    hub.publish([stored(6)])
    assert [message.seq for message in await slow.take()] == [6]
    assert hub.resyncs == 1


async def test_closing_ends_every_reader_after_what_is_queued() -> None:
    hub = EventHub(0)
    waiting, queued = hub.subscribe(), hub.subscribe(types=frozenset({CREATED}))
    task = asyncio.create_task(waiting.take())
    await asyncio.sleep(0)
    hub.publish([stored(1)])
    hub.close()
    assert [message.seq for message in await task] == [1]
    assert [message.seq for message in await queued.take()] == [1]
    assert await queued.take() == []
    assert await hub.subscribe().take() == []
