"""The calls of the last minutes in memory: figures at once, and who is impaired."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from provd.calls.impairment import WINDOW_MIN, Thresholds, impairment
from provd.calls.rollup import CallRollup
from provd.store import calls as stored
from provd.store.calls import HOUR_S, Measured
from provd.store.engine import Store
from provd.store.errors import StoreError

log = logging.getLogger(__name__)

EVERY_S = 30.0
WEEK_S = 7 * 86400
_MINUTE_S = 60
_READ_AT_START = 50_000


@dataclass(frozen=True, slots=True)
class CallFigures:
    """A provider's outbound calls that ended in the last WINDOW_MIN minutes; there is at least one."""

    attempts: int
    asr_pct: float
    ner_pct: float
    pdd_p95_ms: float | None


@dataclass(slots=True)
class _Recent:
    """One provider's calls by the minute in which they ended. ``merged`` and ``reason`` are as of
    ``merged_at``, a minute; 0: something came since."""

    minutes: dict[int, CallRollup]
    merged_at: int = 0
    merged: CallRollup | None = None
    before: CallRollup | None = None
    before_hour: int = 0


class RecentCalls:
    """Knows the outbound calls of the last minutes. Asking costs some microseconds, of a provider without
    calls less than one.

    Calls are those that ended lately: if they counted from when they began, those that fail would be seen
    before those that go on.
    """

    def __init__(self, store: Store, thresholds: Thresholds, wall: Callable[[], float] = time.time) -> None:
        self.thresholds = thresholds
        self._store = store
        self._wall = wall
        self._of: dict[str, _Recent] = {}

    def load(self, session: Session) -> None:
        """Take in what the store has of the last minutes, at start-up."""
        since = (self._minute() - WINDOW_MIN + 1) * _MINUTE_S
        for ended in stored.ended_since(session, since, _READ_AT_START):
            self._add(ended.provider_id, ended.ended_at, ended.measured)

    def take(self, calls: Iterable[stored.NewCall]) -> None:
        """Take in calls that were written."""
        since = (self._minute() - WINDOW_MIN + 1) * _MINUTE_S
        for call in calls:
            if call.outbound and call.ended_at >= since:
                measured = Measured(
                    call.country,
                    call.code,
                    call.pdd_ms,
                    call.setup_ms,
                    call.duration_s,
                    call.mos,
                    call.loss_pct,
                )
                self._add(call.provider_id, call.ended_at, measured)

    def providers(self) -> list[str]:
        """The ids of those that had calls of late."""
        return list(self._of)

    def figures(self, provider_id: str) -> CallFigures | None:
        """The figures of the last minutes; None without calls."""
        merged = self._merged(provider_id)
        if merged is None or merged.asr_pct is None or merged.ner_pct is None:
            return None
        return CallFigures(merged.attempts, merged.asr_pct, merged.ner_pct, merged.pdd_ms(95))

    def impairment(self, provider_id: str) -> str | None:
        """Why the provider is impaired, in a sentence, if its checks succeed; None when it is not."""
        merged = self._merged(provider_id)
        if merged is None:
            return None
        return impairment(merged, self._of[provider_id].before, self.thresholds)

    async def run(self) -> None:
        """Forget what is over, and read how it was a week before, until cancelled."""
        while True:
            try:
                await self.refresh()
            except StoreError as error:
                log.warning("how calls went a week before can't be read: %s", error)
            await asyncio.sleep(EVERY_S)

    async def refresh(self) -> None:
        """Do so once. Raises StoreError."""
        for provider_id, recent in list(self._of.items()):
            if self._merged(provider_id) is None:
                del self._of[provider_id]
                continue
            hour = int(self._wall() - WEEK_S) // HOUR_S
            if recent.before_hour != hour:
                rows = await self._store.read(
                    stored.rollups_between, HOUR_S, provider_id, hour - 1, hour + 1, outbound=True
                )
                before = CallRollup()
                for _, data in rows:
                    before.merge_encoded(data)
                recent.before, recent.before_hour = before, hour

    def _minute(self) -> int:
        return int(self._wall()) // _MINUTE_S

    def _add(self, provider_id: str, ended_at: float, call: Measured) -> None:
        recent = self._of.get(provider_id)
        if recent is None:
            recent = self._of[provider_id] = _Recent({})
        minute = min(int(ended_at) // _MINUTE_S, self._minute())
        rollup = recent.minutes.get(minute)
        if rollup is None:
            rollup = recent.minutes[minute] = CallRollup()
        rollup.add(*call[1:])
        recent.merged_at = 0

    def _merged(self, provider_id: str) -> CallRollup | None:
        recent = self._of.get(provider_id)
        if recent is None:
            return None
        now = self._minute()
        if recent.merged_at != now:
            recent.minutes = {at: each for at, each in recent.minutes.items() if now - WINDOW_MIN < at <= now}
            recent.merged = CallRollup() if recent.minutes else None
            for rollup in recent.minutes.values():
                recent.merged.merge(rollup)  # type: ignore[union-attr]
            recent.merged_at = now
        return recent.merged
