"""What is being done about setups right now: one thing at a time for each, in a task of its own."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from provd.carriers.errors import CarrierError
from provd.secrets.errors import VaultError
from provd.services.errors import ServiceError
from provd.services.setups.words import busy
from provd.store.errors import StoreError

R = TypeVar("R")
log = logging.getLogger(__name__)


class SetupTasks:
    """Tasks by setup, within the group that ``own`` is given. They go on when who waits for them has gone."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._group: asyncio.TaskGroup | None = None

    def own(self, group: asyncio.TaskGroup) -> None:
        """Begin to take work; the group ends it."""
        self._group = group

    def __contains__(self, setup_id: str) -> bool:
        return setup_id in self._tasks

    def start(self, setup_id: str, work: Coroutine[Any, Any, R]) -> "asyncio.Task[R | Exception]":
        """Begin something. ServiceError 409 while something else is done about the setup."""
        if setup_id in self._tasks or self._group is None:
            work.close()
            raise busy(setup_id)
        task = self._group.create_task(_guarded(work))
        self._tasks[setup_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(setup_id, None))
        return task

    async def do(self, setup_id: str, work: Coroutine[Any, Any, R]) -> R:
        """Do something to its end, also when the caller is cancelled; what it returns or raises."""
        result = await asyncio.shield(self.start(setup_id, work))
        if isinstance(result, Exception):
            raise result
        return result

    async def settled(self, setup_id: str) -> None:
        """Wait until nothing is done about a setup any more, whatever came of it."""
        task = self._tasks.get(setup_id)
        if task is not None:
            await asyncio.wait([task])


async def _guarded(work: Coroutine[Any, Any, R]) -> R | Exception:
    """A task group ends with its first failed task: hand failures on as values."""
    try:
        return await work
    except Exception as error:
        if not isinstance(error, ServiceError | CarrierError | VaultError | StoreError):
            log.error("a setup broke off: %s", error, exc_info=error)
        return error
