"""Takes queued messages to their channels, each channel's in order, and tries again until they arrive.

A message is marked as sent right after it went. A crash in between has it sent again, under the same id.
"""

import asyncio
import json
import logging
import time
from contextlib import suppress
from typing import Any

from provd.notify.base import Note, NotSent
from provd.schema.alerts import Delivery, DeliveryPage, DeliveryState
from provd.schema.timestamps import from_timestamp, to_timestamp
from provd.services import pages
from provd.services.alerts.channels import ChannelBook
from provd.store import deliveries as stored
from provd.store.engine import Store
from provd.store.errors import StoreError
from provd.store.tables import DeliveryRow

log = logging.getLogger(__name__)

FIRST_RETRY_S = 5.0
LAST_RETRY_S = 300.0
GIVE_UP_AFTER_S = 7 * 86400.0
_LOOK_EVERY_S = 30.0
_LONGEST_SLEEP_S = 30.0


class Deliverer:
    """Runs for as long as the daemon does."""

    def __init__(self, store: Store, channels: ChannelBook) -> None:
        self._store = store
        self._channels = channels
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._wanted = asyncio.Event()
        self._retry: dict[str, asyncio.Event] = {}

    def poke(self) -> None:
        """Something was queued."""
        self._wanted.set()

    def retry(self, channel: str) -> None:
        """Try what waits for a channel now: it was changed, or somebody asks for it."""
        if channel in self._retry:
            self._retry[channel].set()
        self.poke()

    async def run(self) -> None:
        """Deliver until cancelled."""
        try:
            while True:
                self._wanted.clear()
                try:
                    for channel in await self._store.read(stored.waiting_channels):
                        if channel not in self._workers:
                            self._start(channel)
                except StoreError as error:
                    log.warning("alerts can't be delivered: %s", error)
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_EVERY_S):
                        await self._wanted.wait()
        finally:
            for worker in list(self._workers.values()):
                worker.cancel()
            await asyncio.gather(*self._workers.values(), return_exceptions=True)

    async def page(
        self, state: DeliveryState | None, channel: str, alert_id: str, page_size: int, page_token: str
    ) -> DeliveryPage:
        """One page of messages, newest first; empty means any."""
        before = pages.event_cursor(page_token)
        wanted = "" if state is None else state.value
        rows = await self._store.read(stored.page, wanted, channel, alert_id, before, page_size + 1)
        shown = rows[:page_size]
        token = pages.encode(str(shown[-1].id)) if len(rows) > page_size else ""
        return DeliveryPage(result=[_shown(row) for row in shown], next_page_token=token)

    def _start(self, channel: str) -> None:
        worker = asyncio.create_task(self._work(channel))
        self._workers[channel] = worker
        self._retry[channel] = asyncio.Event()

        def ended(task: "asyncio.Task[None]") -> None:
            del self._workers[channel], self._retry[channel]
            if task.cancelled():
                return
            if (error := task.exception()) is not None:
                log.error("the channel %s is given a rest", channel, exc_info=error)
            else:
                self.poke()  # something may have been queued since it looked

        worker.add_done_callback(ended)

    async def _work(self, channel: str) -> None:
        """Send what waits for a channel, one after the other, until nothing does."""
        while True:
            try:
                row = await self._store.read(stored.first, channel)
                if row is None:
                    return
                await self._wait_for(channel, from_timestamp(row.next_at))
                await self._attempt(row)
            except StoreError as error:
                log.warning("alerts can't be delivered: %s", error)
                await asyncio.sleep(FIRST_RETRY_S)

    async def _wait_for(self, channel: str, at: float) -> None:
        """Wait until ``at``, at most as long as between tries: the clock may be set back."""
        retry, clock = self._retry[channel], asyncio.get_running_loop().time
        until = clock() + LAST_RETRY_S
        while (left := min(at - time.time(), until - clock())) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, _LONGEST_SLEEP_S)):  # the clock may step
                    await retry.wait()
                retry.clear()
                return

    async def _attempt(self, row: DeliveryRow) -> None:
        number = row.id or 0
        attempts = row.attempts + 1
        values: dict[str, Any] = {"attempts": attempts}
        gone = row.channel not in self._channels
        try:
            await self._channels.send(row.channel, _note(row))
        except NotSent as error:
            now = time.time()
            values |= {"error": str(error), "next_at": to_timestamp(now + _backoff(attempts))}
            if gone or now - from_timestamp(row.tm_create) > GIVE_UP_AFTER_S:
                values |= {"state": DeliveryState.FAILED.value, "tm_done": to_timestamp(now)}
                log.error("a message to %s was given up: %s (%s)", row.channel, error, row.title)
            elif attempts == 1:
                log.warning("a message to %s did not go, and is tried again: %s", row.channel, error)
        else:
            values |= {
                "state": DeliveryState.SENT.value,
                "error": "",
                "tm_done": to_timestamp(time.time()),
            }
        await self._save(number, values)

    async def _save(self, number: int, values: dict[str, Any]) -> None:
        """Write what became of it, however long that takes: what went is not to be sent again."""
        while True:
            try:
                async with self._store.write() as transaction:
                    await transaction.run(stored.save, number, values)
            except StoreError as error:
                log.warning("what became of a message can't be written: %s", error)
                await asyncio.sleep(FIRST_RETRY_S)
            else:
                return


def _backoff(attempts: int) -> float:
    return float(min(FIRST_RETRY_S * 2 ** (attempts - 1), LAST_RETRY_S))


def _note(row: DeliveryRow) -> Note:
    return Note(
        id=f"provd-{row.alert_id}-{row.id}",
        severity=row.severity,
        what=row.what,
        title=row.title,
        body=row.body,
        data=json.loads(row.data),
    )


def _shown(row: DeliveryRow) -> Delivery:
    fields = row.model_dump(exclude={"next_at", "severity", "body", "data"})
    return Delivery(**fields, next_attempt_at=row.next_at)
