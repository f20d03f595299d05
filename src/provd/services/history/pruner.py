"""What is forgotten, in steps that are short enough to hold nothing up."""

from collections.abc import Callable

from provd.probe.archive import decompress_samples
from provd.probe.series import HOUR_S
from provd.probe.timeline import close_minute
from provd.schema.timestamps import to_timestamp
from provd.services.history.hours import add_up, roll_up_hours
from provd.services.history.retention import Retention
from provd.services.history.roster import Roster
from provd.store import history as stored
from provd.store import transitions as stored_transitions
from provd.store.engine import Store, Transaction

SLACK_S = 2 * 3600
"""Everything is kept so much longer than it has to be, so that a step of the clock costs nothing."""

_AT_ONCE = 1000
_LOOKED_AT = 500
_RETIRED_AT_ONCE = 20


class Pruner:
    """Forgets what is too old, and puts the last minutes of idle targets with their hours."""

    def __init__(self, store: Store, retention: Retention, wall: Callable[[], float], roster: Roster) -> None:
        self._store = store
        self._retention = retention
        self._wall = wall
        self._roster = roster
        self._looked_upto = 0

    async def step(self) -> None:
        """Forget a bounded number of everything that is too old. Raises StoreError."""
        now = int(self._wall()) - SLACK_S
        async with self._store.write() as transaction:
            await self._prune(transaction, now)
        await self._retire(now - self._retention.minutes_s)
        await self._forget_targets(now - self._retention.hours_s)

    async def _prune(self, transaction: Transaction, now: int) -> None:
        kept = self._retention
        for minutes, kept_s in ((True, kept.minutes_s), (False, kept.hours_s)):
            oldest = (now - kept_s) // HOUR_S
            await transaction.run(stored.prune_rollups, oldest, _AT_ONCE, minutes=minutes)
        await transaction.run(stored_transitions.prune_exchanges, kept.traces, _AT_ONCE)
        if kept.transitions_s is not None:
            before = to_timestamp(max(0, now - kept.transitions_s))
            await transaction.run(stored_transitions.prune, before, _AT_ONCE)

    async def _retire(self, before: int) -> None:
        """Put what is in the checkpoints of targets that are idle since ``before`` with their hours."""
        last, idle = await self._store.read(stored.idle_checkpoints, self._looked_upto, _LOOKED_AT, before)
        idle = [each for each in idle if each[0] not in self._roster.kept]
        batch = idle[:_RETIRED_AT_ONCE]
        self._looked_upto = batch[-1][0] if len(idle) > len(batch) else last or 0
        if not batch:
            return
        self._roster.retiring = {number for number, _ in batch}
        try:
            async with self._store.write() as transaction:
                for number, at in batch:
                    await self._retire_one(transaction, number, at)
        finally:
            self._roster.retiring = set()

    async def _retire_one(self, transaction: Transaction, number: int, at: int) -> None:
        row = await transaction.run(stored.checkpoint, number)
        if row is None:
            return
        samples, minutes = decompress_samples(row.samples), bytearray(row.minutes)
        if samples:
            close_minute(samples, minutes)
        hours = {(hour, number): rollups for hour, rollups in roll_up_hours(minutes).items()}
        there = await transaction.run(stored.hours_at, hours)
        await transaction.run(stored.save_hours, add_up(hours, there))
        await transaction.run(stored.retire, number, at)

    async def _forget_targets(self, before: int) -> None:
        gone = await self._store.read(stored.retired_targets, before, _AT_ONCE)
        gone = [number for number in gone if number not in self._roster.kept]
        if gone:
            async with self._store.write() as transaction:
                await transaction.run(stored.delete_targets, gone)
            self._roster.forget(set(gone))
