"""Providers as the rules of alerts see them, out of the store and what is watched."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from provd.alerts.reading import Reading
from provd.probe.monitor import Monitor
from provd.schema.timestamps import to_timestamp
from provd.services.summary import watched_summary
from provd.services.watching import Availability
from provd.store import readings as stored
from provd.store.engine import Store
from provd.store.readings import ReadRow

IN_MAINTENANCE = "it is in maintenance"
DISABLED = "it is disabled"


@dataclass(frozen=True, slots=True)
class CallFigures:
    """How a provider's calls went of late; None: too few were told of. ``impaired`` says in words why they
    fail although it answers; empty: they don't."""

    asr_pct: float | None = None
    pdd_p95_ms: float | None = None
    impaired: str = ""


class Readings:
    """Reads providers. ``calls(provider id)`` tells how calls went."""

    def __init__(
        self,
        store: Store,
        monitor: Monitor,
        availability: Availability,
        calls: Callable[[str], CallFigures],
    ) -> None:
        self._store = store
        self._monitor = monitor
        self._availability = availability
        self._calls = calls

    def some(self, ids: Collection[str]) -> list[Reading]:
        """Those of these providers that are not deleted."""
        return [self._reading(row) for row in self._store.read_now(stored.some, ids)]

    def after(self, provider_id: str, most: int) -> list[Reading]:
        """The next ones by id, up to ``most``; empty after the last."""
        return [self._reading(row) for row in self._store.read_now(stored.after, provider_id, most)]

    def _reading(self, row: ReadRow) -> Reading:
        wall = time.time()
        excluded = DISABLED if not row.enabled else ""
        if row.maintenance_until is not None and row.maintenance_until > to_timestamp(wall):
            excluded = IN_MAINTENANCE
        watch = None if excluded else self._monitor.get(row.id)
        calls = self._calls(row.id)
        tags = frozenset(row.tags)
        if watch is None:
            return Reading(
                provider_id=row.id,
                name=row.name,
                tags=tags,
                excluded=excluded,
                drift=row.drift,
                balance=row.balance,
                asr_pct=calls.asr_pct,
                pdd_p95_ms=calls.pdd_p95_ms,
            )
        summary = watched_summary(
            watch, wall=wall, now=time.monotonic(), availability_24h_pct=self._availability(row.id)
        )
        return Reading(
            provider_id=row.id,
            name=row.name,
            tags=tags,
            status=watch.status,
            cause=summary.cause,
            since=watch.since,
            flapping=summary.flapping,
            explanation=summary.explanation,
            next_step=summary.next_step,
            rtt_p95_ms=summary.rtt_p95_ms,
            loss_pct=summary.loss_pct,
            availability_pct=summary.availability_24h_pct,
            tls_days_left=summary.tls_days_left,
            drift=row.drift,
            balance=row.balance,
            asr_pct=calls.asr_pct,
            pdd_p95_ms=calls.pdd_p95_ms,
            impaired=calls.impaired,
        )
