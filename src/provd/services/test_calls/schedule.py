"""Test calls that are placed again and again, as the configuration says."""

import asyncio
import logging
import os
import random
import time
from collections.abc import Callable

from provd.services.actor import Actor
from provd.services.errors import ServiceError
from provd.services.test_calls.rules import Planned
from provd.services.test_calls.service import CallTestService
from provd.store import providers as stored_providers
from provd.store.engine import Store
from provd.store.errors import StoreError

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
_SPREAD = 0.1  # so that schedules of one period drift apart


class Scheduler:
    """Places each schedule's calls: the first within its period, the next about a period later.

    A call that is refused, for the budget perhaps, is left out, and said in the log once in a row.
    """

    def __init__(
        self,
        store: Store,
        calls: CallTestService,
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.SystemRandom().random,
    ) -> None:
        self._store = store
        self._calls = calls
        self._clock = clock
        self._chance = chance
        self._due: dict[str, tuple[Planned, float]] = {}
        self._refused: set[str] = set()
        self._placing: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Place calls until cancelled."""
        while True:
            for name, planned in self.take_due():
                task = asyncio.create_task(self._place(name, planned))
                self._placing.add(task)
                task.add_done_callback(self._placing.discard)
            await asyncio.sleep(LOOK_EVERY_S)

    def take_due(self) -> list[tuple[str, Planned]]:
        """The schedules whose time has come; each is put off to its next time. A changed one begins anew."""
        now, schedule = self._clock(), self._calls.rules.schedule
        for name, planned in schedule.items():
            if name not in self._due or self._due[name][0] != planned:
                self._due[name] = planned, now + self._chance() * planned.every_s
        self._due = {name: each for name, each in self._due.items() if name in schedule}
        due = [(name, planned) for name, (planned, at) in self._due.items() if at <= now]
        for name, planned in due:
            drift = 1.0 + _SPREAD * (2.0 * self._chance() - 1.0)
            self._due[name] = planned, now + planned.every_s * drift
        return due

    async def _place(self, name: str, planned: Planned) -> None:
        actor = Actor(os.geteuid(), "provd")
        try:
            found = await self._store.read(stored_providers.ids_of, planned.provider)
            if len(found) != 1:
                what = "no provider" if not found else f"{len(found)} providers"
                raise LookupError(f"{what} with the name or id {planned.provider!r}")
            ended = await self._calls.place(found[0], planned.request, actor, schedule=name)
        except (ServiceError, StoreError, LookupError) as error:
            if name not in self._refused:
                log.warning("the test call of the schedule %s was not placed: %s", name, error)
            self._refused.add(name)
            return
        self._refused.discard(name)
        log.info("test call of the schedule %s: %s. %s", name, ended.outcome.value, ended.cause_text)
