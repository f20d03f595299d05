"""The same work asked for by many at once, done once."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class SharedWork(Generic[Result]):
    """Who asks for work that is under way waits for that.

    A waiter that is cancelled leaves the work to the others; when the last one leaves, it is cancelled too.
    """

    def __init__(self) -> None:
        self._under_way: dict[Hashable, _Work[Result]] = {}

    async def do(self, key: Hashable, begin: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """The result of the work named ``key``, begun unless it is under way. Raises what that raises."""
        work = self._under_way.get(key)
        if work is None:
            work = self._under_way[key] = _Work(asyncio.create_task(begin()))
        work.waiters += 1
        try:
            return await asyncio.shield(work.task)
        finally:
            work.waiters -= 1
            if self._under_way.get(key) is work and (work.task.done() or not work.waiters):
                del self._under_way[key]
            if not work.waiters:
                work.task.cancel()


class _Work(Generic[Result]):
    def __init__(self, task: "asyncio.Task[Result]") -> None:
        self.task = task
        self.waiters = 0
