"""Takes samples to the store.

Each second, everything that was measured goes into one row of the sample log. Each target's turn for a
checkpoint comes every five minutes; the hours that are over are written with it. A checkpoint says which
log row it includes, in the same transaction: a start that loads the checkpoints and takes in what the log
has beyond each has lost nothing and counted nothing twice, wherever the end came.
"""

import asyncio
import logging
from array import array
from collections.abc import Callable, Sequence
from itertools import islice

from provd.probe.series import drop_oldest
from provd.probe.timeline import Timeline
from provd.services.history import day
from provd.services.history.hours import add_up
from provd.services.history.journal import UNNUMBERED, Journal
from provd.services.history.roster import Roster
from provd.services.history.turn import Turn
from provd.store import history as stored
from provd.store.engine import Store
from provd.store.errors import StoreError
from provd.store.history import Changes, Checkpoint

log = logging.getLogger(__name__)

CHECKPOINT_EVERY_S = 300.0
TRIM_EVERY = 10  # rounds
_LONGEST_STEP_S = 5.0  # after a pause of the process, checkpoints are not made up for
_UNSAVED_BYTES = 64 * 1024 * 1024
_UNSAVED_OF_ONE = 4096
_BRIEF = 1000  # samples; counting so many takes half a millisecond, then checks go on
_BRIEF_ROWS = 20  # checkpoints; so do these

TakeSamples = Callable[[], "tuple[Sequence[Timeline], array[int]]"]
"""Answers what was measured since it was last asked: as many targets as samples, each of which its target's
timeline has taken in."""


class HistoryWriter:
    """Writes what is measured of the targets on the roster. ``log_id`` is of the newest row of the log."""

    def __init__(
        self, roster: Roster, take_samples: TakeSamples, store: Store, wall: Callable[[], float]
    ) -> None:
        self.log_id = 0
        self.rounds = 0
        self._roster = roster
        self._take_samples = take_samples
        self._store = store
        self._wall = wall
        self._journal = Journal()
        self._trimmed_upto = 0
        self._credit = 0.0
        self._fails = False

    @property
    def pending(self) -> int:
        """How many samples wait to be written."""
        return len(self._journal)

    async def write(self, elapsed_s: float) -> bool:
        """Write what was measured, and the checkpoints that came due in ``elapsed_s``.

        Answers whether the store took it. What it did not take is tried again by the next call.
        """
        self.rounds += 1
        turns = await self._turns(elapsed_s)
        targets, samples = self._take_samples()
        for turn in turns:  # at once, so that every sample is in a copy if and only if it was taken now
            turn.copy()
        await self._count(targets, samples)
        log_id = self.log_id + 1
        checkpoints = await self._checkpoints(log_id, turns)
        changes = self._changes(log_id, checkpoints)
        new = len(self._roster.new)
        if new or changes != Changes():
            try:
                await self._save(self._roster.new[:new], changes, turns)
            except StoreError as error:
                self._failed(error)
                return False
            self._saved(log_id, new, changes, turns)
        for turn in turns:
            self._requeue(turn)
        return True

    async def _turns(self, elapsed_s: float) -> list[Turn]:
        """The turns of those whose checkpoint is due."""
        kept = self._roster.kept
        self._credit += len(kept) * min(elapsed_s, _LONGEST_STEP_S) / CHECKPOINT_EVERY_S
        number = int(self._credit)
        self._credit -= number
        turns = []
        for due in list(islice(kept.items(), number)):
            turns.append(Turn(*due))
            if turns[-1].hours:  # rolling up an hour takes some tenths of a millisecond
                await asyncio.sleep(0)
        return turns

    async def _count(self, targets: Sequence[Timeline], samples: "array[int]") -> None:
        """Take samples into the journal and into each target's day."""
        known, days, count = self._roster.kept, self._roster.days, day.count
        for start in range(0, len(targets), _BRIEF):
            part = samples[start : start + _BRIEF]
            numbers = [target.number or UNNUMBERED for target in targets[start : start + _BRIEF]]
            self._journal.add(numbers, part)
            for number, packed in zip(numbers, part, strict=True):
                kept = known.get(number)
                if kept is not None:
                    kept.changed = True
                    count(days[number], packed)
            await asyncio.sleep(0)

    async def _checkpoints(self, log_id: int, turns: Sequence[Turn]) -> list[Checkpoint]:
        rows = []
        for done, turn in enumerate(turns, 1):
            if turn.kept.changed:
                rows.append(turn.row(log_id, self._roster.days[turn.number].tobytes()))
            if not done % _BRIEF_ROWS:
                await asyncio.sleep(0)
        return rows

    def _changes(self, log_id: int, checkpoints: list[Checkpoint]) -> Changes:
        changes = Changes(checkpoints=checkpoints)
        if self._journal:
            changes.log = (log_id, int(self._wall()), self._journal.encode())
        if not self.rounds % TRIM_EVERY:
            upto = min((kept.upto for kept in self._roster.kept.values()), default=self.log_id)
            changes.log_until = upto if upto > self._trimmed_upto else 0
        return changes

    async def _save(
        self, new: Sequence[tuple[int, str, str]], changes: Changes, turns: Sequence[Turn]
    ) -> None:
        hours = {slot: rollups for turn in turns for slot, rollups in turn.hours.items() if turn.kept.changed}
        async with self._store.write() as transaction:
            for start in range(0, len(new), _BRIEF):
                await transaction.run(stored.add_targets, new[start : start + _BRIEF])
            if hours:
                changes.hours = add_up(hours, await transaction.run(stored.hours_at, hours))
            await transaction.run(stored.save, changes)

    def _saved(self, log_id: int, new: int, changes: Changes, turns: Sequence[Turn]) -> None:
        self.log_id = log_id
        self._trimmed_upto = max(self._trimmed_upto, changes.log_until)
        self._journal.clear()
        del self._roster.new[:new]
        for turn in turns:
            if turn.kept.changed:
                turn.done()
                turn.kept.written, turn.kept.changed = log_id, False
        if self._fails:
            log.warning("history is being kept again")
        self._fails = False

    def _requeue(self, turn: Turn) -> None:
        """Put a target whose checkpoint is as new as the log at the end of the queue, or let it go."""
        del self._roster.kept[turn.number]
        if turn.leaves:
            self._roster.away.add(turn.number)
        else:
            turn.kept.upto = self.log_id
            self._roster.kept[turn.number] = turn.kept

    def _failed(self, error: StoreError) -> None:
        if not self._fails:
            log.error("history is not being kept: %s", error)
        self._fails = True
        if not self.rounds % TRIM_EVERY:
            known = self._roster.kept
            bound = max(_UNSAVED_OF_ONE, _UNSAVED_BYTES // max(1, len(known)))
            for kept in known.values():
                if kept.timeline.minutes is not None:
                    drop_oldest(kept.timeline.minutes, bound)
