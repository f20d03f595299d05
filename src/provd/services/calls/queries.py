"""Figures over a provider's calls: from rollups of days and hours, at the edges from the calls themselves."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from provd.calls.rollup import CallRollup
from provd.schema.calls import (
    CallDetail,
    CallStats,
    CallTotals,
    CallTrend,
    CodeCount,
    CountryCalls,
    Direction,
)
from provd.schema.timestamps import to_timestamp
from provd.services.calls.retention import CallRetention
from provd.services.errors import invalid
from provd.store import calls as stored
from provd.store.calls import DAY_S, HOUR_S
from provd.store.engine import Store
from provd.store.providers import Stored

DEFAULT_SPAN_S = 86400.0
WEEK_S = 7 * DAY_S
MOST_COUNTRIES = 300
MOST_CODES = 20
_BRIEF = 50  # rollups; merging so many takes a millisecond
_BRIEF_CALLS = 1000
_HOURS_A_DAY = DAY_S // HOUR_S

ByCountry = dict[str, CallRollup]


class Records(Protocol):
    """The provider records."""

    def stored(self, provider_id: str) -> Stored:
        """A provider's rows; ServiceError 404 when there is none."""
        ...


class CallQueries:
    """Answers about one provider's calls. Raises ServiceError 404 when there is none, StoreError when the
    store can't be read."""

    def __init__(
        self, providers: Records, store: Store, kept: CallRetention, wall: Callable[[], float] = time.time
    ) -> None:
        self._providers = providers
        self._store = store
        self._kept = kept
        self._wall = wall

    async def stats(
        self,
        provider_id: str,
        start: float | None,
        end: float | None,
        direction: Direction = Direction.OUTBOUND,
        country: str | None = None,
    ) -> CallStats:
        """The calls that began from ``start`` to before ``end`` (seconds since 1970), beside those of a week
        before.

        Without ``end`` until now; without ``start`` DEFAULT_SPAN_S long. Where single calls are not kept any
        more, it is of whole hours.
        """
        row, _ = self._providers.stored(provider_id)
        now = self._wall()
        end = now if end is None else min(end, now)
        start = max(0.0, end - DEFAULT_SPAN_S) if start is None else start
        if start >= end:
            raise invalid("from", "must be before to, which is now unless it is given")
        start, end = self._whole(start, end)
        outbound = direction is Direction.OUTBOUND
        found = await self._gather(row.id, start, end, outbound)
        before = await self._gather(row.id, *self._whole(start - WEEK_S, end - WEEK_S), outbound)
        calls, earlier = _total(found, country), _total(before, country)
        shown, was = _detail(calls), _detail(earlier)
        by_calls = sorted(found, key=lambda each: (-found[each].attempts, each))
        return CallStats(
            provider_id=row.id,
            from_=to_timestamp(start),
            to=to_timestamp(end),
            direction=direction,
            country=country,
            calls=shown,
            week_before=was,
            trend=_trend(shown, was),
            countries=[
                CountryCalls.model_validate({"country": each, **_totals(found[each])})
                for each in by_calls[:MOST_COUNTRIES]
                if country in (None, each)
            ],
        )

    def _whole(self, start: float, end: float) -> tuple[float, float]:
        """The times, moved apart to whole hours where single calls are not kept any more."""
        kept_since = self._wall() - self._kept.calls_s
        if start < kept_since:
            start = float(int(start) // HOUR_S * HOUR_S)
        if end < kept_since:
            end = float(-(-int(end) // HOUR_S) * HOUR_S)
        return max(0.0, start), max(0.0, end)

    async def _gather(self, provider_id: str, start: float, end: float, outbound: bool) -> ByCountry:
        found: ByCountry = {}
        first, last = -int(-start // HOUR_S), int(end // HOUR_S)
        if end >= self._wall():
            last += 1  # nothing of the hour that goes on is after the end
        if first >= last:
            await self._add_calls(found, provider_id, start, end, outbound)
            return found
        await self._add_calls(found, provider_id, start, first * HOUR_S, outbound)
        await self._add_calls(found, provider_id, last * HOUR_S, end, outbound)
        days = range(-(-first // _HOURS_A_DAY), last // _HOURS_A_DAY)
        if not days:
            await self._add_rollups(found, HOUR_S, provider_id, first, last, outbound)
            return found
        await self._add_rollups(found, HOUR_S, provider_id, first, days.start * _HOURS_A_DAY, outbound)
        await self._add_rollups(found, DAY_S, provider_id, days.start, days.stop, outbound)
        await self._add_rollups(found, HOUR_S, provider_id, days.stop * _HOURS_A_DAY, last, outbound)
        return found

    async def _add_calls(
        self, found: ByCountry, provider_id: str, since: float, until: float, outbound: bool
    ) -> None:
        if since >= until:
            return
        calls = await self._store.read(stored.between, provider_id, since, until, outbound=outbound)
        for each in calls:
            pdds_ms = each.pdds_ms.split(",") if each.pdds_ms else []
            rollup = found.setdefault(each.country, CallRollup())
            rollup.add_alike(each.code, each.number, each.sums)
            for start in range(0, len(pdds_ms), _BRIEF_CALLS):
                rollup.add_pdds(map(int, pdds_ms[start : start + _BRIEF_CALLS]))
                await asyncio.sleep(0)

    async def _add_rollups(
        self, found: ByCountry, length_s: int, provider_id: str, first: int, until: int, outbound: bool
    ) -> None:
        if first >= until:
            return
        rollups = await self._store.read(
            stored.rollups_between, length_s, provider_id, first, until - 1, outbound=outbound
        )
        for number, (country, data) in enumerate(rollups, 1):
            found.setdefault(country, CallRollup()).merge_encoded(data)
            if not number % _BRIEF:
                await asyncio.sleep(0)


def _total(found: ByCountry, country: str | None) -> CallRollup:
    total = CallRollup()
    chosen: Iterable[CallRollup] = (
        found.values() if country is None else [found[country]] if country in found else []
    )
    for rollup in chosen:
        total.merge(rollup)
    return total


def _totals(rollup: CallRollup) -> dict[str, float | int | None]:
    return {
        "attempts": rollup.attempts,
        "answered": rollup.answered,
        "effective": rollup.effective,
        "asr_pct": _rounded(rollup.asr_pct),
        "ner_pct": _rounded(rollup.ner_pct),
        "acd_s": _rounded(rollup.acd_s),
        "minutes": round(rollup.duration_s / 60, 2),
        "pdd_p50_ms": _rounded(rollup.pdd_ms(50)),
        "pdd_p95_ms": _rounded(rollup.pdd_ms(95)),
        "setup_mean_ms": _rounded(rollup.setup_ms),
        "mos_mean": _rounded(rollup.mos),
        "loss_mean_pct": _rounded(rollup.loss_pct),
    }


def _detail(rollup: CallRollup) -> CallDetail:
    classes: dict[str, int] = {}
    for code in sorted(rollup.codes):
        name = f"{code // 100}xx"
        classes[name] = classes.get(name, 0) + rollup.codes[code]
    often = sorted(rollup.codes.items(), key=lambda each: (-each[1], each[0]))
    codes = [CodeCount(code=code, count=number) for code, number in often[:MOST_CODES]]
    return CallDetail.model_validate({**_totals(rollup), "classes": classes, "codes": codes})


def _trend(now: CallTotals, before: CallTotals) -> CallTrend:
    changes = {
        name: _difference(getattr(now, name), getattr(before, name)) for name in CallTrend.model_fields
    }
    return CallTrend.model_validate(changes)


def _difference(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else round(now - before, 2)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
