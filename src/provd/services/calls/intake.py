"""Taking call records in: many a second, each once."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Any

from pydantic import ValidationError

from provd.calls.country import country_of
from provd.calls.rollup import CallRollup
from provd.schema.calls import MAX_FAILURES_SHOWN, CallRecord, CallReport, Direction, FailedCall
from provd.services.actor import Actor
from provd.services.auditing import Subject, audit
from provd.services.calls.known import KnownProviders
from provd.services.calls.recent import RecentCalls
from provd.services.calls.retention import CallRetention
from provd.services.importing.lines import Line
from provd.services.importing.report import words
from provd.store import calls as stored
from provd.store.calls import DAY_S, HOUR_S, KnownProvider, NewCall, Place
from provd.store.engine import Store, Transaction

BATCH = 4000
AHEAD_S = 300.0
"""How far the clocks of those who report may be ahead of ours."""

_AT_ONCE = 100  # records; then checks go on
_HOURS_A_DAY = DAY_S // HOUR_S


class CallService:
    """Takes in records in batches: each is one transaction, so what was read before a break stays.

    ``counts`` are of all the records since the start: ``created``, ``duplicates`` and ``failed``.
    """

    def __init__(
        self, store: Store, recent: RecentCalls, kept: CallRetention, wall: Callable[[], float] = time.time
    ) -> None:
        self.counts = {"created": 0, "duplicates": 0, "failed": 0}
        self._store = store
        self._recent = recent
        self._kept = kept
        self._wall = wall

    async def take(
        self, lines: AsyncIterator[Line], importer: Actor | None = None, *, indexed: bool = False
    ) -> CallReport:
        """Take in every record that is right, say what is wrong with the others.

        The audit log tells of it once if it is an import: then ``importer`` is who does it. ``indexed``: the
        numbers of the lines are places in an array.
        """
        intake = _Intake(CallReport(), KnownProviders(self._store), indexed)
        try:
            batch: list[Line] = []
            async for line in lines:
                batch.append(line)
                if len(batch) >= BATCH:
                    await self._take_batch(batch, intake)
                    batch = []
            if batch:
                await self._take_batch(batch, intake)
        finally:
            report = intake.report
            self.counts["created"] += report.created
            self.counts["duplicates"] += report.duplicates
            self.counts["failed"] += report.failed_total
            if importer is not None and report.created:
                await self._audit(report, importer)
        return report

    async def take_one(self, record: CallRecord) -> CallReport:
        """Take in one record. Raises ValueError, to be shown, when it is of no provider or time of ours."""
        intake = _Intake(CallReport(), KnownProviders(self._store), indexed=True)
        await intake.known.look_up([record.provider])
        await self._write([self._row(record, intake.known)], intake)
        self.counts["created"] += intake.report.created
        self.counts["duplicates"] += intake.report.duplicates
        return intake.report

    async def _take_batch(self, batch: Sequence[Line], intake: "_Intake") -> None:
        records: list[tuple[int, CallRecord]] = []
        for place, line in enumerate(batch, 1):
            if line.record is None:
                intake.fail(line.number, line.problem)
            else:
                try:
                    records.append((line.number, CallRecord.model_validate(line.record)))
                except ValidationError as error:
                    intake.fail(line.number, words(error))
            if not place % _AT_ONCE:
                await asyncio.sleep(0)
        await intake.known.look_up({record.provider for _, record in records})
        rows = []
        for place, (number, record) in enumerate(records, 1):
            try:
                rows.append(self._row(record, intake.known))
            except ValueError as error:
                intake.fail(number, str(error))
            if not place % _AT_ONCE:
                await asyncio.sleep(0)
        await self._write(rows, intake)

    def _row(self, record: CallRecord, known: KnownProviders) -> NewCall:
        provider = known.get(record.provider)
        if isinstance(provider, str):
            raise ValueError(provider)
        now = self._wall()
        at = now if record.at is None else record.at
        if at > now + AHEAD_S:
            raise ValueError("at is a time that is to come: send it in UTC, or with its offset")
        if at < now - self._kept.calls_s:
            raise ValueError(
                f"at is more than {self._kept.calls_s / DAY_S:g} days ago, and calls are not kept that long "
                "([history] calls_d)"
            )
        talked_s = record.duration_s or 0.0
        before_s = (record.setup_ms if record.setup_ms is not None else record.pdd_ms or 0.0) / 1000
        return NewCall(
            key=None if record.id is None else _key(provider.id, record.id),
            call_id=record.id,
            provider_id=provider.id,
            at=at,
            ended_at=at + before_s + talked_s,
            outbound=record.direction is Direction.OUTBOUND,
            destination=record.destination,
            country=country_of(_without_prefix(record.destination, provider)),
            code=record.code,
            pdd_ms=record.pdd_ms,
            setup_ms=record.setup_ms,
            duration_s=record.duration_s,
            codec=record.codec,
            mos=record.mos,
            loss_pct=record.loss_pct,
        )

    async def _write(self, rows: Sequence[NewCall], intake: "_Intake") -> None:
        first = {
            number if row.key is None else (row.key,): row for number, row in reversed([*enumerate(rows)])
        }
        once = [*reversed(first.values())]
        async with self._store.write() as transaction:
            there = await transaction.run(stored.known_keys, [row.key for row in once if row.key is not None])
            new = [row for row in once if row.key not in there]
            await transaction.run(stored.add, new)
            hours = await _rolled_up(new)
            days: dict[Place, CallRollup] = {}
            for place, rollup in hours.items():
                day = place._replace(slot=place.slot // _HOURS_A_DAY)
                days.setdefault(day, CallRollup()).merge(rollup)
            await _add_up(transaction, HOUR_S, hours)
            await _add_up(transaction, DAY_S, days)
            transaction.after_commit(lambda: self._recent.take(new))
        intake.report.created += len(new)
        intake.report.duplicates += len(rows) - len(new)

    async def _audit(self, report: CallReport, importer: Actor) -> None:
        counts = report.model_dump(include={"created", "duplicates"}) | {"failed": report.failed_total}
        async with self._store.write() as transaction:
            audit(transaction, importer, "calls.import", Subject("calls"), after=counts)


class _Intake:
    """One request: its report, and the providers that it named."""

    def __init__(self, report: CallReport, known: KnownProviders, indexed: bool) -> None:
        self.report = report
        self.known = known
        self._indexed = indexed

    def fail(self, number: int, message: str) -> None:
        """Note that a record was left out."""
        self.report.failed_total += 1
        if len(self.report.failed) < MAX_FAILURES_SHOWN:
            place: dict[str, Any] = {"index" if self._indexed else "line": number}
            self.report.failed.append(FailedCall(message=message, **place))


async def _rolled_up(rows: Sequence[NewCall]) -> dict[Place, CallRollup]:
    """The rollups of hours."""
    hours: dict[Place, CallRollup] = {}
    for number, row in enumerate(rows, 1):
        place = Place(int(row.at) // HOUR_S, row.provider_id, row.outbound, row.country)
        rollup = hours.get(place)
        if rollup is None:
            rollup = hours[place] = CallRollup()
        rollup.add(row.code, row.pdd_ms, row.setup_ms, row.duration_s, row.mos, row.loss_pct)
        if not number % _AT_ONCE:
            await asyncio.sleep(0)
    return hours


async def _add_up(transaction: Transaction, length_s: int, rollups: dict[Place, CallRollup]) -> None:
    """Add rollups to what the store has of the same places."""
    there = await transaction.run(stored.rollups_at, length_s, rollups)
    written: list[tuple[Place, bytes]] = []
    for part in _parts(rollups.items()):
        for place, rollup in part:
            before = there.get(place)
            if before is not None:
                rollup.merge_encoded(before)
            written.append((place, rollup.encode()))
        await asyncio.sleep(0)
    await transaction.run(stored.save_rollups, length_s, written)


def _parts(items: Any) -> Iterator[list[Any]]:
    remaining = iter(items)
    while part := list(islice(remaining, _AT_ONCE)):
        yield part


def _key(provider_id: str, call_id: str) -> int:
    digest = blake2b(f"{provider_id}\n{call_id}".encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _without_prefix(destination: str, provider: KnownProvider) -> str:
    """A number as it was before the provider's prefix was put before it."""
    prefix = provider.tech_prefix
    return destination.removeprefix(prefix) if prefix not in ("", "+") else destination
