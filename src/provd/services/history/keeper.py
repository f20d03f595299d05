"""The keeper of history: gives each target under watch its own back, and has what is measured written."""

import asyncio
import logging
import time
from array import array
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from provd.probe.series import HOUR_S
from provd.probe.timeline import Timeline
from provd.services.history import day
from provd.services.history.loading import load
from provd.services.history.pruner import Pruner
from provd.services.history.retention import Retention
from provd.services.history.roster import Detached, Kept, Roster
from provd.services.history.writer import HistoryWriter
from provd.store import history as stored
from provd.store.engine import Store
from provd.store.errors import StoreError

log = logging.getLogger(__name__)

WRITE_EVERY_S = 0.9  # and the time it takes: what a killed daemon loses
PRUNE_EVERY = 10  # rounds

T = TypeVar("T", bound=Timeline)


class HistoryKeeper(Generic[T]):
    """Keeps the history of the targets that are attached.

    ``take_samples`` answers what was measured since it was last asked: as many targets as samples, each of
    which its target's timeline has taken in. ``name_of`` tells a target's provider and its address, like
    ``udp:192.0.2.1:5060``; ``wall`` the seconds since 1970, ``believed`` those by which it is forgotten.
    """

    def __init__(
        self,
        take_samples: "Callable[[], tuple[Sequence[T], array[int]]]",
        name_of: Callable[[T], tuple[str, str]],
        store: Store,
        retention: Retention,
        wall: Callable[[], float] = time.time,
        believed: Callable[[], float] | None = None,
    ) -> None:
        self.roster = Roster()
        self.left_out = 0
        self._name_of = name_of
        self._store = store
        self._max_targets = retention.max_targets
        self._wall = wall
        self._pruner = Pruner(store, retention, believed or wall, self.roster)
        self._writer = HistoryWriter(self.roster, take_samples, store, wall)
        self._round: asyncio.Task[None] | None = None

    @property
    def pending(self) -> int:
        """How many samples wait to be written."""
        return self._writer.pending

    def load(self) -> None:
        """Take in what the store has, at start-up, before any target is attached. Raises StoreError."""
        self._writer.log_id = self._store.read_now(load, self.roster)

    def attach(self, target: T) -> None:
        """Give a target that is now under watch its number, its samples and its open hour.

        With ``max_targets`` attached already it gets none of them: it is left out. So it is when the store
        can't be read.
        """
        kept = self._kept(*self._name_of(target))
        if kept is None:
            self.left_out += 1
            target.samples = target.minutes = target.number = None
            return
        before = kept.timeline
        if before is target:
            return
        target.number, target.samples, target.minutes = before.number, before.samples, before.minutes
        before.samples = before.minutes = None
        kept.timeline = target
        self.roster.attached += not kept.attached
        kept.attached = True

    def detach(self, target: T) -> None:
        """Take its history from a target that was attached and is not under watch any more.

        It is written at its turn.
        """
        if target.number is None:
            self.left_out -= 1
            return
        kept = self.roster.kept.get(target.number)
        if kept is not None and kept.timeline is target:
            kept.timeline = Detached(target.number, target.samples, target.minutes)
            kept.attached = False
            self.roster.attached -= 1
        target.samples = target.minutes = None

    def availability_24h(self, provider_id: str) -> float | None:
        """The share (%) of checks that left the provider healthy, in the present hour and the 24 before it.

        None when there was none. Costs some microseconds.
        """
        since = int(self._wall()) // HOUR_S - day.HOURS
        checks = up = 0
        for number in self.roster.numbers(provider_id).values():
            counted = self.roster.days.get(number)
            if counted is not None:
                more_checks, more_up = day.counted(counted, since)
                checks += more_checks
                up += more_up
        return round(100.0 * up / checks, 3) if checks else None

    async def run(self) -> None:
        """Do a round each second, until cancelled; ``flush`` waits for one that is under way then."""
        before = time.monotonic()
        while True:
            await asyncio.sleep(max(0.0, before + WRITE_EVERY_S - time.monotonic()))
            now = time.monotonic()
            self._round = asyncio.create_task(self.round(now - before))
            before = now
            await asyncio.shield(self._round)

    async def round(self, elapsed_s: float) -> None:
        """Write what was measured and what is due after ``elapsed_s``; now and then, forget old things."""
        if await self._writer.write(elapsed_s) and not self._writer.rounds % PRUNE_EVERY:
            with suppress(StoreError):  # the next round says so
                await self._pruner.step()

    async def flush(self) -> None:
        """Write what was measured to the log, as the daemon stops."""
        if self._round is not None:
            await self._round
        await self._writer.write(0.0)

    def _kept(self, provider_id: str, address: str) -> Kept | None:
        """What is, or was, kept of an address; None when there is no room for more."""
        roster = self.roster
        number = roster.numbers(provider_id).get(address)
        kept = None if number is None else roster.kept.get(number)
        if kept is not None and kept.attached:
            return kept
        if roster.attached >= self._max_targets:
            return None
        if kept is not None:
            return kept
        if number is None:
            return roster.begin(roster.enrol(provider_id, address), self._writer.log_id)
        if number in roster.retiring or number not in roster.away:
            return roster.begin(number, self._writer.log_id)
        try:
            row = self._store.read_now(stored.checkpoint, number)
        except StoreError as error:
            log.error("the history of %s goes on without what is stored: %s", address, error)
            return None
        roster.away.discard(number)
        kept = roster.begin(number, self._writer.log_id) if row is None else roster.restore(row)
        kept.upto = self._writer.log_id
        return kept
