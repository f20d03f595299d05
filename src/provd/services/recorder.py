"""The recorder: takes what the monitor finds to the store and to the event stream.

Transitions are written at once and announced after their commit; the latest result of each provider is
written in batches, samples go to the stream a few times a second.
"""

import asyncio
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from provd.probe.explain import explain
from provd.probe.monitor import Monitor
from provd.probe.target import Watch
from provd.probe.verdict import Transition
from provd.schema.events import EventType, HealthChanged, Sample
from provd.schema.health import Cause, HealthStatus
from provd.schema.timestamps import to_timestamp
from provd.services.hub import EventHub
from provd.store import health as stored_health
from provd.store import providers as stored_providers
from provd.store.engine import Store, Transaction
from provd.store.errors import StoreError

log = logging.getLogger(__name__)

SAMPLE_EVERY_S = 0.25
SAVE_EVERY_S = 1.0
SAVE_EACH_EVERY_S = 10.0
RETRY_AFTER_S = 1.0
MAX_UNSAVED_TRANSITIONS = 100_000
_BATCH = 500


class HealthRecorder:
    """Runs beside the monitor for as long as the daemon does."""

    def __init__(self, monitor: Monitor, store: Store, hub: EventHub) -> None:
        self._monitor = monitor
        self._store = store
        self._hub = hub
        self._transitions: list[Transition] = []
        self._unsaved: dict[str, Watch] = {}
        self._next_save = 0.0
        self._store_fails = False

    @property
    def pending(self) -> int:
        """How many providers' results wait to be written."""
        return len(self._unsaved) + len(self._transitions)

    async def run(self) -> None:
        """Record until cancelled."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._monitor.changed.wait(), SAMPLE_EVERY_S)
            self._collect()
            now = time.monotonic()
            if self._transitions or now >= self._next_save:
                self._next_save = now + SAVE_EVERY_S
                if not await self._save(everything=False):
                    await asyncio.sleep(RETRY_AFTER_S)

    async def flush(self) -> None:
        """Write everything that is not written yet, as the daemon stops."""
        self._collect()
        await self._save(everything=True)

    def _collect(self) -> None:
        self._transitions += self._monitor.take_transitions()
        del self._transitions[:-MAX_UNSAVED_TRANSITIONS]
        checked = self._monitor.take_checked()
        if checked and len(self._hub):
            self._hub.publish_samples([(watch.key, _sample(watch)) for watch in checked])
        for watch in checked:
            self._unsaved[watch.key] = watch

    async def _save(self, *, everything: bool) -> bool:
        """Write transitions, then what is due of the rest. Answers whether the store took it."""
        try:
            while self._transitions:
                batch = self._transitions[:_BATCH]
                async with self._store.write() as transaction:
                    await self._write_transitions(transaction, batch)
                del self._transitions[: len(batch)]
            await self._write_results(everything=everything)
        except StoreError as error:
            if not self._store_fails:
                log.error("health is not being kept: %s", error)
            self._store_fails = True
            return False
        if self._store_fails:
            log.warning("health is being kept again")
        self._store_fails = False
        return True

    async def _write_transitions(self, transaction: Transaction, batch: Sequence[Transition]) -> None:
        current = [each for each in batch if self._is_current(each.watch)]
        names = await transaction.run(stored_providers.names, {each.watch.key for each in current})
        rows = {each.watch.key: _row(each.watch) for each in current}
        if rows:
            await transaction.run(stored_health.upsert, list(rows.values()))
        for each in current:
            event = _changed(each, names.get(each.watch.key, ""))
            transaction.record(EventType.HEALTH_CHANGED, event.at, each.watch.key, event.model_dump_json())

    async def _write_results(self, *, everything: bool) -> None:
        now = time.monotonic()
        due = [
            watch
            for watch in self._unsaved.values()
            if everything or now - watch.saved_at >= SAVE_EACH_EVERY_S
        ]
        for batch in _batches(due):
            for watch in batch:  # before the write: what is checked during it is written next time
                self._unsaved.pop(watch.key, None)
                watch.saved_at = now
            try:
                await self._write_batch(batch)
            except StoreError:
                for watch in batch:
                    self._unsaved.setdefault(watch.key, watch)
                    watch.saved_at = 0.0
                raise

    async def _write_batch(self, batch: Sequence[Watch]) -> None:
        async with self._store.write() as transaction:
            current = [watch for watch in batch if self._is_current(watch)]
            rows = [_row(watch) for watch in current if watch.status is not HealthStatus.UNKNOWN]
            if rows:
                await transaction.run(stored_health.upsert, rows)

    def _is_current(self, watch: Watch) -> bool:
        """Whether the provider is still watched as it was when this was found (else it was changed since)."""
        return self._monitor.get(watch.key) is watch


def _batches(watches: list[Watch]) -> Iterator[list[Watch]]:
    remaining = iter(watches)
    while batch := list(islice(remaining, _BATCH)):
        yield batch


def _row(watch: Watch) -> dict[str, Any]:
    checked_at = watch.checked_at or time.time()
    return {
        "provider_id": watch.key,
        "status": watch.status.value,
        "cause": (watch.cause or Cause.LOCAL).value,
        "code": watch.code,
        "reason": watch.reason,
        "server": watch.server,
        "rtt_ms": watch.rtt_ms,
        "since": to_timestamp(watch.since or checked_at),
        "checked_at": to_timestamp(checked_at),
    }


def _sample(watch: Watch) -> str:
    return Sample(
        provider_id=watch.key,
        at=to_timestamp(watch.checked_at or 0.0),
        status=watch.status,
        cause=watch.cause or Cause.LOCAL,
        code=watch.code,
        rtt_ms=None if watch.rtt_ms is None else round(watch.rtt_ms, 3),
    ).model_dump_json()


def _changed(transition: Transition, name: str) -> HealthChanged:
    watch = transition.watch
    words = explain(transition.cause, transition.code, transition.reason, timeout_s=watch.settings.timeout_s)
    return HealthChanged(
        provider_id=watch.key,
        name=name,
        at=to_timestamp(transition.at),
        previous=transition.previous,
        status=transition.status,
        cause=transition.cause,
        code=transition.code,
        reason=transition.reason if transition.code is not None else None,
        rtt_ms=None if transition.rtt_ms is None else round(transition.rtt_ms, 3),
        explanation=words.explanation,
        next_step=words.next_step,
    )
