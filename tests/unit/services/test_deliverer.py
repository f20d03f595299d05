"""Messages on their way to a channel, when the clock is not what it was."""

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from provd.notify.base import Note, NotSent
from provd.schema.timestamps import NEVER, to_timestamp
from provd.services.alerts.channels import ChannelBook
from provd.services.alerts.deliverer import Deliverer
from provd.store import alerts as stored_alerts
from provd.store import deliveries
from provd.store.engine import Store

NOW = 1_800_000_000.0
AHEAD_S = 7200.0


class Channels:
    """One channel, which can't be reached at first."""

    def __init__(self) -> None:
        self.refused, self.sent = asyncio.Event(), asyncio.Event()
        self.works = False

    def __contains__(self, name: object) -> bool:
        return True

    async def send(self, name: str, note: Note) -> None:
        if not self.works:
            self.refused.set()
            raise NotSent("the network is not up yet")
        self.sent.set()


async def queue(store: Store, wall: float) -> None:
    """Have a message wait that was written at ``wall``."""
    at = to_timestamp(wall)
    alert = {
        "id": "a1", "rule": "r", "metric": "health", "severity": "critical", "channels": [], "phrase": "p",
        "title": "t", "state": "open", "total": 1, "failing": 1, "opened_at": at, "acknowledged_at": NEVER,
        "acknowledged_by": "", "resolved_at": NEVER, "told_at": at, "escalated": False, "steps": [],
    }  # fmt: skip
    message = {
        "alert_id": "a1", "channel": "ops", "what": "opened", "severity": "critical", "title": "t",
        "body": "", "data": "{}", "state": "waiting", "attempts": 0, "error": "", "next_at": at,
        "tm_create": at, "tm_done": NEVER,
    }  # fmt: skip
    async with store.write() as transaction:
        await transaction.run(stored_alerts.save, alert, [])
        await transaction.run(deliveries.add, [message])


async def test_a_clock_that_is_set_back_does_not_silence_a_channel(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall = NOW + AHEAD_S
    clock = SimpleNamespace(time=lambda: wall)
    monkeypatch.setattr("provd.services.alerts.deliverer.time", clock)
    monkeypatch.setattr("provd.services.alerts.deliverer.FIRST_RETRY_S", 0.01)
    monkeypatch.setattr("provd.services.alerts.deliverer.LAST_RETRY_S", 0.05)
    await queue(store, wall)
    channels = Channels()
    running = asyncio.create_task(Deliverer(store, cast("ChannelBook", channels)).run())
    try:
        async with asyncio.timeout(10):
            await channels.refused.wait()
            wall, channels.works = NOW, True
            await channels.sent.wait()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
