"""The recorder: takes what the monitor finds to the store and to the event stream.

Findings are written at once and announced after their commit; the latest result of each provider goes to the
stream a few times a second, and to the store when it says something else than the one before.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from provd.probe.findings import Exchange, Finding, Transition, UplinkChange
from provd.probe.monitor import Monitor
from provd.probe.target import StreamTarget, Watch
from provd.probe.verdict import shown_target
from provd.schema.events import EventType, Sample
from provd.schema.health import Cause, HealthStatus
from provd.schema.timestamps import to_timestamp
from provd.services.announcements import announcement
from provd.services.hub import EventHub
from provd.services.known_addresses import written
from provd.services.target_report import rounded
from provd.services.traces import traced_exchange
from provd.store import health as stored_health
from provd.store import providers as stored_providers
from provd.store import transitions as stored_transitions
from provd.store.engine import Store, Transaction
from provd.store.errors import StoreError

log = logging.getLogger(__name__)

SAMPLE_EVERY_S = 0.25
SAVE_EVERY_S = 1.0
RETRY_AFTER_S = 1.0
MAX_UNSAVED_FINDINGS = 100_000
MAX_SAVED_AT_STOP = 100_000
_BATCH = 500


class HealthRecorder:
    """Runs beside the monitor for as long as the daemon does."""

    def __init__(self, monitor: Monitor, store: Store, hub: EventHub) -> None:
        self._monitor = monitor
        self._assessor = monitor.assessor
        self._store = store
        self._hub = hub
        self._findings: list[Finding] = []
        self._unsaved: dict[str, Watch] = {}
        self._next_save = 0.0
        self._store_fails = False
        self._round: asyncio.Task[bool] | None = None

    @property
    def pending(self) -> int:
        """How many rows wait to be written."""
        return len(self._unsaved) + len(self._findings)

    async def run(self) -> None:
        """Record until cancelled; ``flush`` waits for what is being written then."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(SAMPLE_EVERY_S):
                    await self._assessor.changed.wait()
            self._round = asyncio.create_task(self.round(time.monotonic()))
            if not await asyncio.shield(self._round):
                await asyncio.sleep(RETRY_AFTER_S)

    async def round(self, now: float) -> bool:
        """Pass on what was found, and write what is to be written at ``now`` (monotonic). Answers whether the
        store took it."""
        self._collect()
        if not self._findings and now < self._next_save:
            return True
        self._next_save = now + SAVE_EVERY_S
        return await self._save()

    async def flush(self) -> None:
        """Write everything that is not written yet, as the daemon stops."""
        if self._round is not None:
            await self._round
        self._collect()
        for watch in islice(self._monitor.watches(), MAX_SAVED_AT_STOP):
            self._unsaved[watch.key] = watch
        await self._save()

    def _collect(self) -> None:
        self._assessor.sampling = len(self._hub) > 0
        self._assessor.traced = self._hub.followed(EventType.HEALTH_TRACE)
        for finding in self._assessor.take_findings():
            if isinstance(finding, Exchange):
                text = traced_exchange(finding).model_dump_json()
                self._hub.publish_passing(EventType.HEALTH_TRACE, finding.key, text)
            else:
                self._findings.append(finding)
        del self._findings[:-MAX_UNSAVED_FINDINGS]
        checked = self._assessor.take_checked()
        if checked:
            self._hub.publish_samples([(watch.key, _sample(watch)) for watch in checked])
        for watch in self._assessor.take_renewed():
            self._unsaved[watch.key] = watch

    async def _save(self) -> bool:
        """Write findings, then the results that are new. Answers whether the store took it."""
        try:
            while self._findings:
                batch = self._findings[:_BATCH]
                async with self._store.write() as transaction:
                    await self._write_findings(transaction, batch)
                del self._findings[: len(batch)]
            await self._write_results()
        except StoreError as error:
            if not self._store_fails:
                log.error("health is not being kept: %s", error)
            self._store_fails = True
            return False
        if self._store_fails:
            log.warning("health is being kept again")
        self._store_fails = False
        return True

    async def _write_findings(self, transaction: Transaction, batch: Sequence[Finding]) -> None:
        current = [each for each in batch if self._is_current(each)]
        keys = {each.watch.key for each in current if not isinstance(each, UplinkChange)}
        names = await transaction.run(stored_providers.names, keys)
        transitions = [each for each in current if isinstance(each, Transition)]
        rows = {each.watch.key: _row(each.watch) for each in transitions}
        if rows:
            await transaction.run(stored_health.upsert, list(rows.values()))
            await transaction.run(stored_transitions.add, [_transition(each) for each in transitions])
        for each in current:
            key = None if isinstance(each, UplinkChange) else each.watch.key
            kind, event = announcement(each, names.get(key or "", ""))
            transaction.record(kind, to_timestamp(each.at), key, event.model_dump_json())

    async def _write_results(self) -> None:
        for batch in _batches(list(self._unsaved.values())):
            for watch in batch:  # before the write: what is found during it is written next time
                self._unsaved.pop(watch.key, None)
            try:
                await self._write_batch(batch)
            except StoreError:
                for watch in batch:
                    self._unsaved.setdefault(watch.key, watch)
                raise

    async def _write_batch(self, batch: Sequence[Watch]) -> None:
        async with self._store.write() as transaction:
            current = [watch for watch in batch if self._monitor.get(watch.key) is watch]
            rows = [_row(watch) for watch in current if watch.status is not HealthStatus.UNKNOWN]
            if rows:
                await transaction.run(stored_health.upsert, rows)

    def _is_current(self, finding: Finding) -> bool:
        """Whether the provider is still watched as it was when this was found (else it was changed since)."""
        return isinstance(finding, UplinkChange) or self._monitor.get(finding.watch.key) is finding.watch


