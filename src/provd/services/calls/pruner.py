"""Forgetting calls that are too old, in steps that are short enough to hold nothing up."""

import asyncio
import logging
import time
from collections.abc import Callable

from provd.services.calls.retention import CallRetention
from provd.store import calls as stored
from provd.store.calls import DAY_S, HOUR_S
from provd.store.engine import Store
from provd.store.errors import StoreError

log = logging.getLogger(__name__)

EVERY_S = 30.0
SLACK_S = 2 * 3600
"""Everything is kept so much longer than it has to be: the first hour that is asked about is whole."""

AT_ONCE = 2000


class CallPruner:
    """Forgets calls and rollups, ``at_once`` or so of each in a step."""

    def __init__(
        self,
        store: Store,
        kept: CallRetention,
        wall: Callable[[], float] = time.time,
        at_once: int = AT_ONCE,
    ) -> None:
        self._store = store
        self._kept = kept
        self._wall = wall
        self._at_once = at_once

    async def run(self) -> None:
        """Do a step now and then, one after another while there is much to forget, until cancelled."""
        while True:
            forgotten = 0
            try:
                forgotten = await self.step()
            except StoreError as error:
                log.warning("old calls can't be forgotten: %s", error)
            await asyncio.sleep(1.0 if forgotten >= self._at_once else EVERY_S)

    async def step(self) -> int:
        """Forget a bounded number of everything that is too old; answers how many. Raises StoreError."""
        now = self._wall() - SLACK_S
        calls_before, rollups_before = now - self._kept.calls_s, int(now - self._kept.rollups_s)
        if not await self._store.read(stored.any_before, calls_before, rollups_before // HOUR_S):
            return 0
        async with self._store.write() as transaction:
            forgotten = await transaction.run(stored.prune, calls_before, self._at_once)
            for length_s in (HOUR_S, DAY_S):
                forgotten += await transaction.run(
                    stored.prune_rollups, length_s, rollups_before // length_s, self._at_once
                )
        return forgotten
