"""Blocking calls with an end to the waiting."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Any, TypeVar

R = TypeVar("R")


class BoundedCalls:
    """Makes blocking calls in threads, one at a time, and waits for each ``patience_s`` at the most.

    ``asyncio.to_thread`` would not do: the process can't end before its threads have, so a keyring that
    never answers would keep the daemon from stopping.
    """

    def __init__(self, patience_s: float) -> None:
        self.patience_s = patience_s
        self._turn = asyncio.Lock()

    async def run(self, work: Callable[[], R]) -> R:
        """What ``work`` returns or raises.

        Raises TimeoutError when it, or a call before it that nobody waits for any more, takes too long.
        A call goes on after a timeout or a cancellation, and may have its effect later.
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self.patience_s):
            await self._turn.acquire()
            answer: asyncio.Future[R] = loop.create_future()
            thread = Thread(target=self._work, args=(work, loop, answer), name="keyring", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                self._turn.release()
                raise
            return await answer

    def _work(
        self, work: Callable[[], R], loop: asyncio.AbstractEventLoop, answer: "asyncio.Future[R]"
    ) -> None:
        result: Any = None
        raised: BaseException | None = None
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - it is the caller's, who waits elsewhere
            raised = error
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(self._finish, answer, result, raised)

    def _finish(self, answer: "asyncio.Future[Any]", result: Any, raised: BaseException | None) -> None:
        self._turn.release()
        if answer.done():  # given up
            return
        if raised is None:
            answer.set_result(result)
        else:
            answer.set_exception(raised)
