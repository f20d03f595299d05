"""One scrape: the text of all metrics, piece by piece, so that checks go on meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from prometheus_client import exposition
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import exposition as openmetrics

from provd.probe.monitor import Monitor
from provd.schema.health import HealthStatus
from provd.services.calls.recent import RecentCalls
from provd.services.metrics.families import DISABLED, FAMILIES, Named, Shown, shown
from provd.services.metrics.instruments import Instruments
from provd.services.watching import Watching
from provd.store import providers as stored_providers
from provd.store.engine import Store

_PAGE = 200
_TURN_S = 0.001
"""How long the text is written before others have their turn of the loop."""

_CHUNK = 64 * 1024
_END = "# EOF\n"


@dataclass(frozen=True, slots=True)
class _Only:
    """One metric where the library takes a registry of them."""

    metric: Metric

    def collect(self) -> Iterator[Metric]:
        yield self.metric


class MetricsService:
    """Writes what there is at the moment; nothing is kept between two scrapes."""

    def __init__(
        self,
        instruments: Instruments,
        store: Store,
        monitor: Monitor,
        watching: Watching,
        recent_calls: RecentCalls,
    ) -> None:
        self._instruments = instruments
        self._store = store
        self._monitor = monitor
        self._watching = watching
        self._recent_calls = recent_calls

    @staticmethod
    def media_type(*, is_openmetrics: bool) -> str:
        """The Content-Type of what ``scrape`` writes."""
        return openmetrics.CONTENT_TYPE_LATEST if is_openmetrics else exposition.CONTENT_TYPE_PLAIN_0_0_4

    async def scrape(self, *, is_openmetrics: bool) -> AsyncIterator[bytes]:
        """Yield the text, as OpenMetrics 1.0 or in Prometheus's older text format. Raises StoreError before
        the first piece."""
        providers = await self._providers()
        write: Any = openmetrics.generate_latest if is_openmetrics else exposition.generate_latest
        for metric in self._instruments.registry.collect():
            yield write(_Only(metric)).removesuffix(_END.encode())
            await asyncio.sleep(0)
        parts: list[str] = []
        size, turn_ends = 0, time.monotonic() + _TURN_S
        for family in FAMILIES:
            parts.append(family.head)
            now = time.time()
            for each in providers:
                for line in family.lines(each, now):
                    parts.append(line)
                    size += len(line)
                if time.monotonic() > turn_ends:
                    if size > _CHUNK:
                        yield "".join(parts).encode()
                        parts, size = [], 0
                    await asyncio.sleep(0)
                    turn_ends = time.monotonic() + _TURN_S
        if is_openmetrics:
            parts.append(_END)
        yield "".join(parts).encode()

    async def _providers(self) -> list[Shown]:
        found: list[Shown] = []
        after = ""
        while True:
            rows = await self._store.read(stored_providers.labelled, after, _PAGE)
            turn_ends = time.monotonic() + _TURN_S
            for row in rows:
                found.append(self._shown(row))
                if time.monotonic() > turn_ends:
                    await asyncio.sleep(0)
                    turn_ends = time.monotonic() + _TURN_S
            if len(rows) < _PAGE:
                return found
            after = rows[-1].id

    def _shown(self, row: stored_providers.LabelledRow) -> Shown:
        watch = self._monitor.get(row.id)
        state = self._watching.state_of(row.id)
        return shown(
            Named(row.id, row.name, row.carrier),
            watch,
            DISABLED if state is None else state.value,
            maintenance=row.maintenance,
            impaired=state is HealthStatus.HEALTHY and self._recent_calls.impairment(row.id) is not None,
            calls=self._recent_calls.figures(row.id),
        )
