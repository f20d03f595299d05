"""What runs until it is cancelled ends then, also when that happens as something comes in for it."""

import asyncio
from collections.abc import Awaitable, Callable
from unittest.mock import AsyncMock, Mock

import pytest

from provd.probe.monitor import Monitor
from provd.probe.resolver import Resolver
from provd.probe.stream.client import StreamClient
from provd.probe.stream.tls import TlsFiles
from provd.services.alerts.deliverer import Deliverer
from provd.services.events import EventService
from provd.services.hub import EventHub
from provd.services.recorder import HealthRecorder

Loop = tuple[Callable[[], Awaitable[object]], Callable[[], object]]
"""What runs, and how something comes in for it."""


def _recorder() -> Loop:
    monitor = Monitor(Resolver([], naptr=False), Mock(), StreamClient(TlsFiles(), lambda *_: None))
    return HealthRecorder(monitor, Mock(), EventHub(0)).run, monitor.assessor.changed.set


def _deliverer() -> Loop:
    deliverer = Deliverer(Mock(read=AsyncMock(return_value=[])), Mock())
    return deliverer.run, deliverer.poke


def _stream() -> Loop:
    hub = EventHub(0)
    events = EventService(Mock(), hub, 10)

    async def follow() -> None:
        async for _ in events.stream(hub.subscribe(), None):
            pass

    return follow, lambda: hub.publish_passing("health.trace", "a", "{}")


@pytest.mark.parametrize("turns", range(5))
@pytest.mark.parametrize("make", [_recorder, _deliverer, _stream])
async def test_it_ends_when_it_is_cancelled_as_something_comes_in(
    make: Callable[[], Loop], turns: int
) -> None:
    run, come_in = make()
    running = asyncio.ensure_future(run())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not running.done()
    come_in()
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    done, _ = await asyncio.wait([running], timeout=1)
    running.cancel()  # so that a failure ends, too
    assert done
    assert running.cancelled()