def _batches(watches: Iterable[Watch]) -> Iterator[list[Watch]]:
    remaining = iter(watches)
    while batch := list(islice(remaining, _BATCH)):
        yield batch


def _row(watch: Watch) -> dict[str, Any]:
    target = shown_target(watch)
    answer = None if target is None else target.answer
    checked_at = watch.checked_at or time.time()
    ends = [
        target.certificate.not_after
        for target in watch.targets
        if isinstance(target, StreamTarget) and target.certificate is not None
    ]
    addresses, resolved_at = written(watch.naming)
    return {
        "provider_id": watch.key,
        "status": watch.status.value,
        "cause": (Cause.LOCAL if target is None or target.cause is None else target.cause).value,
        "code": None if answer is None else answer.code,
        "reason": None if answer is None else answer.reason,
        "server": None if answer is None else answer.server,
        "rtt_ms": None if target is None else target.rtt_ms,
        "since": to_timestamp(watch.since or checked_at),
        "checked_at": to_timestamp(checked_at),
        "tls_not_after": min(ends, default=None),
        "tls_threshold": None if watch.tls_announced is None else watch.tls_announced[0],
        "addresses": addresses,
        "resolved_at": resolved_at,
    }


def _transition(transition: Transition) -> dict[str, Any]:
    exchange = transition.exchange
    shown = None if exchange is None else traced_exchange(exchange)
    return {
        "provider_id": transition.watch.key,
        "at": to_timestamp(transition.at),
        "previous": transition.previous.value,
        "status": transition.status.value,
        "cause": transition.cause.value,
        "code": transition.code,
        "reason": transition.reason,
        "rtt_ms": rounded(transition.rtt_ms),
        "address": None if shown is None else shown.target,
        "sent": None if shown is None else shown.sent,
        "received": None if shown is None else shown.received,
    }


def _sample(watch: Watch) -> str:
    target = shown_target(watch)
    return Sample(
        provider_id=watch.key,
        at=to_timestamp(watch.checked_at or time.time()),
        status=watch.status,
        cause=Cause.LOCAL if target is None or target.cause is None else target.cause,
        code=None if target is None or target.answer is None else target.answer.code,
        rtt_ms=None if target is None or target.rtt_ms is None else round(target.rtt_ms, 3),
    ).model_dump_json()
