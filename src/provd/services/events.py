"""Events: the stream with its replay, the log, and what is forgotten."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress

from provd.schema.events import DaemonEvent, EventPage, EventType, Hello, LoggedEvent
from provd.schema.timestamps import to_timestamp
from provd.services import pages
from provd.services.hub import EventHub, Message, Subscription, resync
from provd.store import events as stored_events
from provd.store import idempotency
from provd.store.engine import Store
from provd.store.errors import StoreError
from provd.version import __version__

MAX_REPLAYED = 10_000
KEEP_ALIVE_S = 15.0
PRUNE_EVERY_S = 600.0
IDEMPOTENCY_KEPT_S = 86400.0
_REPLAY_PAGE = 500


class EventService:
    """The use cases of events. ``kept`` bounds how many durable ones the store keeps."""

    def __init__(self, store: Store, hub: EventHub, kept: int) -> None:
        self._store = store
        self._hub = hub
        self.kept = kept

    async def stream(self, subscription: Subscription, last_seq: int | None) -> AsyncIterator[Message | None]:
        """Yield ``hello``, what came after ``last_seq``, then everything as it happens.

        None stands for a silence of KEEP_ALIVE_S. Ends when the hub closes.
        """
        seq = subscription.since_seq
        yield Message(EventType.HELLO, Hello(seq=seq, version=__version__).model_dump_json())
        if last_seq is not None:
            async for message in self._replay(subscription, last_seq):
                yield message
        while True:
            try:
                async with asyncio.timeout(KEEP_ALIVE_S):
                    messages = await subscription.take()
            except TimeoutError:
                yield None
                continue
            for message in messages:
                yield message
            if self._hub.closed:
                return

    async def log(self, page_size: int, page_token: str, provider_id: str) -> EventPage:
        """One page of past events, newest first."""
        before = pages.event_cursor(page_token)
        rows = await self._store.read(stored_events.page, before, page_size + 1, provider_id)
        shown = rows[:page_size]
        token = pages.encode(str(shown[-1].seq)) if len(rows) > page_size else ""
        return EventPage(
            result=[
                LoggedEvent(
                    seq=row.seq or 0,
                    type=EventType(row.type),
                    at=row.at,
                    provider_id=row.provider_id,
                    data=json.loads(row.data),
                )
                for row in shown
            ],
            next_page_token=token,
        )

    async def announce(self, kind: EventType) -> None:
        """Record an event of the daemon itself."""
        at = to_timestamp(time.time())
        async with self._store.write() as transaction:
            data = DaemonEvent(at=at, version=__version__).model_dump_json()
            transaction.record(kind, at, None, data)

    async def run(self) -> None:
        """Forget what is too old, now and then, until cancelled."""
        while True:
            with suppress(StoreError):  # the recorder says so in the log; the next round makes up for it
                await self.forget(time.time())
            await asyncio.sleep(PRUNE_EVERY_S)

    async def forget(self, now: float) -> None:
        """Forget the oldest events beyond ``kept``, and answers that are too old at ``now`` to be asked for
        again. Raises StoreError."""
        async with self._store.write() as transaction:
            await transaction.run(stored_events.prune, self.kept)
            await transaction.run(idempotency.prune, to_timestamp(now - IDEMPOTENCY_KEPT_S))

    async def _replay(self, subscription: Subscription, last_seq: int) -> AsyncIterator[Message]:
        until = subscription.since_seq
        oldest = await self._store.read(stored_events.oldest_seq)
        if last_seq > until or last_seq < oldest - 1 or until - last_seq > MAX_REPLAYED:
            yield resync(until, f"events after number {last_seq} can't be replayed")
            return
        while last_seq < until:
            rows = await self._store.read(stored_events.after, last_seq, _REPLAY_PAGE)
            for row in rows:
                last_seq = row.seq or 0
                if last_seq <= until and subscription.wants(row.type, row.provider_id):
                    yield Message(row.type, row.data, row.seq)
            if not rows:
                return
