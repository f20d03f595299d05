"""Health in full, and its history: what the two endpoints answer."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from provd.probe.explain import NOT_CHECKED_YET, explain
from provd.probe.rollup import counts
from provd.probe.series import HOUR_S
from provd.schema.health import Cause, HealthStatus
from provd.schema.history import (
    Availability,
    History,
    ProviderHealth,
    Resolution,
    TargetHealth,
    TransitionEntry,
)
from provd.schema.provider import Provider
from provd.schema.timestamps import to_timestamp
from provd.services.errors import invalid
from provd.services.history.keeper import HistoryKeeper
from provd.services.history.points import Points, Span
from provd.services.history.reader import Entries, Found, HistoryReader
from provd.services.history.retention import Retention
from provd.store import transitions as stored_transitions
from provd.store.engine import Store
from provd.store.providers import Stored
from provd.store.tables import ProviderRow, TransitionRow

DEFAULT_SPAN_S = 86400.0
MAX_TRANSITIONS = 1000
_LAST_TRANSITIONS = 20
_WEEK_HOURS, _MONTH_HOURS = 7 * 24, 30 * 24
_AHEAD_S = 2 * 86400  # what was measured under a clock that was ahead is found all the same
_BRIEF = 500  # rollups; adding up so many takes a millisecond, then checks go on


class Records(Protocol):
    """Where the providers are. Both raise ServiceError 404 when there is none of the id."""

    def stored(self, provider_id: str) -> Stored:
        """One provider's rows."""
        ...

    async def get(self, provider_id: str) -> Provider:
        """One provider as the API shows it."""
        ...


class HistoryQueries:
    """Answers about one provider.

    Raises ServiceError 404 when there is none, StoreError when the store can't be read.

    ``live`` makes the targets of a provider that is watched; ``timeout_s`` tells how long its checks wait.
    """

    def __init__(
        self,
        providers: Records,
        keeper: HistoryKeeper[Any],
        store: Store,
        retention: Retention,
        live: Callable[[ProviderRow], list[TargetHealth]],
        timeout_s: Callable[[ProviderRow], float],
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._providers = providers
        self._keeper = keeper
        self._store = store
        self._retention = retention
        self._live = live
        self._timeout_s = timeout_s
        self._wall = wall
        self._reader = HistoryReader(store, keeper.roster)

    async def health(self, provider_id: str) -> ProviderHealth:
        """Everything about a provider's health now."""
        row, _ = self._providers.stored(provider_id)
        availability = await self._availability(row.id)
        transitions = await self._store.read(stored_transitions.newest, row.id, _LAST_TRANSITIONS)
        provider = await self._providers.get(row.id)
        return ProviderHealth(
            provider_id=row.id,
            name=provider.name,
            health_status=provider.health_status,
            health_checked_at=provider.health_checked_at,
            health=provider.health,
            availability=availability,
            targets=self._live(row),
            transitions=self._shown(row, transitions),
        )

    async def history(
        self, provider_id: str, start: float | None, end: float | None, points: int, target: str = ""
    ) -> History:
        """A provider's checks from ``start`` to ``end`` (seconds since 1970), or those of one target.

        Without ``end`` until now; without ``start`` DEFAULT_SPAN_S long.
        """
        row, _ = self._providers.stored(provider_id)
        end = self._wall() if end is None else end
        start = max(0.0, end - DEFAULT_SPAN_S) if start is None else start
        if start >= end:
            raise invalid("from", "must be before to, which is now unless it is given")
        span = Span(start, end, points)
        numbers = self._numbers(row.id, target)
        first, until = to_timestamp(start), to_timestamp(end)
        resolution, filled = await self._fill(span, numbers)
        transitions = await self._store.read(
            stored_transitions.between, row.id, first, until, MAX_TRANSITIONS
        )
        return History(
            provider_id=row.id,
            from_=first,
            to=until,
            step_s=filled.step_s,
            resolution=resolution,
            points=filled.shown(),
            transitions=self._shown(row, transitions),
        )

    def _numbers(self, provider_id: str, target: str) -> list[int]:
        known = self._keeper.roster.numbers(provider_id)
        if not target:
            return list(known.values())
        wanted = [
            number for address, number in known.items() if target in (address, address.partition(":")[2])
        ]
        if not wanted:
            there_are = f"there are {', '.join(sorted(known))}" if known else "there is none yet"
            raise invalid("target", f"is no address of this provider that was checked: {there_are}")
        return wanted

    async def _fill(self, span: Span, numbers: Sequence[int]) -> tuple[Resolution, Points]:
        now = self._wall()
        in_memory = [await self._reader.read(number, 1, 0, minutes=True) for number in numbers]
        resolution = span.resolution([found.samples for found in in_memory], now - self._retention.minutes_s)
        points = Points(span, resolution)
        if resolution is Resolution.SAMPLE:
            for found in in_memory:
                await _add_samples(points, found)
            return resolution, points
        minutes = resolution is Resolution.MINUTE
        first, last = span.hours(now - self._retention.hours_s, now + _AHEAD_S)
        for number in numbers:
            found = await self._reader.read(number, first, last, minutes=minutes)
            await _add_rollups(points, found.by_minute() if minutes else found.by_hour())
        return resolution, points

    async def _availability(self, provider_id: str) -> Availability:
        now_hour = int(self._wall()) // HOUR_S
        week, month = now_hour - _WEEK_HOURS, now_hour - _MONTH_HOURS
        checks, up = {week: 0, month: 0}, {week: 0, month: 0}
        for number in self._keeper.roster.numbers(provider_id).values():
            found = await self._reader.read(number, month, now_hour, minutes=False)
            for at, rollup in found.by_hour():
                more_checks, more_up = counts(rollup)
                for since in checks:
                    if at >= since * HOUR_S:
                        checks[since] += more_checks
                        up[since] += more_up
            await asyncio.sleep(0)
        return Availability(
            day_pct=_rounded(self._keeper.availability_24h(provider_id)),
            week_pct=_share(up[week], checks[week]),
            month_pct=_share(up[month], checks[month]),
        )

    def _shown(self, row: ProviderRow, transitions: Sequence[TransitionRow]) -> list[TransitionEntry]:
        timeout_s = self._timeout_s(row)
        return [_entry(each, timeout_s) for each in transitions]


def _entry(row: TransitionRow, timeout_s: float) -> TransitionEntry:
    cause = None if row.cause is None else Cause(row.cause)
    words = NOT_CHECKED_YET if cause is None else explain(cause, row.code, row.reason, timeout_s=timeout_s)
    return TransitionEntry(
        at=row.at,
        previous=HealthStatus(row.previous),
        status=HealthStatus(row.status),
        cause=cause,
        code=row.code,
        reason=row.reason,
        rtt_ms=row.rtt_ms,
        address=row.address,
        explanation=words.explanation,
    )


async def _add_rollups(points: Points, rollups: Entries) -> None:
    for done, (at, rollup) in enumerate(rollups, 1):
        place = points.at(at)
        if place is not None:
            place.merge_encoded(rollup)
        if not done % _BRIEF:
            await asyncio.sleep(0)


async def _add_samples(points: Points, found: Found) -> None:
    for packed in found.samples:
        place = points.at(packed >> 32)
        if place is not None:
            place.add(packed)
    await asyncio.sleep(0)


def _share(part: int, whole: int) -> float | None:
    return _rounded(100.0 * part / whole) if whole else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
