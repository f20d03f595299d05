"""Providers as the rules of alerts see them, out of the store and what is watched."""

import time
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice

from provd.alerts.condition import found
from provd.alerts.reading import Figures, Reading
from provd.probe.monitor import Monitor
from provd.probe.target import Watch
from provd.probe.verdict import shown_target
from provd.schema.alerts import Metric, Rule
from provd.schema.health import HealthStatus
from provd.schema.provider import Transport
from provd.schema.timestamps import to_timestamp
from provd.services.calls.recent import RecentCalls
from provd.services.summary import tls_days_left, watched_summary
from provd.services.watching import Availability
from provd.store import readings as stored
from provd.store.engine import Store
from provd.store.readings import ReadRow

IN_MAINTENANCE = "it is in maintenance"
DISABLED = "it is disabled"
UNCHECKED = "it is no longer checked"
_SCANNED_AT_ONCE = 100
_OF_THE_STORE = frozenset({Metric.DRIFT, Metric.BALANCE})
_OF_CALLS = frozenset({Metric.ASR, Metric.PDD, Metric.IMPAIRED})


class Readings:
    """Reads providers. ``failed_tests`` says why the latest test call of some did not get through."""

    def __init__(
        self,
        store: Store,
        monitor: Monitor,
        availability: Availability,
        calls: RecentCalls,
        failed_tests: Mapping[str, str],
    ) -> None:
        self._store = store
        self._monitor = monitor
        self._availability = availability
        self._calls = calls
        self._failed_tests = failed_tests

    def some(self, ids: Collection[str]) -> list[Reading]:
        """Those of these providers that are not deleted."""
        return [self._reading(row) for row in self._store.read_now(stored.some, ids)]

    def round(self, rules: Iterable[Rule], known: Collection[str], most: int) -> Iterator[list[str]]:
        """The providers that ``rules`` may hold for, and the ``known`` ones: lists of up to ``most``, some
        of them empty, each of which takes no more than a millisecond to find."""
        yield from _cut(list(known), most)
        wanted = [each for each in rules if each.metric is not Metric.UPLINK]
        if any(each.metric in _OF_THE_STORE for each in wanted):
            yield from _cut(self._store.read_now(stored.set_up), most)
        if any(each.metric in _OF_CALLS for each in wanted):
            yield from _cut(self._calls.providers(), most)
        if any(each.metric is Metric.TEST_CALL for each in wanted):
            yield from _cut(list(self._failed_tests), most)
        elsewhere = _OF_THE_STORE | _OF_CALLS | {Metric.TEST_CALL}
        in_memory = [each for each in wanted if each.metric not in elsewhere]
        for watches in self._scanned():
            found = [
                each.key for each in watches if each.key not in known and self._may_raise(each, in_memory)
            ]
            yield from _cut(found, most) if found else [[]]

    def _scanned(self) -> Iterator[list[Watch]]:
        """All watches, some at a time; who is added meanwhile may be left out, or met twice."""
        watches, done = self._monitor.watches(), 0
        while True:
            try:
                some = list(islice(watches, _SCANNED_AT_ONCE))
            except RuntimeError:  # one was added or removed
                watches = self._monitor.watches()
                deque(islice(watches, done), maxlen=0)
                continue
            if not some:
                return
            done += len(some)
            yield some

    def _may_raise(self, watch: Watch, rules: Sequence[Rule]) -> bool:
        reading = self._watched(watch, ReadRow(watch.key))
        return any(found(rule, reading) is not None for rule in rules)

    def _reading(self, row: ReadRow) -> Reading:
        excluded = "" if row.enabled else DISABLED
        if row.maintenance_until is not None and row.maintenance_until > to_timestamp(time.time()):
            excluded = IN_MAINTENANCE
        if excluded:
            return Reading(provider_id=row.id, name=row.name, excluded=excluded)
        watch = self._monitor.get(row.id) if row.checked else None
        calls = self._calls.figures(row.id)
        reading = self._unwatched(row) if watch is None else self._watched(watch, row)
        failed = self._failed_tests.get(row.id, "")
        if calls is None:
            return replace(reading, test_call=failed) if failed else reading
        impaired = reading.status is HealthStatus.HEALTHY and self._calls.impairment(row.id)
        return replace(
            reading,
            asr_pct=calls.asr_pct,
            pdd_p95_ms=calls.pdd_p95_ms,
            calls_tell=calls.attempts >= self._calls.thresholds.min_attempts,
            impaired=impaired or "",
            test_call=failed,
        )

    @staticmethod
    def _unwatched(row: ReadRow) -> Reading:
        return Reading(
            provider_id=row.id,
            name=row.name,
            tags=row.tags,
            unchecked="" if row.checked else UNCHECKED,
            set_up=row.set_up,
            drift=row.drift,
            balance=row.balance,
        )

    def _watched(self, watch: Watch, row: ReadRow) -> Reading:
        shown = shown_target(watch)
        return Reading(
            provider_id=row.id,
            name=row.name,
            tags=row.tags,
            status=watch.status,
            cause=None if shown is None else shown.cause,
            since=watch.since,
            flapping=watch.flapping,
            over_tls=watch.settings.transport is Transport.TLS,
            tls_days_left=tls_days_left(watch, time.time()),
            set_up=row.set_up,
            drift=row.drift,
            balance=row.balance,
            settle_s=watch.settings.settle_s,
            figures=cache(lambda: self._figures(watch)),
        )

    def _figures(self, watch: Watch) -> Figures:
        available = self._availability(watch.key)
        now, wall = time.monotonic(), time.time()
        summary = watched_summary(watch, wall=wall, now=now, availability_24h_pct=available)
        return Figures(
            explanation=summary.explanation,
            next_step=summary.next_step,
            rtt_p95_ms=summary.rtt_p95_ms,
            loss_pct=summary.loss_pct,
            availability_pct=available,
        )


def _cut(ids: Sequence[str], most: int) -> Iterator[list[str]]:
    for start in range(0, len(ids), most):
        yield list(ids[start : start + most])
